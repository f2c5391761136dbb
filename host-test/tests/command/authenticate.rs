//! `bot-runner authenticate`.

use std::net::TcpListener;

use serde_json::json;

use crate::support::{CLIENT_ID, Ended, Genesys, SECRET, bot_runner, with_input};

#[test]
fn a_session_is_printed_without_its_token() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(
        genesys
            .authenticate()
            .args(["--json", "--session-name", " Mine "]),
    );
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let session = json!({
        "name": "Mine",
        "token-type": "Bearer",
        "expires-in": 86_400,
        "api-url": "https://api.mypurecloud.de",
    });
    assert_eq!(ended.json(), json!({ "session": session }));
    assert_eq!(ended.stderr, "");
}

#[test]
fn without_json_a_session_is_printed_as_text() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(&mut genesys.authenticate());
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "ok  Session “Default” is open at https://api.mypurecloud.de. It expires in 24 hours.\n"
    );
}

#[test]
fn a_session_is_reported_in_the_language_of_the_locale() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(genesys.authenticate().args(["--locale", "de"]));
    assert_eq!(
        ended.stdout,
        "ok  Sitzung „Default“ ist bei https://api.mypurecloud.de geöffnet. Sie läuft in 24 Stunden ab.\n"
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_secret_can_be_read_from_standard_input() {
    let genesys = Genesys::start(&[]);
    let mut command = genesys.command("authenticate");
    command.args([
        "--url",
        "eu-central-1",
        "--client-id",
        CLIENT_ID,
        "--client-secret-file",
        "-",
    ]);
    let ended = with_input(&mut command, SECRET);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn missing_options_are_read_from_the_environment() {
    let genesys = Genesys::start(&[]);
    let mut command = genesys.command("authenticate");
    command
        .env("GENESYSCLOUD_REGION", "eu-central-1")
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", CLIENT_ID)
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", SECRET);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn errors_name_the_missing_option() {
    for (given, missing) in [
        (vec![], ["--url", "GENESYSCLOUD_REGION"]),
        (
            vec!["--url", "x"],
            ["--client-id", "GENESYSCLOUD_OAUTHCLIENT_ID"],
        ),
        (
            vec!["--url", "x", "--client-id", "y"],
            ["--client-secret-file", "GENESYSCLOUD_OAUTHCLIENT_SECRET"],
        ),
    ] {
        let ended = Ended::of(bot_runner().arg("authenticate").args(given));
        assert_eq!(ended.status, 2);
        for name in missing {
            assert!(ended.stderr.contains(name), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_wrong_secret_is_explained_with_the_region() {
    let genesys = Genesys::start(&[]);
    let wrong = genesys.file("wrong", "wrong");
    let mut command = genesys.command("authenticate");
    command
        .args([
            "--url",
            "eu-central-1",
            "--client-id",
            CLIENT_ID,
            "--json",
            "--locale",
            "de",
        ])
        .arg("--client-secret-file")
        .arg(&wrong);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "rejected");
    assert_eq!(error["code"], "invalid_client");
    assert_eq!(error["host"], "login.mypurecloud.de");
    assert_eq!(error["description"], "authentication failed");
    assert!(error["correlation-id"].is_string());
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("eu-central-1 (mypurecloud.de)"),
        "{message}"
    );
    assert!(message.contains("falschen Region"), "{message}");
    assert!(ended.stderr.contains(message));
}

#[test]
fn a_wrong_region_in_the_url_is_named() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(&mut genesys.authenticate_at("https://apps.mypurecloud.ie"));
    assert_eq!(ended.status, 1);
    assert!(
        ended.stderr.contains("eu-west-1 (mypurecloud.ie)"),
        "{}",
        ended.stderr
    );
}

#[test]
fn urls_of_other_hosts_are_rejected() {
    let genesys = Genesys::start(&[]);
    let url = "https://login.mypurecloud.de@evil.example";
    let ended = Ended::of(genesys.authenticate_at(url).arg("--json"));
    assert_eq!(ended.status, 1);
    let error = &ended.json()["error"];
    assert_eq!(
        (&error["kind"], &error["field"]),
        (&json!("invalid-input"), &json!("url"))
    );
    assert_eq!(error["reason"], "user-info");
    assert!(error["message"].as_str().unwrap().contains('@'), "{error}");
}

#[test]
fn a_stopped_server_is_reported_as_unavailable() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let genesys = Genesys::start(&[]);
    let mut command = bot_runner();
    command
        .args([
            "authenticate",
            "--json",
            "--url",
            "eu-central-1",
            "--client-id",
            CLIENT_ID,
        ])
        .args(["--gateway", &free.to_string(), "--client-secret-file"])
        .arg(genesys.secret_file());
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 1);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "unavailable");
    assert_eq!(error["reason"], "connection-refused");
    assert!(
        ended.stderr.contains("login.mypurecloud.de"),
        "{}",
        ended.stderr
    );
}

#[test]
fn nothing_is_sent_to_an_untrusted_server() {
    let genesys = Genesys::start(&[]);
    let mut command = bot_runner();
    command
        .args([
            "authenticate",
            "--json",
            "--url",
            "eu-central-1",
            "--client-id",
            CLIENT_ID,
        ])
        .args(["--gateway", genesys.gateway(), "--client-secret-file"])
        .arg(genesys.secret_file());
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 1);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "untrusted-server");
    assert_eq!(error["network"], "certificate-issuer");
}

#[test]
fn throttling_and_refusal_are_reported_differently() {
    let genesys = Genesys::start(&["--tokens-per-minute", "1"]);
    assert_eq!(Ended::of(&mut genesys.authenticate()).status, 0);
    let ended = Ended::of(genesys.authenticate().arg("--json"));
    assert_eq!(ended.status, 1);
    assert_eq!(ended.json()["error"]["kind"], "throttled");
}

#[test]
fn errors_name_an_unreadable_file() {
    let genesys = Genesys::start(&[]);
    let mut command = genesys.command("authenticate");
    command.args([
        "--url",
        "x",
        "--client-id",
        "y",
        "--client-secret-file",
        "/nowhere/secret",
    ]);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("/nowhere/secret"), "{}", ended.stderr);
}

#[test]
fn the_token_is_revoked_when_the_command_ends() {
    // The API refuses every request, so the error shows that the revocation was requested.
    let genesys = Genesys::start(&["--requests-per-minute", "0"]);
    let ended = Ended::of(&mut genesys.authenticate());
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the token could not be revoked"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_gateway_whose_name_is_not_found_is_named() {
    let genesys = Genesys::start(&[]);
    let mut command = bot_runner();
    command
        .args(["authenticate", "--gateway", "gateway.invalid:443"])
        .args(["--url", "eu-central-1", "--client-id", CLIENT_ID])
        .arg("--client-secret-file")
        .arg(genesys.secret_file());
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 1);
    let warning = "warning: --gateway gateway.invalid:443: the host name is not found";
    assert!(ended.stderr.starts_with(warning), "{}", ended.stderr);
}
