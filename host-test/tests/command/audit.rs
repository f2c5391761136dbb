//! `bot-runner audit`.

use serde_json::{Value, json};

use crate::support::{ControlRoom, Ended, Genesys, sample};

/// Runs the sample bot on behalf of `ada`.
fn run(genesys: &Genesys, control_room: &ControlRoom) {
    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn a_run_is_recorded_in_the_audit_log() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    run(&genesys, &control_room);
    let log = control_room.done("audit --json").json();
    assert_eq!(log["next-before"], Value::Null);
    let uses = log["uses"].as_array().unwrap();
    assert_eq!(uses.len(), 2, "{log}");
    for (used, (number, attribute)) in uses.iter().zip([(2, "client-secret"), (1, "client-id")]) {
        let when = used["when"].as_str().unwrap();
        assert!(when.starts_with("20") && when.ends_with('Z'), "{when}");
        let expected = json!({
            "number": number,
            "when": when,
            "user": "ada",
            "bot": "Hello Genesys",
            "step": "step 1 (genesys/oauth-authenticate)",
            "locker": "genesys",
            "credential": "hello-bot",
            "attribute": attribute,
            "outcome": "used",
        });
        assert_eq!(*used, expected);
    }
    let log = control_room.done("audit").stdout;
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2);
    let expected = "used     genesys/hello-bot/client-secret  by ada, bot \"Hello Genesys\", \
                    step 1 (genesys/oauth-authenticate)";
    assert!(lines[0].ends_with(expected), "{log}");
}

#[test]
fn a_misspelt_name_is_reported() {
    let control_room = ControlRoom::filled();
    let said = control_room.refused("audit --locker nope");
    assert!(said.contains("there is no locker \"nope\""), "{said}");
    let said = control_room.refused("audit --user nope");
    assert!(said.contains("there is no user \"nope\""), "{said}");
    let nothing = control_room.run("audit --locker genesys --user ada");
    assert_eq!(nothing.status, 0, "{}", nothing.all());
}

#[test]
fn the_audit_log_is_filtered_and_paged() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    run(&genesys, &control_room);
    control_room.done("user create eve");
    control_room.done("vault locker create empty");
    let numbers = |args: &[&str]| -> (Vec<i64>, Value) {
        let mut command = control_room.command("audit --json");
        let log = Ended::of(command.args(args)).json();
        let uses = log["uses"].as_array().unwrap().iter();
        let numbers = uses.map(|used| used["number"].as_i64().unwrap());
        (numbers.collect(), log["next-before"].clone())
    };
    for (args, expected) in [
        (&["--locker", "Genesys"][..], &[2, 1][..]),
        (&["--user", "ada", "--bot", "Hello Genesys"], &[2, 1]),
        (&["--user", "eve"], &[]),
        (&["--locker", "empty"], &[]),
        (&["--bot", "Hello"], &[]),
    ] {
        assert_eq!(numbers(args), (expected.to_vec(), Value::Null), "{args:?}");
    }
    for (args, message) in [
        (
            "audit --locker nope",
            "there is no locker \"nope\", and no record of one",
        ),
        ("audit --user nobody", "there is no user \"nobody\""),
    ] {
        assert_eq!(control_room.refused(args), format!("error: {message}\n"));
    }
    // A record outlives what it names.
    control_room.done("vault locker remove genesys --yes");
    assert_eq!(numbers(&["--locker", "genesys"]).0, [2, 1]);
    assert_eq!(numbers(&["--limit", "1"]), (vec![2], json!(2)));
    assert_eq!(
        numbers(&["--limit", "1", "--before", "2"]),
        (vec![1], Value::Null)
    );
}

/// The action, the subject, the user and the outcome of the last event.
fn last_event(control_room: &ControlRoom) -> Value {
    let log = control_room.done("audit --events --limit 1 --json").json();
    let event = &log["events"][0];
    ["action", "subject", "user", "outcome"]
        .map(|it| event[it].clone())
        .into()
}

#[test]
fn refused_runs_at_the_command_line_are_audited() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let count = || {
        let log = control_room.done("audit --events --json").json();
        log["events"].as_array().unwrap().len()
    };
    let before = count();
    run(&genesys, &control_room);
    assert_eq!(count(), before);
    control_room.done("vault locker forbid genesys bots");
    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ADA", "--data"])
        .arg(control_room.data());
    assert_eq!(Ended::of(&mut run).status, 2);
    let refused = json!(["run", "Hello Genesys", "ada", "refused"]);
    assert_eq!(last_event(&control_room), refused);
    assert_eq!(count(), before + 2);
}

#[test]
fn changes_at_the_command_line_are_audited() {
    let control_room = ControlRoom::new();
    let copy = control_room.beside("copy");
    let backup = format!("control-room backup {}", copy.display());
    let restore = format!("control-room restore {}", copy.display());
    for (command, action, subject) in [
        ("user create ada", "user-created", "ada"),
        ("user role create bots", "role-created", "bots"),
        ("user grant ada bots", "roles-changed", "ada: +bots"),
        ("vault locker create genesys", "locker-created", "genesys"),
        (
            "vault locker allow genesys bots",
            "locker-changed",
            "genesys: +bots",
        ),
        (
            "vault credential create genesys/bot",
            "credential-changed",
            "genesys/bot",
        ),
        (
            "vault attribute set genesys/bot/secret",
            "credential-changed",
            "genesys/bot/secret",
        ),
        (
            "vault locker remove genesys --yes",
            "locker-removed",
            "genesys",
        ),
        ("user revoke ada bots", "roles-changed", "ada: -bots"),
        ("user role remove bots --yes", "role-removed", "bots"),
        ("user remove ada --yes", "user-removed", "ada"),
        ("control-room rotate-key", "key-rotated", ""),
        (&backup, "backed-up", &copy.display().to_string()),
        (&restore, "restored", &copy.display().to_string()),
    ] {
        control_room.done(command);
        let done = json!([action, subject, null, "done"]);
        assert_eq!(last_event(&control_room), done, "{command}");
    }
    // What is only read, or refused, changes nothing.
    control_room.run("user list");
    control_room.refused("user remove nobody --yes");
    let log = control_room.done("audit --events").stdout;
    let (last, rest) = log.split_once('\n').unwrap();
    assert!(last.contains("done     restored"), "{last}");
    assert!(last.ends_with("by the operator"), "{last}");
    assert_eq!(rest.lines().count(), 12, "{log}");
}
