//! `bot-runner vault` and `bot-runner user`: setting up what bots may use.

use serde_json::{Value, json};

use crate::support::{
    CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, bot_runner, sample, with_input,
};

const CLIENT_SECRET: &str = "genesys/hello-bot/client-secret";

#[test]
fn a_bot_runs_on_behalf_of_a_user_with_what_was_set_up() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let run = |user: &str| {
        let mut command = genesys.command("run");
        command
            .arg(sample("hello-client.json"))
            .arg("--data")
            .arg(control_room.data())
            .args(["--as", user, "--json"]);
        Ended::of(&mut command)
    };
    // Names are case-insensitive.
    let ended = run("ADA");
    assert_eq!(ended.status, 0, "{}", ended.stderr);

    control_room.done("user create eve");
    let ended = run("eve");
    assert_eq!(ended.status, 2);
    let problem = |field: &str| {
        json!({
            "kind": "invalid-bot",
            "message": format!(
                "step 1 (genesys/oauth-authenticate): {field}: \
                 There is no locker “genesys” that you may use. Ask an administrator, or choose another one."
            ),
            "step": 1,
            "action": "genesys/oauth-authenticate",
            "variable": null,
            "field": field,
            "pointer": format!("/steps/0/{field}"),
        })
    };
    let expected = json!([problem("client-id"), problem("client-secret")]);
    assert_eq!(ended.json()["error"]["problems"], expected);
    let ended = run("nobody");
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("there is no user \"nobody\""),
        "{}",
        ended.stderr
    );
    control_room.done("vault locker forbid genesys bots");
    assert_eq!(run("ada").status, 2);
}

#[test]
fn items_are_listed_by_name() {
    let control_room = ControlRoom::filled();
    control_room
        .done("vault attribute set genesys/hello-bot/own --user-provided --description Own");
    control_room.done("vault locker add-owner genesys ada");
    let json = |args: &str| control_room.done(args).json();
    assert_eq!(
        json("vault locker list --json"),
        json!({ "lockers": [
            { "name": "genesys", "description": "", "roles": ["bots"], "owners": ["ada"] },
        ] })
    );
    let attribute = |name: &str, description: &str, kind: &str, secret: bool, values: u64| {
        json!({
            "name": name,
            "description": description,
            "kind": kind,
            "masked": secret,
            "password-only": secret,
            "values": values,
        })
    };
    assert_eq!(
        json("vault credential list genesys --json"),
        json!({ "locker": "genesys", "credentials": [{
            "name": "hello-bot",
            "description": "",
            "attributes": [
                attribute("client-id", "", "standard", false, 1),
                attribute("client-secret", "", "standard", true, 1),
                attribute("own", "Own", "user-provided", false, 0),
            ],
        }] })
    );
    // The first user is an administrator.
    let users = json!({ "users": [{ "name": "ada", "roles": ["administrator", "bots"] }] });
    assert_eq!(json("user list --json"), users);
    let roles = json!({ "roles": [
        { "name": "administrator", "lockers": [] },
        { "name": "bots", "lockers": ["genesys"] },
    ] });
    assert_eq!(json("user role list --json"), roles);

    for (args, expected) in [
        (
            "vault locker list",
            "genesys\n    may be used by: bots\n    owners: ada\n",
        ),
        (
            "vault credential list genesys",
            "genesys/hello-bot\n    client-id: has a value\n    \
             client-secret: has a value, masked, password-only\n    \
             own: user-provided, 0 values  Own\n",
        ),
        ("user list", "ada  roles: administrator, bots\n"),
        (
            "user role list",
            "administrator  lockers: none\nbots  lockers: genesys\n",
        ),
    ] {
        assert_eq!(control_room.done(args).stdout, expected, "{args}");
    }
}

#[test]
fn a_list_without_lines_says_so() {
    let control_room = ControlRoom::new();
    control_room.done("user role create bots");
    for command in ["user list", "vault locker list", "connection list", "audit"] {
        let ended = control_room.run(command);
        assert_eq!((ended.status, ended.stdout.as_str()), (0, ""), "{command}");
        assert_eq!(ended.stderr.trim(), "(nothing to show)", "{command}");
        let ended = control_room.run(&format!("{command} --json"));
        assert_eq!(ended.stderr, "", "{command}");
    }
}

