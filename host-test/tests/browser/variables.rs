//! A designer adds variables to a bot, uses them, and gives inputs their values.

use fantoccini::key::Key;
use genesys_sim::Options;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::editor::new_bot;
use crate::keyboard::chord;
use crate::pages::assert_good;
use crate::runs::{bot, fixture, import};

/// Fills in the dialog of a variable with a plain value, and applies it.
pub(crate) async fn fill_in(browser: &Browser, name: &str, kind: &str, value: &str) {
    browser.choose("variable-type", kind).await;
    browser.fill("variable-name", name).await;
    browser.fill("variable-value", value).await;
    browser.press("save-variable").await;
}

/// The saved bot.
async fn saved(browser: &Browser) -> Value {
    browser.save().await;
    browser.exported().await
}

/// Types another name into a field of a step, and leaves it.
async fn rename(browser: &Browser, step: usize, field: &str, name: &str) {
    browser.select(step).await;
    browser.find(field).await.click().await;
    chord(browser, &[Key::Control], 'a').await;
    browser.keys(name).await;
    browser.select(step).await;
}

async fn a_credential_variable_is_made_at_the_field_and_the_bot_signs_in_with_it() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    import(&browser, &room, &bot(&[])).await;
    browser.press("field-client-secret-variable").await;
    browser.press("field-client-secret-new-variable").await;
    let kind = "document.getElementById('variable-type').value";
    assert_eq!(browser.evaluate(kind).await, "credential");
    browser.fill("variable-name", "secret").await;
    browser.choose("variable-locker", "genesys").await;
    browser.fill("variable-credential-name", "hello-bot").await;
    browser.choose("variable-attribute", "client-secret").await;
    assert_good(&browser, "credential-variable").await;
    browser.look(Look::WIDE).await;
    browser.press("save-variable").await;
    assert_eq!(browser.focus().await, "field-client-secret-variable");
    assert_eq!(browser.checked().await, "No mistakes");
    let bot = saved(&browser).await;
    let secret = json!({ "credential": "genesys/hello-bot/client-secret" });
    assert_eq!(
        bot["variables"],
        json!([{ "name": "secret", "type": "credential", "default": secret }])
    );
    assert_eq!(
        bot["steps"][0]["client-secret"],
        json!({ "variable": "secret" })
    );
    assert!(browser.text("variable-list").await.contains("secret"));
    // The variable and its use are one change.
    browser.press("tool-undo").await;
    assert!(saved(&browser).await.get("variables").is_none());
    browser.press("tool-redo").await;
    assert_eq!(saved(&browser).await, bot);
    browser.press("test-run").await;
    browser.until_state("test", "Done").await;
}

async fn what_is_wrong_is_shown_in_the_dialog_and_what_was_typed_stays() {
    let (_room, browser) = new_bot().await;
    browser.press("new-variable").await;
    fill_in(&browser, "a.b", "number", "many").await;
    for (field, expected) in [("name", "without braces"), ("value", "Enter a number")] {
        let said = browser.text(&format!("variable-{field}-mistake")).await;
        assert!(said.contains(expected), "{field}: {said}");
    }
    assert_eq!(browser.focus().await, "variable-name");
    let value = "document.getElementById('variable-value').value";
    assert_eq!(browser.evaluate(value).await, "many");
    assert_good(&browser, "wrong-variable").await;
    browser.look(Look::WIDE).await;
    fill_in(&browser, "count", "number", "25").await;
    browser.press("new-variable").await;
    fill_in(&browser, " count ", "text", "").await;
    browser.shows("variable-name-mistake", &["already"]).await;
    fill_in(&browser, "empty", "text", "").await;
    browser.press("new-variable").await;
    browser.choose("variable-type", "boolean").await;
    browser.fill("variable-name", "urgent").await;
    browser.press("save-variable").await;
    browser.shows("variable-value-mistake", &["Choose"]).await;
    browser.choose("variable-value", "true").await;
    browser.press("save-variable").await;
    let variables = json!([
        { "name": "count", "type": "number", "default": 25 },
        { "name": "empty", "type": "text", "default": "" },
        { "name": "urgent", "type": "boolean", "default": true },
    ]);
    assert_eq!(saved(&browser).await["variables"], variables);

    // Each change can be undone.
    browser.click("#variable-list li:first-child button").await;
    browser.press("remove-variable").await;
    assert!(!browser.text("variable-list").await.contains("count"));
    browser.press("tool-undo").await;
    assert!(browser.text("variable-list").await.contains("count"));
    assert_eq!(saved(&browser).await["variables"], variables);
}

