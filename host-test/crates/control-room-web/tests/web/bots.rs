//! Bots: create, search, change, import and export; each belongs to its user.

use control_room::Principal;
use control_room::bots::MAX_BOTS;
use serde_json::json;

use crate::client::{ControlRoom, name};

#[tokio::test]
async fn another_users_bot_is_not_there() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let mut bob = room.signed_in("bob").await;
    for path in [bot.clone(), format!("{bot}/file"), format!("{bot}/delete")] {
        let nothing = bob.get(&path.replace("/bots/", "/bots/0")).await;
        let answer = bob.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.body,
            nothing.body.replace("/bots/0", "/bots/"),
            "{path}"
        );
    }
    bob.get("/bots").await;
    for what in ["duplicate", "delete"] {
        assert_eq!(
            bob.post(&format!("{bot}/{what}"), &[]).await.status,
            404,
            "{what}"
        );
    }
    let changed = json!({ "version": 1, "file": "{\"name\": \"x\", \"steps\": []}" });
    assert_eq!(bob.post_json(&bot, &changed).await.status, 404);
    assert!(!bob.get("/bots").await.body.contains("Hello"));
    assert_eq!(ada.get(&bot).await.status, 200);
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_gets_anything() {
    let room = ControlRoom::start().await;
    let bot = room.signed_in("ada").await.create("Hello").await;
    let mut nobody = room.client();
    nobody.get("/sign-in").await;
    for path in [
        "/bots",
        "/bots/import",
        "/vault/lockers",
        "/vault/credentials?locker=x",
        "/session",
        &bot,
    ] {
        let answer = nobody.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/sign-in")),
            "{path}"
        );
    }
    for path in [
        "/bots".into(),
        format!("{bot}/duplicate"),
        format!("{bot}/delete"),
    ] {
        assert_eq!(
            nobody.post(&path, &[("name", "x")]).await.status,
            303,
            "{path}"
        );
    }
    let changed = json!({ "version": 1, "file": "{}" });
    assert_eq!(nobody.post_json("/bots/check", &changed).await.status, 303);
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_imported() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let file = "{ \"steps\": [ {\"action\": \"log\",\t\"message\": \"h\\u00e9\"} ],\n  \"name\":\"\u{c4}rger & <b>\" }\n";
    ada.get("/bots/import").await;
    let imported = ada.post("/bots/import", &[("file", file)]).await;
    let bot = imported.header("location").unwrap().to_owned();
    let exported = ada.get(&format!("{bot}/file")).await;
    assert_eq!(exported.body, file);
    assert_eq!(exported.header("content-type"), Some("application/json"));
    assert_eq!(
        exported.header("content-disposition"),
        Some("attachment; filename*=UTF-8''%C3%84rger%20%26%20%3Cb%3E.json")
    );
    // A copy has another name, and is otherwise the same.
    ada.get("/bots").await;
    let copied = ada.post(&format!("{bot}/duplicate"), &[]).await;
    let copy = copied.header("location").unwrap();
    let copy = ada.get(&format!("{copy}/file")).await.body;
    assert!(
        copy.contains("{\"action\": \"log\",\t\"message\": \"h\\u00e9\"}"),
        "{copy}"
    );
    assert!(copy.contains("\u{c4}rger & <b> (copy)"), "{copy}");
}

#[tokio::test]
async fn what_is_no_bot_file_is_refused_with_the_reason_and_stays_on_the_page() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    for (file, reason) in [
        ("canary", "This is not JSON"),
        ("{\"name\": \"canary\"}", "has a list called"),
        (
            "{\"steps\": [], \"canary\": 1}",
            "A name has 1 to 100 characters",
        ),
    ] {
        ada.get("/bots/import").await;
        let answer = ada.post("/bots/import", &[("file", file)]).await;
        assert_eq!(answer.status, 422, "{file}");
        assert!(answer.body.contains(reason), "{file}: {}", answer.body);
        assert!(answer.body.contains("canary"), "{file}: {}", answer.body);
    }
}

