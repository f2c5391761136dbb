//! A bot is saved by itself, and nothing that was typed is lost.

use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::Browser;
use crate::control_room::NAME;
use crate::editor::{new_bot, sign_out_elsewhere};
use crate::pages::assert_good;

/// From now on the server does not answer the scripts of the page.
const OFFLINE: &str = "window.fetch = () => Promise.reject(new TypeError('offline'))";

const IS_SAVED: &str = "document.getElementById('state')?.textContent === 'Saved'";

async fn run(browser: &Browser, script: &str) {
    browser.client.execute(script, Vec::new()).await.unwrap();
}

async fn until_notice(browser: &Browser, words: &str) {
    let says = format!(
        "['failure', 'notice'].some((id) => document.getElementById(id)?.textContent.includes('{words}'))"
    );
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
    assert_eq!(browser.checked().await, "Not checked");
    assert_eq!(browser.text("state").await, "Not saved yet");
    assert_good(&browser, "offline").await;
    let asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    assert_eq!(browser.evaluate(asks).await, json!(false));
    let other = browser.client.new_window(true).await.unwrap().handle;
    browser.client.close_window().await.unwrap();
    browser.switch_to(&other).await;
    browser.go(bot.as_str()).await;
    until_notice(&browser, "were restored").await;
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
    until_notice(&browser, "are kept in this browser, except secrets").await;
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
    until_notice(&browser, "were restored").await;
    browser.until(IS_SAVED).await;
    let step = &browser.exported().await["steps"][0];
    assert_eq!(step["url"], "eu-central-1");
    // The step is another one than the saved one, so nothing is put into it.
    assert_eq!(step["client-secret"], json!({ "insecure-string": "" }));
}

