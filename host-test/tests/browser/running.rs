//! A designer runs a bot in the editor.

use genesys_sim::{GenesysCloud, Options};
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::editor::{new_bot, sign_out_elsewhere};
use crate::pages::assert_good;
use crate::runs::{bot, fixture, import};

fn request(path: &str) -> Value {
    json!({ "action": "genesys/api-request", "path": path })
}

/// A bot that waits at its third step.
pub(crate) async fn waiting_bot(language: &str) -> (GenesysCloud, ControlRoom, Browser) {
    let limited = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let (cloud, room, _) = fixture(limited).await;
    let browser = room.signed_in(language).await;
    browser.look(Look::WIDE).await;
    let request = request("/api/v2/organizations/me");
    let log = json!({ "action": "log", "message": "Hello" });
    import(&browser, &room, &bot(&[request.clone(), request, log])).await;
    (cloud, room, browser)
}

pub(crate) async fn until_waiting(browser: &Browser) {
    browser
        .until("document.querySelector('[data-status=waiting] .status')")
        .await;
}

async fn is_disabled(browser: &Browser, id: &str) -> Value {
    let disabled = format!("document.getElementById('{id}').disabled");
    browser.evaluate(&disabled).await
}

async fn steps_light_up_and_the_failing_one_opens_with_its_message_in_german() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("de").await;
    browser.look(Look::WIDE).await;
    let log = json!({ "action": "log", "message": "Hallo" });
    let missing = request("/api/v2/users/nobody");
    import(&browser, &room, &bot(&[log.clone(), missing, log])).await;
    browser.press("run").await;
    browser.until_state("run", "Fehlgeschlagen · ").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "failed", ""])
    );
    let selected = "document.querySelector('.step[data-selected] .what').textContent";
    assert_eq!(browser.evaluate(selected).await, "3. API-Anfrage");
    browser.shows("result", &["404"]).await;
    assert_eq!(browser.focus().await, "run");
    assert_good(&browser, "ran-and-failed").await;
    browser.look(Look::WIDE).await;

    // What is corrected runs as it is on screen.
    browser.press("tool-disable").await;
    browser.until_state("run", "Fehlgeschlagen").await;
    browser.shows("run-state", &["seitdem geändert"]).await;
    browser.press("run").await;
    browser.until_state("run", "Fertig · ").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "skipped", "done"])
    );
    browser.select(2).await;
    assert_eq!(browser.text("result").await, "Hallo");
    browser.open_log().await;
    browser.shows("entries", &["Hallo"]).await;
}

async fn a_waiting_run_counts_down_and_stops_at_once() {
    let (_cloud, _room, browser) = waiting_bot("en").await;
    browser.press("run").await;
    browser
        .until("document.querySelector('[data-status=waiting] .status')?.textContent.startsWith('Waiting, ')")
        .await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "waiting", ""])
    );
    assert_eq!(browser.text("run-state").await, "Running …");
    let left = "parseInt(document.querySelector('[data-status=waiting] .status').textContent.match(/\\d+/))";
    let before = browser.evaluate(left).await;
    browser.until(&format!("{left} < {before}")).await;
    assert_good(&browser, "running").await;
    browser.look(Look::WIDE).await;
    // At once, also if the answer takes a while.
    let stop = "document.getElementById('run-stop').click(); \
        return document.getElementById('run-state').textContent";
    let said = browser.client.execute(stop, Vec::new()).await.unwrap();
    assert_eq!(said, "Stopping …");
    browser.until_state("run", "Stopped · ").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "stopped", ""])
    );
}

async fn a_run_and_a_test_do_not_mix() {
    let (_cloud, _room, browser) = waiting_bot("en").await;
    browser.select(4).await;
    for [one, other] in [["run", "test-run"], ["test-run", "run"]] {
        let kind = one.trim_end_matches("-run");
        let others = other.trim_end_matches("-run");
        browser.press(one).await;
        until_waiting(&browser).await;
        assert_eq!(is_disabled(&browser, other).await, true);
        // Only the last one is shown.
        assert_eq!(browser.text(&format!("{others}-state")).await, "");
        browser.press(&format!("{kind}-stop")).await;
        browser.until_state(kind, "Stopped").await;
        assert_eq!(is_disabled(&browser, other).await, false);
        assert_eq!(browser.focus().await, one);
    }
}

async fn mistakes_lead_to_their_field() {
    let (_room, browser) = new_bot().await;
    browser.press("run").await;
    browser.until_state("run", "Nothing has run").await;
    browser.click("[data-action='log']").await;
    browser.fill("field-message", "{nothing}").await;
    browser.click("[data-action='log']").await;
    browser.fill("field-message", "x").await;
    browser.press("run").await;
    browser
        .until("document.activeElement.id === 'field-message'")
        .await;
    assert_ne!(browser.problem("message").await, "");
    assert_eq!(
        browser.text("run-state").await,
        "Nothing has run: the bot has mistakes. Correct them first."
    );
    assert_good(&browser, "run-with-mistakes").await;
}

async fn a_run_that_cannot_start_says_why() {
    /// The server answers no requests to paths that end like this.
    const OFFLINE: &str = "window.online = window.fetch; \
        window.fetch = (path, ...more) => path.endsWith(arguments[0]) \
          ? Promise.reject(new TypeError('offline')) : window.online(path, ...more)";
    let (room, browser) = new_bot().await;
    browser.click("[data-action='log']").await;
    browser.fill("field-message", "x").await;
    for (path, said) in [
        ("/runs", "The Control Room does not respond."),
        ("", "Nothing has run: the bot is not saved."),
    ] {
        let offline = browser.client.execute(OFFLINE, vec![json!(path)]);
        offline.await.unwrap();
        browser.press("run").await;
        browser.until_state("run", said).await;
        let online = "window.fetch = window.online";
        browser.client.execute(online, Vec::new()).await.unwrap();
    }

    let address = browser.client.current_url().await.unwrap();
    let id = address.path().strip_prefix("/bots/").unwrap();
    room.bots().await.remove(id).await.unwrap();
    browser.press("run").await;
    browser.css("#failure button").await;
    browser.until_state("run", "Nothing has run").await;

    sign_out_elsewhere(&room, &browser).await;
    browser.press("run").await;
    browser.css("#failure a").await;
    browser.until_state("run", "Nothing has run").await;
    assert_good(&browser, "run-signed-out").await;
}

async fn a_run_is_followed_again_after_a_new_sign_in() {
    let (_cloud, room, browser) = waiting_bot("en").await;
    browser.press("run").await;
    until_waiting(&browser).await;
    let [first, second] = sign_out_elsewhere(&room, &browser).await;
    browser.until_state("run", "You are signed out").await;
    assert_eq!(browser.statuses().await, json!(["done", "done", "", ""]));
    // It may go on: nothing else can be started.
    assert_eq!(is_disabled(&browser, "test-run").await, json!(true));
    browser.switch_to(&second).await;
    browser.go(&room.url("/bots")).await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.switch_to(&first).await;
    browser.until_state("run", "Running").await;
    browser.press("run-stop").await;
    browser.until_state("run", "Stopped").await;
}

pub(crate) const TESTS: &[Test] = tests![
    steps_light_up_and_the_failing_one_opens_with_its_message_in_german,
    a_waiting_run_counts_down_and_stops_at_once,
    a_run_and_a_test_do_not_mix,
    mistakes_lead_to_their_field,
    a_run_that_cannot_start_says_why,
    a_run_is_followed_again_after_a_new_sign_in,
];
