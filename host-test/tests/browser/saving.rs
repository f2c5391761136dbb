//! A bot is saved by itself, and nothing that was typed is lost.

use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::Browser;
use crate::editor::new_bot;
use crate::pages::assert_good;

/// From now on the server does not answer the scripts of the page.
const OFFLINE: &str = "window.fetch = () => Promise.reject(new TypeError('offline'))";

const IS_SAVED: &str = "document.getElementById('state')?.textContent === 'Saved'";

async fn run(browser: &Browser, script: &str) {
    browser.client.execute(script, Vec::new()).await.unwrap();
}

async fn until_notice(browser: &Browser, words: &str) {
    let says = format!("document.getElementById('notice')?.textContent.includes('{words}')");
    browser.until(&says).await;
}

/// Adds a log step, without waiting for anything.
async fn log(browser: &Browser, message: &str) {
    browser.click("[data-action='log']").await;
    browser.fill("field-message", message).await;
}

fn messages(bot: &Value) -> Vec<&str> {
    let steps = bot["steps"].as_array().unwrap().iter();
    steps.filter_map(|step| step["message"].as_str()).collect()
}

async fn what_is_typed_is_saved_by_itself() {
    let (_room, browser) = new_bot().await;
    log(&browser, "typed").await;
    browser.until(IS_SAVED).await;
    assert_eq!(messages(&browser.exported().await), ["typed"]);
}

async fn what_was_typed_without_a_server_survives_a_closed_tab() {
    let (_room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    run(&browser, OFFLINE).await;
    log(&browser, "typed").await;
    until_notice(&browser, "does not respond").await;
    assert_eq!(browser.checked().await, "Not checked: no answer");
    assert_eq!(browser.text("state").await, "Not saved yet");
    assert_good(&browser, "offline").await;
    let asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    assert_eq!(browser.evaluate(asks).await, json!(false));
    browser.go(bot.as_str()).await;
    until_notice(&browser, "are back").await;
    browser.until(IS_SAVED).await;
    assert_eq!(messages(&browser.exported().await), ["typed"]);
    // Nothing is left to bring back.
    browser.go(bot.as_str()).await;
    assert_eq!(browser.checked().await, "No mistakes");
    assert_eq!(browser.text("notice").await, "");
}

async fn a_secret_is_not_kept_in_the_browser() {
    let (_room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.press("field-client-secret-insecure-string").await;
    browser
        .fill("field-client-secret-text", "saved-secret")
        .await;
    browser.save().await;
    run(&browser, OFFLINE).await;
    browser.fill("field-client-secret-text", "canary").await;
    browser.fill("field-url", "eu-central-1").await;
    until_notice(&browser, "does not respond").await;
    let kept = browser.evaluate("JSON.stringify(localStorage)").await;
    let kept = kept.as_str().unwrap();
    assert!(kept.contains("eu-central-1"), "{kept}");
    assert!(
        !kept.contains("canary") && !kept.contains("saved-secret"),
        "{kept}"
    );
    // The browser asks before it forgets the secret.
    let asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    assert_eq!(browser.evaluate(asks).await, json!(true));
    // A page that WebDriver leaves does not ask.
    browser.go(bot.as_str()).await;
    until_notice(&browser, "are back").await;
    browser.until(IS_SAVED).await;
    let step = &browser.exported().await["steps"][0];
    assert_eq!(step["url"], "eu-central-1");
    assert_eq!(
        step["client-secret"],
        json!({ "insecure-string": "saved-secret" })
    );
}

async fn after_a_new_sign_in_it_is_saved_and_one_is_back_on_the_page() {
    let (room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    let to = async |window| browser.client.switch_to_window(window).await.unwrap();
    to(second.clone()).await;
    browser.go(&room.url("/bots")).await;
    browser.press("sign-out").await;
    browser.find("sign-in").await;
    to(first.clone()).await;
    log(&browser, "typed").await;
    until_notice(&browser, "signed out").await;
    // Nothing is said about what cannot be known.
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser
        .until("document.getElementById('fields').textContent.includes('cannot be loaded now')")
        .await;
    let link = "document.querySelector('#notice a').href";
    let link = browser.evaluate(link).await.as_str().unwrap().to_owned();
    to(second).await;
    browser.go(&link).await;
    room.enter(&browser).await;
    browser.find("steps").await;
    assert_eq!(browser.client.current_url().await.unwrap(), bot);
    to(first).await;
    browser.until(IS_SAVED).await;
    assert_eq!(browser.text("notice").await, "");
    assert_eq!(messages(&browser.exported().await), ["typed"]);
}

async fn a_draft_of_a_bot_that_was_changed_meanwhile_is_not_lost() {
    let (room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    run(&browser, OFFLINE).await;
    log(&browser, "mine").await;
    until_notice(&browser, "does not respond").await;
    let id = bot.path().strip_prefix("/bots/").unwrap();
    let theirs = r#"{"name": "Theirs", "steps": []}"#;
    let save = control_room::bots::Save::Kept;
    room.bots()
        .await
        .save(id, 1, "Theirs", theirs, save)
        .await
        .unwrap();
    browser.go(bot.as_str()).await;
    browser.find("keep-mine").await;
    browser.press("keep-mine").await;
    browser.until(IS_SAVED).await;
    assert_eq!(messages(&browser.exported().await), ["mine"]);
}

async fn a_former_version_can_be_brought_back() {
    let (_room, browser) = new_bot().await;
    log(&browser, "first").await;
    browser.save().await;
    browser.fill("field-message", "second").await;
    browser.press("versions").await;
    browser.css("table").await;
    assert_good(&browser, "versions").await;
    let oldest = "tbody tr:last-child a";
    let changes =
        "[...document.querySelectorAll('tbody td:last-child')].map((it) => it.textContent)";
    assert_eq!(
        browser.evaluate(changes).await,
        json!(["step 1 changed", "oldest version"])
    );
    browser.click(oldest).await;
    browser.find("bring-back").await;
    assert_good(&browser, "version").await;
    browser.press("bring-back").await;
    browser.find("steps").await;
    assert_eq!(messages(&browser.exported().await), ["first"]);
    browser.press("versions").await;
    browser.css("table").await;
    let count = browser.evaluate("document.querySelectorAll('tbody tr').length");
    assert_eq!(count.await, json!(3));
}

async fn an_export_has_what_is_on_screen() {
    let (_room, browser) = new_bot().await;
    run(&browser, OFFLINE).await;
    log(&browser, "not saved").await;
    let take = "const made = URL.createObjectURL; \
        URL.createObjectURL = (file) => { file.text().then((text) => { window.exported = text; }); return made.call(URL, file); }";
    run(&browser, take).await;
    browser.press("export").await;
    browser.until("window.exported").await;
    let exported = browser.evaluate("window.exported").await;
    let exported = serde_json::from_str(exported.as_str().unwrap()).unwrap();
    assert_eq!(messages(&exported), ["not saved"]);
}

pub(crate) const TESTS: &[Test] = tests![
    what_is_typed_is_saved_by_itself,
    what_was_typed_without_a_server_survives_a_closed_tab,
    a_secret_is_not_kept_in_the_browser,
    after_a_new_sign_in_it_is_saved_and_one_is_back_on_the_page,
    a_draft_of_a_bot_that_was_changed_meanwhile_is_not_lost,
    a_former_version_can_be_brought_back,
    an_export_has_what_is_on_screen,
];
