//! What a designer does to the steps of a bot: undo, copy, disable, describe, and find the mistakes.

use fantoccini::key::Key;
use genesys_sim::Options;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::designer::Edge;
use crate::editor::{create, new_bot};
use crate::keyboard::chord;
use crate::pages::assert_good;
use crate::runs::fixture;

/// Pastes a text, as if it were on the clipboard.
const PASTE: &str = "const data = new DataTransfer(); data.setData('text/plain', arguments[0]); \
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))";

/// Adds log steps with these messages.
async fn add_logs(browser: &Browser, messages: &[&str]) {
    for message in messages {
        browser.click("[data-action='log']").await;
        browser.fill("field-message", message).await;
    }
}

/// What the page shows of the steps, a line each.
async fn shown(browser: &Browser) -> Vec<String> {
    let steps = "[...document.querySelectorAll('#steps .step-main')].map((it) => \
        [...it.children].slice(0, 3).map((part) => part.textContent).filter((text) => text).join('|'))";
    serde_json::from_value(browser.evaluate(steps).await).unwrap()
}

/// The messages of the saved steps.
pub(crate) async fn messages(browser: &Browser) -> Vec<Value> {
    browser.save().await;
    let bot = browser.exported().await;
    let steps = bot["steps"].as_array().unwrap().iter();
    steps.map(|step| step["message"].clone()).collect()
}

async fn press_on_step(browser: &Browser, number: usize, key: char) {
    browser
        .click(&format!("#steps > li:nth-child({number}) .step-main"))
        .await;
    let focus =
        format!("document.querySelector('#steps > li:nth-child({number}) .step-main').focus()");
    browser.client.execute(&focus, Vec::new()).await.unwrap();
    chord(browser, &[Key::Control], key).await;
}

async fn every_change_can_be_undone_and_redone() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one", "two"]).await;
    browser.fill("bot-name", "Renamed").await;
    browser.click("#steps > li:first-child .remove").await;
    let states = [
        (vec!["1. Log message|two"], "Renamed"),
        (vec!["1. Log message|one", "2. Log message|two"], "Renamed"),
        (vec!["1. Log message|one", "2. Log message|two"], "Hello"),
        (vec!["1. Log message|one", "2. Log message"], "Hello"),
        (vec!["1. Log message|one"], "Hello"),
        (vec!["1. Log message"], "Hello"),
        (vec![], "Hello"),
    ];
    let is = async |state: &(Vec<&str>, &str)| {
        assert_eq!(shown(&browser).await, state.0);
        let name = "document.getElementById('bot-name').value";
        assert_eq!(browser.evaluate(name).await, state.1);
    };
    is(&states[0]).await;
    for state in &states[1..] {
        browser.press("tool-undo").await;
        is(state).await;
    }
    assert!(!browser.find("tool-undo").await.is_enabled().await);
    for state in states[..states.len() - 1].iter().rev() {
        chord(&browser, &[Key::Control], 'y').await;
        is(state).await;
    }
    assert!(!browser.find("tool-redo").await.is_enabled().await);
    chord(&browser, &[Key::Control], 'z').await;
    is(&states[1]).await;
    // A change after an undo is the last one.
    browser.fill("field-message", "three").await;
    assert!(!browser.find("tool-redo").await.is_enabled().await);
    chord(&browser, &[Key::Control], 'z').await;
    is(&states[1]).await;
    assert_eq!(messages(&browser).await, ["one", "two"]);
}

async fn a_duplicate_a_disabled_step_a_move_and_the_authentication_type_can_be_undone_and_redone() {
    let (_room, browser) = new_bot().await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.fill("field-url", "eu-central-1").await;
    add_logs(&browser, &["one"]).await;
    let steps = async || {
        browser.save().await;
        browser.exported().await["steps"].clone()
    };
    let mut states = vec![steps().await];
    browser.press("tool-duplicate").await;
    states.push(steps().await);
    browser.press("tool-disable").await;
    states.push(steps().await);
    browser.click("#steps > li:last-child .up").await;
    states.push(steps().await);
    browser.select(1).await;
    let kind = "field-authentication-type";
    browser.choose(kind, "control-room-connection").await;
    states.push(steps().await);
    for (state, next) in states.iter().zip(&states[1..]) {
        assert_ne!(state, next);
    }
    for state in states.iter().rev().skip(1) {
        browser.press("tool-undo").await;
        assert_eq!(steps().await, *state);
    }
    for state in &states[1..] {
        browser.press("tool-redo").await;
        assert_eq!(steps().await, *state);
    }
    let chosen = browser.find(kind).await.prop("value").await;
    assert_eq!(chosen.as_deref(), Some("control-room-connection"));
}

