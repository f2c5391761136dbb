//! Runs and tests of bots in the editor: what they run, ask, return and leave behind.

use serde_json::{Map, Value, json};
use test_support::https::Server;

use crate::client::{Answer, Client, ControlRoom};
use crate::creating::Creating;
use crate::runs::{
    TOKEN, answer, follow, import, is_token_request, kinds, request, start_with_server, steps,
};

/// A Control Room whose bots can sign in and read the name of their organization.
async fn with_organization() -> (ControlRoom, Server) {
    start_with_server(|request| {
        if is_token_request(request) {
            answer("200 OK", "", TOKEN)
        } else {
            answer("200 OK", "", r#"{"name":"Acme"}"#)
        }
    })
    .await
}

/// Tests a bot as it is in this file.
async fn test(client: &mut Client, bot: &str, file: &str, confirmed: &[&str]) -> Answer {
    client.get(bot).await;
    let sent = json!({ "file": file, "confirmed": confirmed });
    client.post_json(&format!("{bot}/test"), &sent).await
}

/// The path of a test that has started.
fn run(started: &Answer) -> String {
    assert_eq!(started.status, 200, "{}", started.body);
    format!("/runs/{}", started.json()["run"].as_str().unwrap())
}

#[tokio::test]
async fn a_test_runs_what_is_on_screen_and_closes_its_sessions() {
    let (room, server) = with_organization().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    for tests in 1..=2 {
        let run = run(&test(&mut ada, &bot, &steps(&[request()]), &[]).await);
        let seen = follow(&mut ada, &run).await;
        assert_eq!(
            kinds(&seen),
            ["test", "warning", "done", "done", "note", "done"],
            "{seen:?}"
        );
        let opened = seen[2]["text"].as_str().unwrap();
        assert!(opened.contains("https://api.mypurecloud.de"), "{opened}");
        assert_eq!(seen[3]["step"], 2);
        assert_eq!(
            seen[3]["output"],
            json!({ "json": { "name": "Acme" }, "isCut": false })
        );
        let closed = seen[4]["text"].as_str().unwrap();
        assert!(closed.contains("has been closed"), "{closed}");
        // Another test does not get the session of this one.
        for request in ["POST /oauth/token", "DELETE "] {
            let sent = server.requests();
            let count = sent.iter().filter(|it| it.starts_with(request)).count();
            assert_eq!(count, tests, "{request} {sent:?}");
        }

        // What it returned is not stored, and neither is the bot.
        let stored = follow(&mut ada, &run).await;
        assert_eq!(stored[3]["output"], Value::Null);
        let page = ada.get(&run).await.body;
        assert!(
            page.contains("up to step 2, as they were in the editor"),
            "{page}"
        );
        assert!(
            !page.contains("Acme") && !page.contains("Run again"),
            "{page}"
        );
    }
    let list = ada.get("/runs").await.body;
    assert!(list.contains("Hello (test to step 2)"), "{list}");
    let saved = ada.get(&format!("{bot}/file")).await.json();
    assert_eq!(saved["steps"], json!([]));
}

#[tokio::test]
async fn a_test_has_the_outputs_that_it_is_given_of_steps_that_it_leaves_out() {
    let (room, server) = with_organization().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let left_out = json!({ "action": "genesys/api-request", "output": "user", "disabled": true });
    let show = json!({ "action": "log", "message": "Hello, {user.name}" });
    let file = json!({ "name": "Hello", "steps": [left_out, show] }).to_string();
    let refused = test(&mut ada, &bot, &file, &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let sent = json!({ "file": file, "outputs": { "user": { "name": "Ada" } } });
    let started = ada.post_json(&format!("{bot}/test"), &sent).await;
    let seen = follow(&mut ada, &run(&started)).await;
    let shown = seen.iter().find(|it| it["step"] == 2).unwrap();
    assert_eq!(shown["text"], "Hello, Ada");
    assert!(server.requests().is_empty());

    // No bot has that many steps.
    let many: Map<_, _> = (0..=1000).map(|n| (n.to_string(), 1.into())).collect();
    let sent = json!({ "file": file, "outputs": many });
    let refused = ada.post_json(&format!("{bot}/test"), &sent).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
}

#[tokio::test]
async fn a_test_with_mistakes_does_not_run_and_says_where_they_are() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let refused = test(&mut ada, &bot, &steps(&[json!({ "action": "log" })]), &[]).await;
    assert_eq!(refused.status, 422);
    let problem = &refused.json()["problems"][0];
    assert_eq!(
        (&problem["step"], &problem["field"]),
        (&json!(2), &json!("message"))
    );
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));
}

#[tokio::test]
async fn a_run_in_the_editor_is_of_the_saved_bot_and_returns_its_outputs() {
    let (room, _server) = with_organization().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    ada.get(&bot).await;
    let started = ada
        .post_json(&format!("{bot}/runs"), &json!({ "version": 1 }))
        .await;
    let seen = follow(&mut ada, &run(&started)).await;
    assert_eq!(
        kinds(&seen),
        ["warning", "done", "done", "note", "done"],
        "{seen:?}"
    );
    assert!(seen[2]["output"]["json"]["name"].is_string(), "{seen:?}");
    // Only the page that follows it has them.
    let stored = follow(&mut ada, &run(&started)).await;
    assert_eq!(stored[2]["output"], Value::Null);
    let list = ada.get("/runs").await.body;
    assert!(
        list.contains("Hello") && !list.contains("test to"),
        "{list}"
    );
}

