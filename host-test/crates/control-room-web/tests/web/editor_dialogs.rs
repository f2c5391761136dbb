//! What administrators create from the editor: all of it or nothing, with all mistakes at once, and no value in an answer.

use bot_engine::Purpose;
use control_room::audit_events::{Action, EventFilter};
use control_room::vault::Locker;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::client::{Answer, Client, ControlRoom, name};

const CREDENTIALS: &str = "/vault/credentials";
const CONNECTIONS: &str = "/connections/offers";

/// `ada` is an administrator who has the role `bots`; the role `others` is not theirs.
async fn start() -> (ControlRoom, Client) {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    room.grant("ada", "bots").await;
    room.grant("bob", "others").await;
    let ada = room.signed_in("ada").await;
    (room, ada)
}

async fn post(client: &mut Client, path: &str, body: &Value) -> Answer {
    let answer = client.post_json(path, body).await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    answer
}

/// What a client needs, in a new locker.
fn client_in_new_locker() -> Value {
    json!({
        "locker": "Sales", "roles": ["bots"], "credential": "Hello",
        "attributes": {
            "client-id": { "name": "id", "masked": false, "value": "canary-id" },
            "client-secret": { "name": "Secret", "masked": true, "value": "canary-secret\n" },
        },
    })
}

fn connection() -> Value {
    json!({
        "connection": {
            "name": "Prod", "provider": "genesys", "environment": "https://apps.mypurecloud.de", "grant": "code",
            "client-id": "the id", "client-secret": "canary-secret", "save-login": "on",
        },
        "roles": ["bots", "others"],
    })
}

async fn lockers(room: &ControlRoom) -> Vec<Locker> {
    room.store.vault().lockers().await.unwrap()
}

