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
