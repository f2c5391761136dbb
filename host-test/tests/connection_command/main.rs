//! `bot-runner connection`, as people and scripts use it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room/tests/control_room_connections/browser.rs"]
mod browser;
#[path = "../../crates/control-room/tests/shared/database.rs"]
mod database;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room/tests/control_room_connections/fixture.rs"]
mod fixture;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room/tests/control_room_connections/scripted.rs"]
mod scripted;

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::thread;

use control_room::audit::Outcome;
use control_room::audit_events::{Action, Event, EventFilter};
use control_room::connections::SignInOwner;
use control_room::oauth::Grant;
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::browser::Browser;
use crate::fixture::{Fixture, set_remaining};
use crate::scripted::{Scripted, callback, held_tokens, tokens};

const SIGN_IN: [&str; 3] = ["sign-in", "genesys", "--no-browser"];

fn runner(folder: &TempDir, arguments: &[&str]) -> Command {
    bot_runner(folder, &[&["connection"], arguments].concat())
}

fn bot_runner(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
    command
        .args(arguments)
        .arg("--data")
        .arg(folder.path())
        .env("RUST_LOG", "trace")
        .env_remove("CONTROL_ROOM_KEY_FILE")
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Adds the network options for the cloud.
fn online(fixture: &Fixture, command: &mut Command) {
    let address = fixture.cloud.https_addr().unwrap();
    through(
        command,
        &fixture.folder,
        address,
        fixture.cloud.ca_certificate().pem(),
    );
}

fn through(command: &mut Command, folder: &TempDir, gateway: SocketAddr, ca: &str) {
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, ca).unwrap();
    command
        .args(["--gateway", &gateway.to_string()])
        .arg("--ca-file")
        .arg(file);
}

/// The URL that a sign-in prints, and the lines after it.
fn page(child: &mut Child) -> (String, Lines<BufReader<ChildStderr>>) {
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let is_page = |line: &String| line.trim().starts_with("https://");
    let page = stderr.by_ref().map_while(Result::ok).find(is_page);
    (page.unwrap().trim().to_owned(), stderr)
}

/// The exit status, standard output and standard error. Asserts that they contain no secrets or tokens.
fn ended(fixture: &Fixture, output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let shown = format!("{stdout}{stderr}");
    assert!(
        !shown.contains(fixture.client.secret.expose_secret()),
        "{shown}"
    );
    // The embedded cloud's tokens have 86 characters of base64url.
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let token = shown.split(|c| !is_token(c)).find(|word| word.len() == 86);
    assert_eq!(token, None, "{shown}");
    (output.status.code().unwrap(), stdout, stderr)
}

fn run(
    fixture: &Fixture,
    arguments: &[&str],
    input: &str,
    is_online: bool,
) -> (i32, String, String) {
    let mut command = runner(&fixture.folder, arguments);
    if is_online {
        online(fixture, &mut command);
    }
    block_in_place(|| {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads no input may have ended already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        ended(fixture, child.wait_with_output().unwrap())
    })
}

