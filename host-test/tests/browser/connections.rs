//! An administrator creates, edits and tests connections on their pages.

use std::ops::Range;

use genesys_sim::Options;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::editor::create;
use crate::managing::value;
use crate::pages::assert_good;
use crate::runs::{fixture, import};

async fn all_mistakes_of_a_form_are_shown_at_once_in_german_and_the_secret_is_kept() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("de").await;
    browser.go(&room.url("/connections/new")).await;
    browser.press("provider-custom").await;
    browser.shows("main", &[
        "Benutzerdefinierte Verbindung erstellen",
        "Callback-URL",
        "autorisierte Umleitungs-URI",
        "Die Aktionen von Genesys können eine Verbindung zu einem anderen Anbieter nicht verwenden",
    ]).await;
    for (field, text) in [
        ("name", "genesys-prod"),
        ("authorization-url", "http://example.com/authorize"),
        ("token-url", "https://10.1.2.3/token"),
        ("issuer", "https://example.com/#x"),
        ("client-id", "crm"),
        ("client-secret", "canary of the form"),
        ("scopes", "ä"),
    ] {
        browser.fill(field, text).await;
    }
    browser.press("save").await;
    for (field, reason) in [
        ("name", "bereits eine Verbindung"),
        ("authorization-url", "https://"),
        ("token-url", "10.1.2.3 liegt in einem privaten Netz"),
        ("issuer", "das # und alles danach"),
        ("scopes", "ASCII-Zeichen"),
    ] {
        let error = browser.text(&format!("{field}-error")).await;
        assert!(error.contains(reason), "{field}: {error}");
    }
    assert_good(&browser, "connection-mistakes").await;
    assert_eq!(value(&browser, "client-secret").await, "");
    browser.shows("client-secret-hint", &["ist noch da"]).await;
    assert!(!browser.client.source().await.unwrap().contains("canary"));

    browser.look(Look::WIDE).await;
    for (field, text) in [
        ("name", "crm"),
        ("authorization-url", "https://example.com/authorize"),
        ("token-url", "https://example.com/token"),
        ("issuer", ""),
        ("scopes", ""),
    ] {
        browser.fill(field, text).await;
    }
    browser.press("save").await;
    browser.done("Gespeichert.").await;
    browser
        .shows("main", &["Die Aktionen von Genesys können"])
        .await;
    browser.click("[name=role][value=bots]").await;
    browser.press("save-roles").await;
    browser.done("Gespeichert.").await;
    browser.press("edit").await;
    browser
        .shows("client-secret-hint", &["Ein Schlüssel ist gespeichert"])
        .await;

    // Genesys' action cannot use it, and does not offer it.
    browser.go(&room.url("/bots")).await;
    create(&browser, "Hallo").await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    browser.choose("field-connection", "genesys-prod").await;
    let offered = "[...document.getElementById('field-connection').options].map((it) => it.value)";
    assert_eq!(browser.evaluate(offered).await, json!(["", "genesys-prod"]));
}

/// A bot that signs in with the connection `genesys-prod`.
fn bot_with_connection() -> Value {
    json!({ "name": "Hello", "steps": [{
        "action": "genesys/oauth-authenticate",
        "authentication-type": "control-room-connection",
        "connection": { "oauth-connection": "genesys-prod" },
        "session-name": "Default",
    }]})
}

const RED: Range<i64> = -20..20;
const GREEN: Range<i64> = 90..170;

/// Asserts that the hue of a text is in this range, in degrees, in both colour schemes.
async fn assert_hue(browser: &Browser, selector: &str, range: &Range<i64>) {
    let colour = format!(
        "getComputedStyle(document.querySelector('{selector}')).color.match(/\\d+/g).map(Number)"
    );
    for look in Look::ALL {
        browser.look(look).await;
        let colour = browser.evaluate(&colour).await;
        let [red, green, blue] = [0, 1, 2].map(|channel| colour[channel].as_i64().unwrap());
        let most = red.max(green).max(blue);
        let span = most - red.min(green).min(blue);
        let hue = if most == red {
            60 * (green - blue) / span
        } else if most == green {
            120 + 60 * (blue - red) / span
        } else {
            240 + 60 * (red - green) / span
        };
        assert!(range.contains(&hue), "{selector}: {look:?}: {colour}");
    }
}

/// Asserts what the page says of a test and of the token, in words and colour.
async fn assert_tested(browser: &Browser, notice: &str, state: &str, hue: &Range<i64>) {
    browser.shows("notice", &[notice]).await;
    assert_eq!(browser.css("#shared .sign").await.text().await, state);
    for selector in ["#notice", "#shared .sign"] {
        assert_hue(browser, selector, hue).await;
    }
}

async fn success_is_green_and_failure_red_with_words_beside_the_colours() {
    let (cloud, room, client) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    let page = room.url("/connections/connection?at=genesys-prod");
    browser.go(&page).await;
    let unused = "Requested when a bot needs it";
    assert_eq!(browser.css("#shared .sign").await.text().await, unused);
    // The state is that of the last use, by a bot or by a test.
    import(&browser, &room, &bot_with_connection().to_string()).await;
    browser.press("run").await;
    browser.until_state("run", "Failed").await;
    browser.go(&page).await;
    let failed = "The last use failed";
    assert_eq!(browser.css("#shared .sign").await.text().await, failed);
    assert_hue(&browser, "#shared .sign", &RED).await;
    browser.press("test-shared").await;
    assert_tested(&browser, "got no token", failed, &RED).await;
    assert_good(&browser, "connection-failed").await;

    browser.look(Look::WIDE).await;
    browser.press("edit").await;
    browser.fill("client-id", &client.id).await;
    let secret = client.secret.expose_secret();
    browser.fill("client-secret", secret).await;
    browser.press("save-and-test").await;
    browser.css("#notice.done").await;
    assert_tested(&browser, "got a new token", unused, &GREEN).await;
    assert_good(&browser, "connection-tested").await;
    browser
        .go(&room.url("/connections/remove?at=genesys-prod"))
        .await;
    assert_good(&browser, "remove-connection").await;
    // Its token cannot be revoked.
    drop(cloud);
    browser.press("remove").await;
    browser.find("removed").await;
    assert_good(&browser, "removed-connection").await;
}

async fn save_and_test_says_what_is_still_missing() {
    let (_cloud, room, client) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    browser.go(&room.url("/connections/new")).await;
    for (field, text) in [
        ("name", "mine"),
        ("environment", "mypurecloud.de"),
        ("client-id", &client.id),
        ("client-secret", client.secret.expose_secret()),
    ] {
        browser.fill(field, text).await;
    }
    browser.press("save-login").await;
    browser.press("save-and-test").await;
    let missing = ["Saved, but not tested", "none of your roles may use"];
    browser.shows("notice", &missing).await;
    assert_good(&browser, "connection-not-tested").await;
    browser.look(Look::WIDE).await;
    browser.click("[name=role][value=bots]").await;
    browser.press("save-roles").await;
    browser.done("Saved.").await;
    browser.press("edit").await;
    browser.press("save-and-test").await;
    browser.find("open").await;
    let missing = ["A test needs a token: sign in first."];
    browser.shows("main", &missing).await;
}

pub(crate) const TESTS: &[Test] = tests![
    all_mistakes_of_a_form_are_shown_at_once_in_german_and_the_secret_is_kept,
    success_is_green_and_failure_red_with_words_beside_the_colours,
    save_and_test_says_what_is_still_missing,
];
