//! An administrator sets up an empty Control Room: step 6 of the documentation, and credentials.

use std::sync::Arc;
use test_peers::{Test, tests};

use genesys_sim::{GenesysCloud, User};
use serde_json::json;

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME, PASSWORD};
use crate::editor::create;
use crate::pages::assert_good;

const GENESYS_ADMIN: &str = "admin@example.com";

/// A simulation that browsers on this machine reach, with an administrator.
pub(crate) async fn simulation() -> Arc<GenesysCloud> {
    let cloud = GenesysCloud::start(genesys_sim::Options {
        http: Some(([127, 0, 0, 1], 0).into()),
        ..genesys_sim::Options::default()
    });
    let cloud = cloud.await.unwrap();
    let admin = User {
        password: PASSWORD.into(),
        ..User::admin(GENESYS_ADMIN)
    };
    cloud.add_user(admin).unwrap();
    Arc::new(cloud)
}

/// Signs in as the administrator of the simulation, on the page that is shown.
pub(crate) async fn enter_genesys(browser: &Browser) {
    browser.enter(GENESYS_ADMIN, PASSWORD).await;
    browser.find("add-client").await;
}

/// As administrator of the simulation, adds a user who can sign in there; returns the password.
pub(crate) async fn add_person(browser: &Browser, username: &str) -> String {
    browser
        .css("nav [href='/admin/people']")
        .await
        .click()
        .await;
    browser.fill("username", username).await;
    browser.press("add-person").await;
    value(browser, "password-0").await
}

/// Checks the page in all viewports, and ends on a large screen.
pub(crate) async fn good(browser: &Browser, name: &str) {
    assert_good(browser, name).await;
    browser.look(Look::WIDE).await;
}

/// Creates the first user, an administrator, who is then signed in.
pub(crate) async fn first_user(room: &ControlRoom, browser: &Browser) {
    browser.go(&room.first_run_url().await).await;
    for (field, text) in [("name", NAME), ("password", PASSWORD), ("again", PASSWORD)] {
        browser.fill(field, text).await;
    }
    browser.press("make").await;
    browser.find("create").await;
}

pub(crate) async fn value(browser: &Browser, id: &str) -> String {
    let value = browser.find(id).await.prop("value").await;
    value.unwrap_or_default()
}

/// Presses the button that copies a field.
pub(crate) async fn copy(browser: &Browser, id: &str) {
    let button = format!("[data-copy={id}]");
    browser.css(&button).await.click().await;
    browser
        .until(&format!(
            "document.querySelector('{button}').textContent === 'Copied'"
        ))
        .await;
}

/// Pastes the clipboard into a field.
pub(crate) async fn paste(browser: &Browser, id: &str) {
    let control_v = "\u{e009}v\u{e000}";
    browser.find(id).await.send_keys(control_v).await;
}

/// Agrees to store the token of a sign-in at Genesys Cloud.
pub(crate) async fn store_token(browser: &Browser) {
    // Genesys' redirect brings no cookie; the page that is shown then requests itself with it.
    browser.find("question").await;
    browser.press("store").await;
    browser.find("signed-in").await;
}

/// Signs in at Genesys Cloud in a second tab, which asks whether to store the token; the first page then continues by
/// itself.
pub(crate) async fn sign_in_beside(browser: &Browser, username: &str, password: &str) {
    let here = browser.client.window().await.unwrap();
    let before = browser.client.windows().await.unwrap();
    browser.press("open").await;
    browser.to_new_window(&before).await;
    browser.enter(username, password).await;
    browser.find("question").await;
    good(browser, "question").await;
    store_token(browser).await;
    browser.client.switch_to_window(here).await.unwrap();
}

/// Whether the page was sent with its first role checked.
async fn is_ticked(browser: &Browser) -> bool {
    let ticked = "document.querySelector('[name=role]').defaultChecked";
    browser.evaluate(ticked).await == true
}