fn create<'a>(fixture: &'a Fixture, name: &'a str) -> Vec<&'a str> {
    vec![
        "create",
        name,
        "--environment",
        "https://apps.mypurecloud.de",
        "--grant",
        "authorization-code-pkce",
        "--client-id",
        &fixture.client.id,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_created_listed_changed_and_removed() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let secret = fixture.client.secret.expose_secret().to_owned() + "\n";
    let run = |arguments: &[&str], input: &str| run(&fixture, arguments, input, false);

    let mut made = create(&fixture, "CRM");
    made.extend([
        "--save-login-credentials",
        "--scopes",
        "users, routing",
        "--role",
        "bots",
    ]);
    let (status, stdout, stderr) = run(&made, &secret);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("created the connection CRM"), "{stdout}");
    let url = fixture
        .connections
        .callback_url()
        .await
        .unwrap()
        .to_string();
    assert!(stderr.contains(&url), "{stderr}");
    let (_, stdout, _) = run(&["callback-url"], "");
    assert_eq!(stdout.trim(), url);
    let (status, _, stderr) = run(&made, &secret);
    assert_eq!(status, 2);
    assert!(stderr.contains("choose another name"), "{stderr}");
    // Standard input is missing.
    let (status, _, stderr) = run(&create(&fixture, "other"), "");
    assert_eq!(status, 2);
    assert!(stderr.contains("the client secret is empty"), "{stderr}");

    let (_, stdout, _) = run(&["list", "--json"], "");
    let listed: Value = serde_json::from_str(&stdout).unwrap();
    let crm = &listed["connections"][0];
    assert_eq!(crm["name"], "CRM");
    assert_eq!(crm["scopes"], serde_json::json!(["users", "routing"]));
    assert_eq!(crm["has-client-secret"], true);
    assert_eq!(crm["shared-token"]["state"], "not-signed-in");
    assert_eq!(listed["connections"][1]["name"], "genesys");

    for (arguments, input) in [
        (
            &["edit", "crm", "--no-client-secret", "--name", "desk"][..],
            "",
        ),
        (&["edit", "desk", "--client-secret"], secret.as_str()),
        (&["edit", "desk", "--save-login-credentials", "false"], ""),
        (&["forbid", "desk", "bots"], ""),
    ] {
        let (status, _, stderr) = run(arguments, input);
        assert_eq!(status, 0, "{arguments:?}: {stderr}");
    }
    let (_, stdout, _) = run(&["show", "desk"], "");
    for line in [
        "provider: Genesys",
        "client secret: set",
        "roles: none",
        "shared token: none",
    ] {
        assert!(stdout.contains(line), "{stdout}");
    }
    assert_eq!(run(&["remove", "desk", "--yes"], "").0, 0);
    assert_eq!(run(&["show", "desk"], "").0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_other_providers_are_what_they_need() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    let run = |arguments: &[&str]| run(&fixture, arguments, "secret\n", false);
    let urls = |token_url| {
        let authorization_url = "https://id.example.com/authorize";
        [
            "--authorization-url",
            authorization_url,
            "--token-url",
            token_url,
        ]
    };
    let create = |token_url, more: &[&'static str]| {
        let mut create = vec!["create", "CRM", "--client-id", "id"];
        create.extend(["--grant", "client-credentials"]);
        create.extend(urls(token_url));
        create.extend(more);
        run(&create)
    };
    for private in ["https://10.0.0.5/token", "https://localhost:9/token"] {
        let (status, _, stderr) = create(private, &[]);
        assert_eq!(status, 2);
        assert!(stderr.contains("is in a private network"), "{stderr}");
    }
    let public = "https://1.1.1.1/token";
    let (status, _, stderr) = create(public, &["--client-authentication", "form"]);
    assert_eq!(status, 0, "{stderr}");
    let note = "cannot use a connection to another provider";
    assert!(stderr.contains(note), "{stderr}");
    let shown = || {
        let (_, stdout, _) = run(&["show", "CRM", "--json"]);
        serde_json::from_str::<Value>(&stdout).unwrap()["connection"].take()
    };
    let crm = shown();
    assert_eq!(crm["client-authentication"], "form");
    assert_eq!(crm["save-login-credentials"], true);
    let private = [&["edit", "CRM"][..], &urls("https://[fd00::1]/token")].concat();
    let (status, _, stderr) = run(&private);
    assert_eq!(status, 2);
    assert!(stderr.contains("is in a private network"), "{stderr}");
    let header = ["edit", "CRM", "--client-authentication", "header"];
    assert_eq!(run(&header).0, 0);
    assert_eq!(shown()["client-authentication"], "header");

    let (_, by_address, _) = run(&["callback-url"]);
    let (_, by_name, _) = run(&["callback-url", "--host", "localhost"]);
    assert_eq!(by_name, by_address.replace("127.0.0.1", "localhost"));
    let (_, other, _) = run(&["callback-url", "--port", "20001"]);
    assert_eq!(other.trim(), "http://localhost:20001/oauth/callback");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_works_over_loopback_and_by_pasting() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    for is_pasted in [false, true] {
        let mut command = runner(&fixture.folder, &SIGN_IN);
        online(&fixture, &mut command);
        let mut child = command.spawn().unwrap();
        let (page, stderr) = block_in_place(|| page(&mut child));
        // The command continues to log, which has to be read.
        let rest = thread::spawn(move || stderr.map_while(Result::ok).collect::<Vec<_>>());
        let browser = Browser::new(&fixture.cloud);
        let callback = browser.sign_in(&page).await;
        let mut stdin = child.stdin.take().unwrap();
        if is_pasted {
            stdin
                .write_all(format!("nonsense\n{callback}\n").as_bytes())
                .unwrap();
        } else {
            assert!(browser.visit(&callback).await.contains("Signed in"));
        }
        let output = block_in_place(|| child.wait_with_output().unwrap());
        let (status, stdout, _) = ended(&fixture, output);
        let stderr = rest.join().unwrap().join("\n");
        assert_eq!(status, 0, "{stderr}");
        assert!(stdout.contains("signed in to genesys"), "{stdout}");
        let person = stderr.split_once("The token is that of ").unwrap().1;
        let person = person.lines().next().unwrap();
        assert!(person.contains('@') && person.ends_with(")."), "{person}");
        assert!(!stderr.contains(fixture.client.secret.expose_secret()));
        let token = fixture.token().await.unwrap();
        assert!(fixture.works(&token).await);
        assert!(!stderr.contains(token.access_token.expose_secret()));
    }
}

/// It was lost then, and the command waited for ten minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_the_sign_in_whatever_happens_at_the_terminal_meanwhile() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    for typed in [None, Some("\n"), Some("nonsense\n")] {
        let mut command = runner(&fixture.folder, &SIGN_IN);
        online(&fixture, &mut command);
        let mut child = command.spawn().unwrap();
        let (page, stderr) = block_in_place(|| page(&mut child));
        let rest = thread::spawn(move || stderr.map_while(Result::ok).collect::<Vec<_>>());
        let browser = Browser::new(&fixture.cloud);
        let callback = browser.refuse(&page).await;
        let address = callback.split('/').nth(2).unwrap().to_owned();
        // A browser leaves connections half-open.
        let mut half = std::net::TcpStream::connect(address).unwrap();
        half.write_all(b"GET /favicon.ico HTTP/1.1\r\n").unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let terminal = thread::spawn(move || {
            // The command may have ended already.
            let _ = stdin.write_all(typed.unwrap_or_default().as_bytes());
        });
        assert!(browser.visit(&callback).await.contains("Sign-in refused"));
        terminal.join().unwrap();
        let output = block_in_place(|| child.wait_with_output().unwrap());
        let (status, ..) = ended(&fixture, output);
        let stderr = rest.join().unwrap().join("\n");
        assert_eq!(status, 1, "{stderr}");
        assert!(stderr.contains("access_denied"), "{stderr}");
    }
    assert_eq!(refused_sign_ins(&fixture).await, ["genesys: shared"; 3]);
}

