//! Every documented way in which Genesys Cloud refuses a request, and what the statuses of the API mean for checking and
//! revoking a token.

use action_host::oauth::{ConnectionToken, Credentials, OauthError, Session};
use test_support::scripted::{Script, answers};

use crate::component::{Build, test_both_builds};
use crate::outcome::{error_of, of_error};
use crate::scripted::{API, Scripted, URL};

test_both_builds![
    an_unknown_client_id,
    a_wrong_secret_or_the_right_one_in_the_wrong_region,
    too_many_tokens_requested,
    the_api_rate_limit,
    the_codes_of_the_api,
    the_other_oauth_errors,
    a_gateway_before_the_server,
    an_error_in_a_200,
    the_server_may_describe_an_error_in_either_member,
    a_check_is_decided_by_the_status,
    a_revocation_is_decided_by_the_status,
];

/// The error for a token request with this response, in one line.
async fn refused(build: Build, status: &str, headers: &str, body: &str) -> String {
    let fixture = Scripted::start(build, answers(status, headers, body)).await;
    of_error(&error_of(fixture.authenticate().await))
}

async fn an_unknown_client_id(build: Build) {
    let body = r#"{"error":"invalid_client","description":"client not found"}"#;
    assert_eq!(
        refused(build, "400 Bad Request", "", body).await,
        "rejected invalid_client: client not found (c-1)"
    );
}

async fn a_wrong_secret_or_the_right_one_in_the_wrong_region(build: Build) {
    let body = r#"{"error":"invalid_client","description":"authentication failed","error_description":"authentication failed"}"#;
    assert_eq!(
        refused(build, "401 Unauthorized", "", body).await,
        "rejected invalid_client: authentication failed (c-1)"
    );
}

async fn too_many_tokens_requested(build: Build) {
    let body =
        r#"{"error":"invalid_request","error_description":"rate limit exceeded; try later"}"#;
    assert_eq!(
        refused(build, "400 Bad Request", "", body).await,
        "throttled for some time (c-1)"
    );
    let retry_after = "Retry-After: 7\r\n";
    assert_eq!(
        refused(build, "400 Bad Request", retry_after, body).await,
        "throttled for 7 s (c-1)"
    );
    // Any other malformed request would not succeed later.
    let body = r#"{"error":"invalid_request","error_description":"no rate limit exceeded"}"#;
    assert_eq!(
        refused(build, "400 Bad Request", retry_after, body).await,
        "rejected invalid_request: no rate limit exceeded (c-1)"
    );
}

async fn the_api_rate_limit(build: Build) {
    let body = r#"{"message":"Rate limit exceeded the maximum. Retry the request in [42] seconds","code":"too.many.requests.retry.after","status":429,"contextId":"c-1","details":[],"errors":[]}"#;
    assert_eq!(
        refused(build, "429 Too Many Requests", "Retry-After: 42\r\n", body).await,
        "throttled for 42 s (c-1)"
    );
}

async fn the_codes_of_the_api(build: Build) {
    for (status, code, expected) in [
        (
            "401 Unauthorized",
            "bad.credentials",
            "rejected bad.credentials: No. (c-1)",
        ),
        (
            "401 Unauthorized",
            "authentication.required",
            "rejected authentication.required: No. (c-1)",
        ),
        (
            "401 Unauthorized",
            "credentials.expired",
            "rejected credentials.expired: No. (c-1)",
        ),
        (
            "403 Forbidden",
            "missing.permissions",
            "rejected missing.permissions: No. (c-1)",
        ),
        (
            "503 Service Unavailable",
            "service.unavailable",
            "unavailable 503: the server reported a fault of its own (c-1)",
        ),
        (
            "504 Gateway Timeout",
            "authentication.request.timeout",
            "unavailable 504: the server reported a fault of its own (c-1)",
        ),
    ] {
        let body = format!(
            r#"{{"message":"No.","code":"{code}","status":{},"contextId":"c-1","details":[],"errors":[]}}"#,
            &status[..3]
        );
        assert_eq!(refused(build, status, "", &body).await, expected);
    }
}

async fn the_other_oauth_errors(build: Build) {
    // RFC 6749, section 5.2, and one that is not defined there.
    for code in [
        "invalid_request",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "ip_not_allowed",
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        assert_eq!(
            refused(build, "400 Bad Request", "", &body).await,
            format!("rejected {code}: - (c-1)")
        );
    }
}

async fn a_gateway_before_the_server(build: Build) {
    let html = "<html><h1>Bad Gateway</h1></html>";
    let content_type = "Content-Type: text/html\r\n";
    assert_eq!(
        refused(build, "502 Bad Gateway", content_type, html).await,
        "unavailable 502: the server reported a fault of its own (c-1)"
    );
    assert_eq!(
        refused(build, "503 Service Unavailable", "", "").await,
        "unavailable 503: the server reported a fault of its own (c-1)"
    );
}

