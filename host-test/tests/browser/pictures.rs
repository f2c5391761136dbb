//! Pictures of the pages, on request only. Those of the README, in `screenshots`, are made anew when the pages have changed:
//! `cargo test -p host-test --test browser -- --ignored of_the_readme`. Those of every main page in every look, to be looked
//! at, go to `target/tmp/screenshots/pages`: `-- --ignored in_every_look`.

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

/// The screenshots of the README: page, look, and name.
const OF_THE_README: [(&str, Look, &str); 11] = [
    ("bots", LIGHT, "bots"),
    ("credential", LIGHT, "credentials"),
    ("connections", LIGHT, "connections"),
    ("simulation", LIGHT, "simulation"),
    ("editor", LIGHT, "editor"),
    ("editor", DARK, "editor-dark"),
    ("editor", NARROW, "editor-narrow"),
    ("editor-run", LIGHT, "editor-run"),
    ("run", LIGHT, "run"),
    ("editor-german", LIGHT, "editor-german"),
    ("sign-in", LIGHT, "sign-in"),
];

/// What is shown of a page in every look, in CSS pixels.
const MAX_HEIGHT: u32 = 1600;

/// The widths of a phone, a notebook and a large screen.
const WIDTHS: [u32; 3] = [390, 1440, 1920];

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

/// Opens a bot in the editor at its first step, and waits for the check.
async fn open(browser: &Browser, room: &ControlRoom, bot: &str, no_mistakes: &str) {
    browser.go(&room.url("/bots")).await;
    let link = fantoccini::Locator::LinkText(bot);
    let link = browser.client.find(link).await.unwrap();
    link.click().await.unwrap();
    assert_eq!(browser.checked().await, no_mistakes);
}

/// Visits the main pages, and calls `visit` at each with its name.
async fn tour(visit: impl AsyncFn(&Browser, &str)) {
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

    browser.look(LIGHT).await;
    for (page, path) in [
        ("bots", "/bots"),
        ("import", "/bots/import"),
        ("lockers", "/credentials"),
        ("locker", "/credentials/locker?at=genesys"),
        ("new-credential", "/credentials/new?at=genesys"),
        ("credential", "/credentials/credential?at=genesys/hello-bot"),
        ("connections", "/connections"),
        ("connection", "/connections/connection?at=genesys-prod"),
        ("new-connection", "/connections/new"),
        ("users", "/users"),
        ("roles", "/users/roles"),
        ("learn", "/learn/designers"),
    ] {
        browser.go(&room.url(path)).await;
        visit(&browser, page).await;
    }
    browser.go(&room.url("/genesys")).await;
    enter_genesys(&browser).await;
    visit(&browser, "simulation").await;
    open(&browser, &room, "Hello Genesys", "No mistakes").await;
    visit(&browser, "editor").await;
    browser.look(LIGHT).await;
    browser.press("run").await;
    browser.until_state("run", "Done").await;
    visit(&browser, "editor-run").await;
    browser.open_log().await;
    browser.find("outcome").await;
    visit(&browser, "run").await;
    browser.go(&room.url("/runs")).await;
    visit(&browser, "runs").await;
    browser.press("language").await;
    browser.css("html[lang=de]").await;
    open(&browser, &room, "Hello Jane", "Keine Fehler").await;
    browser
        .until("document.getElementById('field-connection').options.length === 3")
        .await;
    visit(&browser, "editor-german").await;
    browser.press("language").await;
    browser.css("html[lang=en]").await;
    browser.press("sign-out").await;
    browser.find("sign-in").await;
    visit(&browser, "sign-in").await;
}

async fn of_the_readme() {
    fs::create_dir_all(FOLDER).unwrap();
    let visit = async |browser: &Browser, page: &str| {
        for (_, look, name) in OF_THE_README.iter().filter(|it| it.0 == page) {
            browser.look(*look).await;
            let height = if look.width < 600 { 800 } else { 640 };
            let picture = browser.picture(height).await;
            let path = Path::new(FOLDER).join(name).with_extension("png");
            fs::write(path, &picture).unwrap();
            assert!(picture.len() < MAX_PICTURE, "{name}: {}", picture.len());
        }
    };
    tour(visit).await;
}

async fn in_every_look() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots/pages");
    fs::create_dir_all(&folder).unwrap();
    let visit = async |browser: &Browser, page: &str| {
        for width in WIDTHS {
            for dark in [false, true] {
                browser.look(Look::new(width, dark)).await;
                let scheme = if dark { "dark" } else { "light" };
                let name = format!("{page}-{width}-{scheme}.png");
                fs::write(folder.join(name), browser.picture(MAX_HEIGHT).await).unwrap();
            }
        }
    };
    tour(visit).await;
}

// Run on request only.
pub(crate) const TESTS: &[Test] = tests![; ignored: of_the_readme, in_every_look];