async fn a_mistake_of_a_variable_leads_to_its_dialog() {
    let (room, browser) = new_bot().await;
    let path = "nobody/hello-bot/client-secret";
    let file = json!({
        "name": "Hello",
        "variables": [{ "name": "secret", "type": "credential", "default": { "credential": path } }],
        "steps": [{ "action": "log", "message": "x" }],
    });
    import(&browser, &room, &file.to_string()).await;
    assert_eq!(browser.checked().await, "1 mistake");
    browser
        .shows("variable-list", &["no locker “nobody”"])
        .await;
    browser.click("#problems summary").await;
    let problem = browser.text("problem-list").await;
    assert!(problem.starts_with("Variable “secret”: "), "{problem}");
    browser.click("#problem-list button").await;
    assert_eq!(browser.text("variable-title").await, "Variable “secret”");
}

async fn steps_follow_a_variable_that_is_renamed_and_one_undo_takes_it_back() {
    let (room, browser) = new_bot().await;
    let request = json!({ "action": "genesys/api-request", "path": "/api/v2/users/{id}", "method": "POST",
        "body": { "id": "{id}", "list": ["{{id}} {id}"], "variable": "id" } });
    let log = json!({ "action": "log", "message": "{id}, {id2}" });
    let mut file: Value = serde_json::from_str(&bot(&[request, log])).unwrap();
    let variable = |name: &str| json!({ "name": name, "default": "x" });
    file["variables"] = json!([variable("id"), variable("id2")]);
    file["steps"][0]["url"] = json!({ "variable": "id" });
    import(&browser, &room, &file.to_string()).await;
    browser.click("#variable-list li:first-child button").await;
    let uses = browser.text("variable").await;
    let expected = "Used by: 1. OAuth authenticate, 2. API request, 3. Log message";
    assert!(uses.contains(expected), "{uses}");
    browser.fill("variable-name", "user").await;
    browser.press("save-variable").await;
    let renamed = saved(&browser).await;
    assert_eq!(renamed["variables"][0]["name"], "user");
    let steps = &renamed["steps"];
    assert_eq!(steps[0]["url"], json!({ "variable": "user" }));
    assert_eq!(steps[1]["path"], "/api/v2/users/{user}");
    let body = json!({ "id": "{user}", "list": ["{{id}} {user}"], "variable": "id" });
    assert_eq!(steps[1]["body"], body);
    assert_eq!(steps[2]["message"], "{user}, {id2}");
    browser.press("tool-undo").await;
    assert_eq!(saved(&browser).await, file);
}

async fn steps_follow_an_output_and_a_session_that_are_renamed() {
    let (room, browser) = new_bot().await;
    let request = |output: &str| {
        json!({ "action": "genesys/api-request", "session-name": "default",
            "path": "/api/v2/users/me", "output": output })
    };
    let log = json!({ "action": "log", "message": "{me.name}" });
    let other = json!({ "action": "genesys/disconnect", "session-name": "Other" });
    let file = bot(&[request("me"), log.clone(), request("me"), log, other]);
    import(&browser, &room, &file).await;
    rename(&browser, 2, "field-output", "user").await;
    rename(&browser, 1, "field-session-name", "Orders").await;
    let renamed = saved(&browser).await;
    let of = |step: usize, field: &str| renamed["steps"][step - 1][field].clone();
    // The next step with the former name has an output of its own.
    let messages = [of(3, "message"), of(5, "message"), of(4, "output")];
    assert_eq!(messages, ["{user.name}", "{me.name}", "me"]);
    let sessions = [1, 2, 4, 6].map(|step| of(step, "session-name"));
    assert_eq!(sessions, ["Orders", "Orders", "Orders", "Other"]);
    // What was typed and what followed are one change.
    browser.press("tool-undo").await;
    let bot = saved(&browser).await;
    let sessions = [1, 2, 4].map(|step| bot["steps"][step - 1]["session-name"].clone());
    assert_eq!(sessions, ["Default", "default", "default"]);
}