#[test]
fn names_are_shown_as_they_were_typed_and_found_in_any_case() {
    let control_room = ControlRoom::new();
    let done = |args: &[&str]| {
        let mut command = bot_runner();
        command.args(args).arg("--data").arg(control_room.data());
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, 0, "{args:?}: {}", ended.stderr);
        ended
    };
    done(&["user", "create", "Ada Lovelace"]);
    done(&["user", "role", "create", "Sales Team"]);
    done(&["user", "grant", "ada lovelace", "SALES TEAM"]);
    done(&["vault", "locker", "create", "Sales Bot"]);
    done(&["vault", "locker", "allow", "sales bot", "sales team"]);
    done(&["vault", "credential", "create", "sales bot/Hello Bot"]);
    let secret = "sales bot/hello bot/Client ID";
    done(&["vault", "attribute", "set", secret]);
    let json = |args: &[&str]| done(args).json();
    let lockers = json(&["vault", "locker", "list", "--json"]);
    let expected = json!([{
        "name": "Sales Bot", "description": "", "roles": ["Sales Team"], "owners": [],
    }]);
    assert_eq!(lockers["lockers"], expected);
    let users = json(&["user", "list", "--json"]);
    assert_eq!(users["users"][0]["name"], "Ada Lovelace");
    let listed = json(&["vault", "credential", "list", "SALES BOT", "--json"]);
    assert_eq!(listed["locker"], "Sales Bot");
    assert_eq!(listed["credentials"][0]["name"], "Hello Bot");
    let attribute = &listed["credentials"][0]["attributes"][0];
    assert_eq!(attribute["name"], "Client ID");
    let listed = done(&["vault", "credential", "list", "SALES BOT"]).stdout;
    assert!(
        listed.starts_with("Sales Bot/Hello Bot\n    Client ID"),
        "{listed}"
    );
    done(&["vault", "locker", "rename", "SALES BOT", "SALES Bot"]);
    let lockers = json(&["vault", "locker", "list", "--json"]);
    assert_eq!(lockers["lockers"][0]["name"], "SALES Bot");
}

#[test]
fn items_can_be_changed_and_removed() {
    let control_room = ControlRoom::filled();
    for args in [
        "vault locker add-owner genesys ada",
        "vault locker remove-owner genesys ada",
        "vault locker rename genesys cloud",
        "vault value remove cloud/hello-bot/client-id --yes",
        "vault attribute remove cloud/hello-bot/client-id --yes",
        "vault credential remove cloud/hello-bot --yes",
        "vault locker remove cloud --yes",
        "user revoke ada bots",
        "user role remove bots --yes",
        "user remove ada --yes",
    ] {
        control_room.done(args);
    }
    for (args, list) in [
        ("vault locker list --json", "lockers"),
        ("user list --json", "users"),
    ] {
        assert_eq!(control_room.done(args).json()[list], json!([]));
    }
    let roles = control_room.done("user role list --json").json();
    let administrator = json!([{ "name": "administrator", "lockers": [] }]);
    assert_eq!(roles["roles"], administrator);
}

#[test]
fn omitted_options_stay_unchanged() {
    let control_room = ControlRoom::filled();
    let attribute = || {
        let list = control_room.done("vault credential list genesys --json");
        list.json()["credentials"][0]["attributes"][1].clone()
    };
    control_room.done(&format!(
        "vault attribute set {CLIENT_SECRET} --masked=false"
    ));
    let changed = attribute();
    assert_eq!(
        (
            &changed["masked"],
            &changed["password-only"],
            &changed["values"]
        ),
        (&json!(false), &json!(true), &json!(1))
    );
    // The standard value does not become a user's own value.
    control_room.done(&format!(
        "vault attribute set {CLIENT_SECRET} --user-provided --yes"
    ));
    let changed = attribute();
    assert_eq!(
        (&changed["kind"], &changed["values"]),
        (&json!("user-provided"), &json!(0))
    );
}

#[test]
fn users_set_their_own_values_and_owners_the_standard_values() {
    let control_room = ControlRoom::filled();
    for args in [
        "vault attribute set genesys/hello-bot/own --user-provided",
        "user create bob",
    ] {
        control_room.done(args);
    }
    let set = |args: &str| {
        with_input(
            &mut control_room.command(&format!("vault value set {args}")),
            "canary\n",
        )
    };
    let refused = |args: &str, expected: &str| {
        let ended = set(args);
        assert_eq!(ended.status, 2, "{args}");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(!ended.all().contains("canary"));
    };
    assert_eq!(set("genesys/hello-bot/own --as ada").status, 0);
    refused("genesys/hello-bot/own", "each user sets their own value");
    refused(
        "genesys/hello-bot/own --as bob",
        "There is no locker “genesys”",
    );
    refused(
        "genesys/hello-bot/client-id --as ada",
        "only an owner of the locker \"genesys\"",
    );
    control_room.done("vault locker add-owner genesys ada");
    assert_eq!(set("genesys/hello-bot/client-id --as ada").status, 0);
    control_room.done("vault value remove genesys/hello-bot/own --as ada --yes");
}

#[test]
fn errors_say_what_to_do() {
    let control_room = ControlRoom::filled();
    for (args, expected) in [
        (
            "vault locker create genesys",
            "the locker \"genesys\" already exists",
        ),
        ("vault locker create a/b", "a name must not contain `/`"),
        (
            "vault locker allow genesys nobody",
            "there is no role \"nobody\"",
        ),
        (
            "vault locker remove nothing --yes",
            "There is no locker “nothing”",
        ),
        (
            "vault credential create hello-bot",
            "the path of a credential without an attribute must have the form locker/credential",
        ),
        (
            "vault attribute set genesys/hello-bot",
            "the path of a credential must have the form locker/credential/attribute",
        ),
        (
            "vault credential list nothing",
            "There is no locker “nothing”",
        ),
        ("user create ada", "the user \"ada\" already exists"),
        ("user grant ada nothing", "there is no role \"nothing\""),
        // Standard input is empty.
        (
            "vault value set genesys/hello-bot/client-id",
            "the value of genesys/hello-bot/client-id is empty",
        ),
    ] {
        let said = control_room.refused(args);
        assert!(said.contains(expected), "{args}: {said}");
    }
}

