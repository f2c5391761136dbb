//! The headers of every response.

use crate::client::{Answer, ControlRoom};
use crate::routes::fixture;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// All that is answered, and what else can be asked.
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
async fn every_answer_has_the_policy_and_says_not_to_be_kept() {
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
        let kept = if path.starts_with("GET /static/") && answer.status == 200 {
            "no-cache"
        } else {
            "no-store"
        };
        assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
    }
}

/// The policy forbids them; a page that has one all the same would not work.
#[tokio::test]
async fn no_page_has_a_script_or_a_style_within_or_loads_from_elsewhere() {
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
async fn what_a_browser_has_already_is_not_sent_again() {
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
