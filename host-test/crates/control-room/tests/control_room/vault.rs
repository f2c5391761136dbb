//! The rules of lockers, credentials, attributes and values.

use control_room::Principal;
use control_room::audit::Filter;
use control_room::vault::{
    AttributeChanges, AttributeOptions, Kind, MAX_ATTRIBUTES, ValueError, VaultError,
};
use control_room::{Store, StoreError};
use secrecy::ExposeSecret;

use super::support::{attribute, fill_store, memory, name, open, path, set, value, value_for};

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
async fn names_are_case_insensitive() {
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
async fn names_are_shown_as_they_were_typed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (users, vault, system) = (store.users(), store.vault(), Principal::System);
    users.create(&system, &name("Ada Lovelace")).await.unwrap();
    users.create_role(&system, &name("Bots")).await.unwrap();
    users
        .grant(&name("ADA lovelace"), &name("bots"))
        .await
        .unwrap();
    let nothing = Default::default();
    for locker in ["Sales Bot", "sales-2", "Sales"] {
        vault.create_locker(&name(locker), &nothing).await.unwrap();
    }
    let sales = name("SALES BOT");
    vault.allow(&sales, &name("bots")).await.unwrap();
    vault
        .add_owner(&sales, &name("ada lovelace"))
        .await
        .unwrap();
    let hello = "sales bot/Hello Bot".parse().unwrap();
    vault.create_credential(&hello, &nothing).await.unwrap();
    attribute(&store, "Sales Bot/hello bot/Client ID", Kind::Standard).await;
    set(&store, "sales bot/hello bot/client id", "canary")
        .await
        .unwrap();

    let lockers = vault.lockers().await.unwrap();
    let shown: Vec<_> = lockers.iter().map(|it| it.name.shown()).collect();
    assert_eq!(shown, ["Sales", "Sales Bot", "sales-2"]);
    assert_eq!(lockers[1].roles[0].shown(), "Bots");
    assert_eq!(lockers[1].owners[0].shown(), "Ada Lovelace");
    let credentials = vault.credentials(&name("sales bot")).await.unwrap();
    assert_eq!(credentials[0].name.shown(), "Hello Bot");
    assert_eq!(credentials[0].attributes[0].name.shown(), "Client ID");
    let ada = Principal::User(name("ada lovelace"));
    assert_eq!(
        vault.usable_lockers(&ada).await.unwrap()[0].shown(),
        "Sales Bot"
    );
    let view = vault.locker(&ada, &name("sALES bOT")).await.unwrap();
    assert_eq!(view.name.shown(), "Sales Bot");
    let usable = vault.usable_credentials(&ada, &sales, "HELLO", 9).await;
    let usable = usable.unwrap();
    assert_eq!(usable[0].credential.shown(), "Hello Bot");
    assert_eq!(usable[0].attributes[0].name.shown(), "Client ID");
    let roles = users.roles_page("", 0, 9).await.unwrap().items;
    assert_eq!(roles[1].name.shown(), "Bots");
    assert_eq!(roles[1].lockers.items[0].shown(), "Sales Bot");

    // The record has the names as they are stored, not as the bot has them; the filters compare without case.
    let value = value_for(&store, "ADA LOVELACE", "SALES bot/hello BOT/client-id").await;
    assert!(value.is_err());
    let value = value_for(&store, "ADA LOVELACE", "SALES bot/hello BOT/client ID").await;
    assert_eq!(value.unwrap().expose_secret(), "canary");
    let filter = Filter {
        locker: Some(name("sales BOT")),
        user: Some(name("ada LOVELACE")),
        bot: Some("HELLO".into()),
        user_id: None,
    };
    let uses = store.audit().uses(&filter, None, 9).await.unwrap();
    assert_eq!(uses.len(), 2);
    assert_eq!(uses[0].path.to_string(), "Sales Bot/Hello Bot/Client ID");
    assert_eq!(uses[0].user.shown(), "Ada Lovelace");
    assert_eq!(uses[0].bot, "Hello");

    // Only the capitals are changed; the values stay.
    vault
        .rename_locker(&name("sales bot"), &name("SALES Bot"))
        .await
        .unwrap();
    vault
        .rename_locker(&name("sales"), &name("sales"))
        .await
        .unwrap();
    let error = vault.rename_locker(&name("sales"), &name("SALES-2")).await;
    assert!(matches!(error, Err(VaultError::LockerExists(_))));
    store.close().await;
    drop((store, users, vault));
    let store = open(folder.path()).await.unwrap();
    let lockers = store.vault().lockers().await.unwrap();
    let shown: Vec<_> = lockers.iter().map(|it| it.name.shown()).collect();
    assert_eq!(shown, ["sales", "SALES Bot", "sales-2"]);
    let value = value_for(&store, "ada lovelace", "sales bot/hello bot/client id").await;
    assert_eq!(value.unwrap().expose_secret(), "canary");
}

#[tokio::test]
async fn lockers_are_not_disclosed_to_users_without_access() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    store
        .users()
        .create(&Principal::System, &name("eve"))
        .await
        .unwrap();
    let expected = "There is no locker “genesys” that you may use. Ask an administrator, or choose another one.";
    for text in [SECRET, "genesys/missing/secret", "genesys/hello/missing"] {
        let error = check(&store, "eve", text, true).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = value_for(&store, "eve", text).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = set_as(&store, "eve", text, "x").await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let missing = value_for(&store, "eve", "missing/hello/secret").await;
    assert_eq!(
        missing.unwrap_err().to_string(),
        "There is no locker “missing” that you may use. Ask an administrator, or choose another one."
    );
}