#[tokio::test]
async fn a_run_with_mistakes_does_not_run_and_says_where_they_are() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[json!({ "action": "log" })])).await;
    ada.get(&bot).await;
    let refused = ada
        .post_json(&format!("{bot}/runs"), &json!({ "version": 1 }))
        .await;
    assert_eq!(refused.status, 422);
    let said = refused.json();
    assert_eq!(said["problems"][0]["field"], "message");
    assert!(
        said["message"]
            .as_str()
            .unwrap()
            .contains("the bot has mistakes")
    );
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));
}

#[tokio::test]
async fn tests_count_among_the_runs_of_their_user() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let file = steps(&[]);
    for _ in 0..4 {
        // No page follows it yet, so it waits.
        run(&test(&mut ada, &bot, &file, &[]).await);
    }
    let bot = import(&mut ada, &file).await;
    for refused in [
        test(&mut ada, &bot, &file, &[]).await,
        ada.post_json(&format!("{bot}/runs"), &json!({ "version": 1 }))
            .await,
    ] {
        assert_eq!(refused.status, 429);
        let said = refused.json()["message"].to_string();
        assert!(said.contains("Too many runs"), "{said}");
    }
    room.pages.shutdown().await;
}

#[tokio::test]
async fn a_run_from_the_editor_is_of_the_version_that_the_page_has() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get(&bot).await;
    let other = json!({ "version": 2 });
    let refused = ada.post_json(&format!("{bot}/runs"), &other).await;
    assert_eq!(refused.status, 409);
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));
}

#[tokio::test]
async fn a_test_asks_again_if_a_bot_that_it_runs_has_changed() {
    let (room, _server) = start_with_server(|_| answer("200 OK", "", TOKEN)).await;
    let mut ada = room.signed_in("ada").await;
    let request = |path: &str| json!({ "action": "genesys/api-request", "method": "DELETE", "session-name": "Mine", "path": path });
    let other = |path: &str| steps(&[request(path)]).replace("\"Hello\"", "\"Other\"");
    let place = import(&mut ada, &other("/api/v2/users/1")).await;
    let main = json!({ "name": "Main", "steps": [{ "action": "run-bot", "bot": "Other" }] });
    let bot = ada.create("Main").await;
    let test = async |ada: &mut Client, agreed: &Value| {
        ada.get(&bot).await;
        let sent = json!({ "file": main.to_string(), "confirmed": agreed["changes"], "linkedHash": agreed["linkedHash"] });
        ada.post_json(&format!("{bot}/test"), &sent).await
    };
    let nothing = json!({ "changes": [], "linkedHash": "" });
    let asked = test(&mut ada, &nothing).await;
    assert_eq!(asked.status, 409);
    let agreed = asked.json();
    assert_eq!(
        agreed["changes"],
        json!(["1. Run bot “Other”, 2. API request"])
    );

    // The same steps, with another path.
    ada.get(&place).await;
    let saved = json!({ "version": 1, "file": other("/api/v2/users/2") });
    assert_eq!(ada.post_json(&place, &saved).await.status, 200);
    let again = test(&mut ada, &agreed).await;
    assert_eq!(again.status, 409);
    assert_eq!(test(&mut ada, &again.json()).await.status, 200);
}

#[tokio::test]
async fn a_test_asks_before_a_step_changes_something_and_shows_no_secrets() {
    let room = ControlRoom::start_with(Creating::engine()).await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let file = json!({ "name": "Hello", "steps": [{ "action": "acme/create" }] }).to_string();
    let asked = test(&mut ada, &bot, &file, &[]).await;
    assert_eq!(asked.status, 409);
    assert_eq!(asked.json()["changes"], json!(["1. Create (acme)"]));
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));

    // What was agreed to is not what would run.
    let other = test(&mut ada, &bot, &file, &["1. Read (acme)"]).await;
    assert_eq!(other.status, 409);

    let agreed = json!({ "file": file, "confirmed": ["1. Create (acme)"],
        "linkedHash": asked.json()["linkedHash"] });
    let run = run(&ada.post_json(&format!("{bot}/test"), &agreed).await);
    let seen = follow(&mut ada, &run).await;
    let output = &seen[1]["output"];
    assert_eq!(output["isCut"], true);
    let log = output["json"]["log"].as_str().unwrap();
    assert!(
        log.len() < 256 << 10 && log.ends_with("x…"),
        "{}",
        log.len()
    );
    assert!(!format!("{seen:?}").contains("canary"));

    // A disabled step changes nothing.
    let disabled = file.replace("acme/create\"", "acme/create\", \"disabled\": true");
    assert_eq!(test(&mut ada, &bot, &disabled, &[]).await.status, 200);
}