async fn an_error_in_a_200(build: Build) {
    let body = r#"{"error":"invalid_client","access_token":"t0ken","token_type":"bearer"}"#;
    assert_eq!(
        refused(build, "200 OK", "", body).await,
        "rejected invalid_client: - (c-1)"
    );
    // An empty one is none.
    let body = r#"{"error":"","access_token":"t0ken","token_type":"bearer"}"#;
    let fixture = Scripted::start(build, answers("200 OK", "", body)).await;
    assert!(fixture.authenticate().await.is_ok());
}

async fn the_server_may_describe_an_error_in_either_member(build: Build) {
    for body in [
        r#"{"error":"invalid_scope","description":"why"}"#,
        r#"{"error":"invalid_scope","error_description":"why"}"#,
        r#"{"error":"invalid_scope","error_description":"why","description":"other"}"#,
        r#"{"error":"invalid_scope","error_description":" ","description":"why"}"#,
    ] {
        assert_eq!(
            refused(build, "400 Bad Request", "", body).await,
            "rejected invalid_scope: why (c-1)",
            "{body}"
        );
    }
}

/// The host and the rest of an error of the API.
fn assert_error(error: &OauthError, expected: &str) {
    assert_eq!(of_error(error), expected);
    assert_eq!(crate::outcome::host_of(error), Some(API));
}

fn status_alone(status: &str) -> Script {
    answers(status, "Retry-After: 7\r\n", "")
}

const FAULT: &str = "the server reported a fault of its own";
const REDIRECTED: &str = "it redirects elsewhere, which is never followed";

async fn a_check_is_decided_by_the_status(build: Build) {
    let connection = Credentials::ControlRoomConnection(ConnectionToken {
        url: URL.into(),
        access_token: "t0ken".into(),
        token_type: "bearer".into(),
        expires_in: None,
    });
    for script in [
        status_alone("200 OK"),
        status_alone("204 No Content"),
        // A response to HEAD has no body (RFC 9110, section 9.3.2): what arrives is ignored.
        answers("200 OK", "", r#"{"error":"invalid_token"}"#),
    ] {
        let fixture = Scripted::start(build, script.clone()).await;
        let session = fixture.action.authenticate(&connection, "Default").await;
        assert!(session.is_ok(), "{script:?}: {session:?}");
    }
    for (status, expected) in [
        (
            "302 Found",
            &*format!("unexpected-response 302: {REDIRECTED}, again in 7 s (c-1)"),
        ),
        (
            "400 Bad Request",
            "unexpected-response 400: unexpected status, again in 7 s (c-1)",
        ),
        ("401 Unauthorized", "rejected invalid_token: - (c-1)"),
        ("403 Forbidden", "rejected insufficient_scope: - (c-1)"),
        (
            "404 Not Found",
            "unexpected-response 404: unexpected status, again in 7 s (c-1)",
        ),
        ("429 Too Many Requests", "throttled for 7 s (c-1)"),
        (
            "500 Internal Server Error",
            &*format!("unavailable 500: {FAULT}, again in 7 s (c-1)"),
        ),
        (
            "503 Service Unavailable",
            &*format!("unavailable 503: {FAULT}, again in 7 s (c-1)"),
        ),
    ] {
        let fixture = Scripted::start(build, status_alone(status)).await;
        let checked = fixture.action.authenticate(&connection, "Default").await;
        assert_error(&error_of(checked), expected);
    }
}

async fn a_revocation_is_decided_by_the_status(build: Build) {
    let session = Session {
        name: "Default".into(),
        token: "t0ken".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: format!("https://{API}"),
    };
    for status in [
        "200 OK",
        "202 Accepted",
        "204 No Content",
        "401 Unauthorized",
    ] {
        let fixture = Scripted::start(build, status_alone(status)).await;
        let ended = fixture.action.disconnect(&session).await;
        assert!(ended.is_ok(), "{status}");
    }
    for (status, expected) in [
        (
            "302 Found",
            &*format!("unexpected-response 302: {REDIRECTED}, again in 7 s (c-1)"),
        ),
        ("403 Forbidden", "rejected http-403: - (c-1)"),
        (
            "404 Not Found",
            "unexpected-response 404: unexpected status, again in 7 s (c-1)",
        ),
        ("429 Too Many Requests", "throttled for 7 s (c-1)"),
        (
            "503 Service Unavailable",
            &*format!("unavailable 503: {FAULT}, again in 7 s (c-1)"),
        ),
    ] {
        let fixture = Scripted::start(build, status_alone(status)).await;
        assert_error(
            &error_of(fixture.action.disconnect(&session).await),
            expected,
        );
    }
}