async fn a_new_step_takes_the_session_that_is_open_at_its_place() {
    let (_room, browser) = new_bot().await;
    let add = async |action: &str| browser.click(&format!("[data-action='{action}']")).await;
    add("genesys/oauth-authenticate").await;
    browser.fill("field-session-name", "Orders").await;
    add("genesys/api-request").await;
    add("genesys/disconnect").await;
    // It is closed here.
    add("genesys/api-request").await;
    browser.save().await;
    let bot = browser.exported().await;
    let steps = bot["steps"].as_array().unwrap().iter();
    let sessions: Vec<_> = steps.map(|step| &step["session-name"]).collect();
    assert_eq!(sessions, ["Orders", "Orders", "Orders", "Default"]);
}

async fn an_undo_in_a_field_keeps_the_focus() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one"]).await;
    browser.find("field-message").await.click().await;
    chord(&browser, &[Key::Control], 'z').await;
    assert_eq!(shown(&browser).await, ["1. Log message"]);
    assert_eq!(browser.focus().await, "field-message");
    browser.keys("again").await;
    assert_eq!(messages(&browser).await, ["again"]);
    browser.click(".remarks summary").await;
    browser.find("field-comment").await.click().await;
    browser.keys("why").await;
    chord(&browser, &[Key::Control], 'z').await;
    assert_eq!(browser.focus().await, "field-comment");
    browser.keys("because").await;
    browser.save().await;
    assert_eq!(browser.exported().await["steps"][0]["comment"], "because");
}

async fn steps_are_copied_cut_and_pasted_also_between_bots() {
    let (room, browser) = new_bot().await;
    add_logs(&browser, &["one", "two"]).await;
    press_on_step(&browser, 1, 'c').await;
    press_on_step(&browser, 2, 'v').await;
    assert_eq!(messages(&browser).await, ["one", "two", "one"]);
    press_on_step(&browser, 1, 'x').await;
    assert_eq!(messages(&browser).await, ["two", "one"]);
    browser.press("tool-duplicate").await;
    assert_eq!(messages(&browser).await, ["two", "two", "one"]);

    browser.go(&room.url("/bots")).await;
    create(&browser, "Other").await;
    browser.find("flow-title").await.click().await;
    chord(&browser, &[Key::Control], 'v').await;
    assert_eq!(messages(&browser).await, ["one"]);
    // In a field, the browser copies and pastes text; but no field of one line takes a step.
    browser.find("field-message").await.click().await;
    chord(&browser, &[Key::Control], 'v').await;
    assert_eq!(messages(&browser).await, ["one", "one"]);
    browser.click(".remarks summary").await;
    browser.find("field-comment").await.click().await;
    chord(&browser, &[Key::Control], 'v').await;
    assert_eq!(shown(&browser).await.len(), 2);
}

async fn a_whole_bot_can_be_pasted_and_other_text_cannot() {
    let (_room, browser) = new_bot().await;
    let bot = json!({ "name": "x", "steps": [
        { "action": "log", "message": "a" }, { "action": "log", "message": "b" },
    ]});
    for (text, count) in [
        (bot.to_string(), 2),
        ("no step".into(), 2),
        ("[1]".into(), 2),
        ("null".into(), 2),
    ] {
        browser
            .client
            .execute(PASTE, vec![text.into()])
            .await
            .unwrap();
        assert_eq!(shown(&browser).await.len(), count);
    }
    assert!(
        browser
            .text("notice")
            .await
            .contains("no step on the clipboard")
    );
    assert_eq!(messages(&browser).await, ["a", "b"]);
}

async fn pasted_steps_may_have_any_values() {
    let (_room, browser) = new_bot().await;
    for (number, step) in [
        json!({ "action": "log", "message": 5, "step-name": [], "comment": {} }),
        json!({ "action": "genesys/oauth-authenticate", "client-id": { "credential": 5 }, "url": null }),
        json!({ "action": "no/such", "disabled": "x" }),
    ]
    .into_iter()
    .enumerate()
    {
        let text = vec![step.to_string().into()];
        browser.client.execute(PASTE, text).await.unwrap();
        assert_eq!(shown(&browser).await.len(), number + 1, "{step}");
    }
    for left in [2, 1, 0] {
        browser.press("tool-undo").await;
        assert_eq!(shown(&browser).await.len(), left);
    }
    add_logs(&browser, &["one"]).await;
    assert_eq!(messages(&browser).await, ["one"]);
}