async fn a_name_that_is_in_use_is_refused_and_nothing_follows_to_it() {
    let (room, browser) = new_bot().await;
    let request =
        json!({ "action": "genesys/api-request", "path": "/api/v2/users/me", "output": "me" });
    let log = json!({ "action": "log", "message": "{me.name} {v}" });
    let mut file: Value = serde_json::from_str(&bot(&[request, log])).unwrap();
    file["variables"] = json!([{ "name": "v", "default": "x" }]);
    // Not everything that a file has makes sense.
    file["steps"][0]["client-secret"] = json!({ "variable": "v", "credential": 1 });
    file["steps"][2]["__proto__"] = json!({ "disabled": true });
    import(&browser, &room, &file.to_string()).await;
    browser.click("#variable-list button").await;
    browser.fill("variable-name", "me").await;
    browser.press("save-variable").await;
    browser.shows("variable-name-mistake", &["already"]).await;
    browser.fill("variable-name", "user").await;
    browser.press("save-variable").await;
    for name in ["user", "a.b", "me"] {
        rename(&browser, 2, "field-output", name).await;
    }
    let renamed = saved(&browser).await;
    assert_eq!(renamed["steps"][2]["message"], "{me.name} {user}");

    // An undo keeps all members, and makes none up.
    browser.press("tool-undo").await;
    browser.press("tool-redo").await;
    assert_eq!(saved(&browser).await, renamed);
    let disabled = "document.querySelectorAll('.step[data-disabled]').length";
    assert_eq!(browser.evaluate(disabled).await, 0);
}

async fn a_new_variable_goes_into_the_step_it_was_made_for_or_into_none() {
    let (room, browser) = new_bot().await;
    let other: Value = serde_json::from_str(&bot(&[])).unwrap();
    import(&browser, &room, &bot(&[other["steps"][0].clone()])).await;
    browser.press("field-client-secret-variable").await;
    browser.press("field-client-secret-new-variable").await;
    // As a test does whose second step fails.
    let select = "document.querySelectorAll('.step-main')[1].click()";
    browser.client.execute(select, Vec::new()).await.unwrap();
    fill_in(&browser, "late", "text", "x").await;
    let steps = saved(&browser).await["steps"].clone();
    let secret = json!({ "credential": "genesys/hello-bot/client-secret" });
    assert_eq!(steps[1]["client-secret"], secret);
    assert!(browser.text("variable-list").await.contains("late"));
}

async fn numbers_stay_exact() {
    let (_room, browser) = new_bot().await;
    browser.press("new-variable").await;
    fill_in(&browser, "n", "number", "12345678901234567890").await;
    browser
        .shows("variable-value-mistake", &["so many digits"])
        .await;
    fill_in(&browser, "n", "number", "1,000").await;
    browser
        .shows("variable-value-mistake", &["Enter a number"])
        .await;
    fill_in(&browser, "n", "number", "0.5").await;
    assert_eq!(saved(&browser).await["variables"][0]["default"], 0.5);
}

async fn secrets_are_neither_in_drafts_nor_shown_as_texts() {
    let (room, browser) = new_bot().await;
    let secret = json!({ "insecure-string": "canary" });
    let file = json!({
        "name": "Hello",
        "variables": [
            { "name": "wrong", "type": "credential", "default": secret },
            { "name": "key", "type": "credential", "input": true },
        ],
        "steps": [{ "action": "log", "message": "x" }],
    });
    import(&browser, &room, &file.to_string()).await;
    browser.fill("bot-name", "Changed").await;
    let drafts = "JSON.stringify(Object.entries(localStorage))";
    let drafts = browser.evaluate(drafts).await.to_string();
    assert!(
        drafts.contains("Changed") && !drafts.contains("canary"),
        "{drafts}"
    );

    browser.press("test-run").await;
    browser.fill("input-1", "canary").await;
    browser.press("question-cancel").await;
    browser.click("#variable-list li:nth-child(2) button").await;
    browser.choose("variable-type", "text").await;
    browser.press("save-variable").await;
    browser.press("test-run").await;
    let value = "document.getElementById('input-1').value";
    assert_eq!(browser.evaluate(value).await, "");
}

