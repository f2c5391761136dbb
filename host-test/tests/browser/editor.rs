//! A designer creates bots with a mouse.

use fantoccini::wd::WindowHandle;
use serde_json::json;
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME, PASSWORD};
use crate::pages::assert_good;

/// Creates a bot, which opens in the editor.
pub(crate) async fn create(browser: &Browser, name: &str) {
    browser.fill("new-name", name).await;
    browser.press("create").await;
    browser.find("steps").await;
}

/// A new bot in the editor, in a wide window.
pub(crate) async fn new_bot() -> (ControlRoom, Browser) {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = Browser::open_for_loopback("en").await;
    browser.look(Look::WIDE).await;
    // How a person creates one has its own tests.
    let bot = room.sign_in(&browser).await.create("Hello").await;
    browser.go(&room.url(&bot)).await;
    browser.find("steps").await;
    (room, browser)
}

/// Signs the user out in a second window, and returns to the first one. Returns both.
pub(crate) async fn sign_out_elsewhere(room: &ControlRoom, browser: &Browser) -> [WindowHandle; 2] {
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.switch_to(&second).await;
    browser.go(&room.url("/bots")).await;
    browser.press("sign-out").await;
    browser.find("sign-in").await;
    browser.switch_to(&first).await;
    [first, second]
}

/// A bot that was deleted while it was open, after a save that reported it.
async fn deleted_bot(saved_as: &str) -> (ControlRoom, Browser) {
    let (room, browser) = new_bot().await;
    let address = browser.client.current_url().await.unwrap();
    let id = address.path().strip_prefix("/bots/").unwrap();
    room.bots().await.remove(id).await.unwrap();
    browser.fill("bot-name", saved_as).await;
    browser.press("save").await;
    browser.css("#failure button").await;
    (room, browser)
}

async fn from_an_empty_control_room_to_a_bot_in_german() {
    let room = ControlRoom::start().await;
    let browser = Browser::open_for_loopback("de").await;
    // Nobody can sign in yet; the link creates the first user.
    browser.go(&room.url("/")).await;
    browser.css(".notice").await;
    assert_good(&browser, "nobody-yet").await;
    browser.go(&room.first_run_url().await).await;
    assert_good(&browser, "first-run").await;
    browser.fill("name", NAME).await;
    browser.fill("password", "short").await;
    browser.fill("again", "short").await;
    browser.press("make").await;
    assert_eq!(
        browser.text("password-error").await,
        "Ein Kennwort hat mindestens 12 Zeichen."
    );
    for field in ["password", "again"] {
        browser.fill(field, PASSWORD).await;
    }
    browser.press("make").await;
    browser.find("create").await;
    assert_good(&browser, "no-bots").await;
    room.add_designer().await;

    create(&browser, "Hallo Genesys").await;
    browser.look(Look::WIDE).await;
    assert_good(&browser, "new-bot").await;
    browser.look(Look::WIDE).await;
    assert_eq!(browser.text("flow-title").await, "Bot-Ablauf");

    // Genesys > Authentifizierung > OAuth-Authentifizierung, under Start.
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    assert_eq!(
        browser.text("form-title").await,
        "Genesys > Authentifizierung > OAuth-Authentifizierung"
    );
    let shown = browser.text("fields").await;
    for word in [
        "Authentifizierungstyp",
        "URL für die Genesys-Cloud-Umgebung",
        "Client-ID",
        "Geheimer Clientschlüssel",
        "Sitzungsname",
        "Anmeldedaten",
        "Variable",
        "Unsichere Zeichenfolge",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert_good(&browser, "dropped").await;
    browser.look(Look::WIDE).await;

    // Problems are shown at their fields while typing, in the component's wording.
    browser.fill("field-url", "https://example.com").await;
    let problem = browser.problem("url").await;
    assert!(
        problem.contains("keine Adresse von Genesys Cloud"),
        "{problem}"
    );
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    assert_eq!(browser.problem("url").await, "");
    browser.pick_client("hello-bot").await;
    assert_eq!(browser.checked().await, "Keine Fehler");
    browser.save().await;
    assert_good(&browser, "filled-in").await;
    assert_eq!(
        browser.exported().await,
        json!({
            "name": "Hallo Genesys",
            "steps": [{
                "action": "genesys/oauth-authenticate",
                "authentication-type": "client-credentials",
                "url": "https://apps.mypurecloud.de",
                "client-id": { "credential": "genesys/hello-bot/client-id" },
                "client-secret": { "credential": "genesys/hello-bot/client-secret" },
                "session-name": "Default"
            }]
        })
    );
    browser.go(&room.url("/bots")).await;
    browser.css(".bots").await;
    assert_good(&browser, "bots").await;
}

async fn switching_the_authentication_type_keeps_the_values_of_its_fields() {
    let (_room, browser) = new_bot().await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    browser.fill("field-url", "eu-central-1").await;
    browser
        .choose("field-authentication-type", "control-room-connection")
        .await;
    // A mistake is shown once its field was touched.
    assert_eq!(browser.problem("connection").await, "");
    let leave =
        "document.getElementById('field-connection').focus(); document.activeElement.blur()";
    browser.client.execute(leave, Vec::new()).await.unwrap();
    let problem = browser.problem("connection").await;
    assert!(problem.contains("is empty"), "{problem}");
    browser.choose("field-connection", "genesys-prod").await;
    assert_eq!(browser.checked().await, "No mistakes");
    // The token owner and the session sharing are omitted from the file if they have their defaults.
    browser.choose("field-token-type", "user-specific").await;
    let problem = browser.problem("connection").await;
    assert!(problem.contains("Choose the shared token"), "{problem}");
    assert_good(&browser, "connection-without-own-token").await;
    browser.look(Look::WIDE).await;
    browser.choose("field-session", "own").await;
    browser.choose("field-token-type", "shared").await;
    assert_eq!(browser.checked().await, "No mistakes");
    assert_good(&browser, "connection").await;
    browser.look(Look::WIDE).await;
    browser.save().await;
    let step = &browser.exported().await["steps"][0];
    assert_eq!(
        step,
        &json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": { "oauth-connection": "genesys-prod" },
            "session": "own",
            "session-name": "Default"
        })
    );
    browser.choose("field-session", "shared").await;
    browser
        .choose("field-authentication-type", "client-credentials")
        .await;
    let url = browser.find("field-url").await.prop("value").await;
    assert_eq!(url.as_deref(), Some("eu-central-1"));

    // The third tab, with its warning.
    browser.press("field-client-secret-insecure-string").await;
    browser.fill("field-client-secret-text", "hush").await;
    browser
        .shows(
            "field-client-secret-careful",
            &["everybody who sees the bot can read it"],
        )
        .await;
    browser.press("field-client-id-variable").await;
    browser
        .choose("field-client-id-name", "CLIENT_SECRET")
        .await;
    assert_eq!(browser.checked().await, "No mistakes");
    assert_good(&browser, "insecure").await;
    browser.save().await;
    let step = &browser.exported().await["steps"][0];
    assert_eq!(step["client-secret"], json!({ "insecure-string": "hush" }));
    assert_eq!(step["client-id"], json!({ "variable": "CLIENT_SECRET" }));
    assert_eq!(step.get("session"), None);
}

