//! The page that creates a credential with its attributes and values, and what is said about a locker nobody may use.

use bot_engine::Purpose;
use control_room::audit_events::EventFilter;
use control_room::vault::Kind;
use secrecy::ExposeSecret;

use crate::client::{Client, ControlRoom, name};

const NEW: &str = "/credentials/new?at=sales";
const CREATED: &str = "/credentials/credential?at=Sales/Hello";

/// `ada` is an administrator, and there is an empty locker that nobody may use.
async fn start() -> (ControlRoom, Client) {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    let (vault, nothing) = (room.store.vault(), Default::default());
    vault.create_locker(&name("Sales"), &nothing).await.unwrap();
    let mut ada = room.signed_in("ada").await;
    ada.get(NEW).await;
    (room, ada)
}

/// The value that a bot of `ada` gets.
async fn value(room: &ControlRoom, path: &str) -> String {
    let purpose = Purpose {
        bot: "Hello",
        step: "1",
        field_is_secret: true,
    };
    let (vault, path) = (room.store.vault(), path.parse().unwrap());
    let value = vault.value(&path, &name("ada"), None, purpose).await;
    value.unwrap().expose_secret().to_owned()
}

/// The error below a field.
fn error<'a>(page: &'a str, field: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("id=\"{field}-error\""))
        .unwrap_or_else(|| panic!("{field}: {page}"));
    rest.split('<').next().unwrap()
}

#[tokio::test]
async fn one_page_makes_a_credential_with_its_attributes_and_values() {
    let (room, mut ada) = start().await;
    let fields = [
        ("credential", "Hello"),
        ("description", "For the hotline"),
        ("attribute-1-name", "client-id"),
        ("attribute-1-value", "canary-id"),
        ("attribute-2-name", "client-secret"),
        ("attribute-2-value", "canary-secret"),
        ("attribute-2-masked", "on"),
        ("attribute-2-password-only", "on"),
        // An empty row, and one whose value each user sets.
        ("attribute-3-name", " "),
        ("attribute-3-value", ""),
        ("attribute-3-masked", "on"),
        ("attribute-5-name", "pin"),
        ("attribute-5-own", "on"),
    ];
    let answer = ada.post(NEW, &fields).await;
    let leads_to = (answer.status, answer.header("location"));
    assert_eq!(
        leads_to,
        (303, Some("/credentials/credential?at=Sales%2FHello"))
    );
    let credentials = room
        .store
        .vault()
        .credentials(&name("sales"))
        .await
        .unwrap();
    assert_eq!(credentials[0].description, "For the hotline");
    let attributes: Vec<_> = credentials[0]
        .attributes
        .iter()
        .map(|it| {
            (
                it.name.shown(),
                it.kind,
                it.masked,
                it.password_only,
                it.values,
            )
        })
        .collect();
    assert_eq!(
        attributes,
        [
            ("client-id", Kind::Standard, false, false, 1),
            ("client-secret", Kind::Standard, true, true, 1),
            ("pin", Kind::UserProvided, false, false, 0),
        ]
    );
    let role = [("role", "administrator")];
    let allowed = ada.post("/credentials/roles?at=sales", &role).await;
    assert_eq!(allowed.status, 303);
    assert_eq!(value(&room, "sales/hello/client-id").await, "canary-id");
    assert_eq!(
        value(&room, "sales/hello/client-secret").await,
        "canary-secret"
    );
    assert!(!ada.get(CREATED).await.body.contains("canary"));
}

