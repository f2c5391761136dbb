//! The action's requests as a server receives them, byte for byte.

use action_host::oauth::{ConnectionToken, Credentials, Session};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use test_support::scripted::{Seen, answers};

use crate::component::{Build, test_both_builds};
use crate::scripted::{API, LOGIN, SECRET, Scripted, URL, credentials};

test_both_builds![
    a_token_request_is_a_form_post_to_the_login_host,
    credentials_are_sent_once_and_only_in_the_header,
    id_and_secret_are_form_urlencoded_separately,
    a_connection_is_checked_with_head_at_the_api_host,
    a_token_is_revoked_with_delete_at_the_api_host,
    a_region_that_is_not_open_yet_is_reached_at_its_own_hosts,
    a_call_makes_one_request_whatever_the_response,
];

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600}"#;

/// A request in its parts.
#[derive(Debug)]
struct Request {
    line: String,
    /// With their names in lower case, in alphabetical order.
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// The only request that was received.
    fn only(seen: &Seen) -> Self {
        assert_eq!(seen.connections, 1);
        let [received] = &seen.received[..] else {
            panic!("{seen:?}");
        };
        let (head, body) = received.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let mut headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        headers.sort();
        Self {
            line,
            headers,
            body: body.into(),
        }
    }

    /// The value of the one header of this name.
    fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            _ => panic!("{:?}", self.headers),
        }
    }

    fn header_names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The decoded credentials of the Basic header.
    fn credentials(&self) -> String {
        let value = self.header("authorization").strip_prefix("Basic ").unwrap();
        String::from_utf8(STANDARD.decode(value).unwrap()).unwrap()
    }
}

/// The request of one call with client credentials.
async fn token_request(build: Build, url: &str, id: &str, secret: &str) -> (Request, Seen) {
    let fixture = Scripted::start(build, answers("200 OK", "", TOKEN)).await;
    let credentials = credentials(url, id, secret);
    let session = fixture.action.authenticate(&credentials, "Default").await;
    session.unwrap();
    let seen = fixture.finish().await;
    (Request::only(&seen), seen)
}

fn session() -> Session {
    Session {
        name: "Default".into(),
        token: SECRET.into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: format!("https://{API}"),
    }
}

fn connection() -> Credentials {
    Credentials::ControlRoomConnection(ConnectionToken {
        url: URL.into(),
        access_token: SECRET.into(),
        token_type: "BEARER".into(),
        expires_in: None,
    })
}

async fn a_token_request_is_a_form_post_to_the_login_host(build: Build) {
    let (request, _) = token_request(build, URL, "id", "secret").await;
    assert_eq!(request.line, "POST /oauth/token HTTP/1.1");
    // A length and no transfer coding: the body is not chunked.
    assert_eq!(
        request.header_names(),
        [
            "accept",
            "accept-encoding",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent"
        ]
    );
    assert_eq!(request.header("host"), LOGIN);
    assert_eq!(request.header("accept"), "application/json");
    assert_eq!(
        request.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.header("content-length"), "29");
    assert_eq!(request.body, "grant_type=client_credentials");
    assert_says_who_sends_it(&request);
}

/// Firewalls refuse requests without a `User-Agent`, and without `Accept-Encoding` a server may compress its answer.
fn assert_says_who_sends_it(request: &Request) {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        request.header("user-agent"),
        format!("oauth-authentication/{version}")
    );
    assert_eq!(request.header("accept-encoding"), "identity");
}

async fn credentials_are_sent_once_and_only_in_the_header(build: Build) {
    let (request, seen) = token_request(build, URL, " the-id ", SECRET).await;
    assert_eq!(request.credentials(), format!("the-id:{SECRET}"));
    let received = &seen.received[0];
    let encoded = STANDARD.encode(format!("the-id:{SECRET}"));
    assert_eq!(received.matches(&encoded).count(), 1);
    for plain in ["the-id", SECRET] {
        assert!(!received.contains(plain), "{received}");
    }
}

async fn id_and_secret_are_form_urlencoded_separately(build: Build) {
    let (request, _) = token_request(build, URL, "a:b+ü", "p&q=r% 密!").await;
    assert_eq!(
        request.credentials(),
        "a%3Ab%2B%C3%BC:p%26q%3Dr%25+%E5%AF%86%21"
    );
}

async fn a_connection_is_checked_with_head_at_the_api_host(build: Build) {
    let fixture = Scripted::start(build, answers("200 OK", "", "")).await;
    let checked = fixture.action.authenticate(&connection(), "Default").await;
    checked.unwrap();
    let request = Request::only(&fixture.finish().await);
    assert_eq!(request.line, "HEAD /api/v2/tokens/me HTTP/1.1");
    assert_is_bearer_request(&request);
}

async fn a_token_is_revoked_with_delete_at_the_api_host(build: Build) {
    let fixture = Scripted::start(build, answers("200 OK", "", "")).await;
    fixture.action.disconnect(&session()).await.unwrap();
    let request = Request::only(&fixture.finish().await);
    assert_eq!(request.line, "DELETE /api/v2/tokens/me HTTP/1.1");
    assert_is_bearer_request(&request);
}

fn assert_is_bearer_request(request: &Request) {
    assert_eq!(
        request.header_names(),
        [
            "accept",
            "accept-encoding",
            "authorization",
            "host",
            "user-agent"
        ]
    );
    assert_says_who_sends_it(request);
    assert_eq!(request.header("host"), API);
    assert_eq!(request.header("accept"), "application/json");
    let bearer = format!("Bearer {SECRET}");
    assert_eq!(request.header("authorization"), bearer);
    assert_eq!(request.body, "");
}

async fn a_region_that_is_not_open_yet_is_reached_at_its_own_hosts(build: Build) {
    let url = "https://apps.itc1.pure.cloud/directory/";
    let (request, _) = token_request(build, url, "id", "secret").await;
    assert_eq!(request.header("host"), "login.itc1.pure.cloud");
}

async fn a_call_makes_one_request_whatever_the_response(build: Build) {
    for status in [
        "200 OK",
        "302 Found",
        "400 Bad Request",
        "401 Unauthorized",
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ] {
        for call in ["authenticate", "check", "disconnect"] {
            let script = answers(status, "Retry-After: 0\r\n", "");
            let fixture = Scripted::start(build, script).await;
            let failed = match call {
                "authenticate" => fixture.authenticate().await.err(),
                "check" => fixture
                    .action
                    .authenticate(&connection(), "Default")
                    .await
                    .err(),
                _ => fixture.action.disconnect(&session()).await.err(),
            };
            let good = match call {
                "authenticate" => false,
                "check" => status == "200 OK",
                _ => ["200 OK", "401 Unauthorized"].contains(&status),
            };
            assert_eq!(failed.is_none(), good, "{call}, {status}: {failed:?}");
            assert_eq!(fixture.client.statistics().requests_sent, 1);
            let seen = fixture.finish().await;
            let request = Request::only(&seen);
            let body = if call == "authenticate" {
                "grant_type=client_credentials"
            } else {
                ""
            };
            assert_eq!(request.body, body, "{call}, {status}");
        }
    }
}
