//! What a designer does to the steps of a bot: undo, copy, disable, describe, and find the mistakes.

use fantoccini::key::Key;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::Browser;
use crate::editor::{create, new_bot};
use crate::keyboard::chord;
use crate::pages::assert_good;

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
async fn messages(browser: &Browser) -> Vec<Value> {
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
    chord(browser, Key::Control, key).await;
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
    assert!(!browser.find("tool-undo").await.is_enabled().await.unwrap());
    for state in states[..states.len() - 1].iter().rev() {
        chord(&browser, Key::Control, 'y').await;
        is(state).await;
    }
    assert!(!browser.find("tool-redo").await.is_enabled().await.unwrap());
    chord(&browser, Key::Control, 'z').await;
    is(&states[1]).await;
    // A change after an undo is the last one.
    browser.fill("field-message", "three").await;
    assert!(!browser.find("tool-redo").await.is_enabled().await.unwrap());
    chord(&browser, Key::Control, 'z').await;
    is(&states[1]).await;
    assert_eq!(messages(&browser).await, ["one", "two"]);
}

async fn an_undo_in_a_field_keeps_the_focus() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["one"]).await;
    browser.find("field-message").await.click().await.unwrap();
    chord(&browser, Key::Control, 'z').await;
    assert_eq!(shown(&browser).await, ["1. Log message"]);
    assert_eq!(browser.focus().await, "field-message");
    browser.keys("again").await;
    assert_eq!(messages(&browser).await, ["again"]);
    browser.click(".remarks summary").await;
    browser.find("field-comment").await.click().await.unwrap();
    browser.keys("why").await;
    chord(&browser, Key::Control, 'z').await;
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
    browser.find("flow-title").await.click().await.unwrap();
    chord(&browser, Key::Control, 'v').await;
    assert_eq!(messages(&browser).await, ["one"]);
    // In a field, the browser copies and pastes text.
    browser.find("field-message").await.click().await.unwrap();
    chord(&browser, Key::Control, 'v').await;
    assert_eq!(shown(&browser).await.len(), 1);
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
    browser.find("outcome").await;
    browser
        .until("document.body.textContent.includes('Skipped')")
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
    assert_eq!(browser.css("#steps .error").await.text().await.unwrap(), "");
    browser.click("#problems summary").await;
    browser.click("#problem-list button").await;
    assert_eq!(browser.focus().await, "field-url");
    assert_ne!(browser.problem("url").await, "");
    assert_ne!(browser.css("#steps .error").await.text().await.unwrap(), "");
}

async fn with_fifteen_steps_the_step_its_form_the_actions_and_the_toolbar_are_in_view() {
    let (_room, browser) = new_bot().await;
    add_logs(&browser, &["x"; 15]).await;
    let in_view = "['#steps > li:last-child', '#field-message', '#search-actions', '#tool-undo', '#save', '#run']\
        .filter((it) => { const { top, bottom } = document.querySelector(it).getBoundingClientRect(); \
        return top < 0 || bottom > innerHeight; })";
    for width in [1100, 1600] {
        browser.client.set_window_size(width, 900).await.unwrap();
        let last = "document.querySelector('#steps > li:last-child .step-main')";
        browser
            .client
            .execute(&format!("{last}.click()"), Vec::new())
            .await
            .unwrap();
        assert_eq!(browser.evaluate(in_view).await, json!([]), "{width}");
    }
}

pub(crate) const TESTS: &[Test] = tests![
    every_change_can_be_undone_and_redone,
    an_undo_in_a_field_keeps_the_focus,
    steps_are_copied_cut_and_pasted_also_between_bots,
    a_whole_bot_can_be_pasted_and_other_text_cannot,
    pasted_steps_may_have_any_values,
    an_undo_shows_the_step_that_changes,
    a_step_is_disabled_and_described,
    the_list_of_mistakes_leads_to_their_fields,
    with_fifteen_steps_the_step_its_form_the_actions_and_the_toolbar_are_in_view,
];
