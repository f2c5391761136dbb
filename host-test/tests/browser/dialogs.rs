//! An administrator creates a credential or a connection at the field of a step that uses it, in a dialog.

use fantoccini::key::Key;
use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME};
use crate::editor::{create, new_bot, sign_out_elsewhere};
use crate::keyboard::{chord, key, tab_to};
use crate::managing::{
    add_person, copy, enter_genesys, first_user, good, paste, simulation, store_token, value,
};

const OPENED: &str = "document.getElementById('creation').open";

/// A cloud with a client, and a new bot of the first user, an administrator, with *OAuth authenticate*.
async fn fixture(language: &str) -> (GenesysCloud, OAuthClient, ControlRoom, Browser) {
    let cloud = GenesysCloud::start(Options::default()).await.unwrap();
    let region = Region::named("eu-central-1").unwrap();
    let client = cloud.add_client(OAuthClient::new("Orders", region));
    let client = client.unwrap();
    let room = ControlRoom::start_with_cloud(&cloud).await;
    let browser = Browser::open_for_loopback(language).await;
    first_user(&room, &browser).await;
    step(&browser).await;
    (cloud, client, room, browser)
}

/// A new bot with *OAuth authenticate*.
async fn step(browser: &Browser) {
    create(browser, "Orders").await;
    browser.look(Look::WIDE).await;
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
}

/// Opens the dialog at a field, and waits for it.
async fn open(browser: &Browser, field: &str) {
    browser.press(&format!("field-{field}-new")).await;
    browser.until(OPENED).await;
}

/// Waits until the dialog is closed, and nothing of it is left.
pub(crate) async fn until_closed(browser: &Browser) {
    browser
        .until("!document.getElementById('creation').hasChildNodes()")
        .await;
}

/// The field of the step that has the focus.
async fn focused_field(browser: &Browser) -> Value {
    browser
        .evaluate("document.activeElement.closest('[data-field]')?.dataset.field")
        .await
}

async fn credentials_of_step(browser: &Browser) -> [Value; 2] {
    browser.save().await;
    let step = &browser.exported().await["steps"][0];
    ["client-id", "client-secret"].map(|field| step[field].clone())
}

async fn test_sign_in(browser: &Browser, done: &str) {
    browser.press("test-run").await;
    browser.until_state("test", done).await;
}

async fn a_credential_created_at_a_field_is_picked_in_both_fields_and_signs_in() {
    let (_cloud, client, _room, browser) = fixture("en").await;
    browser
        .shows(
            "field-client-secret-panel",
            &["“New credential …” creates one"],
        )
        .await;
    open(&browser, "client-secret").await;
    browser.fill("new-locker-name", "genesys").await;
    browser.fill("new-credential", "orders").await;
    browser.fill("new-client-id-value", &client.id).await;
    let secret = client.secret.expose_secret();
    browser.fill("new-client-secret-value", secret).await;
    good(&browser, "new-credential").await;
    browser.press("new-create").await;
    until_closed(&browser).await;
    assert_eq!(focused_field(&browser).await, "client-secret");
    assert_eq!(
        value(&browser, "field-client-id-credential-name").await,
        "orders"
    );
    let picked = |attribute: &str| json!({ "credential": format!("genesys/orders/{attribute}") });
    assert_eq!(
        credentials_of_step(&browser).await,
        [picked("client-id"), picked("client-secret")]
    );
    assert_eq!(browser.checked().await, "No mistakes");
    let page = browser.client.source().await.unwrap();
    assert!(!page.contains(secret), "{page}");
    let kept = browser.evaluate("JSON.stringify(localStorage)").await;
    assert!(!kept.to_string().contains(secret), "{kept}");
    test_sign_in(&browser, "Done").await;

    // Both fields are one change.
    chord(&browser, &[Key::Control], 'z').await;
    assert_eq!(
        credentials_of_step(&browser).await,
        [Value::Null, Value::Null]
    );
    chord(&browser, &[Key::Control], 'y').await;
    assert_eq!(
        credentials_of_step(&browser).await,
        [picked("client-id"), picked("client-secret")]
    );

    // Another one in the same locker, for one field.
    open(&browser, "client-id").await;
    assert_eq!(value(&browser, "new-locker").await, "genesys");
    browser.fill("new-credential", "other").await;
    browser.fill("new-client-id-name", "id").await;
    browser.fill("new-client-id-value", "x").await;
    browser.press("new-create").await;
    until_closed(&browser).await;
    assert_eq!(
        credentials_of_step(&browser).await,
        [
            json!({ "credential": "genesys/other/id" }),
            picked("client-secret")
        ]
    );
}

