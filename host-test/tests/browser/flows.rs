//! Whole flows as a designer makes them: the example bot of the first visit, and a bot with an API request in JSON, a
//! listing of many pages and another bot that takes its session over.

use fantoccini::key::Key;
use genesys_sim::Options;
use serde_json::json;
use test_peers::{Test, tests};

use crate::browser::Look;
use crate::editor::create;
use crate::keyboard::{chord, key};
use crate::pages::assert_good;
use crate::runs::{fixture, import};
use crate::variables::fill_in;

async fn the_example_bot_leads_through_the_first_steps() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let done = "[...document.querySelectorAll('#first-steps li')].map((it) => 'done' in it.dataset).slice(0, 3)";
    assert_eq!(browser.evaluate(done).await, json!([true, false, false]));
    assert_good(&browser, "first-steps").await;
    browser.look(Look::WIDE).await;
    browser.press("first-bot").await;
    browser.find("steps").await;
    assert_eq!(browser.checked().await, "3 mistakes");
    // It does not greet people with errors.
    let errors =
        "[...document.querySelectorAll('#editor .error')].map((it) => it.textContent).join('')";
    assert_eq!(browser.evaluate(errors).await, "");
    let is_red = "'wrong' in document.getElementById('mistakes').dataset";
    assert_eq!(browser.evaluate(is_red).await, json!(false));
    browser.press("run").await;
    browser.until_state("run", "Nothing has run").await;
    assert_ne!(browser.evaluate(errors).await, "");
    assert_eq!(browser.evaluate(is_red).await, json!(true));
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("hello-bot").await;
    assert_eq!(browser.checked().await, "No mistakes");
    browser.press("run").await;
    browser.until_state("run", "Done").await;
    browser.select(3).await;
    assert_eq!(browser.text("result").await, "Hello, Example Company!");
    browser.go(&room.url("/bots")).await;
    browser.find("create").await;
    let shown = "document.getElementById('first-steps') !== null";
    assert_eq!(browser.evaluate(shown).await, json!(false));
}

async fn every_first_step_ticks_itself_off() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    let nowhere = egress::Options::new(egress::AllowList::default());
    let connections = room.store.connections(nowhere);
    let (connection, role) = ("genesys-prod".parse().unwrap(), "bots".parse().unwrap());
    connections.forbid(&connection, &role).await.unwrap();
    let browser = room.signed_in("de").await;
    browser.look(Look::WIDE).await;
    let done = async || {
        browser.go(&room.url("/bots")).await;
        browser.find("first-steps").await;
        let done = "[...document.querySelectorAll('#first-steps li')]\
            .flatMap((it, at) => 'done' in it.dataset ? [at + 1] : [])";
        browser.evaluate(done).await
    };
    assert_eq!(done().await, json!([1]));
    create(&browser, "Hallo").await;
    let bot = browser.client.current_url().await.unwrap();
    assert_eq!(done().await, json!([1, 2]));
    let edit = async || {
        browser.go(bot.as_str()).await;
        browser.find("steps").await;
    };
    edit().await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.find("field-session-name").await.click().await;
    chord(&browser, &[Key::Control], 'a').await;
    key(&browser, Key::Backspace).await;
    let kind = "field-authentication-type";
    browser.choose(kind, "control-room-connection").await;
    browser.save().await;
    assert_eq!(done().await, json!([1, 2, 3, 4]));
    connections.allow(&connection, &role).await.unwrap();
    assert_eq!(done().await, json!([1, 2, 3, 4, 6]));
    edit().await;
    browser.choose("field-connection", "genesys-prod").await;
    browser.save().await;
    assert_eq!(done().await, json!([1, 2, 3, 4, 6, 7]));
    edit().await;
    browser.fill("field-session-name", "Default").await;
    browser.save().await;
    assert_eq!(done().await, json!([1, 2, 3, 4, 6, 7, 8]));
    // With the other type, step 5 takes the place of 6 and 7.
    edit().await;
    browser.choose(kind, "client-credentials").await;
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("hello-bot").await;
    browser.save().await;
    assert_eq!(done().await, json!([1, 2, 3, 4, 5, 8]));
    // The last one is done when the bot has run, and there is nothing left to do.
    edit().await;
    browser.press("run").await;
    browser.until_state("run", "Fertig").await;
    browser.go(&room.url("/bots")).await;
    browser.find("create").await;
    let shown = "document.getElementById('first-steps') !== null";
    assert_eq!(browser.evaluate(shown).await, json!(false));
}

