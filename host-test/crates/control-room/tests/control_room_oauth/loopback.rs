//! The loopback listener for the callback (RFC 8252), with a minimal browser.

use std::net::{Ipv4Addr, TcpListener};

use control_room::oauth::{
    After, CallbackError, CallbackUrl, Expected, Grant, Loopback, LoopbackError, SignIn, Subject,
    TokenEndpoint,
};
use test_support::https::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::provider::{TOKEN, confidential, endpoint, server, state};

struct Fixture {
    server: Server,
    endpoint: TokenEndpoint,
    loopback: Loopback,
    url: CallbackUrl,
}

impl Fixture {
    async fn new() -> Self {
        let server = server("200 OK", "", TOKEN).await;
        let endpoint = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
        Self {
            server,
            endpoint,
            loopback: Loopback::default(),
            url: CallbackUrl::on_free_port(),
        }
    }

    /// Begins a sign-in of a user, or for the shared token. Returns its state as well.
    async fn begin(&self, user: Option<&str>, after: After) -> (Expected, String) {
        let sign_in = SignIn::start(&self.endpoint, self.url.clone()).unwrap();
        let state = state(&sign_in);
        let subject = Subject {
            connection: "<prod>".parse().unwrap(),
            user: user.map(|user| user.parse().unwrap()),
        };
        (self.loopback.expect(sign_in, subject, after).await, state)
    }
}

/// `127.0.0.1:PORT` of a callback URL.
fn authority(url: &CallbackUrl) -> String {
    let rest = url.as_str().strip_prefix("http://").unwrap();
    rest.strip_suffix("/oauth/callback").unwrap().to_owned()
}

