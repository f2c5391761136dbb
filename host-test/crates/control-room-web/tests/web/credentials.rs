//! Credentials: permissions to see them and to set values; no value is ever shown.

use bot_engine::Purpose;
use control_room::Principal;

use crate::client::{Client, ControlRoom, name};
use crate::managing::room_with_cloud;

const SECRET: &str = "/credentials/attribute?at=genesys/hello/secret";
const VALUE: &str = "/credentials/value?at=genesys/hello/secret";
const REMOVE_VALUE: &str = "/credentials/remove-value?at=genesys/hello/secret";
const CANARY: &str = "canary-of-the-form";

/// The value that a user's bot gets.
async fn value_for_bot(room: &ControlRoom, user: &str) -> Option<String> {
    use secrecy::ExposeSecret;
    let purpose = Purpose {
        bot: "Hello",
        step: "1",
        field_is_secret: true,
    };
    let path = "genesys/hello/secret".parse().unwrap();
    let vault = room.store.vault();
    let value = vault.value(&path, &name(user), None, purpose).await.ok()?;
    Some(value.expose_secret().to_owned())
}

async fn set(client: &mut Client, kind: &str) -> u16 {
    client.get("/bots").await;
    let fields = [("kind", kind), ("value", CANARY)];
    let answer = client.post(VALUE, &fields).await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    let place = answer.header("location").unwrap_or_default();
    assert!(!place.contains("canary"), "{place}");
    answer.status
}

async fn remove(client: &mut Client, kind: &str) -> u16 {
    client.get("/bots").await;
    client.post(REMOVE_VALUE, &[("kind", kind)]).await.status
}

#[tokio::test]
async fn only_owners_set_the_standard_value() {
    let (room, _cloud) = room_with_cloud().await;
    let vault = room.store.vault();
    room.grant("bob", "bots").await;
    vault.allow(&name("genesys"), &name("bots")).await.unwrap();
    let mut bob = room.signed_in("bob").await;
    let shown = bob.get(SECRET).await.body;
    assert!(
        shown.contains("An owner of the locker sets this value"),
        "{shown}"
    );
    assert!(!shown.contains("id=\"value\""), "{shown}");
    assert_eq!(set(&mut bob, "standard").await, 404);
    assert_eq!(bob.get(REMOVE_VALUE).await.status, 404);
    assert_eq!(remove(&mut bob, "standard").await, 404);
    assert_eq!(
        value_for_bot(&room, "bob").await.unwrap(),
        "canary-of-the-vault"
    );

    vault
        .add_owner(&name("genesys"), &name("bob"))
        .await
        .unwrap();
    assert!(bob.get(SECRET).await.body.contains("id=\"value\""));
    assert_eq!(set(&mut bob, "standard").await, 303);
    assert_eq!(value_for_bot(&room, "bob").await.unwrap(), CANARY);
    // Owners cannot manage the locker.
    for path in [SECRET, "/credentials/new?at=genesys"] {
        bob.get("/bots").await;
        assert_eq!(bob.post(path, &[("name", "x")]).await.status, 404);
    }
    let question = bob.get(REMOVE_VALUE).await.body;
    assert!(question.contains("None of your bots uses it"), "{question}");
    assert_eq!(remove(&mut bob, "standard").await, 303);
    assert_eq!(value_for_bot(&room, "bob").await, None);
}

