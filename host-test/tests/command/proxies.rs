//! Proxy settings: an error in them is reported once, and affects nothing that does not go through a proxy.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use tempfile::TempDir;

use crate::connection::connected;
use crate::support::{Ended, bot_runner, sample};

/// A password with an `@` that is not percent-encoded.
const NOT_VALID: &str = "http://bob:can@ry@127.0.0.1:1";

fn with_credentials(command: &mut Command) -> &mut Command {
    command
        .env("GENESYSCLOUD_REGION", "eu-central-1")
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "id")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "canary")
}

/// A bot that authenticates.
fn bot(folder: &TempDir) -> std::path::PathBuf {
    let bot = json!({ "name": "b", "steps": [{
        "action": "genesys/oauth-authenticate",
        "authentication-type": "client-credentials",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "insecure-string": "canary" },
    }]});
    let file = folder.path().join("bot.json");
    std::fs::write(&file, bot.to_string()).unwrap();
    file
}

fn run(folder: &TempDir) -> Command {
    let mut command = bot_runner();
    command
        .arg("run")
        .arg(bot(folder))
        .args(["--data", ":memory:"]);
    command
}

/// A proxy that refuses every tunnel, and how many were asked for.
fn refusing(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, asked)
}

#[test]
fn a_setting_that_is_not_valid_ends_what_goes_through_it_with_status_2() {
    let folder = TempDir::new().unwrap();
    let mut authenticate = bot_runner();
    with_credentials(authenticate.arg("authenticate"));
    let mut run = run(&folder);
    for command in [&mut authenticate, &mut run] {
        let ended = Ended::of(command.env("HTTPS_PROXY", NOT_VALID));
        assert_eq!(ended.status, 2, "{}", ended.all());
        let said = "HTTPS_PROXY is not a valid proxy setting";
        assert!(ended.all().contains(said), "{}", ended.all());
        assert!(!ended.all().contains("can@ry"), "{}", ended.all());
    }
    let ended = Ended::of(authenticate.args(["--locale", "de"]));
    let said = "HTTPS_PROXY ist keine gültige Proxy-Einstellung";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_setting_that_is_not_valid_ends_what_uses_a_connection_with_status_2_at_once() {
    let control_room = connected();
    let test = || {
        let mut test = control_room.command("connection test");
        test.arg("Genesys Cloud");
        test
    };
    let run = |bot: &Path| {
        let mut run = control_room.command("run --as ada");
        run.arg(bot);
        run
    };
    let connected = sample("hello-connection.json");
    let caller = control_room.beside("caller.json");
    let steps = json!([{ "action": "run-bot", "bot": "hello-connection" }]);
    let bot = json!({ "name": "Caller", "steps": steps });
    std::fs::write(&caller, bot.to_string()).unwrap();
    std::fs::copy(&connected, control_room.beside("hello-connection.json")).unwrap();
    for mut command in [test(), run(&connected), run(&caller)] {
        command
            .env("HTTPS_PROXY", NOT_VALID)
            .env("RUST_LOG", "info");
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, 2, "{}", ended.all());
        let said = "HTTPS_PROXY is not a valid proxy setting";
        assert!(ended.all().contains(said), "{}", ended.all());
        for of_a_retry in ["again", "can@ry"] {
            assert!(!ended.all().contains(of_a_retry), "{}", ended.all());
        }
    }
    let mut test = test();
    let ended = Ended::of(test.env("HTTPS_PROXY", NOT_VALID).args(["--locale", "de"]));
    let said = "Fragen Sie Ihren Betreiber. (HTTPS_PROXY ist keine gültige Proxy-Einstellung";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_setting_that_is_not_valid_does_not_matter_to_what_goes_elsewhere() {
    for args in [
        vec!["inspect"],
        vec!["actions"],
        vec!["authenticate", "--genesys", "embedded"],
    ] {
        let ended = Ended::of(bot_runner().args(&args).env("HTTPS_PROXY", "::::"));
        assert_eq!(ended.status, 0, "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn a_proxy_that_refuses_is_asked_and_named_once() {
    let folder = TempDir::new().unwrap();
    let mut authenticate = bot_runner();
    with_credentials(authenticate.arg("authenticate"));
    let mut commands = [run(&folder), authenticate];
    for (answer, status) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
    ] {
        for command in &mut commands {
            for (language, said) in [
                (
                    "en",
                    "The proxy 127.0.0.1 refused the connection with status",
                ),
                ("de", "Der Proxy 127.0.0.1 hat die Verbindung mit Status"),
            ] {
                let (proxy, asked) = refusing(answer);
                command
                    .env("HTTPS_PROXY", format!("http://bob:pw@{proxy}"))
                    .env("LC_ALL", language);
                let ended = Ended::of(command);
                assert_eq!(ended.status, 1, "{}", ended.all());
                let said = format!("{said} {status}");
                for named_once in [&*said, "127.0.0.1", status] {
                    let count = ended.all().matches(named_once).count();
                    assert_eq!(count, 1, "{named_once}: {}", ended.all());
                }
                assert_eq!(asked.load(Ordering::SeqCst), 1);
            }
        }
    }
}
