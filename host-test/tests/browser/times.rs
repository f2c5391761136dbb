//! Moments are shown in the time zone and the words of the reader.

use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::Browser;
use crate::control_room::ControlRoom;
use crate::pages::assert_good;
use crate::runs::import;

/// The moment at which the listed run began.
const MOMENT: &str = "document.querySelector('.history time')";

async fn text(browser: &Browser, expression: &str) -> String {
    let value = browser.evaluate(expression).await;
    value.as_str().unwrap().to_owned()
}

/// The number of runs of the days that the filter shows.
async fn runs_of(browser: &Browser, from: &str, to: &str) -> Value {
    browser
        .evaluate(&format!(
            "(document.getElementById('from').value = '{from}', document.getElementById('to').value = '{to}', 0)"
        ))
        .await;
    browser.click("form.filter button").await;
    browser
        .until(&format!(
            "document.readyState === 'complete' && location.search.includes('from={from}&')"
        ))
        .await;
    let count = "document.querySelectorAll('.history tbody tr').length";
    browser.evaluate(count).await
}

async fn moments_and_days_are_those_of_the_reader() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    // A zone where another day is now than in UTC.
    let hour = browser.evaluate("new Date().getUTCHours()").await;
    let zone = if hour.as_u64().unwrap() >= 11 {
        "Pacific/Kiritimati"
    } else {
        "Pacific/Pago_Pago"
    };
    browser.time_zone(zone).await;
    let log = json!({ "action": "log", "message": "Hello" });
    let file = json!({ "name": "Hello", "steps": [log] }).to_string();
    import(&browser, &room, &file).await;
    browser.press("run").await;
    browser.until_state("run", "Done").await;
    browser.go(&room.url("/runs")).await;
    browser
        .until(&format!("!{MOMENT}.textContent.includes('UTC')"))
        .await;
    let shown = text(&browser, &format!("{MOMENT}.textContent")).await;
    let format = |options: &str| {
        format!(
            "new Intl.DateTimeFormat('en-US', {{ timeZone: '{zone}', {options} }}).format(new Date({MOMENT}.dateTime))"
        )
    };
    let local = format("dateStyle: 'medium', timeStyle: 'short'");
    let words = shown.strip_prefix(&text(&browser, &local).await);
    assert!(
        words.is_some_and(|words| [" (now)", " (1 minute ago)"].contains(&words)),
        "{shown}"
    );
    assert_good(&browser, "runs-of-the-reader").await;

    let there =
        format("year: 'numeric', month: '2-digit', day: '2-digit'").replace("en-US", "en-CA");
    let there = text(&browser, &there).await;
    let in_utc = text(&browser, &format!("{MOMENT}.dateTime.slice(0, 10)")).await;
    assert_ne!(there, in_utc);
    assert_eq!(runs_of(&browser, &in_utc, &in_utc).await, json!(0));
    assert_eq!(runs_of(&browser, &there, &there).await, json!(1));
    browser.click(".history tbody a").await;
    browser
        .until("document.querySelector('#entries time')?.textContent.includes('UTC') === false")
        .await;
}

pub(crate) const TESTS: &[Test] = tests![moments_and_days_are_those_of_the_reader];
