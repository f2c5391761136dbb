//! The rules of lockers, credentials, attributes and values.

use control_room::Principal;
use control_room::vault::{AttributeChanges, AttributeOptions, Kind, MAX_ATTRIBUTES, VaultError};
use control_room::{Store, StoreError};
use secrecy::ExposeSecret;
use sqlx::Connection;

use super::support::{
    attribute, database, fill_store, memory, name, open, path, set, value, value_for,
};

const SECRET: &str = "genesys/hello/secret";

async fn check(store: &Store, user: &str, text: &str, secret: bool) -> Result<(), VaultError> {
    store.vault().check(&path(text), &name(user), secret).await
}

async fn set_as(store: &Store, user: &str, text: &str, value: &str) -> Result<(), VaultError> {
    let actor = Principal::User(name(user));
    let vault = store.vault();
    vault.set_value(&path(text), &actor, &value.into()).await
}

#[tokio::test]
async fn names_are_compared_without_regard_to_case() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, " GENESYS/Hello / Secret", "canary")
        .await
        .unwrap();
    assert_eq!(value(&store, "Genesys/HELLO/secret").await, "canary");
    let taken = store
        .vault()
        .create_locker(&name("GENESYS"), &Default::default())
        .await
        .unwrap_err();
    assert!(matches!(taken, VaultError::LockerExists(_)), "{taken}");
}

#[tokio::test]
async fn who_may_not_use_a_locker_does_not_learn_whether_there_is_one() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    store
        .users()
        .create(&Principal::System, &name("eve"))
        .await
        .unwrap();
    for user in ["eve", "nobody"] {
        for text in [SECRET, "genesys/missing/secret", "genesys/hello/missing"] {
            let there = check(&store, user, text, true).await.unwrap_err();
            assert_eq!(
                there.to_string(),
                "there is no locker \"genesys\" that you may use"
            );
            let there = value_for(&store, user, text).await.unwrap_err();
            assert_eq!(
                there.to_string(),
                "there is no locker \"genesys\" that you may use"
            );
            let there = set_as(&store, user, text, "x").await.unwrap_err();
            assert_eq!(
                there.to_string(),
                "there is no locker \"genesys\" that you may use"
            );
        }
    }
    let missing = value_for(&store, "eve", "missing/hello/secret").await;
    assert_eq!(
        missing.unwrap_err().to_string(),
        "there is no locker \"missing\" that you may use"
    );
}

#[tokio::test]
async fn what_is_missing_is_named_to_who_may_use_the_locker() {
    let store = memory().await;
    fill_store(&store).await;
    for (text, message) in [
        (
            "missing/hello/secret",
            "there is no locker \"missing\" that you may use",
        ),
        (
            "genesys/missing/secret",
            "the locker \"genesys\" has no credential \"missing\"",
        ),
        (
            "genesys/hello/missing",
            "the credential \"hello\" in the locker \"genesys\" has no attribute \"missing\"",
        ),
        (
            SECRET,
            "genesys/hello/secret has no value yet; an owner of the locker sets it",
        ),
    ] {
        let error = check(&store, "ada", text, true).await.unwrap_err();
        assert_eq!(error.to_string(), message);
        let error = value_for(&store, "ada", text).await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn what_a_role_may_use_changes_with_the_role() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let (users, vault) = (store.users(), store.vault());
    let (ada, bots, genesys) = (name("ada"), name("bots"), name("genesys"));
    let may = async || check(&store, "ada", SECRET, true).await.is_ok();
    assert!(may().await);
    vault.forbid(&genesys, &bots).await.unwrap();
    assert!(!may().await);
    vault.allow(&genesys, &bots).await.unwrap();
    vault.allow(&genesys, &bots).await.unwrap();
    assert!(may().await);
    users.revoke(&ada, &bots).await.unwrap();
    assert!(!may().await);
    users.grant(&ada, &bots).await.unwrap();
    assert!(may().await);
    users.remove(&Principal::System, &ada).await.unwrap();
    users.create(&Principal::System, &ada).await.unwrap();
    assert!(!may().await);
    users.grant(&ada, &bots).await.unwrap();
    users.remove_role(&Principal::System, &bots).await.unwrap();
    assert!(!may().await);
}

#[tokio::test]
async fn a_standard_value_is_set_by_an_owner() {
    let store = memory().await;
    fill_store(&store).await;
    let vault = store.vault();
    let error = set_as(&store, "ada", SECRET, "x").await.unwrap_err();
    assert!(matches!(error, VaultError::NotOwner(_)), "{error}");
    store
        .users()
        .create(&Principal::System, &name("olga"))
        .await
        .unwrap();
    vault
        .add_owner(&name("genesys"), &name("olga"))
        .await
        .unwrap();
    set_as(&store, "olga", SECRET, "canary").await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
    // Owning is not consuming.
    assert!(value_for(&store, "olga", SECRET).await.is_err());
    vault
        .remove_owner(&name("genesys"), &name("olga"))
        .await
        .unwrap();
    assert!(set_as(&store, "olga", SECRET, "x").await.is_err());
}

#[tokio::test]
async fn each_user_has_their_own_user_provided_value() {
    let store = memory().await;
    fill_store(&store).await;
    store
        .users()
        .create(&Principal::System, &name("bob"))
        .await
        .unwrap();
    let users = store.users();
    users.grant(&name("bob"), &name("bots")).await.unwrap();
    let own = "genesys/hello/own";
    attribute(&store, own, Kind::UserProvided).await;
    set_as(&store, "ada", own, "of ada").await.unwrap();
    let error = value_for(&store, "bob", own).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"bob\" has set no value for genesys/hello/own yet; each user sets their own"
    );
    set_as(&store, "bob", own, "of bob").await.unwrap();
    for (user, expected) in [("ada", "of ada"), ("bob", "of bob")] {
        let value = value_for(&store, user, own).await.unwrap();
        assert_eq!(value.expose_secret(), expected);
    }
    let error = set(&store, own, "x").await.unwrap_err();
    assert!(matches!(error, VaultError::EachTheirOwn(_)), "{error}");
    // What was meant for one is not for all.
    attribute(&store, own, Kind::Standard).await;
    let error = value_for(&store, "ada", own).await.unwrap_err();
    assert!(matches!(error, VaultError::NoValue(_)), "{error}");
}

