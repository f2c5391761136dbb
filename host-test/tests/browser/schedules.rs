//! A designer has a bot start by itself.

use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::pages::assert_good;

const BOT: &str = r#"{
    "name": "Nightly",
    "variables": [{ "name": "who", "input": true }],
    "steps": [{ "action": "log", "message": "Hello {who}" }]
}"#;

/// The form with which the bot gets a schedule, in the time zone of the reader.
async fn form(room: &ControlRoom, language: &str) -> Browser {
    room.add_designer().await;
    room.bots().await.create("Nightly", BOT).await.unwrap();
    let browser = room.signed_in(language).await;
    browser.time_zone("Asia/Tokyo").await;
    browser.go(&room.url("/bots")).await;
    browser.click("a[href$='/schedule']").await;
    browser
        .until("document.getElementById('zone')?.value === 'Asia/Tokyo'")
        .await;
    browser
}

async fn a_bot_is_scheduled_paused_and_resumed_in_german() {
    let room = ControlRoom::start().await;
    let browser = form(&room, "de").await;
    let zones = "document.querySelectorAll('#zones option').length > 100";
    assert_eq!(browser.evaluate(zones).await, true);
    browser.choose("days", "* * 1-5").await;
    // What keys do there depends on the language of the browser.
    let time = "document.getElementById('time').value = '09:30'";
    browser.evaluate(time).await;
    browser.fill("input-1", "Ada").await;
    browser.choose("missed", "once").await;
    browser.press("save").await;
    browser.find("schedules").await;
    let list = "document.getElementById('main').innerText";
    let text = browser.evaluate(list).await;
    let text = text.as_str().unwrap();
    for shown in [
        "Der Zeitplan wurde gespeichert",
        "Nightly",
        "Montag bis Freitag, 09:30 (Asia/Tokyo)",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // By the clock of the reader, who is in the same time zone.
    assert!(text.contains("9:30 ("), "{text}");
    browser.click("form[action$='/pause'] button").await;
    browser.css("form[action$='/resume']").await;
    browser.click("form[action$='/resume'] button").await;
    browser.css("form[action$='/pause']").await;
    browser.click("form[action$='/remove'] button").await;
    browser.css(".empty").await;
}

async fn the_pages_about_schedules_are_accessible() {
    let room = ControlRoom::start().await;
    let browser = form(&room, "en").await;
    assert_good(&browser, "schedule").await;
    // With an error.
    browser.look(Look::WIDE).await;
    browser.fill("input-1", "Ada").await;
    browser.press("save").await;
    browser.find("time-error").await;
    assert_good(&browser, "schedule-error").await;
    browser.look(Look::WIDE).await;
    browser.click("details.remarks summary").await;
    browser.fill("cron", "*/15 8-17 * * 1-5").await;
    browser.press("save").await;
    browser.find("schedules").await;
    assert_good(&browser, "schedules").await;
}

pub(crate) const TESTS: &[Test] = tests![
    a_bot_is_scheduled_paused_and_resumed_in_german,
    the_pages_about_schedules_are_accessible,
];
