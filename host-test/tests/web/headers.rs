//! What every answer has.

use crate::client::ControlRoom;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// All that can be got, with one bot.
async fn pages(room: &ControlRoom) -> Vec<(String, crate::client::Answer)> {
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let mut answers = Vec::new();
    for path in [
        "/",
        "/sign-in",
        "/first-run",
        "/session",
        "/bots",
        "/bots?search=x&page=2",
        "/bots/import",
        "/bots/nothing",
        "/nothing",
        "/vault/lockers",
        "/vault/credentials?locker=x",
        "/static/pages.css",
        "/static/editor.js",
        "/static/nothing",
        &bot,
        &format!("{bot}/file"),
        &format!("{bot}/delete"),
    ] {
        answers.push((path.to_owned(), ada.get(path).await));
    }
    let mut nobody = room.visitor();
    for path in ["/sign-in", "/bots"] {
        answers.push((format!("{path} by nobody"), nobody.get(path).await));
    }
    answers.push((
        "bad post".into(),
        ada.send("POST", "/bots", "text/plain", "x").await,
    ));
    answers.push((
        "bad method".into(),
        ada.send("DELETE", "/bots", "", "").await,
    ));
    answers
}

#[tokio::test]
async fn every_answer_has_the_policy_and_says_not_to_be_kept() {
    let room = ControlRoom::start().await;
    for (path, answer) in pages(&room).await {
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
        let kept = if path.starts_with("/static/") && answer.status == 200 {
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
    let room = ControlRoom::start().await;
    for (path, answer) in pages(&room).await {
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
    let mut visitor = room.visitor();
    let first = visitor.get("/static/editor.js").await;
    assert_eq!(
        first.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    visitor.with("if-none-match", first.header("etag").unwrap());
    let again = visitor.get("/static/editor.js").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}
