//! `bot-runner connection`, as people and scripts use it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

use host_test::control_room::connections::Holder;
use host_test::control_room::oauth::Grant;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::task::block_in_place;

use crate::browser::Browser;
use crate::scene::Scene;

fn runner(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
    command
        .arg("connection")
        .args(arguments)
        .arg("--data")
        .arg(scene.folder.path())
        .env("RUST_LOG", "trace")
        .env_remove("CONTROL_ROOM_KEY_FILE")
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Adds the way to the cloud.
fn online(scene: &Scene, command: &mut Command) {
    let ca = scene.folder.path().join("ca.pem");
    std::fs::write(&ca, scene.cloud.ca_certificate().pem()).unwrap();
    command
        .args(["--gateway", &scene.cloud.https_addr().unwrap().to_string()])
        .arg("--ca-file")
        .arg(ca);
}

/// Status, standard output and standard error; none of them with a secret or a token in it.
fn ended(scene: &Scene, output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let shown = format!("{stdout}{stderr}");
    assert!(
        !shown.contains(scene.client.secret.expose_secret()),
        "{shown}"
    );
    // The embedded cloud's tokens have 86 characters of base64url.
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let token = shown.split(|c| !is_token(c)).find(|word| word.len() == 86);
    assert_eq!(token, None, "{shown}");
    (output.status.code().unwrap(), stdout, stderr)
}

fn run(scene: &Scene, arguments: &[&str], input: &str, is_online: bool) -> (i32, String, String) {
    let mut command = runner(scene, arguments);
    if is_online {
        online(scene, &mut command);
    }
    block_in_place(|| {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // What asks for nothing may have ended before.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        ended(scene, child.wait_with_output().unwrap())
    })
}

fn create<'a>(scene: &'a Scene, name: &'a str) -> Vec<&'a str> {
    vec![
        "create",
        name,
        "--environment",
        "https://apps.mypurecloud.de",
        "--grant",
        "authorization-code-pkce",
        "--client-id",
        &scene.client.id,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_made_listed_changed_and_removed() {
    let scene = Scene::new(Grant::AuthorizationCode).await;
    let secret = scene.client.secret.expose_secret().to_owned() + "\n";
    let run = |arguments: &[&str], input: &str| run(&scene, arguments, input, false);

    let mut made = create(&scene, "CRM");
    made.extend([
        "--save-login-credentials",
        "--scopes",
        "users, routing",
        "--role",
        "bots",
    ]);
    let (status, stdout, stderr) = run(&made, &secret);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("made the connection crm"), "{stdout}");
    let url = scene.connections.callback_url().await.unwrap().to_string();
    assert!(stderr.contains(&url), "{stderr}");
    let (_, stdout, _) = run(&["callback-url"], "");
    assert_eq!(stdout.trim(), url);
    let (status, _, stderr) = run(&made, &secret);
    assert_eq!(status, 2);
    assert!(stderr.contains("choose another name"), "{stderr}");
    // Standard input was forgotten.
    let (status, _, stderr) = run(&create(&scene, "other"), "");
    assert_eq!(status, 2);
    assert!(stderr.contains("the client secret is empty"), "{stderr}");

    let (_, stdout, _) = run(&["list", "--json"], "");
    let listed: Value = serde_json::from_str(&stdout).unwrap();
    let crm = &listed["connections"][0];
    assert_eq!(crm["name"], "crm");
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
        "client secret: kept",
        "roles: none",
        "shared token: none",
    ] {
        assert!(stdout.contains(line), "{stdout}");
    }
    assert_eq!(run(&["remove", "desk"], "").0, 0);
    assert_eq!(run(&["show", "desk"], "").0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_over_loopback_and_by_pasting() {
    let scene = Scene::new(Grant::AuthorizationCodePkce).await;
    for is_pasted in [false, true] {
        let mut command = runner(&scene, &["sign-in", "genesys", "--no-browser"]);
        online(&scene, &mut command);
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_page = |line: &String| line.trim().starts_with("https://login.");
        let page = block_in_place(|| stderr.by_ref().map_while(Result::ok).find(is_page));
        // It goes on logging, which somebody has to read.
        let rest = thread::spawn(move || stderr.map_while(Result::ok).collect::<Vec<_>>());
        let browser = Browser::new(&scene.cloud);
        let callback = browser.sign_in(page.unwrap().trim()).await;
        let mut stdin = child.stdin.take().unwrap();
        if is_pasted {
            stdin
                .write_all(format!("nonsense\n{callback}\n").as_bytes())
                .unwrap();
        } else {
            assert!(browser.visit(&callback).await.contains("Signed in"));
        }
        let output = block_in_place(|| child.wait_with_output().unwrap());
        let (status, stdout, _) = ended(&scene, output);
        let stderr = rest.join().unwrap().join("\n");
        assert_eq!(status, 0, "{stderr}");
        assert!(stdout.contains("signed in to genesys"), "{stdout}");
        assert!(!stderr.contains(scene.client.secret.expose_secret()));
        let token = scene.token().await.unwrap();
        assert!(scene.works(&token).await);
        assert!(!stderr.contains(token.access_token.expose_secret()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tells_what_came_of_it_by_its_status() {
    let scene = Scene::new(Grant::AuthorizationCode).await;
    scene.sign_in(&Holder::Shared).await.unwrap();
    let test = || run(&scene, &["test", "genesys"], "", true);
    let (status, stdout, stderr) = test();
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stdout.contains("genesys got a new token, for 86"),
        "{stdout}"
    );
    assert!(stderr.contains("INFO"), "the log is there");
    scene.cloud.revoke_client_tokens(&scene.client.id);
    let (status, _, stderr) = test();
    assert_eq!(status, 1);
    assert!(
        stderr.contains("an administrator has to sign in again"),
        "{stderr}"
    );
    let own = ["test", "genesys", "--as", "ada"];
    let (status, _, stderr) = run(&scene, &own, "", true);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("the user \"ada\" has to sign in"),
        "{stderr}"
    );
}