async fn a_bot_posts_json_reads_all_pages_and_hands_its_session_over() {
    let (cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let read = json!({ "action": "genesys/api-request", "path": "/api/v2/organizations/me",
        "session-name": "Orders", "output": "organization" });
    let show = json!({ "action": "log", "message": "{organization.name}" });
    let helper = json!({ "name": "Helper", "steps": [read, show] });
    import(&browser, &room, &helper.to_string()).await;
    browser.go(&room.url("/bots")).await;
    create(&browser, "Main").await;
    let add = async |action: &str| browser.click(&format!("[data-action='{action}']")).await;

    add("genesys/oauth-authenticate").await;
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("hello-bot").await;
    browser.fill("field-session-name", "Orders").await;

    add("genesys/api-request").await;
    browser.choose("field-method", "POST").await;
    browser.fill("field-path", "/api/v2/users").await;
    browser.fill("field-body", r#"{"name": "Grace"#).await;
    assert_ne!(browser.problem("body").await, "");
    let body = r#"{"name": "Grace", "email": "grace@example.com"}"#;
    browser.fill("field-body", body).await;
    assert_eq!(browser.problem("body").await, "");
    browser.press("tool-duplicate").await;
    let body = r#"{"name": "Ada", "email": "ada@example.com"}"#;
    browser.fill("field-body", body).await;

    browser.press("new-variable").await;
    fill_in(&browser, "n", "number", "1").await;
    add("genesys/api-request").await;
    browser
        .fill("field-path", "/api/v2/users?pageSize={n}")
        .await;
    browser.choose("field-pages", "all").await;
    browser.fill("field-headers", r#"{"Cookie": "a=b"}"#).await;
    let problem = browser.problem("headers").await;
    assert!(problem.contains("\"accept-language\""), "{problem}");
    browser
        .fill("field-headers", r#"{"Accept-Language": "de"}"#)
        .await;
    assert_eq!(browser.problem("headers").await, "");
    browser.fill("field-output", "users").await;

    // The session is the one that is open; another one that is typed can be exchanged for it.
    add("run-bot").await;
    browser.fill("field-bot", "Helper").await;
    let taken = browser.find("field-session-name").await.prop("value").await;
    assert_eq!(taken.as_deref(), Some("Orders"));
    assert_eq!(browser.problem("session-name").await, "");
    browser.fill("field-session-name", "Other").await;
    assert_ne!(browser.problem("session-name").await, "");
    browser.click(".sessions button").await;
    assert_eq!(browser.problem("session-name").await, "");

    add("genesys/disconnect").await;
    assert_eq!(browser.checked().await, "No mistakes");
    // It asks before it creates the users.
    browser.press("test-run").await;
    browser.press("test-anyway").await;
    browser.until_state("test", "Done").await;
    browser.select(4).await;
    browser.shows("result", &["entities [2]"]).await;
    let log = browser.find("test-log").await.prop("href").await;
    browser.go(&log.unwrap()).await;
    browser.shows("entries", &["Example Company"]).await;
    let statistics = cloud.statistics();
    assert_eq!(statistics.tokens_issued, 1);
    // Two users, a page for each of them, the other bot's request, and the end of the session.
    assert_eq!(statistics.api_requests, 6);
}

pub(crate) const TESTS: &[Test] = tests![
    the_example_bot_leads_through_the_first_steps,
    every_first_step_ticks_itself_off,
    a_bot_posts_json_reads_all_pages_and_hands_its_session_over,
];