/// Sends one request and reads the whole response.
async fn visit(url: &CallbackUrl, request: &str) -> String {
    let mut stream = TcpStream::connect(authority(url)).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: {}\r\n\r\n", authority(url));
    // The server does not read an oversized request to its end.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_browser_is_shown_the_outcome_with_the_names_and_no_secrets() {
    for (user, signed_in, status, title, text) in [
        (
            Some("ada"),
            true,
            "200",
            "Signed in",
            "“&lt;prod&gt;” has a token for ada",
        ),
        (
            None,
            true,
            "200",
            "Signed in",
            "“&lt;prod&gt;” has its shared token",
        ),
        (
            Some("ada"),
            false,
            "400",
            "Not signed in",
            "sign-in of ada to the connection “&lt;prod&gt;”",
        ),
    ] {
        let fixture = Fixture::new().await;
        let (mut expected, state) = fixture.begin(user, After::Outcome).await;
        expected.listening().unwrap();
        let request = format!("GET /oauth/callback?code=c0de-canary&state={state}");
        let waiting = async {
            let code = expected.arrival().await.unwrap();
            code.exchange().await.unwrap();
            expected.browser().show(signed_in);
            expected.browser().finish().await;
        };
        let ((), page) = tokio::join!(waiting, visit(&fixture.url, &request));
        assert!(page.starts_with(&format!("HTTP/1.1 {status} ")), "{page}");
        for text in [&format!("<h1>{title}</h1>"), text, "close this window"] {
            assert!(page.contains(text), "{text}: {page}");
        }
        for header in [
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
            "referrer-policy: no-referrer",
        ] {
            assert!(page.contains(header), "{page}");
        }
        for secret in ["canary", "t0ken", "r3fresh", "<script"] {
            assert!(!page.contains(secret), "{page}");
        }
        assert_eq!(fixture.server.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_pages_are_in_the_language_that_the_browser_prefers() {
    let fixture = Fixture::new().await;
    let (_expected, state) = fixture.begin(Some("ada"), After::Outcome).await;
    for (path, title) in [
        ("/", "Nicht gefunden"),
        ("/oauth/callback", "Nicht erwartet"),
        (
            &format!("/oauth/callback?error=access_denied&state={state}"),
            "Anmeldung abgelehnt",
        ),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nAccept-Language: de\r\nX:");
        let page = visit(&fixture.url, &request).await;
        assert!(page.contains("<html lang=\"de\">"), "{page}");
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
    }
}

#[tokio::test]
async fn callbacks_of_several_sign_ins_are_distinguished_by_their_state() {
    let fixture = Fixture::new().await;
    let (mut first, _) = fixture.begin(Some("ada"), After::Outcome).await;
    let (mut second, state) = fixture.begin(Some("bob"), After::Outcome).await;
    second.listening().unwrap();
    let request = format!("GET /oauth/callback?error=access_denied&state={state}");
    let page = visit(&fixture.url, &request).await;
    assert!(page.contains("no token for bob"), "{page}");
    let ended = second.arrival().await;
    assert!(matches!(ended, Err(CallbackError::Refused(_))), "{ended:?}");
    assert!(!first.is_over());
    tokio::select! {
        biased;
        ended = first.arrival() => panic!("{ended:?}"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_callback_that_is_requested_again_is_shown_the_same_page_again() {
    let fixture = Fixture::new().await;
    let (mut expected, state) = fixture.begin(Some("ada"), After::Outcome).await;
    let request = format!("GET /oauth/callback?code=c&state={state}");
    let waiting = async {
        let code = expected.arrival().await.unwrap();
        code.exchange().await.unwrap();
        expected.browser().show(true);
    };
    // Two at once, and one when it is over.
    let visits =
        async { tokio::join!(visit(&fixture.url, &request), visit(&fixture.url, &request)) };
    let ((), (one, other)) = tokio::join!(waiting, visits);
    let later = visit(&fixture.url, &request).await;
    for page in [one, other, later] {
        assert!(page.contains("<h1>Signed in</h1>"), "{page}");
    }
    assert_eq!(fixture.server.requests().len(), 1);
}

#[tokio::test]
async fn the_browser_is_sent_to_the_page_where_the_sign_in_goes_on() {
    let fixture = Fixture::new().await;
    let there = "http://127.0.0.1:1/there?x=1".to_owned();
    let (mut expected, state) = fixture.begin(None, After::GoOn(there.clone())).await;
    let accepted = "code=c0de-canary";
    for query in [accepted, "error=access_denied", "code=other", accepted] {
        let request = format!("GET /oauth/callback?{query}&state={state}");
        let page = visit(&fixture.url, &request).await;
        assert!(page.starts_with("HTTP/1.1 303 "), "{page}");
        assert!(
            page.contains(&format!("location: {there}&ticket=")),
            "{page}"
        );
        // Only who brings the code that was accepted is given its ticket.
        let ticket = expected.browser().ticket().unwrap();
        assert_eq!(page.contains(&ticket), query == accepted, "{page}");
        assert!(!page.contains("canary") && !page.contains(&state), "{page}");
    }
    expected.arrival().await.unwrap();
    assert!(fixture.server.requests().is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_reported_and_listened_on_when_it_is_free() {
    let fixture = Fixture::new().await;
    let port = fixture.url.port();
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (mut expected, state) = fixture.begin(None, After::Outcome).await;
    let error = expected.listening().unwrap_err();
    assert_eq!(error, LoopbackError::PortInUse(port));
    assert!(error.to_string().contains(&port.to_string()));
    drop(other);
    while expected.listening().is_err() {
        tokio::task::yield_now().await;
    }
    let request = format!("GET /oauth/callback?error=access_denied&state={state}");
    let page = visit(&fixture.url, &request).await;
    assert!(page.contains("Sign-in refused"), "{page}");
    expected.arrival().await.unwrap_err();
}

#[tokio::test]
async fn the_port_is_free_when_the_last_sign_in_is_dropped() {
    let fixture = Fixture::new().await;
    let (first, _) = fixture.begin(None, After::Outcome).await;
    let (second, _) = fixture.begin(None, After::Outcome).await;
    drop(first);
    second.listening().unwrap();
    let port = (Ipv4Addr::LOCALHOST, fixture.url.port());
    TcpListener::bind(port).unwrap_err();
    drop(second);
    while TcpListener::bind(port).is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_listens_at_once_after_another_has_ended() {
    let it = Fixture::new().await;
    for _ in 0..50 {
        let (ended, _) = it.begin(None, After::Outcome).await;
        ended.listening().unwrap();
        drop(ended);
    }
}

#[tokio::test]
async fn an_invalid_callback_gets_an_error_page_and_does_not_end_the_wait() {
    let fixture = Fixture::new().await;
    let (mut expected, state) = fixture.begin(None, After::Outcome).await;
    let right = format!("GET /oauth/callback?code=c&state={state}");
    let doubled = format!("{right}&code=d");
    for wrong in [
        "GET /oauth/callback",
        "GET /oauth/callback?code=c&state=wrong",
        "GET /oauth/callback?error=access_denied&state=%3Cscript%3E",
        &doubled,
    ] {
        let page = visit(&fixture.url, wrong).await;
        assert!(page.starts_with("HTTP/1.1 400 "), "{page}");
        assert!(
            page.contains("Not expected") && !page.contains("script"),
            "{page}"
        );
        // It may belong to another process, which listens next.
        assert!(page.contains("reload this page"), "{page}");
    }
    let waiting = async {
        expected.arrival().await.unwrap();
        expected.browser().show(true);
    };
    let ((), page) = tokio::join!(waiting, visit(&fixture.url, &right));
    assert!(page.contains("Signed in"), "{page}");
}

#[tokio::test]
async fn other_paths_get_404_and_other_methods_405() {
    let fixture = Fixture::new().await;
    let (expected, state) = fixture.begin(None, After::Outcome).await;
    let query = format!("code=c&state={state}");
    for (request, status) in [
        ("GET /", "HTTP/1.1 404 "),
        ("GET /favicon.ico", "HTTP/1.1 404 "),
        (&format!("GET /oauth/callback/?{query}"), "HTTP/1.1 404 "),
        (&format!("POST /oauth/callback?{query}"), "HTTP/1.1 405 "),
        (&format!("HEAD /oauth/callback?{query}"), "HTTP/1.1 405 "),
    ] {
        let page = visit(&fixture.url, request).await;
        assert!(page.starts_with(status), "{request}: {page}");
    }
    assert!(!expected.is_over());
}

#[tokio::test]
async fn an_oversized_request_is_rejected() {
    let fixture = Fixture::new().await;
    let (expected, _) = fixture.begin(None, After::Outcome).await;
    for (length, rejected) in [(20_000, "HTTP/1.1 400 "), (900_000, "HTTP/1.1 4")] {
        let request = format!("GET /oauth/callback?code={}", "x".repeat(length));
        let page = visit(&fixture.url, &request).await;
        assert!(page.is_empty() || page.starts_with(rejected), "{page}");
    }
    assert!(!expected.is_over());
}

/// Browsers open connections in advance, and other programs may leave theirs half-open.
#[tokio::test]
async fn idle_and_half_open_connections_do_not_keep_the_callback_out() {
    let fixture = Fixture::new().await;
    let (mut expected, state) = fixture.begin(None, After::Outcome).await;
    let mut open = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(authority(&fixture.url)).await.unwrap();
        if n % 2 == 0 {
            stream
                .write_all(b"GET /oauth/callback?code=")
                .await
                .unwrap();
        }
        open.push(stream);
    }
    let request = format!("GET /oauth/callback?error=access_denied&state={state}");
    let page = visit(&fixture.url, &request).await;
    assert!(page.contains("Sign-in refused"), "{page}");
    expected.arrival().await.unwrap_err();
    // They are not waited for.
    expected.browser().finish().await;
}

#[tokio::test]
async fn a_refusal_that_arrived_is_not_lost_with_a_cancelled_wait() {
    let fixture = Fixture::new().await;
    let (mut expected, state) = fixture.begin(None, After::Outcome).await;
    let request = format!("GET /oauth/callback?error=access_denied&state={state}");
    let page = visit(&fixture.url, &request).await;
    assert!(page.contains("Sign-in refused"), "{page}");
    // Something is pasted before the wait goes on.
    for pasted in ["hello", &format!("code=c&state={state}")] {
        let error = expected.paste(pasted).unwrap_err();
        assert!(!error.ends_sign_in(), "{error:?}");
    }
    let ended = expected.arrival().await;
    assert!(matches!(ended, Err(CallbackError::Refused(_))), "{ended:?}");
    assert!(fixture.server.requests().is_empty());
}

#[tokio::test]
async fn an_abandoned_sign_in_times_out() {
    let fixture = Fixture::new().await;
    let (mut expected, _) = fixture.begin(None, After::Outcome).await;
    // The paused clock jumps to the time-out, as nothing else is scheduled.
    tokio::time::pause();
    let ended = expected.arrival().await;
    assert!(matches!(ended, Err(CallbackError::Expired)), "{ended:?}");
}

#[tokio::test]
async fn a_sign_in_survives_a_cancelled_wait() {
    let fixture = Fixture::new().await;
    let (mut expected, state) = fixture.begin(None, After::Outcome).await;
    tokio::select! {
        biased;
        ended = expected.arrival() => panic!("{ended:?}"),
        () = std::future::ready(()) => {}
    }
    expected.paste(&format!("code=c&state={state}")).unwrap();
}