#[tokio::test]
async fn a_credential_with_its_locker_is_created_for_the_fields_of_a_step() {
    let (room, mut ada) = start().await;
    let answer = post(&mut ada, CREDENTIALS, &client_in_new_locker()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let paths = json!({ "client-id": "Sales/Hello/id", "client-secret": "Sales/Hello/Secret" });
    assert_eq!(answer.json(), json!({ "paths": paths }));
    let lockers = lockers(&room).await;
    assert_eq!(lockers[0].roles, [name("bots")]);
    let vault = room.store.vault();
    for (path, value) in [
        ("sales/hello/id", "canary-id"),
        ("sales/hello/secret", "canary-secret"),
    ] {
        let purpose = Purpose {
            bot: "Hello",
            step: "1",
            field_is_secret: true,
        };
        let path = path.parse().unwrap();
        let found = vault.value(&path, &name("ada"), None, purpose).await;
        assert_eq!(found.unwrap().expose_secret(), value);
    }
    let offers = ada.get("/vault/credentials?locker=sales").await;
    assert_eq!(offers.json()[0]["name"], "Hello");
    let page = ada.get("/credentials/attribute?at=sales/hello/secret");
    assert!(page.await.body.contains("type=\"password\""));
}

#[tokio::test]
async fn all_mistakes_of_a_credential_are_reported_at_once_and_nothing_is_created() {
    let (room, mut ada) = start().await;
    let answer = post(&mut ada, CREDENTIALS, &client_in_new_locker()).await;
    assert_eq!(answer.status, 200);
    let audit = room.store.audit();
    let everything = EventFilter::default();
    let before = audit.events(&everything, None, 100).await.unwrap();

    let mut typed = client_in_new_locker();
    typed["locker"] = "sales ".into();
    typed["roles"] = json!(["others"]);
    typed["credential"] = "a/b".into();
    typed["attributes"] = json!({
        "client-id": { "name": "", "masked": false, "value": "\u{a0}" },
        "client-secret": { "name": "x", "masked": true, "value": "can\u{200b}ary" },
        "other": { "name": "X", "masked": true, "value": "canary" },
    });
    let expected = [
        (
            "client-id-name",
            "A name has 1 to 50",
            "Ein Name hat 1 bis 50",
        ),
        (
            "client-id-value",
            "at least one character",
            "mindestens ein Zeichen",
        ),
        ("client-secret-value", "character U+200B", "Zeichen U+200B"),
        ("credential", "neither slashes", "weder Schrägstriche"),
        ("locker", "already exists", "bereits einen Locker"),
        (
            "other-name",
            "already has an attribute",
            "bereits ein Attribut",
        ),
        (
            "roles",
            "one of your own roles",
            "eine Ihrer eigenen Rollen",
        ),
    ];
    for (language, at) in [("en", 0), ("de", 1)] {
        ada.cookies
            .insert("control-room-language".into(), language.into());
        let answer = post(&mut ada, CREDENTIALS, &typed).await;
        assert_eq!(answer.status, 422);
        let answer = answer.json();
        let mistakes = answer["mistakes"].as_object().unwrap();
        let fields: Vec<_> = mistakes.keys().map(String::as_str).collect();
        assert_eq!(fields, expected.map(|(field, ..)| field));
        for (field, english, german) in expected {
            let mistake = mistakes[field].as_str().unwrap();
            assert!(
                mistake.contains([english, german][at]),
                "{field}: {mistake}"
            );
        }
    }
    ada.cookies
        .insert("control-room-language".into(), "en".into());

    // What depends on the vault.
    for (member, value, field, text) in [
        (
            "roles",
            Value::Null,
            "credential",
            "Choose another name, or cancel",
        ),
        ("roles", json!([]), "roles", "one of your own roles"),
        (
            "roles",
            json!(["bots", "gone"]),
            "roles",
            "“gone” no longer exists",
        ),
        (
            "locker",
            json!("gone"),
            "locker",
            "This locker no longer exists",
        ),
    ] {
        let mut typed = client_in_new_locker();
        if member == "locker" {
            typed["roles"] = Value::Null;
        }
        typed[member] = value;
        let answer = post(&mut ada, CREDENTIALS, &typed).await;
        assert_eq!(answer.status, 422);
        let mistake = answer.json()["mistakes"][field].to_string();
        assert!(mistake.contains(text), "{field}: {mistake}");
    }
    assert_eq!(lockers(&room).await.len(), 1);
    assert_eq!(audit.events(&everything, None, 100).await.unwrap(), before);
}

#[tokio::test]
async fn of_two_who_create_the_same_one_is_told_that_it_exists() {
    let (room, mut ada) = start().await;
    let mut second = room.signed_in("ada").await;
    let typed = client_in_new_locker();
    let (one, two) = tokio::join!(
        ada.post_json(CREDENTIALS, &typed),
        second.post_json(CREDENTIALS, &typed)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let refused = if one.status == 422 { one } else { two };
    let mistake = refused.json()["mistakes"]["locker"].to_string();
    assert!(mistake.contains("already exists"), "{mistake}");
}

#[tokio::test]
async fn a_connection_is_created_for_the_chosen_roles() {
    let (room, mut ada) = start().await;
    let answer = post(&mut ada, CONNECTIONS, &connection()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json(), json!({ "name": "Prod" }));
    let offers = ada.get(CONNECTIONS).await.json();
    assert_eq!(
        offers,
        json!([{
            "name": "Prod", "provider": "login.mypurecloud.de",
            "shared": "Not signed in", "own": "Not signed in",
            "signIn": { "shared": true, "own": true },
        }])
    );
    let mut bob = room.signed_in("bob").await;
    // Only administrators sign in to a shared token.
    let mut of_bob = offers;
    of_bob[0]["signIn"]["shared"] = false.into();
    assert_eq!(bob.get(CONNECTIONS).await.json(), of_bob);
    let created = EventFilter {
        action: Some(Action::ConnectionCreated),
        actor: Some(name("ada")),
    };
    let audit = room.store.audit();
    assert_eq!(audit.events(&created, None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn all_mistakes_of_a_connection_are_reported_at_once_and_nothing_is_created() {
    let (_room, mut ada) = start().await;
    assert_eq!(post(&mut ada, CONNECTIONS, &connection()).await.status, 200);
    let typed = json!({
        "connection": { "name": " PROD", "environment": "example.com", "client-secret": "" },
        "roles": ["others"],
    });
    let answer = post(&mut ada, CONNECTIONS, &typed).await;
    assert_eq!(answer.status, 422);
    let answer = answer.json();
    let mistakes = answer["mistakes"].as_object().unwrap();
    let fields: Vec<_> = mistakes.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        ["client-id", "client-secret", "environment", "name", "roles"]
    );
    assert_eq!(
        ada.get(CONNECTIONS).await.json().as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn only_administrators_are_offered_to_create_something() {
    let (room, mut ada) = start().await;
    let bot = ada.create("Hello").await;
    let page = ada.get(&bot).await.body.replace("&quot;", "\"");
    let (_, dialogs) = page.split_once("data-dialogs=\"").unwrap();
    for part in [
        r#"{"isChosen":true,"name":"bots"}"#,
        r#"{"isChosen":false,"name":"others"}"#,
        r#""callbackUrl":"http://127.0.0.1:"#,
    ] {
        assert!(dialogs.contains(part), "{part}");
    }
    let mut bob = room.signed_in("bob").await;
    let bot = bob.create("Hello").await;
    assert!(!bob.get(&bot).await.body.contains("data-dialogs"));
    for (path, body) in [
        (CREDENTIALS, client_in_new_locker()),
        (CONNECTIONS, connection()),
    ] {
        assert_eq!(post(&mut bob, path, &body).await.status, 404);
    }
    assert!(lockers(&room).await.is_empty());
}
