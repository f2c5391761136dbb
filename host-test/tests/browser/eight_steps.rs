//! The eight steps of the documentation in a browser alone: from an empty Control Room to a session with Genesys Cloud,
//! for both authentication types and in both languages.

use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::editor::create;
use crate::managing::{add_person, enter_genesys, first_user, sign_in_beside, simulation, value};

const PERSON: &str = "jane@example.com";

/// The texts of the pages in one language.
struct Words {
    language: &'static str,
    action: &'static str,
    types: [&'static str; 2],
    no_mistakes: &'static str,
    done: &'static str,
    opened: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    action: "Genesys > Authentication > OAuth authenticate",
    types: [
        "OAuth2 - Client Credentials",
        "Control Room OAuth connection",
    ],
    no_mistakes: "No mistakes",
    done: "Done",
    opened: "Session “Orders” is open at https://api.mypurecloud.de.",
};

const GERMAN: Words = Words {
    language: "de",
    action: "Genesys > Authentifizierung > OAuth-Authentifizierung",
    types: [
        "OAuth2 – Client-Anmeldedaten",
        "Control Room-OAuth-Verbindung",
    ],
    no_mistakes: "Keine Fehler",
    done: "Fertig",
    opened: "Sitzung „Orders“ ist bei https://api.mypurecloud.de geöffnet.",
};

/// The pages with the simulation, and a browser in which the first user has signed in (step 1).
async fn step_1(words: &Words) -> (ControlRoom, Browser) {
    let room = ControlRoom::beside(Some(simulation().await)).await;
    let browser = Browser::open_for_loopback(words.language).await;
    browser.look(Look::WIDE).await;
    first_user(&room, &browser).await;
    browser.press("sign-out").await;
    room.enter(&browser).await;
    browser.find("create").await;
    (room, browser)
}

/// A new bot, the action under its start, and the authentication type (steps 2 to 4).
async fn steps_2_to_4(room: &ControlRoom, browser: &Browser, words: &Words, chosen: usize) {
    browser.go(&room.url("/bots")).await;
    create(browser, "Orders").await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    assert_eq!(browser.text("form-title").await, words.action);
    let shown = browser.text("field-authentication-type").await;
    for offered in words.types {
        assert!(shown.contains(offered), "{offered}: {shown}");
    }
    let name = ["client-credentials", "control-room-connection"][chosen];
    browser.choose("field-authentication-type", name).await;
}

/// Enters the session name (step 8), runs the bot, and returns the log.
async fn step_8(browser: &Browser, words: &Words) -> String {
    browser.fill("field-session-name", "Orders").await;
    browser
        .until(&format!(
            "document.getElementById('mistakes').textContent === '{}'",
            words.no_mistakes
        ))
        .await;
    browser.press("run").await;
    browser
        .until("['done', 'failed'].includes(document.getElementById('run')?.dataset.state)")
        .await;
    let entries = browser.text("entries").await;
    assert_eq!(browser.text("outcome").await, words.done, "{entries}");
    assert!(entries.contains(words.opened), "{entries}");
    entries
}

/// Opens Admin > Integrations > OAuth, and signs in there as an administrator (step 6.2).
async fn open_genesys(room: &ControlRoom, browser: &Browser) {
    browser.go(&room.url("/genesys")).await;
    enter_genesys(browser).await;
}

/// Adds an OAuth client under Admin > Integrations > OAuth; returns its id and secret.
async fn add_client(
    room: &ControlRoom,
    browser: &Browser,
    grant: &str,
    redirect_uri: Option<&str>,
) -> (String, String) {
    browser.go(&room.url("/genesys")).await;
    browser.press("add-client").await;
    browser.fill("app-name", "Orders").await;
    assert_eq!(value(browser, "duration").await, "86400");
    browser.press(grant).await;
    if let Some(uri) = redirect_uri {
        browser.fill("redirect-uris", uri).await;
    }
    browser.press("save").await;
    let id = value(browser, "client-id").await;
    (id, value(browser, "client-secret").await)
}

/// A locker that the first user may use, with a credential of two attributes.
async fn store_client(room: &ControlRoom, browser: &Browser, client: (&str, &str)) {
    browser.go(&room.url("/credentials")).await;
    browser.fill("new-name", "genesys").await;
    browser.press("create").await;
    browser.css("[name=role]").await.click().await.unwrap();
    browser.press("save-roles").await;
    browser.css(".done").await;
    browser
        .go(&room.url("/credentials/locker?at=genesys"))
        .await;
    browser.fill("new-name", "orders").await;
    browser.press("create").await;
    for (name, content) in [("client-id", client.0), ("client-secret", client.1)] {
        browser
            .go(&room.url("/credentials/credential?at=genesys/orders"))
            .await;
        browser.fill("name", name).await;
        browser.press("create").await;
        browser.fill("value", content).await;
        browser.press("set").await;
        browser.css(".done").await;
    }
}

async fn with_client_credentials(words: &Words) {
    let (room, browser) = step_1(words).await;
    open_genesys(&room, &browser).await;
    let (id, secret) = add_client(&room, &browser, "client-credentials", None).await;
    store_client(&room, &browser, (&id, &secret)).await;
    steps_2_to_4(&room, &browser, words, 0).await;
    // Step 5.
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("orders").await;
    let entries = step_8(&browser, words).await;
    let uses = browser.text("uses").await;
    for used in ["genesys/orders/client-id", "genesys/orders/client-secret"] {
        assert!(uses.contains(used), "{used}: {uses}");
    }
    assert!(!entries.contains(&secret) && !uses.contains(&secret));
}

async fn with_a_connection(words: &Words) {
    let (room, browser) = step_1(words).await;
    // Step 6: the callback URL, the client that knows it, and the connection with the client.
    open_genesys(&room, &browser).await;
    let password = add_person(&browser, PERSON).await;
    browser.go(&room.url("/connections/new")).await;
    let callback_url = value(&browser, "callback-url").await;
    let (id, secret) = add_client(&room, &browser, "code", Some(&callback_url)).await;
    browser.go(&room.url("/connections/new")).await;
    browser.fill("name", "orders").await;
    browser.fill("environment", "mypurecloud.de").await;
    browser.fill("client-id", &id).await;
    browser.fill("client-secret", &secret).await;
    browser.press("save-login").await;
    browser.press("save-and-test").await;
    browser.find("open").await;
    sign_in_beside(&browser, PERSON, &password).await;
    browser
        .go(&room.url("/connections/connection?at=orders"))
        .await;
    browser.css("[name=role]").await.click().await.unwrap();
    browser.press("save-roles").await;
    browser.css(".done").await;

    steps_2_to_4(&room, &browser, words, 1).await;
    // Step 7.
    browser.choose("field-connection", "orders").await;
    let entries = step_8(&browser, words).await;
    assert!(!entries.contains(&secret));
}

async fn with_client_credentials_in_english() {
    with_client_credentials(&ENGLISH).await;
}

async fn with_client_credentials_in_german() {
    with_client_credentials(&GERMAN).await;
}

async fn with_a_connection_in_english() {
    with_a_connection(&ENGLISH).await;
}

async fn with_a_connection_in_german() {
    with_a_connection(&GERMAN).await;
}

pub(crate) const TESTS: &[Test] = tests![
    with_client_credentials_in_english,
    with_client_credentials_in_german,
    with_a_connection_in_english,
    with_a_connection_in_german,
];
