//! Connections in the editor: the picker, and the problems of the connection that a bot names.

use control_room::connections::Settings;
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use egress::{AllowList, Options};
use serde_json::{Value, json};

use crate::client::{Client, ControlRoom, name};

const SECRET: &str = "canary-of-the-client";

/// Creates a connection that users with the role may use.
async fn connection(
    room: &ControlRoom,
    connection_name: &str,
    grant: Grant,
    save: bool,
    role: &str,
) {
    let provider = Provider::genesys("mypurecloud.de").unwrap();
    let secret = SECRET.into();
    let registration =
        Registration::new(provider, grant, "the id", Some(&secret), Scopes::default());
    let settings = Settings {
        registration: registration.unwrap(),
        save_login_credentials: save,
    };
    let nowhere = Options::new(AllowList::default());
    let connections = room.store.connections(nowhere);
    connections
        .create(&name(connection_name), settings)
        .await
        .unwrap();
    connections
        .allow(&name(connection_name), &name(role))
        .await
        .unwrap();
}

/// `ada` has the role `bots`; the administrator `bob` has another one.
async fn start() -> ControlRoom {
    let room = ControlRoom::start().await;
    room.grant("ada", "bots").await;
    room.grant("bob", "others").await;
    room.grant("bob", "administrator").await;
    room
}

/// The problems of a bot that uses a connection.
async fn problems_with(client: &mut Client, connection: &str, token_owner: &str) -> Vec<String> {
    let step = json!({
        "action": "genesys/oauth-authenticate",
        "authentication-type": "control-room-connection",
        "connection": { "oauth-connection": connection },
        "token-type": token_owner,
    });
    let file = json!({ "name": "x", "steps": [step, { "action": "genesys/disconnect" }] });
    let file = json!({ "file": file.to_string() });
    let problems = client.post_json("/bots/check", &file).await.json();
    let problem = |it: &Value| {
        assert_eq!(
            (&it["step"], &it["field"]),
            (&json!(1), &json!("connection"))
        );
        it["message"].as_str().unwrap().to_owned()
    };
    problems.as_array().unwrap().iter().map(problem).collect()
}

#[tokio::test]
async fn connections_without_access_are_not_offered_or_disclosed() {
    let room = start().await;
    connection(&room, "mine", Grant::AuthorizationCode, true, "bots").await;
    connection(&room, "theirs", Grant::ClientCredentials, true, "others").await;
    let mut ada = room.signed_in("ada").await;
    let offers = ada.get("/connections/offers").await;
    assert_eq!(offers.header("content-type"), Some("application/json"));
    let mine = json!({
        "name": "mine", "provider": "login.mypurecloud.de",
        "shared": "Not signed in", "own": "Not signed in", "signIn": { "shared": true, "own": true },
    });
    assert_eq!(offers.json(), json!([mine]));
    assert!(!offers.body.contains("canary") && !offers.body.contains("the id"));
    ada.get("/bots").await;
    let theirs = problems_with(&mut ada, "theirs", "shared").await;
    let nothing = problems_with(&mut ada, "nothing", "shared").await;
    assert!(theirs[0].contains("that you may use"), "{theirs:?}");
    assert_eq!(theirs[0].replace("theirs", "nothing"), nothing[0]);

    // Administrators, too, can use only the connections of their roles.
    let mut bob = room.signed_in("bob").await;
    bob.cookies
        .insert("control-room-language".into(), "de".into());
    let offers = bob.get("/connections/offers").await.json();
    let theirs = json!({
        "name": "theirs", "provider": "login.mypurecloud.de",
        "shared": "Wird angefordert, wenn ein Bot es braucht", "own": "wird nicht gespeichert",
        "signIn": { "shared": false, "own": false },
    });
    assert_eq!(offers, json!([theirs]));
    let mut nobody = room.client();
    assert_eq!(nobody.get("/connections/offers").await.status, 303);
}

#[tokio::test]
async fn connection_problems_are_shown_at_their_field_with_who_can_help() {
    let room = start().await;
    connection(&room, "kept", Grant::AuthorizationCode, true, "bots").await;
    connection(&room, "own", Grant::AuthorizationCodePkce, false, "bots").await;
    connection(&room, "fetched", Grant::ClientCredentials, true, "bots").await;
    let mut ada = room.signed_in("ada").await;
    let cases = [
        (
            "kept",
            "shared",
            ["An administrator has to", "Ein Administrator muss"],
        ),
        (
            "kept",
            "user-specific",
            ["ada has not signed in", "ada hat sich"],
        ),
        (
            "own",
            "shared",
            ["has no shared token", "hat kein gemeinsames Token"],
        ),
        (
            "fetched",
            "user-specific",
            ["Choose the shared", "Wählen Sie das gemeinsame"],
        ),
        ("a/b", "shared", ["not a valid name", "kein gültiger Name"]),
    ];
    for (language, at) in [("en", 0), ("de", 1)] {
        ada.cookies
            .insert("control-room-language".into(), language.into());
        for (connection, token_owner, text) in cases {
            let problems_with = problems_with(&mut ada, connection, token_owner).await;
            assert_eq!(problems_with.len(), 1, "{problems_with:?}");
            assert!(problems_with[0].contains(text[at]), "{problems_with:?}");
        }
    }
    // Names are case-insensitive and trimmed.
    assert!(
        problems_with(&mut ada, " Fetched", "shared")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn hostile_names_are_plain_text_in_json() {
    let room = start().await;
    let evil = "\"'><script>alert(1)<b>{reason}";
    connection(&room, evil, Grant::AuthorizationCode, true, "bots").await;
    let mut ada = room.signed_in("ada").await;
    let offers = ada.get("/connections/offers").await.json();
    assert_eq!(offers[0]["name"], evil);
    let problems_with = problems_with(&mut ada, evil, "shared").await;
    assert!(
        problems_with[0].contains("alert(1)<b>"),
        "{problems_with:?}"
    );
}

#[tokio::test]
async fn engine_fields_are_in_the_form_and_omitted_from_the_file() {
    let room = start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let page = ada.get(&bot).await.body.replace("&quot;", "\"");
    for field in ["token-type", "session"] {
        let found = format!("\"name\":\"{field}\"");
        assert!(page.contains(&found), "{field}: {page}");
    }
    assert_eq!(page.matches("\"leftOut\":true").count(), 4);
    // The parser of bot files rejects unknown choices.
    let step = json!({
        "action": "genesys/oauth-authenticate", "session": "nobody's", "url": "mypurecloud.de",
        "client-id": "x", "client-secret": { "insecure-string": "x" },
    });
    let file = json!({ "name": "x", "steps": [step] }).to_string();
    let problems = ada.post_json("/bots/check", &json!({ "file": file })).await;
    let problems = problems.json();
    let wrong = |it: &&Value| it["warning"] == false;
    let wrong: Vec<_> = problems.as_array().unwrap().iter().filter(wrong).collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!(wrong[0]["field"], "session");
}