async fn a_credential_is_created_in_a_dialog_with_the_keyboard_alone_in_german() {
    let (_cloud, client, _room, browser) = fixture("de").await;
    tab_to(&browser, "it.id === 'field-client-id-new'").await;
    key(&browser, Key::Enter).await;
    browser.until(OPENED).await;
    assert_eq!(browser.focus().await, "new-locker");
    key(&browser, Key::Escape).await;
    until_closed(&browser).await;
    assert_eq!(browser.focus().await, "field-client-id-new");

    key(&browser, Key::Enter).await;
    browser.until(OPENED).await;
    let secret = client.secret.expose_secret();
    for (field, text) in [
        ("new-locker-name", "Genesys"),
        ("new-credential", "orders"),
        ("new-client-id-value", &client.id),
        ("new-client-secret-value", secret),
    ] {
        tab_to(&browser, &format!("it.id === '{field}'")).await;
        browser.keys(text).await;
    }
    key(&browser, Key::Enter).await;
    until_closed(&browser).await;
    assert_eq!(focused_field(&browser).await, "client-id");
    assert_eq!(browser.checked().await, "Keine Fehler");
    test_sign_in(&browser, "Fertig").await;
}

async fn mistakes_in_the_dialog_are_shown_at_once_and_keep_what_was_typed() {
    let (_cloud, _client, room, browser) = fixture("de").await;
    open(&browser, "client-id").await;
    browser.fill("new-client-secret-value", "canary").await;
    browser.fill("new-locker-name", "").await;
    browser.fill("new-credential", "a/b").await;
    browser.click("[data-part=roles] input").await;
    browser.press("new-create").await;
    browser
        .until("document.activeElement.id === 'new-locker-name'")
        .await;
    for (field, text) in [
        ("locker-name", "Ein Name hat 1 bis 50 Zeichen"),
        ("roles", "eine Ihrer eigenen Rollen"),
        ("credential", "weder Schrägstriche"),
        ("client-id-value", "mindestens ein Zeichen"),
    ] {
        let mistake = browser.text(&format!("new-{field}-mistake")).await;
        assert!(mistake.contains(text), "{field}: {mistake}");
    }
    assert_eq!(value(&browser, "new-client-secret-value").await, "canary");
    good(&browser, "new-credential-with-mistakes").await;

    browser.fill("new-locker-name", "genesys").await;
    browser.fill("new-credential", "orders").await;
    browser.click("[data-part=roles] input").await;
    browser.fill("new-client-id-value", "x").await;
    let windows = sign_out_elsewhere(&room, &browser).await;
    browser.press("new-create").await;
    let failure = "document.querySelector('#creation [role=alert]').textContent";
    browser
        .until(&format!("{failure}.includes('Sie sind abgemeldet')"))
        .await;
    browser.switch_to(&windows[1]).await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.switch_to(&windows[0]).await;
    browser.press("new-create").await;
    until_closed(&browser).await;
    let picked = ["client-id", "client-secret"].map(|it| format!("genesys/orders/{it}"));
    assert_eq!(
        credentials_of_step(&browser).await,
        picked.map(|path| json!({ "credential": path }))
    );
}

async fn only_administrators_see_the_buttons_of_the_dialogs() {
    let (room, browser) = new_bot().await;
    let (ada, role) = (NAME.parse().unwrap(), "administrator".parse().unwrap());
    room.store.users().revoke(&ada, &role).await.unwrap();
    browser.client.refresh().await.unwrap();
    browser
        .click("[data-action='genesys/oauth-authenticate']")
        .await;
    browser.choose("field-client-id-locker", "genesys").await;
    let buttons = "document.querySelectorAll('[id$=-new]').length";
    assert_eq!(browser.evaluate(buttons).await, 0);
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    browser.choose("field-connection", "genesys-prod").await;
    assert_eq!(browser.evaluate(buttons).await, 0);
}