async fn an_undo_shows_the_step_that_changes() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one", "two"]).await;
    browser.click("#steps > li:first-child .step-main").await;
    browser.fill("field-message", "changed").await;
    browser.click("#steps > li:last-child .step-main").await;
    browser.press("tool-undo").await;
    let selected = "document.querySelector('.step[data-selected] .what').textContent";
    assert_eq!(browser.evaluate(selected).await, "1. Log message");
}

async fn a_step_is_disabled_and_described() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one"]).await;
    browser.press("tool-disable").await;
    browser.click(".remarks summary").await;
    browser.fill("field-step-name", "Say one").await;
    browser.fill("field-comment", "not yet").await;
    assert_eq!(
        shown(&browser).await,
        ["1. Say one (disabled)|Log message · one|not yet"]
    );
    browser.save().await;
    let steps = browser.exported().await["steps"].clone();
    let step = json!({
        "action": "log", "message": "one", "disabled": true, "step-name": "Say one", "comment": "not yet",
    });
    assert_eq!(steps, json!([step]));
    assert_good(&browser, "described").await;
    browser.press("run").await;
    browser
        .until("document.getElementById('result').textContent.includes('Skipped')")
        .await;
}

async fn the_list_of_mistakes_leads_to_their_fields() {
    let (_room, browser) = new_bot().await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    add_logs(&browser, &["one"]).await;
    browser.checked().await;
    // They are shown at fields that were touched.
    assert_eq!(browser.css("#steps .error").await.text().await, "");
    browser.click("#problems summary").await;
    browser.click("#problem-list button").await;
    assert_eq!(browser.focus().await, "field-url");
    assert_ne!(browser.problem("url").await, "");
    assert_ne!(browser.css("#steps .error").await.text().await, "");
}

async fn a_step_is_moved_by_drag_also_beyond_the_edge() {
    let (_room, browser) = new_bot().await;
    let names: Vec<_> = (1..=15).map(|number| number.to_string()).collect();
    add_logs(
        &browser,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    browser.select(1).await;
    browser
        .drag("#steps > li:first-child .what", "#steps > li:nth-child(3)")
        .await;
    let dragged = messages(&browser).await;
    assert_eq!(dragged[..3], ["2", "1", "3"]);
    browser.press("tool-undo").await;
    assert_eq!(messages(&browser).await, names);
    browser.press("tool-redo").await;
    assert_eq!(messages(&browser).await, dragged);
    let [first, last] = ["#steps > li:first-child", "#steps > li:last-child"];
    // Held at the lower edge, until the last step is in view; then at the upper one, until the first is.
    browser
        .hold(&format!("{first} .what"), Edge::Lower, last)
        .await;
    let order = messages(&browser).await;
    assert_eq!(order[0], "1");
    assert_eq!(order[14], "2");
    browser
        .hold(&format!("{last} .what"), Edge::Upper, first)
        .await;
    assert_eq!(messages(&browser).await, dragged);
}

async fn the_buttons_copy_cut_and_paste_a_step() {
    let (_room, browser) = new_bot().await;
    browser.allow_clipboard().await;
    add_logs(&browser, &["one", "two"]).await;
    let said = async |text: &str| {
        let is_said = format!("document.getElementById('said').textContent.includes('{text}')");
        browser.until(&is_said).await;
    };
    browser.press("tool-copy").await;
    said("copied").await;
    let read = "navigator.clipboard.readText().then(arguments[0])";
    let text = browser.client.execute_async(read, Vec::new()).await;
    let copied: Value = serde_json::from_str(text.unwrap().as_str().unwrap()).unwrap();
    assert_eq!(copied, json!({ "action": "log", "message": "two" }));
    browser.press("tool-paste").await;
    browser
        .until("document.querySelectorAll('#steps > li').length === 3")
        .await;
    browser.select(1).await;
    browser.press("tool-cut").await;
    browser
        .until("document.querySelectorAll('#steps > li').length === 2")
        .await;
    assert_eq!(messages(&browser).await, ["two", "two"]);
    browser.press("tool-undo").await;
    assert_eq!(messages(&browser).await, ["one", "two", "two"]);
    chord(&browser, &[Key::Control, Key::Shift], 'z').await;
    assert_eq!(messages(&browser).await, ["two", "two"]);
}

/// A bot that comes with mistakes does not greet people with them.
async fn mistakes_of_a_bot_that_is_opened_are_shown_after_a_field_was_touched() {
    let (_room, browser) = new_bot().await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.save().await;
    browser.client.refresh().await.unwrap();
    assert_ne!(browser.checked().await, "No mistakes");
    assert_eq!(browser.text("fields").await.matches("empty").count(), 0);
    browser.find("field-url").await.click().await;
    browser.press("search-actions").await;
    assert_ne!(browser.problem("url").await, "");
    assert_eq!(browser.problem("client-id").await, "");
    // A run that is tried shows all of them, but not those of a step that is added later.
    browser.press("run").await;
    browser
        .until("document.getElementById('problem-client-id').textContent !== ''")
        .await;
    browser.click("[data-action='log']").await;
    browser.checked().await;
    assert_eq!(browser.problem("message").await, "");
}

/// A mistake that appears when a field is left must not move what is being pressed.
async fn a_press_that_leaves_an_empty_field_is_not_lost() {
    let (_room, browser) = new_bot().await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.find("field-url").await.click().await;
    // The mistake of the URL comes above this tab.
    browser.press("field-client-secret-insecure-string").await;
    browser.find("field-client-secret-text").await;
    browser
        .until("document.getElementById('problem-url').textContent !== ''")
        .await;
}

async fn after_a_click_on_a_step_the_keys_of_the_flow_work() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one", "two"]).await;
    browser.select(1).await;
    browser.keys(&char::from(Key::Delete).to_string()).await;
    browser.keys(&char::from(Key::Enter).to_string()).await;
    assert_eq!(browser.focus().await, "field-message");
    assert_eq!(messages(&browser).await, ["two"]);
}

