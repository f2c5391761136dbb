//! The eight steps of the documentation in a browser alone: from an empty Control Room to a session with Genesys Cloud,
//! for both authentication types and in both languages.

use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::dialogs::until_closed;
use crate::editor::create;
use crate::managing::{enter_genesys, first_user, simulation, store_token, value};

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

/// The pages with the simulation, and a browser in which the first user signs in (step 1). Clicks count from there.
async fn step_1(words: &Words) -> (ControlRoom, Browser, u32) {
    let room = ControlRoom::beside(Some(simulation().await)).await;
    let browser = Browser::open_for_loopback(words.language).await;
    browser.look(Look::WIDE).await;
    first_user(&room, &browser).await;
    browser.press("sign-out").await;
    let before = browser.clicks();
    room.enter(&browser).await;
    browser.find("create").await;
    (room, browser, before)
}

/// A new bot, the action under its start, and the authentication type, the first of which is chosen already (steps 2 to 4).
async fn steps_2_to_4(browser: &Browser, words: &Words, chosen: usize) {
    create(browser, "Orders").await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    assert_eq!(browser.text("form-title").await, words.action);
    browser
        .shows("field-authentication-type", &words.types)
        .await;
    let name = ["client-credentials", "control-room-connection"][chosen];
    if value(browser, "field-authentication-type").await != name {
        browser.choose("field-authentication-type", name).await;
    }
}

/// Enters the session name (step 8), runs the bot, and returns the log of the run and the clicks until it was done.
async fn step_8(browser: &Browser, words: &Words) -> (String, u32) {
    browser.fill("field-session-name", "Orders").await;
    browser
        .until(&format!(
            "document.getElementById('mistakes').textContent === '{}'",
            words.no_mistakes
        ))
        .await;
    browser.press("run").await;
    browser.until_state("run", words.done).await;
    let clicks = browser.clicks();
    browser.shows("result", &[words.opened]).await;
    browser.open_log().await;
    (browser.text("entries").await, clicks)
}

/// Adds an OAuth client under Admin > Integrations > OAuth, as an administrator there (step 6.2 to 6.5); returns its id and
/// secret.
async fn add_client(
    room: &ControlRoom,
    browser: &Browser,
    grant: &str,
    redirect_uri: Option<&str>,
) -> (String, String) {
    browser.go(&room.url("/genesys")).await;
    enter_genesys(browser).await;
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

async fn with_client_credentials(words: &Words) {
    let (room, browser, before) = step_1(words).await;
    let (id, secret) = add_client(&room, &browser, "client-credentials", None).await;
    browser.go(&room.url("/bots")).await;
    steps_2_to_4(&browser, words, 0).await;
    // Step 5.
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.press("field-client-secret-new").await;
    browser.fill("new-client-id-value", &id).await;
    browser.fill("new-client-secret-value", &secret).await;
    browser.press("new-create").await;
    until_closed(&browser).await;
    let (entries, clicks) = step_8(&browser, words).await;
    // 45 when credentials were made on pages of their own.
    assert!(clicks - before <= 20, "{} clicks", clicks - before);
    let uses = browser.text("uses").await;
    for used in ["Genesys/Orders/client-id", "Genesys/Orders/client-secret"] {
        assert!(uses.contains(used), "{used}: {uses}");
    }
    assert!(!entries.contains(&secret) && !uses.contains(&secret));
}

async fn with_a_connection(words: &Words) {
    let (room, browser, before) = step_1(words).await;
    steps_2_to_4(&browser, words, 1).await;
    // Step 6: the callback URL, the client that knows it, and the connection with the client, which step 7 chooses.
    browser.press("field-connection-new").await;
    browser.fill("new-environment", "mypurecloud.de").await;
    let callback_url = value(&browser, "new-callback-url").await;
    let editor = browser.client.window().await.unwrap();
    let beside = browser.client.new_window(true).await.unwrap().handle;
    browser.switch_to(&beside).await;
    let here = browser.clicks();
    let (id, secret) = add_client(&room, &browser, "code", Some(&callback_url)).await;
    // With the click that signs in there.
    let in_genesys = browser.clicks() - here + 1;
    browser.switch_to(&editor).await;
    browser.fill("new-client-id", &id).await;
    browser.fill("new-client-secret", &secret).await;
    let windows = browser.client.windows().await.unwrap();
    browser.press("new-create").await;
    browser.to_new_window(&windows).await;
    // In a tab that goes on at Genesys at once.
    browser.press("sample").await;
    store_token(&browser).await;
    browser.switch_to(&editor).await;
    let (entries, clicks) = step_8(&browser, words).await;
    let clicks = clicks - before;
    // 41 when the connection was made on pages of its own.
    assert!(clicks <= 22, "{clicks} clicks");
    assert!(
        clicks - in_genesys <= 14,
        "{in_genesys} of {clicks} in Genesys Cloud"
    );
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