async fn a_connection_created_in_a_dialog_is_picked_and_signed_in_to() {
    let room = ControlRoom::beside(Some(simulation().await)).await;
    let browser = Browser::open_for_loopback("en").await;
    browser.look(Look::WIDE).await;
    first_user(&room, &browser).await;
    browser.go(&room.url("/genesys")).await;
    enter_genesys(&browser).await;
    let password = add_person(&browser, "jane@example.com").await;
    browser.go(&room.url("/bots")).await;
    step(&browser).await;
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    browser
        .until("document.getElementById('none-connection').textContent.includes('“New connection …” creates one')")
        .await;
    open(&browser, "connection").await;
    assert_eq!(browser.focus().await, "new-name");
    let environment = value(&browser, "new-environment").await;
    assert_eq!(environment, "https://apps.mypurecloud.de");
    browser.fill("new-name", "").await;
    browser.press("new-create").await;
    browser
        .until("document.getElementById('new-client-id-mistake').textContent !== ''")
        .await;
    good(&browser, "new-connection").await;

    // The client that knows the callback URL.
    copy(&browser, "new-callback-url").await;
    let editor = browser.client.window().await.unwrap();
    let other = browser.client.new_window(true).await.unwrap().handle;
    browser.switch_to(&other).await;
    browser.go(&room.url("/genesys")).await;
    browser.press("add-client").await;
    browser.fill("app-name", "Orders").await;
    browser.press("code").await;
    paste(&browser, "redirect-uris").await;
    browser.press("save").await;
    let id = value(&browser, "client-id").await;
    let secret = value(&browser, "client-secret").await;
    browser.switch_to(&editor).await;
    browser.fill("new-name", "orders").await;
    browser.fill("new-client-id", &id).await;
    browser.fill("new-client-secret", &secret).await;
    let before = browser.client.windows().await.unwrap();
    browser.press("new-create").await;
    // The tab goes on at Genesys at once.
    browser.to_new_window(&before).await;
    browser.enter("jane@example.com", &password).await;
    store_token(&browser).await;

    browser.switch_to(&editor).await;
    // A browser without windows gives them no focus.
    browser.evaluate("dispatchEvent(new Event('focus'))").await;
    assert_eq!(value(&browser, "field-connection").await, "orders");
    let offered = "document.querySelector('#field-connection :checked').textContent";
    browser
        .until(&format!(
            "{offered} === 'orders: Signed in (login.mypurecloud.de)'"
        ))
        .await;
    browser
        .until("document.getElementById('mistakes').textContent === 'No mistakes'")
        .await;
    assert_eq!(focused_field(&browser).await, "connection");
    assert!(!browser.client.source().await.unwrap().contains(&secret));
    test_sign_in(&browser, "Done").await;
}

async fn the_dialog_of_a_connection_follows_whose_token_the_step_uses() {
    let (_cloud, _client, room, browser) = fixture("de").await;
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    browser.choose("field-token-type", "user-specific").await;
    open(&browser, "connection").await;
    browser
        .shows("creation", &["Das Token ist nur für Sie"])
        .await;
    for (field, text) in [
        ("name", "orders"),
        ("client-id", "x"),
        ("client-secret", "x"),
    ] {
        browser.fill(&format!("new-{field}"), text).await;
    }
    let before = browser.client.windows().await.unwrap();
    browser.press("new-create").await;
    browser.to_new_window(&before).await;
    // The provider cannot be reached; the page that was left is still there.
    let at_provider = "!location.href.startsWith('http://127.0.0.1')";
    browser.until(at_provider).await;
    let page = room.url("/connections/sign-in?at=orders");
    browser.go(&page).await;
    browser.find("open").await;
    browser.shows("main", &["Das Token ist nur für Sie"]).await;
}

pub(crate) const TESTS: &[Test] = tests![
    a_credential_created_at_a_field_is_picked_in_both_fields_and_signs_in,
    a_credential_is_created_in_a_dialog_with_the_keyboard_alone_in_german,
    mistakes_in_the_dialog_are_shown_at_once_and_keep_what_was_typed,
    only_administrators_see_the_buttons_of_the_dialogs,
    a_connection_created_in_a_dialog_is_picked_and_signed_in_to,
    the_dialog_of_a_connection_follows_whose_token_the_step_uses,
];