#[tokio::test]
async fn who_saves_an_old_version_gets_the_new_one() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get(&bot).await;
    let file = |name: &str| format!("{{\"name\": \"{name}\", \"steps\": []}}");
    let save = |version: i64, name: &str| json!({ "version": version, "file": file(name) });
    assert_eq!(
        ada.post_json(&bot, &save(1, "one")).await.json(),
        json!({ "version": 2 })
    );
    let answer = ada.post_json(&bot, &save(1, "two")).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.json(), json!({ "version": 2, "file": file("one") }));
    assert_eq!(ada.post_json(&bot, &save(2, "two")).await.status, 200);
    assert_eq!(ada.get(&format!("{bot}/file")).await.body, file("two"));
    let answer = ada
        .post_json(&bot, &json!({ "version": 3, "file": "{}" }))
        .await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn the_editor_makes_a_new_bot_of_what_it_has_or_says_why_not() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/bots").await;
    let file = "{ \"steps\": [],\n  \"name\":\"Mine (copy)\" }\n";
    let made = ada.post_json("/bots/new", &json!({ "file": file })).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json();
    let exported = format!("/bots/{}/file", made["id"].as_str().unwrap());
    assert_eq!(ada.get(&exported).await.body, file);
    let refused = ada.post_json("/bots/new", &json!({ "file": "{}" })).await;
    assert_eq!(refused.status, 422);
    let message = refused.json()["message"].to_string();
    assert!(message.contains("A name has 1 to 100"), "{message}");
}

#[tokio::test]
async fn a_deleted_bot_is_gone() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    assert!(
        ada.get(&format!("{bot}/delete"))
            .await
            .body
            .contains("Delete the bot")
    );
    assert_eq!(ada.post(&format!("{bot}/delete"), &[]).await.status, 303);
    assert_eq!(ada.get(&bot).await.status, 404);
}

#[tokio::test]
async fn what_is_sent_has_its_limits() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get("/bots").await;
    let long = "x".repeat(101);
    assert_eq!(ada.post("/bots", &[("name", &long)]).await.status, 422);
    assert_eq!(ada.post("/bots", &[("name", " ")]).await.status, 422);
    let too_long = "x".repeat(20_000);
    assert_eq!(ada.post("/bots", &[("name", &too_long)]).await.status, 413);
    let file = format!("{{\"name\": \"x\", \"steps\": []}}{}", " ".repeat(1 << 20));
    assert_eq!(
        ada.post("/bots/import", &[("file", &file)]).await.status,
        422
    );
    assert_eq!(
        ada.post_json(&bot, &json!({ "version": 1, "file": file }))
            .await
            .status,
        422
    );
    let much = "x".repeat(5 << 20);
    assert_eq!(
        ada.post("/bots/import", &[("file", &much)]).await.status,
        413
    );
    let many = format!(
        "{{\"name\": \"x\", \"steps\": [{}{{}}]}}",
        "{},".repeat(1000)
    );
    assert_eq!(
        ada.post("/bots/import", &[("file", &many)]).await.status,
        422
    );
}

#[tokio::test]
async fn mistakes_are_told_at_their_step_and_field() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/bots").await;
    ada.cookies
        .insert("control-room-language".into(), "de".into());
    let file = json!({ "name": "x", "steps": [
        { "action": "genesys/oauth-authenticate", "url": "https://example.com",
          "client-id": { "variable": "ID" }, "client-secret": { "credential": "genesys/hello/secret" } },
        { "action": "genesys/api-request", "session-name": "Other", "path": "x{", "output": "a.b" },
        { "action": "log", "message": "{nothing}" },
        { "action": "nonsense" }
    ]});
    let answer = ada
        .post_json("/bots/check", &json!({ "file": file.to_string() }))
        .await;
    let problems = answer.json();
    let places: Vec<_> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["step"].as_u64().unwrap(),
                it["field"].as_str().unwrap(),
                it["message"].as_str().unwrap(),
            )
        })
        .collect();
    let told = |step: u64, field: &str, words: &str| {
        assert!(
            places
                .iter()
                .any(|it| it.0 == step && it.1 == field && it.2.contains(words)),
            "{step} {field} {words}: {places:#?}"
        );
    };
    told(1, "url", "keine Adresse von Genesys Cloud");
    told(1, "client-id", "keine Variable „ID“");
    told(
        1,
        "client-secret",
        "keinen Locker „genesys“, den Sie verwenden dürfen",
    );
    told(2, "session-name", "öffnet die Sitzung „Other“");
    told(2, "path", "einzelne { oder }");
    told(2, "output", "weder Klammern noch Punkte");
    told(3, "message", "{nothing} ist weder eine Variable");
    told(4, "action", "gibt es hier nicht");
    assert_eq!(places.len(), 8, "{places:#?}");
}

