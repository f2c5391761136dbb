//! No text is ever parsed as markup, wherever it comes from.

use control_room::Principal;
use serde_json::json;

use crate::client::{ControlRoom, name};

/// Text that would run, or break out of an attribute, if a page did not escape it.
const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Asserts that nothing of the text is in the page as markup.
fn assert_text(page: &str, body: &str) {
    assert!(!body.contains("<script>alert"), "{page}: {body}");
    assert!(!body.contains("<img"), "{page}: {body}");
    assert!(!body.contains("\"'>"), "{page}: {body}");
}

#[tokio::test]
async fn typed_text_is_escaped() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let answer = client.sign_in(EVIL, "wrong wrong wrong").await;
    assert!(answer.body.contains("&lt;script&gt;"), "{}", answer.body);
    assert_text("sign-in", &answer.body);

    let mut ada = room.signed_in("ada").await;
    let bot = ada.create(EVIL).await;
    let search: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in [
        "/bots",
        &format!("/bots?search={search}"),
        &format!("/bots?search=x{search}"),
        &bot,
        &format!("{bot}/delete"),
        &format!("/nothing/{search}?{search}"),
    ] {
        let answer = ada.get(path).await;
        assert_text(path, &answer.body);
    }
    assert!(ada.get("/bots").await.body.contains("&lt;script&gt;"));
    let too_long = EVIL.repeat(3);
    let answer = ada.post("/bots", &[("name", &too_long)]).await;
    assert!(answer.body.contains("&lt;script&gt;"));
    assert_text("create", &answer.body);
    ada.get("/bots/import").await;
    let answer = ada
        .post("/bots/import", &[("file", &format!("</textarea>{EVIL}"))])
        .await;
    assert!(answer.body.contains("&lt;/textarea&gt;"));
    assert_text("import", &answer.body);
}

#[tokio::test]
async fn bot_files_are_escaped_in_the_editor() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let file = json!({ "name": EVIL, EVIL: EVIL, "steps": [
        { "action": EVIL }, { "action": "log", "message": EVIL, EVIL: { EVIL: EVIL } }
    ]});
    ada.get("/bots/import").await;
    let imported = ada
        .post("/bots/import", &[("file", &file.to_string())])
        .await;
    let bot = imported.header("location").unwrap().to_owned();
    assert_text("editor", &ada.get(&bot).await.body);
    let answer = ada
        .post_json("/bots/check", &json!({ "file": file.to_string() }))
        .await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let exported = ada.get(&format!("{bot}/file")).await;
    assert_eq!(exported.header("content-type"), Some("application/json"));
    assert!(
        exported
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
}

#[tokio::test]
async fn names_set_by_others_are_escaped_and_values_not_sent() {
    let room = ControlRoom::start().await;
    let (users, vault) = (room.store.users(), room.store.vault());
    let evil = "\"'><script>alert(1)<b>";
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    users.grant(&name("ada"), &name("bots")).await.unwrap();
    vault
        .create_locker(&name(evil), &Default::default())
        .await
        .unwrap();
    vault.allow(&name(evil), &name("bots")).await.unwrap();
    let credential = format!("{evil}/{evil}").parse().unwrap();
    vault
        .create_credential(&credential, &evil.parse().unwrap())
        .await
        .unwrap();
    let attribute = format!("{evil}/{evil}/{evil}").parse().unwrap();
    vault
        .set_attribute(&attribute, &Default::default())
        .await
        .unwrap();
    let canary = "canary-of-the-vault".into();
    vault
        .set_value(&attribute, &Principal::System, &canary)
        .await
        .unwrap();

    let mut ada = room.signed_in("ada").await;
    let lockers = ada.get("/vault/lockers").await;
    assert_eq!(lockers.header("content-type"), Some("application/json"));
    assert_eq!(lockers.json(), json!([evil]));
    let locker: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
    let offers = ada
        .get(&format!("/vault/credentials?locker={locker}&search=SCRIPT"))
        .await;
    let attributes = json!([{ "name": evil, "passwordOnly": false }]);
    let offer = json!({ "name": evil, "description": evil, "attributes": attributes });
    assert_eq!(offers.json(), json!([offer]));
    assert!(!offers.body.contains("canary"));
    // The locker is not disclosed to users without access.
    let mut bob = room.signed_in("bob").await;
    assert_eq!(bob.get("/vault/lockers").await.json(), json!([]));
    let offers = bob
        .get(&format!("/vault/credentials?locker={locker}"))
        .await;
    assert_eq!(offers.json(), json!([]));
}
