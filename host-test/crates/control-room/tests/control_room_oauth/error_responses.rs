//! Error responses of a token endpoint (RFC 6749, section 5.2) and how they are classified.

use std::time::Duration;

use control_room::oauth::{Fault, Grant, Refusal, TokenError, Unexpected};
use egress::Step;
use test_support::HOST;
use test_support::https::{Reply, Server};
use test_support::scripted::{Act, Script, answer};

use crate::provider::{confidential, endpoint, refresh_at, server, signed_in};

async fn error(status: &str, headers: &str, body: &str) -> TokenError {
    let server = server(status, headers, body).await;
    let error = refresh_at(&server).await.unwrap_err();
    assert_eq!(server.requests().len(), 1, "no retry at this level");
    error
}

fn refusal(code: &str, description: Option<&str>) -> Refusal {
    Refusal {
        host: HOST.into(),
        code: code.into(),
        description: description.map(Into::into),
        correlation_id: Some("c-1".into()),
    }
}

#[tokio::test]
async fn only_invalid_grant_requires_a_new_sign_in() {
    // The response of npm oidc-provider to a refresh token that was rotated.
    let body = r#"{"error":"invalid_grant","error_description":"grant request is invalid"}"#;
    let error = error("400 Bad Request", "", body).await;
    let expected = refusal("invalid_grant", Some("grant request is invalid"));
    assert!(error.ends_sign_in());
    assert_eq!(error, TokenError::SignInNeeded(expected));
}