async fn switching_tabs_keeps_their_values() {
    let (_room, browser) = new_bot().await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    for (part, value) in [("locker", "genesys"), ("attribute", "client-secret")] {
        if part == "attribute" {
            let name = "field-client-secret-credential-name";
            browser.fill(name, "hello-bot").await;
        }
        browser
            .choose(&format!("field-client-secret-{part}"), value)
            .await;
    }
    browser.press("field-client-secret-insecure-string").await;
    browser.fill("field-client-secret-text", "hush").await;
    browser.press("field-client-secret-variable").await;
    // Even if the form was redrawn meanwhile.
    browser.drag("[data-action='log']", "#steps").await;
    browser.press("step-1").await;
    for kind in ["control-room-connection", "client-credentials"] {
        browser.choose("field-authentication-type", kind).await;
    }
    let value = async |id: &str| browser.find(id).await.prop("value").await;
    assert_eq!(value("field-client-secret-name").await.as_deref(), Some(""));
    browser.press("field-client-secret-insecure-string").await;
    let text = value("field-client-secret-text").await;
    assert_eq!(text.as_deref(), Some("hush"));
    browser.press("field-client-secret-credential").await;
    for (part, kept) in [
        ("locker", "genesys"),
        ("credential-name", "hello-bot"),
        ("attribute", "client-secret"),
    ] {
        let value = value(&format!("field-client-secret-{part}")).await;
        assert_eq!(value.as_deref(), Some(kept));
    }
    browser.save().await;
    let bot = browser.exported().await;
    let mut steps = bot["steps"].as_array().unwrap().iter();
    let kept = json!({ "credential": "genesys/hello-bot/client-secret" });
    assert!(steps.any(|step| step["client-secret"] == kept), "{bot}");
}

