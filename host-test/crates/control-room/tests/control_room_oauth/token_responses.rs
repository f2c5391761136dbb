//! Successful and malformed responses of a token endpoint (RFC 6749, section 5.1).

use std::time::SystemTime;

use control_room::oauth::{Fault, TokenError, Unexpected};
use secrecy::ExposeSecret as _;
use test_support::HOST;
use test_support::https::{Reply, Server};

use crate::provider::{TOKEN, refresh_at, server};

async fn unexpected_response(status: &str, headers: &str, body: &str) -> Unexpected {
    unexpected(&server(status, headers, body).await).await
}

async fn unexpected(server: &Server) -> Unexpected {
    match refresh_at(server).await {
        Err(TokenError::Unexpected { host, what }) => {
            assert_eq!(host, HOST);
            what
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn success_is_a_200_with_a_token_and_unknown_members_are_ignored() {
    let body = r#"{"x":[{"access_token":"no"}],"access_token":"t0-k.e~n/+=","token_type":"bearer","id_token":"x","error":""}"#;
    let tokens = refresh_at(&server("200 OK", "", body).await).await.unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "t0-k.e~n/+=");
    assert_eq!((tokens.token_type, tokens.expires_in), ("Bearer", None));

    for (status, code) in [
        ("201 Created", 201),
        ("204 No Content", 204),
        ("404 Not Found", 404),
    ] {
        let body = if code == 204 { "" } else { TOKEN };
        assert_eq!(
            unexpected_response(status, "", body).await,
            Unexpected::Status(code)
        );
    }
}

#[tokio::test]
async fn missing_empty_or_malformed_tokens_are_rejected() {
    for (body, what) in [
        (r#"{"token_type":"bearer"}"#, Unexpected::Malformed),
        (
            r#"{"access_token":null,"token_type":"bearer"}"#,
            Unexpected::Malformed,
        ),
        (
            r#"{"access_token":5,"token_type":"bearer"}"#,
            Unexpected::Malformed,
        ),
        (r#"{"access_token":"t"}"#, Unexpected::Malformed),
        (
            r#"{"access_token":"t","access_token":"u","token_type":"bearer"}"#,
            Unexpected::Malformed,
        ),
        (r#"["t","bearer"]"#, Unexpected::NotJson),
        ("[]", Unexpected::NotJson),
        ("null", Unexpected::NotJson),
        (
            r#"{"access_token":"","token_type":"bearer"}"#,
            Unexpected::UnusableToken,
        ),
        (
            r#"{"access_token":"a\r\nX: y","token_type":"bearer"}"#,
            Unexpected::UnusableToken,
        ),
        (
            r#"{"access_token":"tökén","token_type":"bearer"}"#,
            Unexpected::UnusableToken,
        ),
    ] {
        assert_eq!(
            unexpected_response("200 OK", "", body).await,
            what,
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_token_type_is_case_insensitive_and_must_be_bearer() {
    for (token_type, is_used) in [
        ("bearer", true),
        ("Bearer", true),
        ("BEARER", true),
        ("mac", false),
        ("DPoP", false),
        ("", false),
    ] {
        let body = format!(r#"{{"access_token":"t","token_type":"{token_type}"}}"#);
        let server = server("200 OK", "", &body).await;
        if is_used {
            refresh_at(&server).await.unwrap();
        } else {
            assert_eq!(unexpected(&server).await, Unexpected::TokenType);
        }
    }
}

#[tokio::test]
async fn the_lifetime_is_counted_from_before_the_request() {
    let (sent, received) = (
        SystemTime::now(),
        std::sync::Arc::new(std::sync::OnceLock::new()),
    );
    let server = Server::with({
        let received = std::sync::Arc::clone(&received);
        move |_| {
            received.set(SystemTime::now()).unwrap();
            crate::provider::answer("200 OK", "", TOKEN)
        }
    })
    .await;
    let tokens = refresh_at(&server).await.unwrap();
    assert!(sent <= tokens.requested_at && tokens.requested_at <= *received.get().unwrap());
    let lifetime = tokens
        .expires_at()
        .unwrap()
        .duration_since(tokens.requested_at);
    assert_eq!(lifetime.unwrap().as_secs(), 3600);
}

#[tokio::test]
async fn any_expires_in_is_read_without_overflow() {
    for (expires_in, expected) in [
        ("0", Some(0)),
        ("99999999999999999999999999", Some(u32::MAX)),
        ("-1", None),
        ("\"3600\"", Some(3600)),
        ("\"soon\"", None),
    ] {
        let body =
            format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{expires_in}}}"#);
        let tokens = refresh_at(&server("200 OK", "", &body).await)
            .await
            .unwrap();
        assert_eq!(tokens.expires_in, expected, "{expires_in}");
        let _ = tokens.expires_at();
    }
}

#[tokio::test]
async fn an_absent_scope_means_as_requested_and_a_different_one_is_reported() {
    for (scope, granted, differs) in [
        ("", None, false),
        (r#","scope":"write read""#, Some("write read"), false),
        (r#","scope":"read""#, Some("read"), true),
        (
            r#","scope":"read write admin""#,
            Some("read write admin"),
            true,
        ),
    ] {
        let body = format!(r#"{{"access_token":"t","token_type":"bearer"{scope}}}"#);
        let tokens = refresh_at(&server("200 OK", "", &body).await)
            .await
            .unwrap();
        let shown = tokens.granted.map(|scopes| scopes.to_string());
        assert_eq!((shown.as_deref(), tokens.scope_differs), (granted, differs));
    }
}

#[tokio::test]
async fn responses_that_are_not_json_are_rejected() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    for body in [
        "",
        "<html>",
        r#"{"access_token":"t""#,
        "\u{feff}{}",
        &deep,
        &format!("{TOKEN}x"),
    ] {
        assert_eq!(
            unexpected_response("200 OK", "", body).await,
            Unexpected::NotJson
        );
    }
    for content_type in [
        "text/html",
        "application/jsonp",
        "text/plain;application/json",
    ] {
        let header = format!("Content-Type: {content_type}\r\n");
        assert_eq!(
            unexpected_response("200 OK", &header, TOKEN).await,
            Unexpected::NotJson
        );
    }
    let header = "Content-Type: Application/JSON; charset=utf-8\r\n";
    refresh_at(&server("200 OK", header, TOKEN).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn oversized_responses_are_rejected() {
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n";
    let server = Server::start(Reply::keep(head)).await;
    assert_eq!(unexpected(&server).await, Unexpected::TooLarge);
}

#[tokio::test]
async fn responses_that_are_not_http_are_rejected() {
    let server = Server::start(Reply::close("SSH-2.0-OpenSSH_9.2\r\n")).await;
    assert_eq!(unexpected(&server).await, Unexpected::NotHttp);
}

#[tokio::test]
async fn a_truncated_response_is_transient_and_keeps_the_refresh_token() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n";
    for (reply, fault) in [
        (
            Reply::close(format!("{head}{{\"access_token\":\"t\"")),
            egress::Error::Incomplete { host: HOST.into() },
        ),
        (
            Reply::close(""),
            egress::Error::Disconnected { host: HOST.into() },
        ),
    ] {
        let server = Server::start(reply).await;
        let error = refresh_at(&server).await.unwrap_err();
        let expected = TokenError::Transient {
            fault: Fault::Network(fault),
            retry_after: None,
        };
        assert!(!error.ends_sign_in());
        assert_eq!((error, server.requests().len()), (expected, 1));
    }
}
