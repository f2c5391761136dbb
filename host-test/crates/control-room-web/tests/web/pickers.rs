//! Connections in the editor: the picker, and the problems of the connection that a bot names.

use control_room::connections::Settings;
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use egress::{AllowList, Options};
use serde_json::{Value, json};

use crate::client::{Client, ControlRoom, name};

const SECRET: &str = "canary-of-the-client";

/// A connection for those who have the role.
async fn connection(room: &ControlRoom, called: &str, grant: Grant, save: bool, role: &str) {
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
    connections.create(&name(called), settings).await.unwrap();
    connections.allow(&name(called), &name(role)).await.unwrap();
}

/// `ada` has the role `bots`, and `bob`, who manages everything, another one.
async fn start() -> ControlRoom {
    let room = ControlRoom::start().await;
    room.grant("ada", "bots").await;
    room.grant("bob", "others").await;
    room.grant("bob", "administrator").await;
    room
}

/// What is wrong with a bot that uses a connection.
async fn said(client: &mut Client, connection: &str, token_type: &str) -> Vec<String> {
    let step = json!({
        "action": "genesys/oauth-authenticate",
        "authentication-type": "control-room-connection",
        "connection": { "oauth-connection": connection },
        "token-type": token_type,
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
async fn another_users_connection_is_not_offered_and_reads_as_none_does() {
    let room = start().await;
    connection(&room, "mine", Grant::AuthorizationCode, true, "bots").await;
    connection(&room, "theirs", Grant::ClientCredentials, true, "others").await;
    let mut ada = room.signed_in("ada").await;
    let offers = ada.get("/connections/offers").await;
    assert_eq!(offers.header("content-type"), Some("application/json"));
    let mine = json!({
        "name": "mine", "provider": "login.mypurecloud.de",
        "shared": "Not signed in", "own": "Not signed in",
    });
    assert_eq!(offers.json(), json!([mine]));
    assert!(!offers.body.contains("canary") && !offers.body.contains("the id"));
    ada.get("/bots").await;
    let theirs = said(&mut ada, "theirs", "shared").await;
    let nothing = said(&mut ada, "nothing", "shared").await;
    assert!(theirs[0].contains("that you may use"), "{theirs:?}");
    assert_eq!(theirs[0].replace("theirs", "nothing"), nothing[0]);

    // Who manages connections uses those of their roles alone.
    let mut bob = room.signed_in("bob").await;
    bob.cookies
        .insert("control-room-language".into(), "de".into());
    let offers = bob.get("/connections/offers").await.json();
    let theirs = json!({
        "name": "theirs", "provider": "login.mypurecloud.de",
        "shared": "Wird geholt, wenn ein Bot es braucht", "own": "wird nicht aufbewahrt",
    });
    assert_eq!(offers, json!([theirs]));
    let mut nobody = room.client();
    assert_eq!(nobody.get("/connections/offers").await.status, 303);
}

#[tokio::test]
async fn what_a_connection_lacks_is_told_at_its_field_with_who_can_help() {
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
        ("kept", "user-specific", ["You have not", "Sie haben sich"]),
        (
            "own",
            "shared",
            ["keeps no shared token", "bewahrt kein gemeinsames"],
        ),
        (
            "fetched",
            "user-specific",
            ["Choose the shared", "Wählen Sie das gemeinsame"],
        ),
        ("a/b", "shared", ["A name has", "Ein Name hat"]),
    ];
    for (language, at) in [("en", 0), ("de", 1)] {
        ada.cookies
            .insert("control-room-language".into(), language.into());
        for (connection, token_type, words) in cases {
            let said = said(&mut ada, connection, token_type).await;
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains(words[at]), "{said:?}");
        }
    }
    // By its name, however that is written.
    assert!(said(&mut ada, " Fetched", "shared").await.is_empty());
}

#[tokio::test]
async fn a_hostile_name_is_text_in_offers_and_checks() {
    let room = start().await;
    let evil = "\"'><script>alert(1)<b>{reason}";
    connection(&room, evil, Grant::AuthorizationCode, true, "bots").await;
    let mut ada = room.signed_in("ada").await;
    let offers = ada.get("/connections/offers").await.json();
    assert_eq!(offers[0]["name"], evil);
    let said = said(&mut ada, evil, "shared").await;
    assert!(said[0].contains("alert(1)<b>"), "{said:?}");
}

#[tokio::test]
async fn what_the_engine_asks_beside_the_component_is_in_the_form_and_out_of_the_file() {
    let room = start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let page = ada.get(&bot).await.body.replace("&quot;", "\"");
    for field in ["token-type", "session"] {
        let found = format!("\"name\":\"{field}\"");
        assert!(page.contains(&found), "{field}: {page}");
    }
    assert_eq!(page.matches("\"leftOut\":true").count(), 2);
    // The reader of bot files has the last word of what is chosen.
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