async fn after_a_new_sign_in_it_is_saved_and_one_is_back_on_the_page() {
    let (room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    let [first, second] = sign_out_elsewhere(&room, &browser).await;
    log(&browser, "typed").await;
    until_notice(&browser, "signed out").await;
    // Nothing is said about what cannot be known.
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser
        .until("document.getElementById('fields').textContent.includes('cannot be loaded now')")
        .await;
    assert_eq!(browser.checked().await, "Not checked");
    let link = browser.evaluate("document.querySelector('#failure a').pathname");
    assert_eq!(link.await, json!("/sign-in"));
    // The same bot in another tab, which does not take what was typed in this one.
    browser.switch_to(&second).await;
    browser.go(bot.as_str()).await;
    room.enter(&browser).await;
    browser.find("steps").await;
    assert_eq!(browser.client.current_url().await.unwrap(), bot);
    assert_eq!(browser.checked().await, "The bot has no steps yet.");
    assert_eq!(browser.text("notice").await, "");
    browser.switch_to(&first).await;
    browser.until(IS_SAVED).await;
    assert_eq!(browser.text("failure").await, "");
    // A window that WebDriver switches to does not get the focus.
    run(&browser, "dispatchEvent(new Event('focus'))").await;
    browser
        .until("!document.getElementById('fields').textContent.includes('cannot be loaded now')")
        .await;
    assert_eq!(messages(&browser.exported().await), ["typed"]);
}

async fn a_sign_in_in_the_same_tab_leads_back_to_what_was_typed() {
    let (room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    sign_out_elsewhere(&room, &browser).await;
    log(&browser, "typed").await;
    until_notice(&browser, "signed out").await;
    browser.client.refresh().await.unwrap();
    room.enter(&browser).await;
    until_notice(&browser, "were restored").await;
    assert_eq!(browser.client.current_url().await.unwrap(), bot);
    let what = "document.querySelector('#steps .step-main').textContent";
    let what = browser.evaluate(what).await;
    assert!(what.as_str().unwrap().contains("typed"), "{what}");
    browser.until(IS_SAVED).await;
    assert_eq!(messages(&browser.exported().await), ["typed"]);
}

/// The first tab keeps what is typed there.
async fn a_second_tab_says_that_it_keeps_nothing() {
    let (_room, browser) = new_bot().await;
    browser.find("steps").await;
    let bot = browser.client.current_url().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.switch_to(&second).await;
    browser.go(bot.as_str()).await;
    run(&browser, OFFLINE).await;
    log(&browser, "typed").await;
    until_notice(&browser, "in this tab only").await;
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
    // Nothing is lost without a choice.
    browser.press("go-on").await;
    until_notice(&browser, "Automatic saving is paused").await;
    browser.press("save").await;
    browser.find("keep-mine").await;
    browser.press("keep-mine").await;
    browser.until(IS_SAVED).await;
    assert_eq!(messages(&browser.exported().await), ["mine"]);
}

async fn a_former_version_can_be_restored() {
    let (_room, browser) = new_bot().await;
    log(&browser, "first").await;
    browser.save().await;
    browser.fill("field-message", "second").await;
    browser.press("versions").await;
    browser.css("table").await;
    assert_good(&browser, "versions").await;
    let former = "tbody tr:nth-last-child(2) a";
    let changes =
        "[...document.querySelectorAll('tbody td:last-child')].map((it) => it.textContent)";
    assert_eq!(
        browser.evaluate(changes).await,
        json!(["step 1 changed", "step 1 added", "oldest version"])
    );
    let users =
        "[...document.querySelectorAll('tbody td:nth-of-type(1)')].map((it) => it.textContent)";
    assert_eq!(browser.evaluate(users).await, json!([NAME, NAME, NAME]));
    browser.click(former).await;
    browser.find("restore").await;
    assert_good(&browser, "version").await;
    browser.press("restore").await;
    browser.find("steps").await;
    assert_eq!(messages(&browser.exported().await), ["first"]);
    browser.press("versions").await;
    browser.css("table").await;
    let count = browser.evaluate("document.querySelectorAll('tbody tr').length");
    assert_eq!(count.await, json!(4));
}

async fn a_lost_answer_is_not_a_conflict() {
    let (_room, browser) = new_bot().await;
    // The save arrives, and its answer does not.
    let lose = "const real = window.fetch; \
        window.fetch = async (path, ...more) => { \
          if (path !== location.pathname) { return real(path, ...more); } \
          window.fetch = real; \
          await real(path, ...more); \
          throw new TypeError('lost'); \
        }";
    run(&browser, lose).await;
    log(&browser, "typed").await;
    until_notice(&browser, "does not respond").await;
    browser.until(IS_SAVED).await;
    assert_eq!(
        browser
            .evaluate("document.getElementById('conflict').open")
            .await,
        json!(false)
    );
    assert_eq!(messages(&browser.exported().await), ["typed"]);
}

async fn a_secret_does_not_come_back_in_another_step() {
    let (room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    let id = bot.path().strip_prefix("/bots/").unwrap();
    let step = |url: &str, secret: &str| {
        json!({
            "action": "genesys/oauth-authenticate",
            "url": url,
            "client-secret": { "insecure-string": secret },
            "session-name": url,
        })
    };
    let file = json!({ "name": "Hello", "steps": [step("eu-central-1", "first"), step("us-east-1", "second")] });
    let save = control_room::bots::Save::Kept;
    let bots = room.bots().await;
    bots.save(id, 1, "Hello", &file.to_string(), save)
        .await
        .unwrap();
    browser.go(bot.as_str()).await;
    browser.find("step-1").await;
    run(&browser, OFFLINE).await;
    // Exchanges the steps.
    browser.click("#steps > li:first-child .down").await;
    until_notice(&browser, "does not respond").await;
    browser.go(bot.as_str()).await;
    until_notice(&browser, "were restored").await;
    browser.until(IS_SAVED).await;
    let steps = &browser.exported().await["steps"];
    assert_eq!(steps[0], step("us-east-1", "second"));
    assert_eq!(steps[1], step("eu-central-1", "first"));
}

async fn an_export_has_what_is_on_screen() {
    let (_room, browser) = new_bot().await;
    run(&browser, OFFLINE).await;
    log(&browser, "not saved").await;
    let take = "const made = URL.createObjectURL; \
        URL.createObjectURL = (file) => { file.text().then((text) => { window.exported = text; }); return made.call(URL, file); }; \
        HTMLAnchorElement.prototype.click = function () { window.fileName = this.download; }";
    run(&browser, take).await;
    browser.press("export").await;
    browser.until("window.exported").await;
    let exported = browser.evaluate("window.exported").await;
    let exported = serde_json::from_str(exported.as_str().unwrap()).unwrap();
    assert_eq!(messages(&exported), ["not saved"]);
    assert_eq!(browser.evaluate("window.fileName").await, "Hello.json");
}

pub(crate) const TESTS: &[Test] = tests![
    what_is_typed_is_saved_by_itself,
    what_was_typed_without_a_server_survives_a_closed_tab,
    a_secret_is_not_kept_in_the_browser,
    after_a_new_sign_in_it_is_saved_and_one_is_back_on_the_page,
    a_sign_in_in_the_same_tab_leads_back_to_what_was_typed,
    a_second_tab_says_that_it_keeps_nothing,
    a_draft_of_a_bot_that_was_changed_meanwhile_is_not_lost,
    a_former_version_can_be_restored,
    a_lost_answer_is_not_a_conflict,
    a_secret_does_not_come_back_in_another_step,
    an_export_has_what_is_on_screen,
];
