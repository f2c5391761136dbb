//! Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{CLIENT_ID, Genesys, SECRET};

#[cfg(unix)]
#[test]
fn an_interrupted_bot_closes_its_sessions_and_reports_it() {
    // The second session is throttled, so that the bot waits and can be interrupted.
    let genesys = Genesys::start(&["--tokens-per-minute", "1"]);
    let authenticate = |name: &str| {
        json!({
            "action": "genesys/oauth-authenticate",
            "url": "eu-central-1",
            "client-id": CLIENT_ID,
            "client-secret": { "variable": "CANARY" },
            "session-name": name,
            "session": "own",
        })
    };
    let bot = json!({ "name": "Test", "steps": [authenticate("First"), authenticate("Second")] });
    let file = genesys.file("bot.json", &bot.to_string());
    let mut runner = genesys
        .command("run")
        .arg(file)
        .args(["--env", "CANARY"])
        .env("CANARY", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdout = BufReader::new(runner.stdout.take().expect("standard output is a pipe"));
    let mut seen = String::new();
    while !seen.contains("attempt 1 failed") {
        assert_ne!(
            stdout.read_line(&mut seen).expect("output is UTF-8"),
            0,
            "{seen}"
        );
    }
    let interrupted = Command::new("kill")
        .args(["-INT", &runner.id().to_string()])
        .status();
    assert!(interrupted.expect("kill is there").success());
    stdout.read_to_string(&mut seen).expect("output is UTF-8");
    assert_eq!(runner.wait().expect("it ends").code(), Some(1));
    assert!(seen.contains("2  interrupted"), "{seen}");
    assert!(
        seen.contains("the session \"First\" was left open and has been closed"),
        "{seen}"
    );
}