async fn steps_are_inserted_by_drag_and_drop_and_their_problems_shown() {
    let (_room, browser) = new_bot().await;
    browser.drag("[data-action='log']", "#steps").await;
    browser
        .fill("field-message", "Hello, {organization.name}")
        .await;
    browser
        .drag("[data-action='genesys/api-request']", "#flow-title")
        .await;
    browser.fill("field-path", "/api/v2/organizations/me").await;
    browser.fill("field-output", "organization").await;
    assert_eq!(browser.checked().await, "1 mistake");
    let problem = browser.problem("session-name").await;
    assert!(problem.contains("No earlier step opens"), "{problem}");
    assert_good(&browser, "mistake").await;
    browser.save().await;
    let actions = browser.exported().await;
    let actions: Vec<_> = actions["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["action"])
        .collect();
    assert_eq!(actions, ["genesys/api-request", "log"]);
}

async fn concurrent_edits_of_a_bot_lose_no_changes() {
    let (_room, browser) = new_bot().await;
    let bot = browser.client.current_url().await.unwrap();
    // The bot is open elsewhere as well, and is saved there first.
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second).await.unwrap();
    browser.go(bot.as_str()).await;
    browser.fill("bot-name", "Theirs").await;
    browser.save().await;
    browser.client.switch_to_window(first).await.unwrap();
    browser.fill("bot-name", "Mine").await;
    browser.press("save").await;
    browser.find("keep-mine").await;
    let shown = browser.text("conflict").await;
    assert!(
        shown.contains("Mine") && shown.contains("Theirs"),
        "{shown}"
    );
    assert_good(&browser, "conflict").await;
    browser.press("go-on").await;
    assert_eq!(browser.exported().await["name"], "Theirs");
    browser.press("save").await;
    browser.press("as-copy").await;
    browser
        .until("document.getElementById('bot-name').value === 'Mine (copy)'")
        .await;
    browser.go(bot.as_str()).await;
    assert_eq!(browser.exported().await["name"], "Theirs");
}

async fn a_sign_out_loses_no_changes() {
    let (room, browser) = new_bot().await;
    let [first, second] = sign_out_elsewhere(&room, &browser).await;
    browser.fill("bot-name", "Changed").await;
    browser.press("save").await;
    browser
        .until("document.getElementById('failure').textContent.includes('signed out')")
        .await;
    browser.switch_to(&second).await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.switch_to(&first).await;
    browser.save().await;
    assert_eq!(browser.exported().await["name"], "Changed");
}

async fn changes_during_a_save_are_saved_before_a_run() {
    let (_room, browser) = new_bot().await;
    browser.drag("[data-action='log']", "#steps").await;
    browser.fill("field-message", "first").await;
    // The next save waits until it is released.
    let hold = "const real = window.fetch; \
        window.fetch = async (path, ...more) => { \
          if (path !== location.pathname) { return real(path, ...more); } \
          window.fetch = real; \
          await new Promise((go) => { window.letGo = go; }); \
          return real(path, ...more); \
        }";
    browser.client.execute(hold, Vec::new()).await.unwrap();
    browser.press("save").await;
    browser.until("window.letGo").await;
    browser.fill("field-message", "second").await;
    browser.press("run").await;
    browser.client.execute("letGo()", Vec::new()).await.unwrap();
    browser
        .until("document.getElementById('result').textContent === 'second'")
        .await;
}

async fn a_deleted_bot_can_be_saved_as_a_new_bot() {
    let (_room, browser) = deleted_bot("Failed").await;
    let gone = browser.client.current_url().await.unwrap();
    browser.fill("bot-name", "Typed since").await;
    browser.css("#failure button").await.click().await;
    browser
        .until(&format!(
            "location.pathname !== '{}' && document.getElementById('state')?.textContent === 'Saved'",
            gone.path()
        ))
        .await;
    assert_eq!(browser.exported().await["name"], "Typed since");
}

async fn a_failed_save_as_a_copy_loses_no_changes() {
    let (room, browser) = deleted_bot("Kept").await;
    let gone = browser.client.current_url().await.unwrap();
    let [first, second] = sign_out_elsewhere(&room, &browser).await;
    browser.css("#failure button").await.click().await;
    browser
        .until("document.getElementById('failure').textContent.includes('signed out')")
        .await;
    assert_eq!(browser.text("state").await, "Not saved yet");
    browser.switch_to(&second).await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.switch_to(&first).await;
    browser.press("save").await;
    browser.css("#failure button").await.click().await;
    browser
        .until(&format!(
            "location.pathname !== '{}' && document.getElementById('state')?.textContent === 'Saved'",
            gone.path()
        ))
        .await;
    assert_eq!(browser.exported().await["name"], "Kept");
}

pub(crate) const TESTS: &[Test] = tests![
    from_an_empty_control_room_to_a_bot_in_german,
    switching_the_authentication_type_keeps_the_values_of_its_fields,
    switching_tabs_keeps_their_values,
    steps_are_inserted_by_drag_and_drop_and_their_problems_shown,
    concurrent_edits_of_a_bot_lose_no_changes,
    a_sign_out_loses_no_changes,
    changes_during_a_save_are_saved_before_a_run,
    a_deleted_bot_can_be_saved_as_a_new_bot,
    a_failed_save_as_a_copy_loses_no_changes,
];