async fn a_picked_credential_fills_the_fields_that_it_has_something_for() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    room.add_credential("hello-bot-prod").await;
    let browser = room.signed_in("en").await;
    create(&browser, "Hello").await;
    browser.look(Look::WIDE).await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.choose("field-client-id-locker", "genesys").await;
    browser
        .fill("field-client-id-credential-name", "hello-bot")
        .await;
    browser
        .until(
            "document.getElementById('field-client-secret-attribute')?.value === 'client-secret'",
        )
        .await;
    let has = async |credential: &str| {
        browser.save().await;
        let step = &browser.exported().await["steps"][0];
        for field in ["client-id", "client-secret"] {
            let path = format!("{credential}/{field}");
            assert_eq!(step[field], json!({ "credential": path }));
        }
    };
    has("genesys/hello-bot").await;
    // The rest of the name is typed after a pause: the other field follows.
    browser
        .find("field-client-id-credential-name")
        .await
        .click()
        .await;
    browser
        .keys(&format!("{}-prod", char::from(Key::End)))
        .await;
    browser
        .until("document.getElementById('field-client-secret-credential-name').value === 'hello-bot-prod'")
        .await;
    has("genesys/hello-bot-prod").await;
    // Both are undone together.
    browser.press("tool-undo").await;
    browser.save().await;
    let step = &browser.exported().await["steps"][0];
    assert_eq!(step["client-id"].is_null(), step["client-secret"].is_null());
    assert_ne!(
        step["client-id"]["credential"],
        "genesys/hello-bot-prod/client-id"
    );
}

pub(crate) const TESTS: &[Test] = tests![
    every_change_can_be_undone_and_redone,
    a_duplicate_a_disabled_step_a_move_and_the_authentication_type_can_be_undone_and_redone,
    a_new_step_takes_the_session_that_is_open_at_its_place,
    an_undo_in_a_field_keeps_the_focus,
    steps_are_copied_cut_and_pasted_also_between_bots,
    a_whole_bot_can_be_pasted_and_other_text_cannot,
    pasted_steps_may_have_any_values,
    an_undo_shows_the_step_that_changes,
    a_step_is_disabled_and_described,
    the_list_of_mistakes_leads_to_their_fields,
    a_step_is_moved_by_drag_also_beyond_the_edge,
    the_buttons_copy_cut_and_paste_a_step,
    a_press_that_leaves_an_empty_field_is_not_lost,
    after_a_click_on_a_step_the_keys_of_the_flow_work,
    a_picked_credential_fills_the_fields_that_it_has_something_for,
    mistakes_of_a_bot_that_is_opened_are_shown_after_a_field_was_touched,
];
