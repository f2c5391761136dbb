//! Signals: Ctrl-C, a service manager, a terminal that is closed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::{CLIENT_ID, ControlRoom, Genesys, SECRET, bot_runner};

pub(crate) fn send(signal: &str, to: &Child) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &to.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// A bot that waits, as its second session is throttled.
pub(crate) fn waiting_bot(genesys: &Genesys) -> Command {
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
    let mut run = genesys.command("run");
    run.arg(file)
        .args(["--env", "CANARY"])
        .env("CANARY", SECRET)
        .stdout(Stdio::piped());
    run
}

#[test]
fn an_interrupted_bot_closes_its_sessions_and_reports_it() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        closes_its_sessions(&Genesys::start(&["--tokens-per-minute", "1"]), signal);
    }
}

fn closes_its_sessions(genesys: &Genesys, signal: &str) {
    let mut runner = waiting_bot(genesys).spawn().expect("the command starts");
    let mut stdout = BufReader::new(runner.stdout.take().expect("standard output is a pipe"));
    let mut seen = String::new();
    while !seen.contains("Attempt 1 failed") {
        assert_ne!(
            stdout.read_line(&mut seen).expect("output is UTF-8"),
            0,
            "{seen}"
        );
    }
    send(signal, &runner);
    stdout.read_to_string(&mut seen).expect("output is UTF-8");
    assert_eq!(runner.wait().expect("it ends").code(), Some(1));
    assert!(seen.contains("2  interrupted"), "{signal}: {seen}");
    assert!(
        seen.contains("Session “First” was left open and has been closed."),
        "{seen}"
    );
}

/// The first line of a command that serves until it is interrupted.
fn ready(child: &mut Child, of_stderr: bool) -> String {
    let mut line = String::new();
    if of_stderr {
        let stderr = child.stderr.take().unwrap();
        BufReader::new(stderr).read_line(&mut line).unwrap();
    } else {
        // Held open until the test is over, as the next lines are written to it.
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::with_capacity(1, stdout)
            .read_line(&mut line)
            .unwrap();
    }
    line
}

#[test]
fn what_serves_ends_well_at_each_signal() {
    let control_room = ControlRoom::filled();
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let mut serve = control_room.command("serve --listen 127.0.0.1:0");
        let keep_alive = control_room.command("connection keep-alive");
        let mut genesys = bot_runner();
        genesys.arg("genesys");
        serve.stdout(Stdio::piped());
        genesys.stdout(Stdio::piped());
        for (mut command, of_stderr) in [(serve, false), (genesys, false), (keep_alive, true)] {
            if of_stderr {
                command.stderr(Stdio::piped());
            }
            let mut child = command.spawn().unwrap();
            let line = ready(&mut child, of_stderr);
            assert_ne!(line, "", "{command:?}");
            send(signal, &child);
            assert_eq!(
                child.wait().unwrap().code(),
                Some(0),
                "{signal}: {command:?}"
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_hangup_stays_ignored_if_it_was() {
    let mut genesys = bot_runner();
    genesys.arg("genesys");
    let mut nohup = Command::new("sh");
    nohup
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .arg(genesys.get_program())
        .arg("genesys")
        .stdout(Stdio::piped());
    let mut child = nohup.spawn().unwrap();
    assert_ne!(ready(&mut child, false), "");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    assert_eq!(ignored & 1, 1, "{status}");
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
