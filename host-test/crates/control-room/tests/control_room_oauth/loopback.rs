//! The loopback listener for the callback (RFC 8252), with a minimal browser.

use control_room::oauth::{
    CallbackError, CallbackUrl, Grant, Loopback, LoopbackError, SignIn, TokenEndpoint,
};
use test_support::https::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::provider::{TOKEN, confidential, endpoint, server, state};

async fn listening() -> (Server, TokenEndpoint, Loopback, SignIn) {
    let server = server("200 OK", "", TOKEN).await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
    let loopback = Loopback::bind(0).await.unwrap();
    let sign_in = SignIn::start(&endpoint, loopback.callback_url()).unwrap();
    (server, endpoint, loopback, sign_in)
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
async fn the_callback_url_is_a_stable_loopback_address() {
    let first = Loopback::bind(0).await.unwrap().callback_url();
    let port = authority(&first)
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    let again = Loopback::bind(port).await.unwrap().callback_url();
    assert_eq!(first, again);
    assert_eq!(again, CallbackUrl::on_loopback(port));
    let expected = format!("http://127.0.0.1:{port}/oauth/callback");
    assert_eq!(again.as_str(), expected);
}

#[tokio::test]
async fn a_port_in_use_is_reported() {
    let first = Loopback::bind(0).await.unwrap();
    let url = first.callback_url();
    let port = authority(&url).rsplit_once(':').unwrap().1.parse().unwrap();
    let error = Loopback::bind(port).await.unwrap_err();
    assert_eq!(error, LoopbackError::PortInUse(port));
    assert!(error.to_string().contains(&port.to_string()));
}

#[tokio::test]
async fn the_browser_is_shown_the_outcome_and_no_secrets() {
    for signed_in in [true, false] {
        let (server, _, mut loopback, mut sign_in) = listening().await;
        let url = loopback.callback_url();
        let query = format!("code=c0de-canary&state={}", state(&sign_in));
        let request = format!("GET /oauth/callback?{query}");
        let waiting = async {
            let (code, browser) = loopback.wait(&mut sign_in).await.unwrap();
            code.exchange().await.unwrap();
            browser.show(signed_in).await;
        };
        let ((), page) = tokio::join!(waiting, visit(&url, &request));
        let (status, title) = if signed_in {
            ("HTTP/1.1 200 ", "<h1>Signed in</h1>")
        } else {
            ("HTTP/1.1 400 ", "<h1>Not signed in</h1>")
        };
        assert!(page.starts_with(status) && page.contains(title), "{page}");
        assert!(page.contains("close this window"));
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
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_invalid_callback_gets_an_error_page_and_does_not_end_the_wait() {
    let (_server, _, mut loopback, mut sign_in) = listening().await;
    let url = loopback.callback_url();
    let right = format!("GET /oauth/callback?code=c&state={}", state(&sign_in));
    let doubled = format!("{right}&code=d");
    let waiting = async {
        let (_, browser) = loopback.wait(&mut sign_in).await.unwrap();
        browser.show(true).await;
    };
    let visits = async {
        for wrong in [
            "GET /oauth/callback",
            "GET /oauth/callback?code=c&state=wrong",
            "GET /oauth/callback?error=access_denied&state=%3Cscript%3E",
            &doubled,
        ] {
            let page = visit(&url, wrong).await;
            assert!(page.starts_with("HTTP/1.1 400 "), "{page}");
            assert!(
                page.contains("Not expected") && !page.contains("script"),
                "{page}"
            );
        }
        visit(&url, &right).await
    };
    let ((), page) = tokio::join!(waiting, visits);
    assert!(page.contains("Signed in"), "{page}");
}

#[tokio::test]
async fn other_paths_get_404_and_other_methods_405() {
    let (_server, _, mut loopback, mut sign_in) = listening().await;
    let url = loopback.callback_url();
    let query = format!("code=c&state={}", state(&sign_in));
    let visits = async {
        for (request, status) in [
            ("GET /", "HTTP/1.1 404 "),
            ("GET /favicon.ico", "HTTP/1.1 404 "),
            (&format!("GET /oauth/callback/?{query}"), "HTTP/1.1 404 "),
            (&format!("POST /oauth/callback?{query}"), "HTTP/1.1 405 "),
            (&format!("HEAD /oauth/callback?{query}"), "HTTP/1.1 405 "),
        ] {
            let page = visit(&url, request).await;
            assert!(page.starts_with(status), "{request}: {page}");
        }
    };
    tokio::select! {
        ended = loopback.wait(&mut sign_in) => panic!("{ended:?}"),
        () = visits => {}
    }
    assert!(!sign_in.is_over());
}

#[tokio::test]
async fn an_oversized_request_is_rejected() {
    let (_server, _, mut loopback, mut sign_in) = listening().await;
    let url = loopback.callback_url();
    let visits = async {
        let page = visit(
            &url,
            &format!("GET /oauth/callback?code={}", "x".repeat(20_000)),
        )
        .await;
        assert!(page.starts_with("HTTP/1.1 400 "), "{page}");
        let page = visit(
            &url,
            &format!("GET /oauth/callback?code={}", "x".repeat(900_000)),
        )
        .await;
        assert!(page.is_empty() || page.starts_with("HTTP/1.1 4"), "{page}");
    };
    tokio::select! {
        ended = loopback.wait(&mut sign_in) => panic!("{ended:?}"),
        () = visits => {}
    }
}

#[tokio::test]
async fn a_refused_sign_in_ends_the_wait_and_is_shown_in_the_browser() {
    let (server, _, mut loopback, mut sign_in) = listening().await;
    let url = loopback.callback_url();
    let request = format!(
        "GET /oauth/callback?error=access_denied&state={}",
        state(&sign_in)
    );
    let (ended, page) = tokio::join!(loopback.wait(&mut sign_in), visit(&url, &request));
    assert!(matches!(ended, Err(CallbackError::Refused(_))), "{ended:?}");
    assert!(page.contains("Sign-in refused"), "{page}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_abandoned_sign_in_times_out() {
    let (_server, _, mut loopback, mut sign_in) = listening().await;
    // The paused clock jumps to the time-out, as nothing else is scheduled.
    tokio::time::pause();
    let ended = loopback.wait(&mut sign_in).await;
    assert!(matches!(ended, Err(CallbackError::Expired)), "{ended:?}");
}

#[tokio::test]
async fn a_sign_in_survives_a_cancelled_wait() {
    let (_server, _, mut loopback, mut sign_in) = listening().await;
    tokio::select! {
        biased;
        ended = loopback.wait(&mut sign_in) => panic!("{ended:?}"),
        () = std::future::ready(()) => {}
    }
    let pasted = crate::provider::callback(&sign_in, "code=c");
    sign_in.accept(pasted).unwrap();
}