#[tokio::test]
async fn users_set_their_own_values() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    ada.get(SECRET).await;
    let options = [
        ("kind", "user-provided"),
        ("masked", "on"),
        ("password-only", "on"),
    ];
    assert_eq!(ada.post(SECRET, &options).await.status, 303);
    // The administrator has no role that may use the locker.
    let shown = ada.get(SECRET).await.body;
    assert!(shown.contains("set their own values"), "{shown}");
    assert_eq!(set(&mut ada, "user-provided").await, 404);

    room.grant("bob", "bots").await;
    ada.get("/bots").await;
    let roles = "/credentials/roles?at=genesys";
    assert_eq!(ada.post(roles, &[("role", "bots")]).await.status, 303);
    let mut bob = room.signed_in("bob").await;
    let shown = bob.get(SECRET).await.body;
    assert!(shown.contains("type=\"password\""), "{shown}");
    assert!(shown.contains("You have set no value yet"), "{shown}");
    // The outdated form, from when there was one value for all users.
    assert_eq!(set(&mut bob, "standard").await, 403);
    assert_eq!(set(&mut bob, "user-provided").await, 303);
    assert_eq!(value_for_bot(&room, "bob").await.unwrap(), CANARY);
    assert!(bob.get(SECRET).await.body.contains("Your value is set"));
    assert!(ada.get(SECRET).await.body.contains("have set a value: 1"));
    // Each asks about their own value.
    assert_eq!(ada.get(REMOVE_VALUE).await.status, 404);
    let question = bob.get(REMOVE_VALUE).await.body;
    assert!(question.contains("Remove your value of"), "{question}");
    assert_eq!(remove(&mut bob, "standard").await, 403);
    assert_eq!(remove(&mut bob, "user-provided").await, 303);
    assert_eq!(value_for_bot(&room, "bob").await, None);
    // There is nothing left to ask about.
    assert_eq!(bob.get(REMOVE_VALUE).await.status, 404);
    // Now no role may use the locker.
    ada.get("/bots").await;
    assert_eq!(ada.post(roles, &[]).await.status, 303);
    assert_eq!(bob.get(SECRET).await.status, 404);
}

#[tokio::test]
async fn pages_do_not_contain_values() {
    let (room, _cloud) = room_with_cloud().await;
    room.grant("ada", "bots").await;
    let vault = room.store.vault();
    vault.allow(&name("genesys"), &name("bots")).await.unwrap();
    let mut ada = room.signed_in("ada").await;
    assert_eq!(set(&mut ada, "standard").await, 303);
    assert_eq!(value_for_bot(&room, "ada").await.unwrap(), CANARY);
    for path in [
        "/credentials",
        "/credentials/locker?at=genesys",
        "/credentials/settings?at=genesys",
        "/credentials/credential?at=genesys/hello",
        SECRET,
        VALUE,
        "/credentials/uses",
        "/connections",
        "/connections/connection?at=prod",
        "/connections/edit?at=prod",
        "/vault/credentials?locker=genesys",
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("canary"), "{path}: {}", answer.body);
    }
    // Not even if another field has an error.
    ada.get(SECRET).await;
    let description = "x".repeat(256);
    let fields = [("description", description.as_str()), ("value", CANARY)];
    let answer = ada.post(SECRET, &fields).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    for (value, message) in [
        ("", "A value has at least one character"),
        ("\u{a0}", "A value has at least one character"),
        ("can\u{200b}ary", "the invisible character U+200B"),
        ("\u{202e}canary", "the invisible character U+202E"),
    ] {
        let fields = [("kind", "standard"), ("value", value)];
        let answer = ada.post(VALUE, &fields).await;
        assert_eq!(answer.status, 422, "{value:?}");
        assert!(answer.body.contains(message), "{value:?}: {}", answer.body);
        assert!(!answer.body.contains("canary"), "{}", answer.body);
    }
}