#[expect(clippy::too_many_lines, reason = "one scenario in its order")]
async fn from_an_empty_control_room_to_a_signed_in_connection() {
    let room = ControlRoom::beside(Some(simulation().await)).await;
    let browser = Browser::open_for_loopback("en").await;
    first_user(&room, &browser).await;

    // Somebody who can sign in to Genesys Cloud.
    browser.css("a.simulation").await.click().await;
    assert!(browser.text("simulation").await.contains("simulation"));
    good(&browser, "genesys-sign-in").await;
    enter_genesys(&browser).await;
    good(&browser, "genesys-empty").await;
    let password = add_person(&browser, "jane@example.com").await;
    good(&browser, "people").await;

    // The callback URL, copied from the Control Room to the client's form.
    browser.go(&room.url("/connections")).await;
    good(&browser, "no-connections").await;
    browser.press("create").await;
    let callback_url = value(&browser, "callback-url").await;
    copy(&browser, "callback-url").await;
    browser.go(&room.url("/genesys")).await;
    browser.press("add-client").await;
    browser.fill("app-name", "Control Room").await;
    assert_eq!(value(&browser, "duration").await, "86400");
    browser.press("code").await;
    paste(&browser, "redirect-uris").await;
    assert_eq!(value(&browser, "redirect-uris").await, callback_url);
    good(&browser, "add-client").await;
    browser.press("save").await;
    let client_id = value(&browser, "client-id").await;
    let client_secret = value(&browser, "client-secret").await;
    good(&browser, "client").await;
    copy(&browser, "client-id").await;

    // The connection, with the copied values.
    browser.go(&room.url("/connections/new")).await;
    browser.fill("name", "genesys-prod").await;
    browser.fill("environment", "mypurecloud.de").await;
    paste(&browser, "client-id").await;
    assert_eq!(value(&browser, "client-id").await, client_id);
    browser.press("save-and-test").await;
    browser.find("client-secret-error").await;
    good(&browser, "connection-without-secret").await;
    browser.fill("client-secret", &client_secret).await;
    browser.press("save-and-test").await;

    // The sign-in, in another tab.
    browser.find("open").await;
    good(&browser, "signing-in").await;
    sign_in_beside(&browser, "jane@example.com", &password).await;
    browser.shows("signed-in", &["genesys-prod"]).await;
    good(&browser, "signed-in-to-connection").await;

    // The simulation has a person to sign in as, whom nobody had to add.
    browser.press("to-connection").await;
    browser.press("sign-in-shared").await;
    let here = browser.client.window().await.unwrap();
    let before = browser.client.windows().await.unwrap();
    browser.press("open").await;
    browser.to_new_window(&before).await;
    browser.press("sample").await;
    store_token(&browser).await;
    browser.client.switch_to_window(here).await.unwrap();
    browser.find("signed-in").await;

    // Its state, and a test.
    browser.press("to-connection").await;
    browser
        .shows("shared", &["Signed in", "until", "refreshed automatically"])
        .await;
    good(&browser, "one-connection").await;
    browser.press("test-shared").await;
    browser.shows("notice", &["got a new token"]).await;
    browser.go(&room.url("/connections")).await;
    let shown = browser.css(".connections").await.text().await;
    assert!(shown.contains("Signed in"), "{shown}");
    good(&browser, "connections").await;
    browser
        .go(&room.url("/connections/edit?at=genesys-prod"))
        .await;
    good(&browser, "edit-connection").await;
    assert!(
        !browser
            .client
            .source()
            .await
            .unwrap()
            .contains(&client_secret)
    );
    browser.go(&room.url("/genesys")).await;
    good(&browser, "genesys").await;

    // A bot uses it, once one of its designer's roles may.
    browser
        .go(&room.url("/connections/connection?at=genesys-prod"))
        .await;
    browser.css("[name=role]").await.click().await;
    browser.press("save-roles").await;
    browser.done("Saved.").await;
    assert!(is_ticked(&browser).await);
    browser.go(&room.url("/bots")).await;
    create(&browser, "Hello").await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    browser.choose("field-connection", "genesys-prod").await;
    let offered = "document.querySelector('#field-connection :checked').textContent";
    assert_eq!(
        browser.evaluate(offered).await,
        "genesys-prod: Signed in (login.mypurecloud.de)"
    );
    assert_eq!(browser.checked().await, "No mistakes");
    good(&browser, "bot-with-connection").await;
    browser.save().await;
    assert_eq!(
        browser.exported().await["steps"][0],
        json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": { "oauth-connection": "genesys-prod" },
            "session-name": "Default"
        })
    );
    // Her own token is separate, and she has not signed in for it.
    browser.choose("field-token-type", "user-specific").await;
    let problem = browser.problem("connection").await;
    assert!(problem.contains("has not signed in"), "{problem}");
    browser
        .until(&format!("{offered}.includes(': Not signed in')"))
        .await;
}

