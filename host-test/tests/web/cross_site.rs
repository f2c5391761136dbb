//! What another site can make a browser send.

use serde_json::json;

use crate::client::{ControlRoom, PASSWORD};

/// Every address that changes something.
fn forms(bot: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let of_bot = |what: &str| format!("{bot}/{what}");
    vec![
        (
            "/sign-in".into(),
            vec![("name", "ada"), ("password", PASSWORD)],
        ),
        ("/sign-out".into(), vec![]),
        (
            "/first-run".into(),
            vec![("link", ""), ("name", "x"), ("password", ""), ("again", "")],
        ),
        ("/language".into(), vec![("language", "de"), ("place", "/")]),
        ("/bots".into(), vec![("name", "x")]),
        (
            "/bots/import".into(),
            vec![("file", r#"{"name": "x", "steps": []}"#)],
        ),
        (of_bot("duplicate"), vec![]),
        (of_bot("delete"), vec![]),
        (of_bot("run"), vec![]),
        ("/runs/x/stop".into(), vec![]),
    ]
}

#[tokio::test]
async fn a_form_without_the_token_of_its_page_is_refused() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let mut bob = room.signed_in("bob").await;
    bob.get("/bots").await;
    for token in ["", "x", &"a".repeat(43), &bob.form_token] {
        for (path, fields) in forms(&bot) {
            ada.form_token = token.into();
            let answer = ada.post(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path} with {token:?}: {}", answer.body);
        }
        for path in [bot.as_str(), "/bots/check"] {
            ada.form_token = token.into();
            let answer = ada
                .post_json(path, &json!({ "version": 1, "file": "{}" }))
                .await;
            assert_eq!(answer.status, 403, "{path} with {token:?}: {}", answer.body);
        }
    }
    assert_eq!(ada.get(&bot).await.status, 200);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_token() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get("/bots").await;
    let token = ada.form_token.clone();
    for (header, value) in [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (path, fields) in forms(&bot) {
            ada.form_token = token.clone();
            ada.with(header, value);
            let answer = ada.post(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path} with {header}: {value}");
        }
        ada.headers.retain(|(name, _)| *name != header);
    }
}

/// A form of another site can send JSON as text, without asking first.
#[tokio::test]
async fn json_that_is_sent_as_something_else_is_refused() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get(&bot).await;
    ada.with("x-form-token", &ada.form_token.clone());
    let body = json!({ "version": 1, "file": "{\"name\": \"x\", \"steps\": []}" }).to_string();
    assert_eq!(
        ada.send("POST", &bot, "text/plain", &body).await.status,
        400
    );
    assert_eq!(
        ada.send("POST", &bot, "application/json", &body)
            .await
            .status,
        200
    );
}

/// A name of another site that leads to loopback for a moment (DNS rebinding).
#[tokio::test]
async fn another_name_for_this_machine_is_not_answered() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let port = room.pages.address().port();
    for host in [
        "example.com",
        &format!("example.com:{port}"),
        "127.0.0.1.example.com",
        "",
    ] {
        ada.with("host", host);
        assert_eq!(ada.get("/bots").await.status, 403, "{host}");
    }
    ada.with("host", &format!("localhost:{port}"));
    assert_eq!(ada.get("/bots").await.status, 200);
}

#[tokio::test]
async fn the_language_leads_to_no_other_site() {
    let room = ControlRoom::start().await;
    let mut visitor = room.visitor();
    visitor.get("/sign-in").await;
    for (place, leads_to) in [
        ("/bots?page=2", "/bots?page=2"),
        ("//example.com", "/"),
        ("/\\example.com", "/"),
        ("https://example.com", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("/\u{e9}", "/"),
        ("", "/"),
    ] {
        let answer = visitor
            .post("/language", &[("language", "de"), ("place", place)])
            .await;
        assert_eq!(answer.header("location"), Some(leads_to), "{place}");
    }
}