#[tokio::test]
async fn errors_name_what_is_missing_to_users_with_access() {
    let store = memory().await;
    fill_store(&store).await;
    for (text, message) in [
        (
            "missing/hello/secret",
            "There is no locker “missing” that you may use. Ask an administrator, or choose another one.",
        ),
        (
            "genesys/missing/secret",
            "The locker “genesys” has no credential “missing”. Choose another one, or ask an owner of the locker.",
        ),
        (
            "genesys/hello/missing",
            "The credential “hello” in the locker “genesys” has no attribute “missing”. Choose another one, or ask an owner of the locker.",
        ),
        (
            SECRET,
            "genesys/hello/secret has no value yet. An owner of the locker sets it.",
        ),
    ] {
        let error = check(&store, "ada", text, true).await.unwrap_err();
        assert_eq!(error.to_string(), message);
        let error = value_for(&store, "ada", text).await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn changes_of_roles_take_effect_at_once() {
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
async fn only_owners_set_standard_values() {
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
    // An owner without a role for the locker cannot use it.
    assert!(value_for(&store, "olga", SECRET).await.is_err());
    vault
        .remove_owner(&name("genesys"), &name("olga"))
        .await
        .unwrap();
    assert!(set_as(&store, "olga", SECRET, "x").await.is_err());
}

#[tokio::test]
async fn user_provided_values_are_separate_per_user() {
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
        "bob has set no value for genesys/hello/own yet. Each user sets their own."
    );
    set_as(&store, "bob", own, "of bob").await.unwrap();
    for (user, expected) in [("ada", "of ada"), ("bob", "of bob")] {
        let value = value_for(&store, user, own).await.unwrap();
        assert_eq!(value.expose_secret(), expected);
    }
    let error = set(&store, own, "x").await.unwrap_err();
    assert!(matches!(error, VaultError::UserRequired(_)), "{error}");
    // A user-provided value does not become the standard value.
    attribute(&store, own, Kind::Standard).await;
    let error = value_for(&store, "ada", own).await.unwrap_err();
    assert!(matches!(error, VaultError::NoValue(_)), "{error}");
}

#[tokio::test]
async fn a_password_only_attribute_is_refused_in_a_plain_field() {
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
        "genesys/hello/secret may only go into a secret field."
    );
}

#[tokio::test]
async fn concurrent_attribute_changes_do_not_overwrite_each_other() {
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
        assert!(
            !first.unwrap() && !second.unwrap(),
            "no attribute was created"
        );
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
    // An existing attribute can still be changed.
    attribute(&store, SECRET, Kind::UserProvided).await;
}

#[tokio::test]
async fn a_value_has_no_invisible_character() {
    let store = memory().await;
    fill_store(&store).await;
    for (value, code_point) in [
        ("a\u{200b}b", "U+200B"),
        ("a\u{ad}b", "U+00AD"),
        ("\u{202e}ab", "U+202E"),
        ("ab\u{feff}", "U+FEFF"),
        ("a\0b", "U+0000"),
    ] {
        let error = set(&store, SECRET, value).await.unwrap_err();
        assert!(error.to_string().contains(code_point), "{error}");
    }
    for empty in ["", "\u{feff}", "\u{a0}\r\n"] {
        let error = set(&store, SECRET, empty).await.unwrap_err();
        assert!(
            matches!(error, VaultError::Value(ValueError::Empty)),
            "{error}"
        );
    }
    let pem = "-----BEGIN KEY-----\r\nx\ty\n-----END KEY-----";
    for (value, stored) in [
        ("\u{feff}\u{a0}a b\u{a0}\r\n", "a b"),
        (" a ", " a "),
        (pem, pem),
    ] {
        set(&store, SECRET, value).await.unwrap();
        assert_eq!(super::support::value(&store, SECRET).await, stored);
    }
}

#[tokio::test]
async fn lists_contain_names_and_options_but_no_values() {
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
async fn removing_a_locker_removes_its_contents() {
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
async fn a_misspelt_user_is_named() {
    let store = memory().await;
    fill_store(&store).await;
    let path = path(SECRET);
    let user = Principal::User(name("aad"));
    let vault = store.vault();
    for error in [
        vault.set_value(&path, &user, &"canary".into()).await,
        vault.check(&path, &name("aad"), true).await,
    ] {
        assert_eq!(error.unwrap_err().to_string(), "there is no user \"aad\"");
    }
}

#[tokio::test]
async fn an_oversized_value_is_refused_and_the_old_one_kept() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let error = set(&store, SECRET, &"x".repeat(64 * 1024 + 1)).await;
    assert!(matches!(
        error,
        Err(VaultError::Store(StoreError::TooLarge(_)))
    ));
    assert_eq!(value(&store, SECRET).await, "canary");
}

#[tokio::test]
async fn a_sealed_value_does_not_open_in_another_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    let other = "genesys/hello/other";
    attribute(&store, other, Kind::Standard).await;
    set(&store, SECRET, "canary").await.unwrap();
    set(&store, other, "public").await.unwrap();
    let moved = "UPDATE standard_values SET sealed = (SELECT sealed FROM standard_values \
                 JOIN attributes ON attributes.id = attribute_id WHERE name = 'secret')";
    store.execute_with_key(moved).await.unwrap();
    let error = value_for(&store, "ada", other).await.unwrap_err();
    assert!(
        matches!(error, VaultError::Store(StoreError::Sealed(_))),
        "{error}"
    );
    assert_eq!(value(&store, SECRET).await, "canary");
}