#[tokio::test]
async fn all_mistakes_are_shown_at_once_and_nothing_is_created() {
    let (room, mut ada) = start().await;
    let taken = [("credential", "taken")];
    assert_eq!(ada.post(NEW, &taken).await.status, 303);
    let audit = room.store.audit();
    let everything = EventFilter::default();
    let before = audit.events(&everything, None, 100).await.unwrap();
    let description = "x".repeat(256);
    let fields = [
        ("credential", "TAKEN"),
        ("description", description.as_str()),
        ("attribute-1-name", "id"),
        ("attribute-1-value", "can\u{200b}ary"),
        ("attribute-2-name", "ID"),
        ("attribute-2-value", "canary"),
        ("attribute-3-value", "canary"),
        ("attribute-4-name", "pin"),
        ("attribute-4-own", "on"),
        ("attribute-4-value", "canary"),
    ];
    let expected = [
        (
            "credential",
            "already has a credential",
            "bereits Anmeldedaten",
        ),
        ("description", "at most 255", "höchstens 255"),
        ("attribute-1-value", "character U+200B", "Zeichen U+200B"),
        (
            "attribute-2-name",
            "already has an attribute",
            "bereits ein Attribut",
        ),
        ("attribute-3-name", "1 to 50 characters", "1 bis 50 Zeichen"),
        (
            "attribute-4-value",
            "Each user sets",
            "jeder Benutzer selbst",
        ),
    ];
    for (language, at) in [("en", 0), ("de", 1)] {
        ada.with("accept-language", language);
        let answer = ada.post(NEW, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(!answer.body.contains("canary"), "{}", answer.body);
        assert_eq!(answer.body.matches("-error\" role=\"alert\"").count(), 6);
        for (field, english, german) in expected {
            let error = error(&answer.body, field);
            assert!(error.contains([english, german][at]), "{field}: {error}");
        }
        // What was typed is still there, except for values.
        assert!(answer.body.contains("value=\"TAKEN\""), "{}", answer.body);
    }
    let locker = room
        .store
        .vault()
        .credentials(&name("sales"))
        .await
        .unwrap();
    assert_eq!(locker.len(), 1);
    assert_eq!(audit.events(&everything, None, 100).await.unwrap(), before);
}

#[tokio::test]
async fn values_beside_a_mistake_are_not_asked_for_again() {
    let (room, mut ada) = start().await;
    let fields = [
        ("credential", ""),
        ("attribute-1-name", "id"),
        ("attribute-1-value", "canary-1"),
        ("attribute-2-name", "secret"),
        ("attribute-2-value", "canary-2"),
    ];
    let answer = ada.post(NEW, &fields).await;
    assert_eq!(answer.status, 422);
    let page = &answer.body;
    assert!(!page.contains("canary"), "{page}");
    assert_eq!(page.matches("is kept").count(), 2, "{page}");
    let (_, kept) = page.split_once("name=\"kept\" value=\"").unwrap();
    let kept = kept.split('"').next().unwrap();
    let again = [
        ("credential", "Hello"),
        ("kept", kept),
        ("kept-fields", "attribute-1-value attribute-2-value"),
        ("attribute-1-name", "id"),
        ("attribute-1-value", ""),
        ("attribute-2-name", "secret"),
        ("attribute-2-value", "another"),
    ];
    // Only in the browser session that sent them.
    let mut elsewhere = room.signed_in("ada").await;
    let lost = elsewhere.post(NEW, &again).await;
    assert_eq!(lost.status, 422);
    let again_at = "id=\"attribute-1-value-error\" role=\"alert\">The secret is no longer kept.";
    assert!(lost.body.contains(again_at), "{}", lost.body);
    assert_eq!(lost.body.matches("no longer kept").count(), 1);
    assert_eq!(ada.post(NEW, &again).await.status, 303);
    let vault = room.store.vault();
    let credentials = vault.credentials(&name("sales")).await.unwrap();
    let values: Vec<Vec<_>> = credentials
        .iter()
        .map(|it| it.attributes.iter().map(|it| it.values).collect())
        .collect();
    assert_eq!(values, [[1, 1]]);
    vault
        .allow(&name("sales"), &name("administrator"))
        .await
        .unwrap();
    assert_eq!(value(&room, "sales/hello/id").await, "canary-1");
    assert_eq!(value(&room, "sales/hello/secret").await, "another");
}

#[tokio::test]
async fn a_locker_that_nobody_may_use_says_so_and_offers_the_roles() {
    const NOTICE: &str = "Nobody may use this locker in bots yet";
    let (room, mut ada) = start().await;
    let users = room.store.users();
    let system = control_room::Principal::System;
    users.create_role(&system, &name("bots")).await.unwrap();
    let pages = [
        "/credentials/locker?at=sales",
        "/credentials/settings?at=sales",
        NEW,
    ];
    // A role without users makes no difference.
    for role in [None, Some("bots")] {
        for path in pages {
            let page = ada.get(path).await.body;
            assert!(page.contains(NOTICE), "{path}: {page}");
        }
        let page = ada.get(pages[0]).await.body;
        assert!(page.contains("value=\"bots\""), "{page}");
        let list = ada.get("/credentials").await.body;
        assert!(list.contains("nobody may use it yet"), "{list}");
        let role: Vec<_> = role.into_iter().map(|role| ("role", role)).collect();
        let saved = ada.post("/credentials/roles?at=sales", &role).await;
        assert_eq!(saved.status, 303);
    }
    // An owner learns it as well, but cannot change it.
    let vault = room.store.vault();
    vault.add_owner(&name("sales"), &name("bob")).await.unwrap();
    let mut bob = room.signed_in("bob").await;
    let page = bob.get(pages[0]).await.body;
    assert!(
        page.contains(NOTICE) && !page.contains("value=\"bots\""),
        "{page}"
    );
    room.grant("bob", "bots").await;
    for path in pages.into_iter().chain(["/credentials"]) {
        let page = ada.get(path).await.body;
        assert!(!page.contains("id=\"nobody\""), "{path}: {page}");
        assert!(!page.contains("nobody may use"), "{path}: {page}");
    }
}
