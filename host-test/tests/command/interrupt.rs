//! Signals: those of Ctrl-C, of a service manager, and of a terminal that is closed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use test_support::https::Reply;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::client::{Client, PASSWORD};
use crate::support::{CLIENT_ID, ControlRoom, Genesys, SECRET, bot_runner, genesys_hosts, sample};

pub(crate) fn send(signal: &str, to: &Child) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &to.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Runs a bot that waits for its second session, which is throttled.
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

/// The commands that serve until they are interrupted. The flag says whether their first line is on standard error.
pub(crate) fn servers(control_room: &ControlRoom) -> [(Command, bool); 3] {
    let serve = control_room.command("serve --listen 127.0.0.1:0");
    let keep_alive = control_room.command("connection keep-alive");
    let mut genesys = bot_runner();
    genesys.arg("genesys");
    [(serve, false), (genesys, false), (keep_alive, true)]
}

/// The first line of a command that serves until it is interrupted.
pub(crate) fn ready(child: &mut Child, of_stderr: bool) -> String {
    let mut line = String::new();
    if of_stderr {
        let stderr = child.stderr.take().unwrap();
        BufReader::new(stderr).read_line(&mut line).unwrap();
    } else {
        // Kept open until the test is over, because the next lines are written to it.
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
        for (mut command, of_stderr) in servers(&control_room) {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
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

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_of_the_pages_closes_the_sessions_of_running_bots() {
    let (folder, control_room) = (TempDir::new().unwrap(), ControlRoom::filled());
    let server = genesys_hosts(&folder, |request| {
        let (status, body) = if request.starts_with("POST /oauth/token") {
            let token = r#"{"access_token":"t","token_type":"bearer"}"#;
            ("200 OK\r\nContent-Type: application/json", token)
        } else if request.starts_with("DELETE /api/v2/tokens/me") {
            ("200 OK", "")
        } else {
            ("429 Too Many Requests\r\nRetry-After: 60", "")
        };
        let length = body.len();
        Reply::keep(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    })
    .await;
    let password = folder.path().join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    control_room.done(&format!(
        "password ada --password-file {} --quiet",
        password.display()
    ));
    let mut serve = control_room.command("serve --listen 127.0.0.1:0");
    serve
        .args(["--gateway", &server.address().to_string()])
        .arg("--ca-file")
        .arg(folder.path().join("ca.pem"))
        .stdout(Stdio::piped());
    let mut serve = serve.spawn().unwrap();
    let line = block_in_place(|| ready(&mut serve, false));
    let (_, address) = line.trim().split_once("http://").unwrap();
    let mut ada = Client::at(address.trim_end_matches('/').parse().unwrap());
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status, 303);

    ada.get("/bots/import").await;
    let bot = std::fs::read_to_string(sample("hello-client.json")).unwrap();
    let imported = ada.post("/bots/import", &[("file", &bot)]).await;
    let bot = imported.header("location").unwrap();
    ada.get(bot).await;
    let started = ada.post(&format!("{bot}/run"), &[]).await;
    let run = started.header("location").unwrap();
    let until_retry = async { while !ada.get(run).await.body.contains("Attempt 1 failed") {} };
    timeout(Duration::from_mins(1), until_retry).await.unwrap();

    send("HUP", &serve);
    let status = block_in_place(|| serve.wait()).unwrap();
    assert_eq!(status.code(), Some(0));
    let requests = server.requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(requests[2].starts_with("DELETE /api/v2/tokens/me"));
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
