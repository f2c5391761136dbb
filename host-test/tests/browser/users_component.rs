//! A designer uses the actions of *Genesys > Users*, a component that the operator added, with a mouse.

use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use serde_json::json;
use test_peers::{Test, tests};

use crate::browser::Look;
use crate::control_room::ControlRoom;
use crate::editor::create;
use crate::pages::assert_good;

/// The texts of the pages in one language.
struct Words {
    language: &'static str,
    action: &'static str,
    labels: [&'static str; 3],
    no_mistakes: &'static str,
    done: &'static str,
    /// The label of an output, with its value.
    outputs: [&'static str; 3],
}

const ENGLISH: Words = Words {
    language: "en",
    action: "Genesys > Users > Create user (genesys-users)",
    labels: ["Name", "Email address", "Department"],
    no_mistakes: "No mistakes",
    done: "Done",
    outputs: [
        "Name: Ada Lovelace",
        "Email address: ada@example.com",
        "State: active",
    ],
};

const GERMAN: Words = Words {
    language: "de",
    action: "Genesys > Benutzer > Benutzer anlegen (genesys-users)",
    labels: ["Vor- und Nachname", "E-Mail-Adresse", "Abteilung"],
    no_mistakes: "Keine Fehler",
    done: "Fertig",
    outputs: [
        "Vor- und Nachname: Ada Lovelace",
        "E-Mail-Adresse: ada@example.com",
        "Status: active",
    ],
};

async fn creates_a_user(words: &Words) {
    let cloud = GenesysCloud::start(Options::default()).await.unwrap();
    let region = Region::named("eu-central-1").unwrap();
    let client = OAuthClient::new("Hello Bot", region);
    let client = cloud.add_client(client).unwrap();
    let room = ControlRoom::start_with_users(&cloud).await;
    room.add_designer().await;
    room.store_client(&client).await;
    let browser = room.signed_in(words.language).await;
    browser.look(Look::WIDE).await;
    create(&browser, "Users").await;

    browser
        .drag("[data-action='genesys-users/create']", "#steps")
        .await;
    assert_eq!(browser.text("form-title").await, words.action);
    browser.shows("fields", &words.labels).await;
    browser.fill("field-name", "Ada Lovelace").await;
    browser.fill("field-email", "ada@example.com").await;
    browser.fill("field-output", "new").await;

    assert_good(&browser, "users-component").await;
    browser.look(Look::WIDE).await;

    // A later step uses the output, and an earlier one opens the session.
    let log = browser.css("[data-action='log']").await;
    log.click().await;
    browser
        .fill("field-message", "{new.name} has the id {new.id}")
        .await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#flow-title")
        .await;
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("hello-bot").await;
    let checked = browser.checked().await;
    let steps = browser.text("steps").await;
    assert_eq!(checked, words.no_mistakes, "{steps}");
    browser.save().await;
    assert_eq!(
        browser.exported().await["steps"][1],
        json!({
            "action": "genesys-users/create",
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "output": "new",
            "session-name": "Default",
        })
    );

    browser.press("run").await;
    browser.until_state("run", words.done).await;
    browser.open_log().await;
    let entries = browser.text("entries").await;
    for output in words.outputs {
        assert!(entries.contains(output), "{output}: {entries}");
    }
    assert!(entries.contains("Ada Lovelace has the id "), "{entries}");
    assert_good(&browser, "users-component-run").await;
}

async fn an_action_of_a_component_is_added_filled_in_and_run_in_english() {
    creates_a_user(&ENGLISH).await;
}

async fn an_action_of_a_component_is_added_filled_in_and_run_in_german() {
    creates_a_user(&GERMAN).await;
}

pub(crate) const TESTS: &[Test] = tests![
    an_action_of_a_component_is_added_filled_in_and_run_in_english,
    an_action_of_a_component_is_added_filled_in_and_run_in_german,
];
