//! Removals: the command says what is removed as well, and asks for consent.

use crate::support::ControlRoom;

#[test]
fn a_removal_says_what_goes_with_it_and_needs_consent() {
    let control_room = ControlRoom::filled();
    control_room.done("vault attribute set genesys/hello-bot/own --user-provided");
    let connection = "connection create prod --environment mypurecloud.de --grant client-credentials \
                      --client-id id --save-login-credentials --role bots";
    let mut create = control_room.command(connection);
    let created = crate::support::with_input(&mut create, "a secret\n");
    assert_eq!(created.status, 0, "{}", created.stderr);
    let mut own = control_room.command("vault value set genesys/hello-bot/own --as ada");
    assert_eq!(crate::support::with_input(&mut own, "own\n").status, 0);

    let no_terminal = "nothing was removed, as there is no terminal to ask at; pass --yes";
    for (removal, goes) in [
        (
            "vault value remove genesys/hello-bot/client-id",
            "This removes the value of genesys/hello-bot/client-id.",
        ),
        (
            "vault attribute set genesys/hello-bot/own --user-provided=false",
            "This removes 1 value of the attribute genesys/hello-bot/own.",
        ),
        (
            "vault attribute remove genesys/hello-bot/own",
            "This removes the attribute genesys/hello-bot/own with 1 value; bots that use it fail.",
        ),
        (
            "vault credential remove genesys/hello-bot",
            "This removes the credential hello-bot and 3 values; bots that use it fail.",
        ),
        (
            "vault locker remove genesys",
            "This removes the locker genesys with the credential hello-bot and 3 values; bots that use it fail.",
        ),
        (
            "connection remove prod",
            "This removes the OAuth connection prod with 1 sign-in, and revokes its tokens; bots that use it fail.",
        ),
        (
            "user role remove bots",
            "This removes the role bots from 1 user, and with it the use of 2 items (lockers and connections).",
        ),
        (
            "user remove ada",
            "This removes the user ada with 0 bots, 0 runs, 1 value and 0 sign-ins of their own.",
        ),
    ] {
        let refused = control_room.refused(removal);
        assert_eq!(
            refused,
            format!("{goes}\nerror: {no_terminal}\n"),
            "{removal}"
        );
    }
    for removal in [
        "vault value remove genesys/hello-bot/client-id",
        "vault attribute remove genesys/hello-bot/own",
        "vault credential remove genesys/hello-bot",
        "vault locker remove genesys",
        "connection remove prod",
        "user role remove bots",
        "user remove ada",
    ] {
        control_room.done(&format!("{removal} --yes"));
    }
}

#[test]
fn what_does_not_exist_is_reported_before_consent_is_asked_for() {
    let control_room = ControlRoom::filled();
    for (removal, message) in [
        ("vault locker remove nope", "There is no locker “nope”"),
        (
            "vault credential remove genesys/nope",
            "has no credential “nope”",
        ),
        (
            "vault attribute remove genesys/hello-bot/nope",
            "has no attribute “nope”",
        ),
        (
            "vault value remove genesys/hello-bot/client-id --as nope",
            "there is no user \"nope\"",
        ),
        (
            "connection remove nope",
            "There is no OAuth connection “nope”",
        ),
        ("user remove nope", "there is no user \"nope\""),
        ("user role remove nope", "there is no role \"nope\""),
    ] {
        let refused = control_room.refused(removal);
        assert!(refused.contains(message), "{removal}: {refused}");
        assert!(!refused.contains("removed"), "{removal}: {refused}");
    }
}

#[test]
fn a_user_that_does_not_exist_is_reported() {
    let control_room = ControlRoom::filled();
    let bot = crate::support::sample("hello-client.json");
    for command in [
        format!("run {} --as nobody", bot.display()),
        "vault value set genesys/hello-bot/client-id --as nobody".into(),
        "vault locker add-owner genesys nobody".into(),
        "user grant nobody bots".into(),
        "connection test prod --as nobody".into(),
        "connection sign-in prod --as nobody".into(),
        "password nobody".into(),
    ] {
        let refused = control_room.refused(&command);
        assert_eq!(refused, "error: there is no user \"nobody\"\n", "{command}");
    }
}

/// Standard input is closed in these, so a question would end with another error.
#[test]
fn a_secret_is_asked_for_when_nothing_else_is_wrong() {
    let control_room = ControlRoom::filled();
    let create = "connection create prod --grant client-credentials --client-id id --environment";
    for (command, message) in [
        (
            "vault value set nope/a/b".into(),
            "There is no locker “nope”",
        ),
        (
            "vault value set genesys/hello-bot/nope".into(),
            "has no attribute “nope”",
        ),
        (
            format!("{create} example.com"),
            "not a Genesys Cloud environment",
        ),
        (
            format!("{create} mypurecloud.de --role nope"),
            "there is no role \"nope\"",
        ),
        (
            format!("{} mypurecloud.de", create.replace("id id", "id \u{a0}")),
            "the client id is empty",
        ),
        (
            "connection edit prod --client-secret".into(),
            "no OAuth connection “prod”",
        ),
        ("password a/b".into(), "a name must not contain `/`"),
    ] {
        let refused = control_room.refused(&command);
        assert!(refused.contains(message), "{command}: {refused}");
    }
}
