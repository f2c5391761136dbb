//! Bots that use connections on behalf of users, set up with `bot-runner connection`.

use serde_json::json;

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, sample, with_input};

/// The Control Room of [`ControlRoom::filled`], with the connection of the sample bot for the role `bots`.
pub(crate) fn connected() -> ControlRoom {
    let control_room = ControlRoom::filled();
    let mut create = control_room.command("connection create");
    create.args([
        "Genesys Cloud",
        "--environment",
        "https://apps.mypurecloud.de",
        "--grant",
        "client-credentials",
        "--client-id",
        CLIENT_ID,
        "--role",
        "bots",
    ]);
    let ended = with_input(&mut create, &format!("{SECRET}\n"));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    control_room
}

fn run(genesys: &Genesys, control_room: &ControlRoom, args: &[&str]) -> Ended {
    let mut command = genesys.command("run");
    command
        .arg(sample("hello-connection.json"))
        .arg("--data")
        .arg(control_room.data())
        .args(args);
    Ended::of(&mut command)
}

#[test]
fn a_bot_runs_on_behalf_of_a_user_with_the_token_of_a_connection() {
    let (genesys, control_room) = (Genesys::start(&[]), connected());
    let ended = run(&genesys, &control_room, &["--as", "ada"]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let expected = "Signed in to Example Company with the Control Room's token";
    assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    let expected = "its token stays with the connection";
    assert!(ended.stdout.contains(expected), "{}", ended.stdout);

    // Concurrent bots get the same token, each on the runtime of its core.
    let many = ["--as", "ada", "--json", "--repeat", "20", "--parallel", "8"];
    let ended = run(&genesys, &control_room, &many);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert_eq!(ended.json()["bots"][0]["failed"], 0);
    assert_eq!(ended.json()["sessions"]["opened"], 1);
}

#[test]
fn a_connection_without_access_fails_before_the_first_step() {
    let (genesys, control_room) = (Genesys::start(&[]), connected());
    control_room.done("user create eve");
    let ended = run(&genesys, &control_room, &["--as", "eve", "--json"]);
    assert_eq!(ended.status, 2);
    let expected = json!({
        "kind": "no-connection",
        "message": "Hello Connection: step 1 (genesys/oauth-authenticate): connection: There is no \
                    OAuth connection “Genesys Cloud” that you may use. Ask an administrator to create \
                    it, or to allow one of your roles to use it.",
        "step": 1,
        "action": "genesys/oauth-authenticate",
            "variable": null,
        "field": "connection",
        "pointer": "/steps/0/connection",
    });
    let mut error = ended.json()["error"].take();
    let problems = error.as_object_mut().unwrap().remove("problems").unwrap();
    assert_eq!(error, expected);
    assert_eq!(problems.as_array().unwrap().len(), 1);

    let ended = run(&genesys, &control_room, &["--json"]);
    assert_eq!(ended.status, 2);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "invalid-bot");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--as USER"), "{message}");
}

#[test]
fn a_refusal_of_the_provider_names_who_can_help() {
    let (genesys, control_room) = (Genesys::start(&[]), connected());
    let mut edit = control_room.command("connection edit");
    edit.args(["genesys cloud", "--client-secret"]);
    let ended = with_input(&mut edit, "wrong\n");
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let ended = run(&genesys, &control_room, &["--as", "ada", "--json"]);
    assert_eq!(ended.status, 1);
    let error = ended.json()["bots"][0]["error"].clone();
    assert_eq!(error["kind"], "connection-failed");
    let message = error["message"].as_str().unwrap();
    let expected = "An administrator has to correct the connection, or the OAuth client";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn the_sample_runs_in_memory_with_the_embedded_genesys_cloud() {
    let mut command = crate::support::bot_runner();
    command
        .arg("run")
        .arg(sample("hello-connection.json"))
        .args(["--genesys", "embedded"]);
    let ended = Ended::of(&mut command);
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[test]
fn secrets_and_tokens_are_in_no_output_and_no_file() {
    let (genesys, control_room) = (Genesys::start(&[]), connected());
    for args in [
        &["--as", "ada", "-vvv"][..],
        &["--as", "ada", "-vvv", "--json"],
    ] {
        let ended = run(&genesys, &control_room, args);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        let shown = ended.all();
        // The log is not empty: otherwise this test would prove nothing.
        assert!(
            shown.contains("got a new token") || shown.contains("connected"),
            "{shown}"
        );
        assert!(!shown.contains(SECRET), "{shown}");
        // The embedded cloud's tokens have 86 characters of base64url.
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let token = shown.split(|c| !is_token(c)).find(|word| word.len() == 86);
        assert_eq!(token, None);
    }
    for entry in std::fs::read_dir(control_room.data()).unwrap() {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        let found = content
            .windows(SECRET.len())
            .any(|it| it == SECRET.as_bytes());
        assert!(!found, "{} holds the secret", path.display());
    }
}

#[cfg(unix)]
#[test]
fn connection_refresh_runs_until_it_is_interrupted() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let control_room = connected();
    let mut refresher = control_room.command("connection keep-alive");
    let mut refresher = refresher.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(refresher.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("refreshed before they expire"), "{line}");
    let interrupt = Command::new("kill")
        .args(["-INT", &refresher.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert_eq!(refresher.wait().unwrap().code(), Some(0));
}