#[test]
fn read_only_commands_do_not_create_the_data_folder() {
    let control_room = ControlRoom::new();
    let bot = control_room.beside("bot.json");
    let no_credential = json!({ "name": "x", "steps": [{ "action": "log", "message": "ran" }] });
    std::fs::write(&bot, no_credential.to_string()).unwrap();
    let bot = bot.display();
    control_room.done(&format!("run {bot}"));
    control_room.done(&format!("run {bot} --as ada"));
    for args in [
        "vault locker list",
        "vault value set a/b/c",
        "user list",
        "connection list",
        "connection test genesys",
        "audit",
        "control-room rotate-key",
        &format!("run {} --as ada", sample("hello-client.json").display()),
    ] {
        let said = control_room.refused(args);
        assert!(
            said.contains("there is no Control Room in"),
            "{args}: {said}"
        );
    }
    assert!(!control_room.data().exists());
}

#[test]
fn an_in_memory_control_room_persists_nothing() {
    let memory = |args: &str| {
        Ended::of(
            bot_runner()
                .args(args.split(' '))
                .args(["--data", ":memory:"]),
        )
    };
    assert_eq!(memory("vault locker create genesys").status, 0);
    let list = memory("vault locker list --json");
    assert_eq!(list.json(), json!({ "lockers": [] }));
    let bot = sample("hello-client.json");
    let ended = memory(&format!("run {} --as ada", bot.display()));
    let expected = "there is no user \"ada\"";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn the_data_folder_defaults_to_that_of_the_platform() {
    let control_room = ControlRoom::new();
    let mut create = bot_runner();
    create
        .args(["user", "create", "ada"])
        .env("XDG_DATA_HOME", control_room.data());
    assert_eq!(Ended::of(&mut create).status, 0);
    assert!(
        control_room
            .data()
            .join("bot-runner/control-room.db")
            .exists()
    );
}

#[test]
fn values_are_in_no_output_and_no_file() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let finest = |args: &str| {
        let mut command = control_room.command(&format!("{args} -vvv"));
        let ended = Ended::of(command.env("RUST_BACKTRACE", "full"));
        assert_eq!(ended.status, 0, "{args}: {}", ended.stderr);
        ended.all()
    };
    let bot = sample("hello-client.json");
    let run = format!(
        "run {} --as ada --gateway {} --ca-file {}",
        bot.display(),
        genesys.gateway(),
        genesys.ca_file().display()
    );
    let copy = control_room.data().join("copy");
    for args in [
        &run,
        &format!("{run} --json"),
        "vault locker list",
        "vault locker list --json",
        "vault credential list genesys",
        "vault credential list genesys --json",
        "user list",
        "user role list",
        "audit",
        "audit --json",
        &format!("control-room backup {}", copy.display()),
        "control-room rotate-key",
    ] {
        let shown = finest(args);
        for secret in [SECRET, CLIENT_ID] {
            assert!(!shown.contains(secret), "{args} shows a value:\n{shown}");
        }
    }
    // The log is not empty: otherwise this test would prove nothing.
    assert!(finest(&run).contains("connected"));
    let mut set = control_room.command(&format!("vault value set {CLIENT_SECRET} -vvv"));
    let ended = with_input(&mut set, SECRET);
    assert!(!ended.all().contains(SECRET), "{}", ended.all());

    let files: Vec<_> = std::fs::read_dir(control_room.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.contains(&copy), "{files:?}");
    for file in files {
        let content = std::fs::read(&file).unwrap();
        for secret in [SECRET, CLIENT_ID].map(str::as_bytes) {
            let found = content.windows(secret.len()).any(|it| it == secret);
            assert!(!found, "{} holds a value", file.display());
        }
    }
}

#[test]
fn values_are_not_accepted_as_arguments() {
    let control_room = ControlRoom::filled();
    for args in [
        format!("vault value set {CLIENT_SECRET} canary"),
        format!("vault value set {CLIENT_SECRET} --value canary"),
        format!("vault value set {CLIENT_SECRET} --value=canary"),
        format!("vault value set {CLIENT_SECRET} -- --canary"),
        format!("vault attribute set {CLIENT_SECRET} --value=canary"),
    ] {
        let said = control_room.refused(&args);
        assert!(!said.contains("canary"), "{args}: {said}");
    }
    let said = control_room.refused(&format!("vault value set {CLIENT_SECRET} canary"));
    assert!(said.contains("a value must not be an argument"), "{said}");
    let list = control_room.done("vault credential list genesys --json");
    assert_ne!(list.json()["credentials"], Value::Null);
}