#[tokio::test]
async fn uses_can_be_filtered_and_users_see_only_their_own() {
    let (room, _cloud) = room_with_cloud().await;
    room.grant("bob", "bots").await;
    let vault = room.store.vault();
    vault.allow(&name("genesys"), &name("bots")).await.unwrap();
    for _ in 0..60 {
        value_for_bot(&room, "bob").await.unwrap();
    }
    // Refused.
    assert_eq!(value_for_bot(&room, "ada").await, None);
    let mut ada = room.signed_in("ada").await;
    let shown = ada.get("/credentials/uses").await.body;
    assert!(
        shown.contains(">refused<") && shown.contains("bob"),
        "{shown}"
    );
    assert_eq!(shown.matches("genesys/hello/secret").count(), 50);
    let older = shown
        .split("href=\"")
        .find(|it| it.contains("before="))
        .unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    let shown = ada.get(&older).await.body;
    assert_eq!(shown.matches("genesys/hello/secret").count(), 11);
    let shown = ada.get("/credentials/uses?user=ada").await.body;
    assert_eq!(shown.matches("genesys/hello/secret").count(), 1);
    for nothing in ["locker=other", "locker=a/b", "bot=other"] {
        let shown = ada.get(&format!("/credentials/uses?{nothing}")).await.body;
        assert!(shown.contains("No matching uses"), "{nothing}");
    }
    let mut bob = room.signed_in("bob").await;
    for path in ["/credentials/uses", "/credentials/uses?user=ada"] {
        let shown = bob.get(path).await.body;
        assert!(!shown.contains(">refused<"), "{path}: {shown}");
        assert_eq!(shown.matches("genesys/hello/secret").count(), 50);
    }
}

#[tokio::test]
async fn a_new_user_with_the_name_of_a_removed_one_does_not_see_their_uses() {
    let (room, _cloud) = room_with_cloud().await;
    let vault = room.store.vault();
    vault.allow(&name("genesys"), &name("bots")).await.unwrap();
    room.grant("bob", "bots").await;
    value_for_bot(&room, "bob").await.unwrap();
    let mut bob = room.signed_in("bob").await;
    let shown = bob.get("/credentials/uses").await.body;
    assert_eq!(shown.matches("genesys/hello/secret").count(), 1);

    let users = room.store.users();
    users
        .remove(&Principal::System, &name("bob"))
        .await
        .unwrap();
    room.create_user("bob").await;
    let mut another = room.signed_in("bob").await;
    let shown = another.get("/credentials/uses").await.body;
    assert_eq!(shown.matches("genesys/hello/secret").count(), 0);
    let mut administrator = room.signed_in("ada").await;
    let shown = administrator.get("/credentials/uses?user=bob").await.body;
    assert_eq!(shown.matches("genesys/hello/secret").count(), 1);
}

#[tokio::test]
async fn a_locker_is_renamed_unless_the_name_is_taken_or_not_valid() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/credentials").await;
    let made = ada.post("/credentials", &[("name", " .. ")]).await;
    let settings = made.header("location").unwrap().to_owned();
    assert_eq!(ada.get(&settings).await.status, 200, "{settings}");
    for (typed, reason) in [
        ("genesys", "A locker of this name already exists"),
        ("a/b", "neither slashes"),
    ] {
        let answer = ada.post(&settings, &[("name", typed)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(reason), "{}", answer.body);
    }
    let renamed = ada.post(&settings, &[("name", "other")]).await;
    assert_eq!(
        renamed.header("location"),
        Some("/credentials/settings?at=other&done=saved")
    );
    ada.get("/credentials").await;
    let answer = ada.post("/credentials/remove-locker?at=other", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(ada.get("/credentials/locker?at=other").await.status, 404);
}

#[tokio::test]
async fn an_existing_attribute_is_not_overwritten_by_a_new_one() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let credential = "/credentials/credential?at=genesys/hello";
    let other_kind = [("name", " Secret "), ("kind", "user-provided")];
    let answer = ada.post(credential, &other_kind).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let (_, field) = answer.body.split_once("id=\"name-error\"").unwrap();
    let (error, _) = field.split_once("</p>").unwrap();
    assert!(
        error.contains("already has an attribute of this name"),
        "{error}"
    );
    let at = "/credentials/attribute?at=genesys/hello/secret";
    assert!(ada.get(at).await.body.contains("Value set"));
    // Of two concurrent requests, one creates it.
    let mut second = room.signed_in("ada").await;
    let fields = [("name", "new")];
    let (one, two) = tokio::join!(
        ada.post(credential, &fields),
        second.post(credential, &fields)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
}