async fn an_input_made_in_the_editor_is_picked_in_a_field_and_asked_for_before_a_run() {
    let (room, browser) = new_bot().await;
    browser.press("new-variable").await;
    browser.fill("variable-name", "customer").await;
    browser.press("variable-input").await;
    browser
        .fill("variable-description", "As on the invoice")
        .await;
    browser.press("save-variable").await;
    browser.click("[data-action='log']").await;
    browser.fill("field-message", "Hello, ").await;
    browser.press("field-message-pick").await;
    browser.click(".picker[open] button").await;
    let message = browser.find("field-message").await.prop("value").await;
    assert_eq!(message.as_deref(), Some("Hello, {customer}"));
    browser.save().await;

    browser.go(&room.url("/bots")).await;
    browser.click("[aria-label='Run: Hello']").await;
    browser
        .shows("main", &["customer", "As on the invoice"])
        .await;
    assert_good(&browser, "inputs-of-a-bot").await;
    browser.fill("input-1", "Ada").await;
    browser.press("start").await;
    browser
        .until("document.getElementById('run')?.dataset.state === 'done'")
        .await;
    browser.shows("entries", &["Hello, Ada"]).await;
}

async fn inputs_are_asked_for_and_remembered() {
    let (_cloud, room, client) = fixture(Options::default()).await;
    let browser = room.signed_in("de").await;
    browser.look(Look::WIDE).await;
    let log = json!({ "action": "log", "message": "{Gruß}: {Anzahl}, {laut}" });
    let mut file: Value = serde_json::from_str(&bot(&[log])).unwrap();
    file["variables"] = json!([
        { "name": "Geheimnis", "type": "credential", "input": true, "description": "Aus dem Brief" },
        { "name": "Anzahl", "type": "number", "input": true },
        { "name": "laut", "type": "boolean", "input": true, "default": false },
        { "name": "Gruß", "input": true, "default": "Hallo" },
    ]);
    file["steps"][0]["client-secret"] = json!({ "variable": "Geheimnis" });
    import(&browser, &room, &file.to_string()).await;
    let secret = secrecy::ExposeSecret::expose_secret(&client.secret);

    browser.select(2).await;
    browser.press("test-run").await;
    browser.fill("input-1", secret).await;
    browser.fill("input-2", "viele").await;
    assert_good(&browser, "inputs-of-a-test").await;
    browser.look(Look::WIDE).await;
    browser.press("start").await;
    browser
        .until("document.querySelector('[aria-invalid=true]')?.id === 'input-2'")
        .await;
    assert_eq!(
        browser.text("input-2-mistake").await,
        "Geben Sie eine Zahl ein, etwa 25 oder 0,5."
    );
    browser.fill("input-2", "25").await;
    browser.press("start").await;
    let result = "document.getElementById('result').textContent";
    browser
        .until(&format!("{result}.startsWith('Hallo: 25, false')"))
        .await;

    // What was typed for the test is in the fields.
    browser.press("run").await;
    assert_eq!(browser.text("start").await, "Ausführen");
    let typed = "[...document.querySelectorAll('#question input')].map((it) => it.value)";
    assert_eq!(
        browser.evaluate(typed).await,
        json!([secret, "25", "Hallo"])
    );
    browser.fill("input-2", "viele").await;
    browser.press("start").await;
    browser
        .until("document.querySelector('[aria-invalid=true]')?.id === 'input-2'")
        .await;
    browser.fill("input-2", "0.5").await;
    browser.choose("input-3", "true").await;
    browser.fill("input-4", "Guten Tag").await;
    assert_good(&browser, "inputs-of-a-run").await;
    browser.look(Look::WIDE).await;
    browser.press("start").await;
    browser.until_state("run", "Fertig").await;
    assert_eq!(browser.text("result").await, "Guten Tag: 0.5, true");
    let page = browser.client.source().await.unwrap();
    assert!(!page.contains(secret));
}

pub(crate) const TESTS: &[Test] = tests![
    a_credential_variable_is_made_at_the_field_and_the_bot_signs_in_with_it,
    what_is_wrong_is_shown_in_the_dialog_and_what_was_typed_stays,
    a_mistake_of_a_variable_leads_to_its_dialog,
    steps_follow_a_variable_that_is_renamed_and_one_undo_takes_it_back,
    steps_follow_an_output_and_a_session_that_are_renamed,
    a_name_that_is_in_use_is_refused_and_nothing_follows_to_it,
    a_new_variable_goes_into_the_step_it_was_made_for_or_into_none,
    numbers_stay_exact,
    secrets_are_neither_in_drafts_nor_shown_as_texts,
    an_input_made_in_the_editor_is_picked_in_a_field_and_asked_for_before_a_run,
    inputs_are_asked_for_and_remembered,
];