#[tokio::test]
async fn invalid_grant_without_a_sign_in_is_a_refusal() {
    let server = server("400 Bad Request", "", r#"{"error":"invalid_grant"}"#).await;
    let client = endpoint(&server, confidential(Grant::ClientCredentials));
    let error = client.client_credentials().await.unwrap_err();
    assert_eq!(error, TokenError::Refused(refusal("invalid_grant", None)));
}

#[tokio::test]
async fn other_error_codes_keep_the_refresh_token() {
    for code in [
        "invalid_request",
        "invalid_client",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "something_new",
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        for status in ["400 Bad Request", "401 Unauthorized", "200 OK"] {
            let error = error(status, "", &body).await;
            assert!(!error.ends_sign_in());
            assert_eq!(error, TokenError::Refused(refusal(code, None)));
        }
    }
}

#[tokio::test]
async fn genesys_error_descriptions_are_read_from_either_member() {
    // Genesys' response to a wrong secret, or to the right one in the wrong region.
    let body = r#"{"error":"invalid_client","description":"authentication failed","error_description":"authentication failed"}"#;
    let wrong = error("401 Unauthorized", "", body).await;
    // Its response to an unknown client.
    let body = r#"{"error":"invalid_client","description":"client not found"}"#;
    let unknown = error("400 Bad Request", "", body).await;
    for (error, description) in [
        (wrong, "authentication failed"),
        (unknown, "client not found"),
    ] {
        let expected = refusal("invalid_client", Some(description));
        assert_eq!(error, TokenError::Refused(expected));
        assert!(error.to_string().contains(description) && error.to_string().contains("c-1"));
    }
}

#[tokio::test]
async fn descriptions_are_truncated_and_sanitized() {
    let body = format!(
        r#"{{"error":"a\nb","error_description":"\u001b[31m{{}}\r\n\u202e<b>{}"}}"#,
        "x".repeat(5000)
    );
    let TokenError::Refused(refusal) = error("400 Bad Request", "", &body).await else {
        panic!("not refused");
    };
    assert_eq!(refusal.code, "a b");
    let description = refusal.description.unwrap();
    assert!(description.starts_with(" [31m{}   <b>xx"), "{description}");
    assert!(description.chars().count() <= 201);
}

#[tokio::test]
async fn too_many_requests_is_transient_with_and_without_retry_after() {
    let date =
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n";
    // Genesys' response to too many token requests is not a 429.
    let minting =
        r#"{"error":"invalid_request","error_description":"rate limit exceeded; try later"}"#;
    let with_wait = r#"{"error":"invalid_request","error_description":"rate limit exceeded; retry in 60 seconds"}"#;
    let api = r#"{"message":"Rate limit exceeded the maximum. Retry the request in [42] seconds","code":"too.many.requests.retry.after","status":429}"#;
    for (status, headers, body, wait) in [
        (
            "429 Too Many Requests",
            "Retry-After: 42\r\n",
            api,
            Some(42),
        ),
        ("429 Too Many Requests", date, "", Some(60)),
        ("429 Too Many Requests", "Retry-After: soon\r\n", "", None),
        ("429 Too Many Requests", "", "<html>", None),
        ("400 Bad Request", "", minting, None),
        ("400 Bad Request", "", with_wait, Some(60)),
        ("400 Bad Request", "Retry-After: 7\r\n", minting, Some(7)),
    ] {
        let expected = TokenError::Transient {
            fault: Fault::Throttled { host: HOST.into() },
            retry_after: wait.map(Duration::from_secs),
        };
        assert_eq!(error(status, headers, body).await, expected);
    }
}

#[tokio::test]
async fn server_errors_are_transient_whatever_the_body() {
    for (status, headers, body, code, wait) in [
        ("500 Internal Server Error", "", "{", 500, None),
        (
            "502 Bad Gateway",
            "Content-Type: text/html\r\n",
            "<html>",
            502,
            None,
        ),
        (
            "503 Service Unavailable",
            "Retry-After: 5\r\n",
            "",
            503,
            Some(5),
        ),
        (
            "503 Service Unavailable",
            "",
            r#"{"error":"invalid_grant"}"#,
            503,
            None,
        ),
        ("408 Request Timeout", "", "", 408, None),
        // Codes of an authorization endpoint (RFC 6749, section 4.1.2.1).
        (
            "400 Bad Request",
            "Retry-After: 9\r\n",
            r#"{"error":"temporarily_unavailable"}"#,
            400,
            Some(9),
        ),
        (
            "400 Bad Request",
            "",
            r#"{"error":"server_error"}"#,
            400,
            None,
        ),
    ] {
        let expected = TokenError::Transient {
            fault: Fault::Server {
                host: HOST.into(),
                status: code,
            },
            retry_after: wait.map(Duration::from_secs),
        };
        assert_eq!(error(status, headers, body).await, expected);
    }
}

#[tokio::test]
async fn a_refusal_without_a_readable_body_is_classified_by_its_status() {
    let refused = error("401 Unauthorized", "", "<html>").await;
    assert_eq!(refused, TokenError::Refused(refusal("http-401", None)));
    let expected = TokenError::Unexpected {
        host: HOST.into(),
        what: Unexpected::Status(400),
    };
    assert_eq!(error("400 Bad Request", "", "<html>").await, expected);
}

#[tokio::test]
async fn a_silent_server_times_out_as_a_transient_error() {
    let server = Server::with(|_| {
        tokio::time::pause();
        Reply::keep("")
    })
    .await;
    let expected = TokenError::Transient {
        fault: Fault::Network(egress::Error::TimedOut {
            host: HOST.into(),
            step: Step::FirstByte,
        }),
        retry_after: None,
    };
    assert_eq!(refresh_at(&server).await.unwrap_err(), expected);
}

#[tokio::test]
async fn a_slow_response_times_out_after_a_minute() {
    use control_room::oauth::{Provider, Registration, Scopes, TokenEndpoint};
    use egress::{AllowList, Options, Trust};

    let head = answer("200 OK", "", "")
        .strip_suffix(b"\r\n")
        .unwrap()
        .to_vec();
    let head = String::from_utf8(head).unwrap();
    let head = head.replace("Content-Length: 0", "Transfer-Encoding: chunked") + "\r\n";
    let script = Script::Answer(vec![
        Act::Send(head.into_bytes()),
        Act::Trickle(b"1\r\n \r\n".to_vec()),
    ]);
    let server = test_support::scripted::Server::start(script).await;
    let options = Options {
        gateway: Some(server.address().try_into().unwrap()),
        trust: Trust::Only(vec![test_support::scripted::ca().certificate()]),
        ..Options::new(AllowList::default())
    };
    let registration = Registration::new(
        Provider::genesys("mypurecloud.de").unwrap(),
        Grant::ClientCredentials,
        "id",
        Some(&"secret".into()),
        Scopes::default(),
    );
    let endpoint = TokenEndpoint::new(registration.unwrap(), options).unwrap();
    let begun = tokio::time::Instant::now();
    let expected = TokenError::Transient {
        fault: Fault::TooSlow {
            host: "login.mypurecloud.de".into(),
        },
        retry_after: None,
    };
    assert_eq!(endpoint.client_credentials().await.unwrap_err(), expected);
    assert!(begun.elapsed() < Duration::from_secs(65));
}

#[tokio::test]
async fn an_authorization_code_is_exchanged_once_and_not_retried() {
    for (status, body) in [
        ("503 Service Unavailable", ""),
        ("429 Too Many Requests", ""),
        ("400 Bad Request", r#"{"error":"invalid_grant"}"#),
        ("200 OK", "<html>"),
    ] {
        let server = server(status, "Retry-After: 0\r\n", body).await;
        let endpoint = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
        // `exchange` consumes the code, so a second attempt does not compile.
        signed_in(&endpoint).exchange().await.unwrap_err();
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    let cut = Server::start(Reply::close("")).await;
    let endpoint = endpoint(&cut, confidential(Grant::AuthorizationCode));
    signed_in(&endpoint).exchange().await.unwrap_err();
    assert_eq!(cut.requests().len(), 1);
}
