//! A designer creates bots with the keyboard alone.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME, PASSWORD};
use crate::running::{until_waiting, waiting_bot};

pub(crate) async fn key(browser: &Browser, key: Key) {
    browser.keys(&char::from(key).to_string()).await;
}

/// Presses a key while another one is held down.
pub(crate) async fn chord(browser: &Browser, held: &[Key], key: char) {
    let down = |&key: &Key| KeyAction::Down { value: key.into() };
    let up = |&key: &Key| KeyAction::Up { value: key.into() };
    let pressed = [KeyAction::Down { value: key }, KeyAction::Up { value: key }];
    let all = held
        .iter()
        .map(down)
        .chain(pressed)
        .chain(held.iter().map(up));
    let keys = all.fold(KeyActions::new("keyboard".into()), KeyActions::then);
    browser.client.perform_actions(keys).await.unwrap();
}

/// Presses Tab until a JavaScript expression is true.
pub(crate) async fn tab_to(browser: &Browser, expression: &str) {
    for _ in 0..60 {
        key(browser, Key::Tab).await;
        let there = browser
            .evaluate(&format!(
                "Boolean(((it) => {expression})(document.activeElement))"
            ))
            .await;
        if there == true {
            return;
        }
    }
    panic!("the tab key never reaches {expression}");
}

async fn a_bot_is_created_with_the_keyboard_alone() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = Browser::open_for_loopback("en").await;
    browser.look(Look::WIDE).await;
    browser.go(&room.url("/")).await;
    browser.until("document.activeElement.id === 'name'").await;
    browser.keys(NAME).await;
    key(&browser, Key::Tab).await;
    browser.keys(PASSWORD).await;
    key(&browser, Key::Enter).await;
    browser.find("create").await;
    tab_to(&browser, "it.id === 'new-name'").await;
    browser.keys("Hello").await;
    key(&browser, Key::Enter).await;
    browser.find("steps").await;

    tab_to(&browser, "it.id === 'search-actions'").await;
    // A word of its description finds an action too.
    browser.keys("bot runs").await;
    tab_to(&browser, "it.dataset.action === 'log'").await;
    key(&browser, Key::Enter).await;
    assert_eq!(browser.focus().await, "field-message");
    browser.keys("two").await;
    for (number, text) in [(2, "three"), (3, "one")] {
        browser
            .evaluate("document.querySelector(\"[data-action='log']\").focus()")
            .await;
        key(&browser, Key::Enter).await;
        assert_eq!(browser.focus().await, "field-message");
        browser.keys(text).await;
        let said = browser
            .evaluate("document.getElementById('said').textContent")
            .await;
        assert_eq!(said, format!("Log message is step {number} now."));
    }
    // The last one is moved to the front, then another one is removed and restored.
    browser
        .evaluate("document.querySelector('[aria-pressed=true]').focus()")
        .await;
    for _ in 0..2 {
        chord(&browser, &[Key::Alt], Key::Up.into()).await;
    }
    browser.save().await;
    let messages = |bot: &serde_json::Value| -> Vec<serde_json::Value> {
        bot["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["message"].clone())
            .collect()
    };
    assert_eq!(
        messages(&browser.exported().await),
        [json!("one"), json!("two"), json!("three")]
    );
    browser
        .evaluate("document.querySelector('[aria-pressed=true]').focus()")
        .await;
    key(&browser, Key::Down).await;
    key(&browser, Key::Delete).await;
    let focused = browser.evaluate("document.activeElement.textContent").await;
    assert!(focused.as_str().unwrap().contains("three"), "{focused}");
    browser.save().await;
    assert_eq!(
        messages(&browser.exported().await),
        [json!("one"), json!("three")]
    );
    browser.css("#undone button").await.click().await;
    browser.save().await;
    assert_eq!(
        messages(&browser.exported().await),
        [json!("one"), json!("two"), json!("three")]
    );
}

async fn a_bot_is_run_and_stopped_and_its_variables_and_mistakes_are_found_with_the_keyboard_alone()
{
    let (_cloud, _room, browser) = waiting_bot("en").await;
    tab_to(&browser, "it.id === 'run'").await;
    key(&browser, Key::Enter).await;
    until_waiting(&browser).await;
    assert_eq!(browser.focus().await, "run-stop");
    key(&browser, Key::Enter).await;
    browser.until_state("run", "Stopped").await;

    tab_to(&browser, "it.id === 'new-variable'").await;
    key(&browser, Key::Enter).await;
    browser.keys("customer").await;
    tab_to(&browser, "it.id === 'variable-value'").await;
    browser.keys("Ada").await;
    key(&browser, Key::Enter).await;
    browser.shows("variable-list", &["customer"]).await;
    assert_eq!(browser.focus().await, "new-variable");

    tab_to(&browser, "it.textContent.includes('4. Log message')").await;
    key(&browser, Key::Enter).await;
    assert_eq!(browser.focus().await, "field-message");
    browser.keys("{nothing}").await;
    assert_eq!(browser.checked().await, "1 mistake");
    tab_to(&browser, "it.matches('#problems summary')").await;
    key(&browser, Key::Enter).await;
    tab_to(&browser, "it.closest('#problem-list')").await;
    key(&browser, Key::Enter).await;
    assert_eq!(browser.focus().await, "field-message");
}

async fn the_skip_link_leads_to_the_content() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    key(&browser, Key::Tab).await;
    key(&browser, Key::Enter).await;
    assert_eq!(browser.focus().await, "main");
}

pub(crate) const TESTS: &[Test] = tests![
    a_bot_is_created_with_the_keyboard_alone,
    a_bot_is_run_and_stopped_and_its_variables_and_mistakes_are_found_with_the_keyboard_alone,
    the_skip_link_leads_to_the_content,
];
