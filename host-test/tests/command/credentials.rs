//! `bot-runner run` with credentials from files and environment variables, without a Control Room.

use std::fs;

use crate::support::{Ended, bot_runner, sample};

const ID: &str = "BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID";

#[test]
fn all_problems_are_reported_each_on_a_line() {
    let mut command = bot_runner();
    command.arg("run").arg(sample("hello-client.json")).args([
        "--genesys",
        "embedded",
        "--credentials-env",
    ]);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 2);
    for field in ["client-id", "client-secret"] {
        let line =
            format!("error: step 1 (genesys/oauth-authenticate): {field}: There is no credential");
        assert!(
            ended.stderr.lines().any(|it| it.starts_with(&line)),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn credentials_come_from_one_place() {
    for selected in [&["--credentials", "here"][..], &["--credentials-env"]] {
        for other in [["--data", "there"], ["--as", "ada"]] {
            let mut command = bot_runner();
            command.arg("run").arg(sample("hello-client.json"));
            let ended = Ended::of(command.args(selected).args(other));
            assert_eq!((ended.status, ended.stdout.as_str()), (2, ""));
            assert!(
                ended.stderr.contains("cannot be used with"),
                "{}",
                ended.stderr
            );
        }
    }
}

#[test]
fn a_variable_wins_over_a_file_unless_it_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let credential = folder.path().join("genesys/hello-bot");
    // The file cannot be read.
    fs::create_dir_all(credential.join("client-id")).unwrap();
    fs::write(credential.join("client-secret"), "canary-of-a-file").unwrap();
    let run = |id: &str| {
        let mut command = bot_runner();
        command
            .arg("run")
            .arg(sample("hello-client.json"))
            .args(["--genesys", "embedded", "--json", "--credentials"])
            .arg(folder.path())
            .env(ID, id);
        let ended = Ended::of(&mut command);
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("canary"));
        ended
    };
    let ended = run("");
    assert_eq!(ended.status, 2, "{}", ended.stderr);
    assert_eq!(ended.json()["error"]["kind"], "control-room-failed");
    // The client is not known to this simulation.
    let ended = run("from-a-variable");
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert_eq!(ended.json()["bots"][0]["error"]["kind"], "rejected");
}