/// The subjects of the sign-ins that the audit log has; asserts that all were refused.
async fn refused_sign_ins(fixture: &Fixture) -> Vec<String> {
    let filter = EventFilter {
        action: Some(Action::ConnectionSignIn),
        ..EventFilter::default()
    };
    let events = fixture.store.audit().events(&filter, None, 9).await;
    let subject = |event: Event| {
        assert_eq!((event.actor, event.outcome), (None, Outcome::Refused));
        event.subject
    };
    events.unwrap().into_iter().map(subject).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_through_a_proxy_setting_that_is_not_valid_ends_with_status_2_before_a_page_opens()
 {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    let mut command = runner(&fixture.folder, &SIGN_IN);
    command.env("HTTPS_PROXY", "http://bob:can@ry@127.0.0.1:1");
    let output = block_in_place(|| command.output().unwrap());
    let (status, _, stderr) = ended(&fixture, output);
    assert_eq!(status, 2, "{stderr}");
    let said = "HTTPS_PROXY is not a valid proxy setting";
    assert!(stderr.contains(said), "{stderr}");
    assert!(
        !stderr.contains("https://") && !stderr.contains("can@ry"),
        "{stderr}"
    );
    assert_eq!(refused_sign_ins(&fixture).await, ["genesys: shared"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_status_of_a_test_reports_its_outcome() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let test = || run(&fixture, &["test", "genesys"], "", true);
    let (status, stdout, stderr) = test();
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stdout.contains("genesys has a new token, which expires in 86"),
        "{stdout}"
    );
    assert!(stderr.contains("INFO"), "the log is there");
    fixture.cloud.revoke_client_tokens(&fixture.client.id);
    let (status, _, stderr) = test();
    assert_eq!(status, 1);
    assert!(
        stderr.contains("An administrator has to sign in again"),
        "{stderr}"
    );
    let own = ["test", "genesys", "--as", "ada"];
    let (status, _, stderr) = run(&fixture, &own, "", true);
    assert_eq!(status, 1);
    assert!(stderr.contains("ada has not signed in"), "{stderr}");
}

#[cfg(unix)]
fn send(signal: &str, to: &Child) {
    let signal = format!("-{signal}");
    let sent = Command::new("kill")
        .args([signal, to.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_exchange_survives_ctrl_c_and_further_input() {
    for is_interrupted in [true, false] {
        let answers = vec![tokens("first"), held_tokens("second")];
        let mut provider = Scripted::new(answers).await;
        let mut command = runner(&provider.folder, &SIGN_IN);
        let (address, ca) = (provider.server.address(), provider.server.ca().pem());
        through(&mut command, &provider.folder, address, &ca);
        let mut child = command.spawn().unwrap();
        let (page, mut stderr) = block_in_place(|| page(&mut child));
        let callback = callback(&page);
        let mut stdin = child.stdin.take().unwrap();
        let mut browser = None;
        if is_interrupted {
            stdin.write_all(format!("{callback}\n").as_bytes()).unwrap();
        } else {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            browser = Some(tokio::spawn(client.get(callback).send()));
        }
        provider.arrival().await;
        if is_interrupted {
            send("INT", &child);
            let is_waiting = |line: String| line.contains("waiting for requests in progress");
            assert!(block_in_place(|| stderr
                .by_ref()
                .map_while(Result::ok)
                .any(is_waiting)));
        } else {
            stdin.write_all(b"nonsense\n").unwrap();
            drop(stdin);
        }
        provider.release();
        let rest = thread::spawn(move || stderr.map_while(Result::ok).collect::<Vec<_>>());
        let output = block_in_place(|| child.wait_with_output().unwrap());
        let rest = rest.join().unwrap().join("\n");
        let expected = i32::from(is_interrupted);
        assert_eq!(output.status.code(), Some(expected), "{rest}");
        if let Some(browser) = browser {
            browser.await.unwrap().unwrap();
            // Nobody is asked who signed in at a provider that has no known API.
            let all = format!("{rest}\n{}", String::from_utf8_lossy(&output.stdout));
            assert!(
                !all.contains("Whose token") && !all.contains("The token is"),
                "{all}"
            );
        }
        let token = provider.token().await.unwrap().access_token;
        assert_eq!(token.expose_secret(), "a-second");
    }
}

/// Otherwise the provider's new refresh token would be lost, and the former one no longer works.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tokens_of_a_refresh_in_progress_are_stored_at_each_signal() {
    for arguments in [
        &["connection", "keep-alive"][..],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        for signal in ["INT", "TERM", "HUP", "QUIT"] {
            let answers = vec![tokens("first"), held_tokens("second")];
            let mut provider = Scripted::new(answers).await;
            set_remaining(provider.folder.path(), 0).await;
            let mut command = bot_runner(&provider.folder, arguments);
            let (address, ca) = (provider.server.address(), provider.server.ca().pem());
            through(&mut command, &provider.folder, address, &ca);
            let mut child = command.spawn().unwrap();
            let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
            provider.arrival().await;
            send(signal, &child);
            let waits = |line: String| line.contains("waiting for requests in progress");
            let mut lines = stderr.by_ref().map_while(Result::ok);
            assert!(block_in_place(|| lines.any(waits)), "{signal}");
            provider.release();
            let rest = thread::spawn(move || stderr.map_while(Result::ok).collect::<Vec<_>>());
            let status = block_in_place(|| child.wait().unwrap());
            let rest = rest.join().unwrap().join("\n");
            assert_eq!(status.code(), Some(0), "{signal} {arguments:?}: {rest}");
            let token = provider.token().await.unwrap().access_token;
            assert_eq!(token.expose_secret(), "a-second");
            assert_eq!(provider.sent(), ["first"]);
        }
    }
}
