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
        "/static/other/pages.css",
        "/static/other/nothing",
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
        // Of a version that is not this program's.
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
async fn assets_are_kept_for_ever_and_compressed() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let page = client.get("/sign-in").await.body;
    let (_, rest) = page.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let (style, _) = rest.split_once('"').unwrap();
    let plain = client.get(style).await;
    assert_eq!(
        plain.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert_eq!(
        plain.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(plain.header("content-encoding"), None);
    client.with("accept-encoding", "gzip");
    let script = style.replace("pages.css", "editor.js");
    let compressed = client.get(&script).await;
    assert_eq!(compressed.status, 200);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert_eq!(compressed.header("vary"), Some("accept-encoding"));
    // Pages contain form tokens: they are never compressed.
    let page = client.get("/sign-in").await;
    assert_eq!(page.header("content-encoding"), None);
    // The scripts that it imports are beside it.
    let source = include_str!("../../src/static/editor.js");
    client.headers.clear();
    for line in source.lines().filter(|line| line.starts_with("import ")) {
        let name = line.split('"').nth(1).unwrap().trim_start_matches("./");
        let imported = client.get(&style.replace("pages.css", name)).await;
        assert_eq!(imported.status, 200, "{name}");
    }
}
