//! The screenshots of the README, to be updated when the pages have changed:
//! `cargo test -p host-test --test browser -- --ignored pictures`.

use std::fs;
use std::path::Path;
use test_peers::{Test, tests};

use control_room::connections::Settings;
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use egress::{AllowList, Options};
use genesys_sim::{OAuthClient, Region, User};

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME, PASSWORD};
use crate::managing::{enter_genesys, first_user, simulation};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");

/// The size limit of a screenshot in bytes, as it is part of every clone.
const MAX_PICTURE: usize = 160_000;

const LIGHT: Look = Look::new(1140, false);
const DARK: Look = Look::new(1140, true);
const NARROW: Look = Look::new(360, false);

/// The bots in the screenshots, first those that are opened.
const BOTS: [(&str, &str); 3] = [
    (
        "Hello Genesys",
        r#"{"name": "Hello Genesys", "steps": [
            {"action": "genesys/oauth-authenticate",
             "authentication-type": "client-credentials",
             "url": "https://apps.mypurecloud.de",
             "client-id": {"credential": "genesys/hello-bot/client-id"},
             "client-secret": {"credential": "genesys/hello-bot/client-secret"},
             "session-name": "Default"},
            {"action": "genesys/api-request", "session-name": "Default",
             "path": "/api/v2/organizations/me", "output": "organization"},
            {"action": "log", "message": "Hello, {organization.name}"},
            {"action": "genesys/disconnect", "session-name": "Default"}]}"#,
    ),
    (
        "Hello Jane",
        r#"{"name": "Hello Jane", "steps": [
            {"action": "genesys/oauth-authenticate",
             "authentication-type": "control-room-connection",
             "connection": {"oauth-connection": "genesys-prod"},
             "session-name": "Default"},
            {"action": "genesys/api-request", "session-name": "Default",
             "path": "/api/v2/users/me", "output": "user"},
            {"action": "log", "message": "Hello, {user.name}"},
            {"action": "genesys/disconnect", "session-name": "Default"}]}"#,
    ),
    ("Night shift", r#"{"name": "Night shift", "steps": []}"#),
];

/// Takes a screenshot.
async fn picture(browser: &Browser, look: Look, name: &str) {
    browser.look(look).await;
    let height = if look.width < 600 { 800 } else { 640 };
    let picture = browser.picture(height).await;
    let path = Path::new(FOLDER).join(name).with_extension("png");
    fs::write(path, &picture).unwrap();
    assert!(picture.len() < MAX_PICTURE, "{name}: {}", picture.len());
}

/// Opens a bot in the editor at its first step, and waits for the check.
async fn open(browser: &Browser, room: &ControlRoom, bot: &str, no_mistakes: &str) {
    browser.go(&room.url("/bots")).await;
    let link = fantoccini::Locator::LinkText(bot);
    let link = browser.client.find(link).await.unwrap();
    link.click().await.unwrap();
    assert_eq!(browser.checked().await, no_mistakes);
}

async fn pictures() {
    let cloud = simulation().await;
    let region = Region::with_domain("mypurecloud.de").unwrap();
    let hello_bot = OAuthClient {
        id: "3d2f6f0e-58a1-4c0b-9d64-2f7f0f6f3a11".into(),
        ..OAuthClient::new("Hello bot", region)
    };
    let hello_bot = cloud.add_client(hello_bot).unwrap();
    let control_room = OAuthClient {
        id: "9b1c7a52-0d3e-4f7a-8c55-6f0a1be2d944".into(),
        grant_types: Vec::new(),
        ..OAuthClient::new("Control Room", region)
    };
    let callback_url = "http://127.0.0.1:24680/callback";
    cloud
        .add_client(control_room.with_redirect_uri(callback_url))
        .unwrap();
    let jane = User::new("jane@example.com", PASSWORD.into());
    cloud.add_user(jane).unwrap();
    let room = ControlRoom::beside(Some(cloud)).await;
    let browser = Browser::open_for_loopback("en").await;
    first_user(&room, &browser).await;
    room.add_designer().await;
    room.store_client(&hello_bot).await;
    let (passwords, name) = (room.store.passwords(), NAME.parse().unwrap());
    let account = passwords.verify(&name, &PASSWORD.into()).await;
    let bots = room.store.bots(&account.unwrap().unwrap());
    for (name, file) in BOTS {
        bots.create(name, file).await.unwrap();
    }
    let registration = Registration::new(
        Provider::genesys("mypurecloud.de").unwrap(),
        Grant::AuthorizationCodePkce,
        "9b1c7a52-0d3e-4f7a-8c55-6f0a1be2d944",
        None,
        Scopes::default(),
    );
    let settings = Settings {
        registration: registration.unwrap(),
        save_login_credentials: true,
    };
    let connections = room.store.connections(Options::new(AllowList::default()));
    let hotline = "hotline".parse().unwrap();
    connections.create(&hotline, settings).await.unwrap();
    let role = "bots".parse().unwrap();
    connections.allow(&hotline, &role).await.unwrap();
    fs::create_dir_all(FOLDER).unwrap();

    browser.go(&room.url("/bots")).await;
    picture(&browser, LIGHT, "bots").await;
    browser
        .go(&room.url("/credentials/credential?at=genesys/hello-bot"))
        .await;
    picture(&browser, LIGHT, "credentials").await;
    browser.go(&room.url("/connections")).await;
    picture(&browser, LIGHT, "connections").await;
    browser.go(&room.url("/genesys")).await;
    enter_genesys(&browser).await;
    picture(&browser, LIGHT, "simulation").await;
    open(&browser, &room, "Hello Genesys", "No mistakes").await;
    picture(&browser, LIGHT, "editor").await;
    picture(&browser, DARK, "editor-dark").await;
    picture(&browser, NARROW, "editor-narrow").await;
    browser.look(LIGHT).await;
    browser.press("run").await;
    browser.until_state("run", "Done").await;
    picture(&browser, LIGHT, "editor-run").await;
    browser.open_log().await;
    browser.find("outcome").await;
    picture(&browser, LIGHT, "run").await;
    browser.press("language").await;
    browser.css("html[lang=de]").await;
    open(&browser, &room, "Hello Jane", "Keine Fehler").await;
    browser
        .until("document.getElementById('field-connection').options.length === 3")
        .await;
    picture(&browser, LIGHT, "editor-german").await;
    browser.press("language").await;
    browser.css("html[lang=en]").await;
    browser.press("sign-out").await;
    browser.find("sign-in").await;
    picture(&browser, LIGHT, "sign-in").await;
}

// Run on request only.
pub(crate) const TESTS: &[Test] = tests![; ignored: pictures];