async fn from_an_empty_control_room_to_a_credential_in_german() {
    let room = ControlRoom::start().await;
    let browser = Browser::open_for_loopback("de").await;
    first_user(&room, &browser).await;
    browser.go(&room.url("/credentials")).await;
    good(&browser, "no-lockers").await;
    browser.fill("new-name", "Genesys").await;
    browser
        .fill("description", "Für die Bots der Hotline")
        .await;
    browser.press("create").await;
    // The administrator role is the first role.
    good(&browser, "locker-settings").await;
    browser
        .go(&room.url("/credentials/locker?at=genesys"))
        .await;
    browser.shows("nobody", &["Noch darf niemand"]).await;
    good(&browser, "locker-of-nobody").await;
    browser.css("[name=role]").await.click().await;
    browser.press("save-roles").await;
    browser.done("Gespeichert.").await;
    assert!(is_ticked(&browser).await);

    // One page makes the credential, its attributes and their values; a mistake costs no value.
    browser
        .go(&room.url("/credentials/locker?at=genesys"))
        .await;
    browser.press("create").await;
    good(&browser, "new-credential").await;
    for (row, name) in [(1, "client-id"), (2, "client-secret")] {
        browser.fill(&format!("attribute-{row}-name"), name).await;
        let value = format!("attribute-{row}-value");
        browser.fill(&value, "canary of the vault").await;
    }
    browser
        .css("[name=attribute-2-password-only]")
        .await
        .click()
        .await;
    browser.press("create").await;
    browser.find("credential-error").await;
    good(&browser, "new-credential-mistake").await;
    assert!(!browser.client.source().await.unwrap().contains("canary"));
    browser.fill("credential", "hello-bot").await;
    browser.press("create").await;

    // A question names the bots that use what is to be removed.
    let bot = json!({ "name": "Bericht", "steps": [{ "action": "genesys/oauth-authenticate",
        "client-secret": { "credential": "genesys/hello-bot/client-secret" } }] });
    let bots = room.bots().await;
    bots.create("Bericht", &bot.to_string()).await.unwrap();
    browser
        .css("[href*='remove-credential']")
        .await
        .click()
        .await;
    assert_eq!(browser.text("used-by").await, "ada: Bericht");
    good(&browser, "remove-credential").await;
    browser.client.back().await.unwrap();
    browser.css("[href*='client-secret']").await.click().await;
    browser.find("remove-value").await;
    good(&browser, "attribute").await;
    browser.press("remove-value").await;
    assert_eq!(browser.text("used-by").await, "ada: Bericht");
    good(&browser, "remove-value").await;
    for (what, at) in [
        ("locker", "genesys"),
        ("attribute", "genesys/hello-bot/client-secret"),
    ] {
        let page = format!("/credentials/remove-{what}?at={at}");
        browser.go(&room.url(&page)).await;
        assert_eq!(browser.text("used-by").await, "ada: Bericht");
        good(&browser, &format!("remove-{what}")).await;
        browser.client.back().await.unwrap();
    }
    browser.press("remove").await;
    browser.done("Der Wert ist entfernt").await;
    browser.fill("value", "canary of the vault").await;
    browser.press("set").await;
    browser.done("Der Wert ist gesetzt").await;
    assert!(!browser.client.source().await.unwrap().contains("canary"));
    browser
        .go(&room.url("/credentials/credential?at=genesys/hello-bot"))
        .await;
    good(&browser, "credential").await;
    browser.go(&room.url("/credentials")).await;
    good(&browser, "lockers").await;
    browser.go(&room.url("/credentials/uses")).await;
    good(&browser, "uses").await;
}

pub(crate) const TESTS: &[Test] = tests![
    from_an_empty_control_room_to_a_signed_in_connection,
    from_an_empty_control_room_to_a_credential_in_german,
];
