//! The inputs of a bot, which are asked for before it runs or is tested.

use serde_json::{Value, json};
use test_support::https::Server;

use crate::client::{Answer, Client, ControlRoom};
use crate::runs::{TOKEN, answer, follow, import, is_token_request, start_with_server, steps};

const SECRET: &str = "canary-input";

/// A bot that signs in with a secret input, and shows the others.
fn file() -> String {
    let log = json!({ "action": "log", "message": "{greeting} {count} {loud}" });
    let mut file: Value = serde_json::from_str(&steps(&[log])).unwrap();
    file["steps"][0]["client-secret"] = json!({ "variable": "secret" });
    file["variables"] = json!([
        { "name": "fixed", "default": "x" },
        { "name": "secret", "type": "credential", "input": true },
        { "name": "count", "type": "number", "input": true, "description": "How <many>" },
        { "name": "loud", "type": "boolean", "input": true },
        { "name": "greeting", "input": true, "default": "Hello" },
    ]);
    file.to_string()
}

async fn room() -> (ControlRoom, Server) {
    start_with_server(|request| {
        assert!(is_token_request(request));
        answer("200 OK", "", TOKEN)
    })
    .await
}

async fn run(client: &mut Client, bot: &str, typed: &[(&str, &str)]) -> Answer {
    client.get(bot).await;
    client.post(&format!("{bot}/run"), typed).await
}

#[tokio::test]
async fn a_bot_with_inputs_runs_when_they_are_filled_in() {
    let (room, server) = room().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &file()).await;
    let asked = run(&mut ada, &bot, &[]).await;
    assert_eq!(asked.status, 303);
    let asked = ada.get(asked.header("location").unwrap()).await;
    for shown in [
        "name=\"input:secret\"",
        "name=\"input:count\"",
        "name=\"input:loud\"",
        "How &lt;many&gt;",
        "value=\"Hello\"",
    ] {
        assert!(asked.body.contains(shown), "{shown}: {}", asked.body);
    }
    assert!(!asked.body.contains("fixed"), "{}", asked.body);
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));

    let typed = [
        ("asked", "1"),
        ("input:secret", SECRET),
        ("input:count", "2.5"),
        ("input:loud", "true"),
        // Nothing may be said, if a text has a default.
        ("input:greeting", ""),
    ];
    let started = run(&mut ada, &bot, &typed).await;
    assert_eq!(started.status, 303, "{}", started.body);
    let place = started.header("location").unwrap().to_owned();
    let seen = follow(&mut ada, &place).await;
    let texts: Vec<_> = seen.iter().filter_map(|it| it["text"].as_str()).collect();
    assert!(texts.contains(&" 2.5 true"), "{texts:?}");
    let requests = server.requests();
    assert!(
        requests[0].contains("authorization: Basic aWQ6Y2FuYXJ5LWlucHV0"),
        "{requests:?}"
    );

    // The secret is nowhere else.
    for page in [
        &place,
        &format!("{place}/log/json"),
        "/runs",
        &bot,
        "/credentials/uses",
    ] {
        let page = ada.get(page).await;
        assert!(!page.body.contains(SECRET), "{}", page.body);
    }
}

#[tokio::test]
async fn wrong_inputs_are_shown_at_their_fields_and_secrets_are_typed_again() {
    let (room, server) = room().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &file()).await;
    let typed = [
        ("asked", "1"),
        ("input:secret", SECRET),
        ("input:count", "many<b>"),
        ("input:loud", ""),
        ("input:greeting", "Moin"),
        ("input:fixed", "y"),
    ];
    let refused = run(&mut ada, &bot, &typed).await;
    assert_eq!(refused.status, 422);
    for shown in [
        "id=\"input-2-error\" role=\"alert\">Enter a number, such as 25 or 0.5.",
        "id=\"input-3-error\" role=\"alert\">Enter a value.",
        "value=\"many&lt;b&gt;\"",
        "value=\"Moin\"",
    ] {
        assert!(refused.body.contains(shown), "{shown}: {}", refused.body);
    }
    assert!(!refused.body.contains(SECRET), "{}", refused.body);
    assert!(
        !refused.body.contains("id=\"input-1-error\""),
        "{}",
        refused.body
    );
    assert!(server.requests().is_empty());
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));
}

#[tokio::test]
async fn a_run_and_a_test_in_the_editor_take_inputs_too() {
    let (room, _server) = room().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &file()).await;
    for kind in ["runs", "test"] {
        let start = async |ada: &mut Client, inputs: Value| {
            ada.get(&bot).await;
            let sent = json!({ "version": 1, "file": file(), "inputs": inputs });
            ada.post_json(&format!("{bot}/{kind}"), &sent).await
        };
        let refused = start(&mut ada, json!({ "secret": SECRET, "loud": "true" })).await;
        assert_eq!(refused.status, 422);
        let expected = json!({ "inputs": [{ "variable": 3, "message": "Enter a value." }] });
        assert_eq!(refused.json(), expected);

        let inputs = json!({ "secret": SECRET, "count": "1", "loud": "true", "other": "x" });
        let started = start(&mut ada, inputs).await;
        assert_eq!(started.status, 200, "{}", started.body);
        let place = format!("/runs/{}", started.json()["run"].as_str().unwrap());
        let seen = follow(&mut ada, &place).await;
        assert!(format!("{seen:?}").contains("Hello 1 true"), "{seen:?}");
        assert!(!format!("{seen:?}").contains(SECRET), "{seen:?}");
    }
}

#[tokio::test]
async fn defaults_that_nobody_changed_stay_as_they_are() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let long = "ä".repeat(5_000);
    let file = json!({
        "name": "Hello",
        "variables": [
            { "name": "lines", "input": true, "default": "a\nb" },
            { "name": "long", "input": true, "default": long },
            { "name": "number", "type": "number", "input": true, "default": 1 },
        ],
        "steps": [{ "action": "log", "message": "{number} {lines}|{long}" }],
    });
    let bot = import(&mut ada, &file.to_string()).await;
    let page = ada.get(&format!("{bot}/run")).await.body;
    assert!(page.contains(">\na\nb</textarea>"), "{page}");
    let typed = [
        ("asked", "1"),
        ("input:lines", "a\r\nb"),
        ("input:long", &long),
        ("input:number", "1"),
    ];
    assert!(page.contains(&format!("value=\"{long}\"")));
    let started = ada.post(&format!("{bot}/run"), &typed).await;
    assert_eq!(started.status, 303, "{}", started.status);
    let seen = follow(&mut ada, started.header("location").unwrap()).await;
    let text = seen[0]["text"].as_str().unwrap();
    assert!(text.starts_with("1 a\nb|ä"), "{}", &text[..40]);
}
