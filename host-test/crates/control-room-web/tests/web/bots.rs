//! Bots: create, search, change, import and export; each belongs to its user.

use control_room::Principal;
use serde_json::json;

use crate::client::{ControlRoom, name};

#[tokio::test]
async fn bots_of_other_users_are_not_found() {
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
async fn requests_without_a_sign_in_are_redirected() {
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
        let location = answer.header("location").unwrap_or_default();
        let (page, to) = location.split_once("?to=").unwrap_or((location, "%2Fbots"));
        let to = percent_encoding::percent_decode_str(to).decode_utf8_lossy();
        assert_eq!((answer.status, page, &*to), (303, "/sign-in", path));
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
async fn exported_files_equal_the_imported_ones() {
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
    // A copy differs only in its name.
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
async fn an_imported_file_may_begin_with_a_byte_order_mark() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/bots/import").await;
    let file = "\u{feff}{\"name\": \"Marked\", \"steps\": []}";
    let imported = ada.post("/bots/import", &[("file", file)]).await;
    assert_eq!(imported.status, 303, "{}", imported.body);
    assert!(ada.get("/bots").await.body.contains("Marked"));
}

#[tokio::test]
async fn invalid_bot_files_are_rejected_with_a_reason_and_kept_in_the_form() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    for (file, reason) in [
        ("canary", "This is not JSON"),
        ("{\"name\": \"canary\"}", "has a list named"),
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
async fn saving_an_outdated_version_returns_the_current_one() {
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
async fn a_former_version_is_listed_compared_and_restored() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    ada.get(&bot).await;
    let first = "{\"name\": \"Hello\", \"steps\": [{\"action\": \"log\"}]}";
    let second = "{\"name\": \"Renamed\", \"steps\": []}";
    for (version, file) in (1..).zip([first, second]) {
        let save = json!({ "version": version, "file": file, "kept": true });
        assert_eq!(ada.post_json(&bot, &save).await.status, 200);
    }
    let list = ada.get(&format!("{bot}/versions")).await.body;
    for words in ["renamed to “Renamed”, 1 step removed", "oldest version"] {
        assert!(list.contains(words), "{list}");
    }
    let former = format!("{bot}/versions/2");
    let page = ada.get(&former).await.body;
    assert!(
        page.contains("{&quot;action&quot;: &quot;log&quot;}"),
        "{page}"
    );
    assert!(page.contains("id=\"restore\""), "{page}");
    let in_force = ada.get(&format!("{bot}/versions/3")).await.body;
    assert!(!in_force.contains("restore"), "{in_force}");
    // Somebody saves in between.
    let outdated = ada.post(&former, &[("version", "2")]).await;
    assert_eq!(outdated.header("location"), Some(former.as_str()));
    ada.get(&former).await;
    let back = ada.post(&former, &[("version", "3")]).await;
    assert_eq!(back.header("location"), Some(bot.as_str()));
    assert_eq!(ada.get(&format!("{bot}/file")).await.body, first);
    // What it replaced stays.
    let replaced = ada.get(&format!("{bot}/versions/3")).await.body;
    assert!(replaced.contains("Renamed"), "{replaced}");
    assert_eq!(ada.get(&format!("{bot}/versions/9")).await.status, 404);
}

#[tokio::test]
async fn the_editor_creates_a_new_bot_or_reports_why_not() {
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
async fn a_deleted_bot_is_not_found() {
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
async fn request_sizes_are_limited() {
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
async fn problems_name_their_step_and_field() {
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
    let found: Vec<_> = problems
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
    let assert_problem = |step: u64, field: &str, text: &str| {
        assert!(
            found
                .iter()
                .any(|it| it.0 == step && it.1 == field && it.2.contains(text)),
            "{step} {field} {text}: {found:#?}"
        );
    };
    assert_problem(1, "url", "keine Adresse von Genesys Cloud");
    assert_problem(1, "client-id", "keine Variable „ID“");
    assert_problem(
        1,
        "client-secret",
        "keinen Locker „genesys“, den Sie verwenden dürfen",
    );
    assert_problem(2, "session-name", "öffnet die Sitzung „Other“");
    assert_problem(2, "path", "Klammer steht allein");
    assert_problem(2, "output", "weder Klammern noch Punkte");
    assert_problem(3, "message", "{nothing} ist weder eine Variable");
    assert_problem(4, "action", "gibt es hier nicht");
    assert_eq!(found.len(), 8, "{found:#?}");
}

/// The parser of bot files reports problems that no form can produce.
#[tokio::test]
async fn problems_that_no_form_can_produce_are_reported() {
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
async fn a_thousand_bots_are_paged_and_searched() {
    let room = ControlRoom::start().await;
    let owner = room.store.passwords();
    let owner = owner
        .verify(&name("ada"), &crate::client::PASSWORD.into())
        .await;
    let bots = room.store.bots(&owner.unwrap().unwrap());
    for number in 1..=1000 {
        let bot = format!("Bot {number:04} 100%_");
        let file = format!("{{\"name\": \"{bot}\", \"steps\": []}}");
        bots.create(&bot, &file).await.unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (path, has, has_not) in [
        ("/bots", "Bot 0001", "Bot 0051"),
        ("/bots?page=20", "Bot 1000", "Bot 0950"),
        ("/bots?search=BOT%200999", "Bot 0999", "Bot 0998"),
        ("/bots?search=100%25_&page=2", "Bot 0051", "Bot 0050"),
        ("/bots?search=10_%25", "No name contains this", "Bot 0"),
        ("/bots?page=4294967295", "Bot 1000", "Bot 0950"),
    ] {
        let answer = ada.get(path).await;
        assert!(answer.body.contains(has), "{path}");
        assert!(!answer.body.contains(has_not), "{path}");
        assert!(answer.body.len() < 100_000);
    }
}

#[tokio::test]
async fn a_thousand_credentials_are_searched_and_a_large_bot_is_checked() {
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
    for number in 1..=1000 {
        let credential = format!("genesys/bot-{number:04}").parse().unwrap();
        vault
            .create_credential(&credential, &nothing)
            .await
            .unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (search, count) in [("", 50), ("BOT-09", 50), ("0999", 1), ("none", 0)] {
        let path = format!("/vault/credentials?locker=genesys&search={search}");
        let offers = ada.get(&path).await;
        assert_eq!(offers.json().as_array().unwrap().len(), count, "{search}");
    }
    // All steps differ, and each has problems.
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
    // Each step has problems with its credential and its session name. For the first hundred, the component reports
    // two more fields.
    assert_eq!(problems.as_array().unwrap().len(), 2200);
}
