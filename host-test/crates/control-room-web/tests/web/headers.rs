//! The headers of every response.

use crate::client::{Answer, ControlRoom};
use crate::routes::fixture;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The responses of all routes, and of some requests beyond them.
async fn pages() -> Vec<(String, Answer)> {
    let mut fixture = fixture().await;
    let mut answers = fixture.answers().await;
    let ada = &mut fixture.ada;
    for path in [
        "/bots?search=x&page=2",
        "/bots/nothing",
        "/nothing",
        "/static/pages.css",
        "/static/nothing",
    ] {
        answers.push((format!("GET {path}"), ada.get(path).await));
    }
    let bad_post = ada.send("POST", "/bots", "text/plain", "x").await;
    answers.push(("bad post".into(), bad_post));
    let bad_method = ada.send("DELETE", "/bots", "", "").await;
    answers.push(("bad method".into(), bad_method));
    let mut nobody = fixture.room.client();
    for path in ["/sign-in", "/bots"] {
        answers.push((format!("{path} by nobody"), nobody.get(path).await));
    }
    answers
}

#[tokio::test]
async fn every_response_has_the_security_headers_and_is_not_cached() {
    for (path, answer) in pages().await {
        assert_eq!(
            answer.header("content-security-policy"),
            Some(POLICY),
            "{path}"
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("same-origin"),
            "{path}"
        );
        let cache_control = if path.starts_with("GET /static/") && answer.status == 200 {
            "no-cache"
        } else {
            "no-store"
        };
        assert_eq!(
            answer.header("cache-control"),
            Some(cache_control),
            "{path}"
        );
    }
}

/// The policy forbids these, so a page that contains one would not work.
#[tokio::test]
async fn pages_have_no_inline_scripts_or_styles_and_load_nothing_external() {
    for (path, answer) in pages().await {
        if !answer.body.starts_with("<!DOCTYPE html>") {
            continue;
        }
        for forbidden in [
            "<style",
            " style=",
            "<script>",
            " onclick=",
            "javascript:",
            "src=\"http",
            "src=\"//",
            "href=\"http",
            "href=\"//",
            "action=\"http",
        ] {
            assert!(!answer.body.contains(forbidden), "{path} has {forbidden}");
        }
        assert!(
            answer.body.len() < 100_000,
            "{path}: {} bytes",
            answer.body.len()
        );
    }
}

#[tokio::test]
async fn unchanged_assets_get_a_304() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let first = client.get("/static/editor.js").await;
    assert_eq!(
        first.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    client.with("if-none-match", first.header("etag").unwrap());
    let again = client.get("/static/editor.js").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}