/// The parser of bot files reports what no form can produce.
#[tokio::test]
async fn what_only_a_file_can_have_wrong_is_told_as_well() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/bots").await;
    let file = r#"{"name": "x", "steps": [{"action": "log", "message": "a", "colour": "red"}]}"#;
    let answer = ada
        .post_json("/bots/check", &json!({ "file": file }))
        .await
        .json();
    assert_eq!(answer[0]["field"], "colour");
    let right = r#"{"name": "x", "steps": [{"action": "log", "message": "a"}]}"#;
    let answer = ada
        .post_json("/bots/check", &json!({ "file": right }))
        .await
        .json();
    assert_eq!(answer, json!([]));
}

#[tokio::test]
async fn five_thousand_bots_are_paged_and_searched_and_ten_thousand_are_enough() {
    let room = ControlRoom::start().await;
    let owner = room.store.passwords();
    let owner = owner
        .verify(&name("ada"), &crate::client::PASSWORD.into())
        .await;
    let bots = room.store.bots(&owner.unwrap().unwrap());
    for number in 1..=5000 {
        let bot = format!("Bot {number:04} 100%_");
        let file = format!("{{\"name\": \"{bot}\", \"steps\": []}}");
        bots.create(&bot, &file).await.unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (path, has, has_not) in [
        ("/bots", "Bot 0001", "Bot 0051"),
        ("/bots?page=100", "Bot 5000", "Bot 4950"),
        ("/bots?search=BOT%204999", "Bot 4999", "Bot 4998"),
        ("/bots?search=100%25_&page=2", "Bot 0051", "Bot 0050"),
        ("/bots?search=10_%25", "Nothing has this", "Bot 0"),
        ("/bots?page=4294967295", "Bot 5000", "Bot 4950"),
    ] {
        let answer = ada.get(path).await;
        assert!(answer.body.contains(has), "{path}");
        assert!(!answer.body.contains(has_not), "{path}");
        assert!(answer.body.len() < 100_000);
    }
    let file = r#"{"name": "x", "steps": []}"#;
    for _ in 5000..MAX_BOTS {
        bots.create("x", file).await.unwrap();
    }
    let refused = ada.post_json("/bots/new", &json!({ "file": file })).await;
    assert_eq!(refused.status, 409);
    let message = refused.json()["message"].to_string();
    assert!(message.contains("Delete some of the 10,000"), "{message}");
}

#[tokio::test]
async fn five_thousand_credentials_are_offered_as_one_types_and_a_large_bot_is_checked() {
    let room = ControlRoom::start().await;
    let (users, vault) = (room.store.users(), room.store.vault());
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    users.grant(&name("ada"), &name("bots")).await.unwrap();
    let nothing = Default::default();
    vault
        .create_locker(&name("genesys"), &nothing)
        .await
        .unwrap();
    vault.allow(&name("genesys"), &name("bots")).await.unwrap();
    for number in 1..=5000 {
        let credential = format!("genesys/bot-{number:04}").parse().unwrap();
        vault
            .create_credential(&credential, &nothing)
            .await
            .unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (search, count) in [("", 50), ("BOT-49", 50), ("4999", 1), ("none", 0)] {
        let path = format!("/vault/credentials?locker=genesys&search={search}");
        let offers = ada.get(&path).await;
        assert_eq!(offers.json().as_array().unwrap().len(), count, "{search}");
    }
    // No two steps alike, each with mistakes.
    let step = |number: usize| {
        json!({
            "action": "genesys/oauth-authenticate", "url": format!("https://{number}.example.com"),
            "client-id": { "insecure-string": "" }, "session-name": "",
            "client-secret": { "credential": format!("genesys/bot-{number:04}/secret") },
        })
    };
    let file = json!({ "name": "x", "steps": (0..1000).map(step).collect::<Vec<_>>() }).to_string();
    let problems = ada
        .post_json("/bots/check", &json!({ "file": file }))
        .await
        .json();
    // Of each step its credential and its session's name, and of a hundred what the component says of two fields.
    assert_eq!(problems.as_array().unwrap().len(), 2200);
}