#[tokio::test]
async fn a_password_does_not_go_into_a_field_that_shows_it() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    check(&store, "ada", SECRET, false).await.unwrap();
    let options = AttributeOptions {
        password_only: true,
        ..Default::default()
    };
    let vault = store.vault();
    vault.set_attribute(&path(SECRET), &options).await.unwrap();
    check(&store, "ada", SECRET, true).await.unwrap();
    let error = check(&store, "ada", SECRET, false).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "genesys/hello/secret may only go into a field that is secret"
    );
}

#[tokio::test]
async fn who_changes_an_attribute_at_the_same_time_undoes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    fill_store(&one).await;
    for expected in [false, true] {
        let masked = AttributeChanges {
            masked: Some(expected),
            ..AttributeChanges::default()
        };
        let password_only = AttributeChanges {
            password_only: Some(expected),
            ..AttributeChanges::default()
        };
        let (path, one, other) = (path(SECRET), one.vault(), other.vault());
        let (first, second) = tokio::join!(
            one.change_attribute(&path, &masked),
            other.change_attribute(&path, &password_only)
        );
        assert!(!first.unwrap() && !second.unwrap(), "none was made");
        let credentials = one.credentials(&name("genesys")).await.unwrap();
        let found = &credentials[0].attributes[0];
        assert_eq!((found.masked, found.password_only), (expected, expected));
    }
}

#[tokio::test]
async fn a_credential_has_at_most_fifty_attributes() {
    let store = memory().await;
    fill_store(&store).await;
    for number in 1..MAX_ATTRIBUTES {
        attribute(&store, &format!("genesys/hello/a{number}"), Kind::Standard).await;
    }
    let vault = store.vault();
    let options = AttributeOptions::default();
    let one_more = path("genesys/hello/more");
    let error = vault.set_attribute(&one_more, &options).await.unwrap_err();
    assert!(matches!(error, VaultError::TooManyAttributes(_)), "{error}");
    // One that is there can still be changed.
    attribute(&store, SECRET, Kind::UserProvided).await;
}

#[tokio::test]
async fn a_list_has_names_and_options_and_no_values() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let vault = store.vault();
    let lockers = vault.lockers().await.unwrap();
    assert_eq!(lockers[0].name, name("genesys"));
    assert_eq!(lockers[0].roles, [name("bots")]);
    let credentials = vault.credentials(&name("genesys")).await.unwrap();
    assert_eq!(credentials[0].name, name("hello"));
    assert_eq!(credentials[0].attributes[0].name, name("secret"));
    assert_eq!(credentials[0].attributes[0].values, 1);
    let shown = format!("{store:?} {vault:?} {lockers:?} {credentials:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn what_is_removed_is_gone_with_what_is_in_it() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let vault = store.vault();
    vault
        .remove_value(&path(SECRET), &Principal::System)
        .await
        .unwrap();
    let error = value_for(&store, "ada", SECRET).await.unwrap_err();
    assert!(matches!(error, VaultError::NoValue(_)), "{error}");

    vault
        .rename_locker(&name("genesys"), &name("cloud"))
        .await
        .unwrap();
    set(&store, "cloud/hello/secret", "canary").await.unwrap();
    assert_eq!(value(&store, "cloud/hello/secret").await, "canary");
    vault.remove_locker(&name("cloud")).await.unwrap();
    let error = value_for(&store, "ada", "cloud/hello/secret").await;
    assert!(matches!(error, Err(VaultError::NoLocker(_))));
    assert!(vault.lockers().await.unwrap().is_empty());

    vault
        .create_locker(&name("cloud"), &Default::default())
        .await
        .unwrap();
    assert!(vault.credentials(&name("cloud")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_that_is_too_long_is_refused_and_the_former_one_stays() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let error = set(&store, SECRET, &"x".repeat(64 * 1024 + 1)).await;
    assert!(matches!(
        error,
        Err(VaultError::Store(StoreError::TooLarge))
    ));
    assert_eq!(value(&store, SECRET).await, "canary");
}

#[tokio::test]
async fn a_value_that_was_moved_to_another_row_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    let other = "genesys/hello/other";
    attribute(&store, other, Kind::Standard).await;
    set(&store, SECRET, "canary").await.unwrap();
    set(&store, other, "public").await.unwrap();
    let mut connection = database(folder.path()).await;
    sqlx::query(
        "UPDATE standard_values SET sealed = (SELECT sealed FROM standard_values \
         JOIN attributes ON attributes.id = attribute_id WHERE name = 'secret')",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let error = value_for(&store, "ada", other).await.unwrap_err();
    assert!(
        matches!(error, VaultError::Store(StoreError::Sealed(_))),
        "{error}"
    );
    assert_eq!(value(&store, SECRET).await, "canary");
}
