//! A data folder of an earlier version opens with all its contents.
//!
//! `fixtures/folder-tables-6` is that of version 0.1.0, sealed by a program whose tables had version 6: names were kept in
//! lower case only.
//!
//! `fixtures/folder-0.1.0` was created with version 0.1.0 of the command. It has users, roles, lockers, bots with
//! runs, and connections that are signed in at the embedded Genesys Cloud. Its key and secrets are throwaway values.

use std::fs;
use std::path::Path;

use control_room::audit::Filter;
use control_room::connections::SignInState;
use control_room::oauth::Grant;
use control_room::runs::Outcome;
use control_room::vault::Kind;
use control_room::{KeySource, Name, Store, StoreError, TokenOwner};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::support::{connections, database, name, open, value};

pub(crate) const PASSWORD: &str = "correct horse & battery+staple";

/// A copy of the folder. Its key is made private to its owner again, as a Git checkout does not preserve that mode.
pub(crate) fn copy() -> TempDir {
    copy_of("folder-0.1.0")
}

pub(crate) fn copy_of(fixture: &str) -> TempDir {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let from = fixtures.join(fixture);
    let folder = tempfile::tempdir().unwrap();
    for file in ["control-room.db", "control-room.key"] {
        let copy = folder.path().join(file);
        fs::copy(from.join(file), &copy).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    folder
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::as_str).collect()
}

#[tokio::test]
async fn users_roles_and_passwords_of_version_0_1_0_can_be_read() {
    let folder = copy();
    let store = open(folder.path()).await.unwrap();
    let users = store.users().list().await.unwrap();
    let roles: Vec<_> = users
        .iter()
        .map(|user| (user.name.as_str(), names(&user.roles)))
        .collect();
    assert_eq!(
        roles,
        [("ada", vec!["administrator", "bots"]), ("bob", vec![])]
    );
    let roles = store.users().roles().await.unwrap();
    let lockers: Vec<_> = roles
        .iter()
        .map(|role| (role.name.as_str(), names(&role.lockers)))
        .collect();
    assert_eq!(
        lockers,
        [
            ("administrator", vec![]),
            ("bots", vec!["genesys"]),
            ("empty", vec![])
        ]
    );
    let passwords = store.passwords();
    let verified = passwords.verify(&name("ada"), &PASSWORD.into()).await;
    assert!(verified.unwrap().is_some());
}

async fn assert_values(store: &Store) {
    for (path, expected) in [
        (
            "genesys/hello-bot/client-id",
            "11111111-2222-3333-4444-555555555555",
        ),
        ("genesys/hello-bot/client-secret", "throwaway-client-secret"),
        ("genesys/hello-bot/queue", "support"),
    ] {
        assert_eq!(value(store, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn lockers_and_values_of_version_0_1_0_can_be_read() {
    let folder = copy();
    let store = open(folder.path()).await.unwrap();
    let lockers = store.vault().lockers().await.unwrap();
    let [genesys, spare] = &lockers[..] else {
        panic!("{lockers:?}");
    };
    assert_eq!(genesys.description, "Clients of Genesys Cloud");
    assert_eq!(names(&genesys.roles), ["bots"]);
    assert_eq!(names(&genesys.owners), ["bob"]);
    assert_eq!(
        (spare.name.as_str(), names(&spare.roles)),
        ("spare", vec![])
    );

    let credentials = store.vault().credentials(&name("genesys")).await.unwrap();
    let [credential] = &credentials[..] else {
        panic!("{credentials:?}");
    };
    assert_eq!(credential.description, "The client of the first bot");
    let attributes: Vec<_> = credential
        .attributes
        .iter()
        .map(|it| {
            (
                it.name.as_str(),
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
            ("queue", Kind::UserProvided, false, false, 1),
        ]
    );
    assert_values(&store).await;
}

/// Makes every stored token valid for an hour, as there is no provider to refresh them.
pub(crate) async fn make_tokens_fresh(folder: &Path) {
    let update = "UPDATE connection_sign_ins SET asked_at = unixepoch() * 1000, \
                  expires_at = (unixepoch() + 3600) * 1000";
    let mut database = database(folder).await;
    sqlx::query(update).execute(&mut database).await.unwrap();
}

async fn assert_tokens(store: &Store) {
    let ada = name("ada");
    let mut tokens = Vec::new();
    for (connection, token_owner) in [
        ("genesys cloud", TokenOwner::Shared),
        ("genesys cloud", TokenOwner::UserSpecific),
        ("by itself", TokenOwner::Shared),
    ] {
        let token = connections(store)
            .token(&name(connection), &ada, token_owner)
            .await
            .unwrap();
        assert_eq!(token.url, "https://login.mypurecloud.de");
        assert_eq!(token.token_type, "Bearer");
        let token = token.access_token.expose_secret().to_owned();
        assert_eq!(token.len(), 86);
        tokens.push(token);
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test]
async fn connections_and_tokens_of_version_0_1_0_can_be_read() {
    let folder = copy();
    make_tokens_fresh(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    let listed = connections(&store).list().await.unwrap();
    let [by_itself, custom, genesys] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(by_itself.grant, Grant::ClientCredentials);
    assert_eq!(by_itself.shared, Some(SignInState::Fetched));

    assert_eq!(custom.client_id, "public");
    assert!(!custom.has_client_secret && custom.roles.is_empty());
    assert_eq!(custom.provider.token_url(), "https://id.example/token");
    assert_eq!(custom.provider.issuer(), Some("https://id.example/realm"));
    assert_eq!(custom.shared, None);

    assert_eq!(genesys.grant, Grant::AuthorizationCodePkce);
    assert!(genesys.has_client_secret && genesys.save_login_credentials);
    assert_eq!(genesys.scopes.to_string(), "users");
    assert_eq!(names(&genesys.roles), ["bots"]);
    let is_refreshable = |state: &SignInState| {
        matches!(
            state,
            SignInState::SignedIn {
                refreshable: true,
                ..
            }
        )
    };
    assert!(genesys.shared.as_ref().is_some_and(is_refreshable));
    let [(user, state)] = &genesys.users[..] else {
        panic!("{genesys:?}");
    };
    assert_eq!(user.as_str(), "ada");
    assert!(is_refreshable(state));

    let callback_url = connections(&store).callback_url().await.unwrap();
    assert_eq!(
        callback_url.as_str(),
        "http://127.0.0.1:29928/oauth/callback"
    );
    assert_tokens(&store).await;
}

#[tokio::test]
async fn bots_runs_and_audit_of_version_0_1_0_can_be_read() {
    let folder = copy();
    let store = open(folder.path()).await.unwrap();
    let passwords = store.passwords();
    let ada = passwords.verify(&name("ada"), &PASSWORD.into()).await;
    let ada = ada.unwrap().unwrap();

    let bots = store.bots(&ada);
    let page = bots.list("", 0, 10).await.unwrap();
    assert_eq!(page.total, 2);
    let titles: Vec<_> = page.items.iter().map(|bot| bot.name.as_str()).collect();
    assert_eq!(titles, ["Hello Connection", "Hello Genesys"]);
    for bot in &page.items {
        let file = bots.get(&bot.id).await.unwrap().file;
        assert!(
            file.contains(&format!("\"name\": \"{}\"", bot.name)),
            "{file}"
        );
    }

    let runs = store.runs(&ada);
    let page = runs.list(&Default::default(), 0, 10).await.unwrap();
    let ended: Vec<_> = page
        .items
        .iter()
        .map(|run| (run.bot.as_str(), run.ended.unwrap().1))
        .collect();
    let done = Outcome::Done;
    assert_eq!(ended, [("Hello Connection", done), ("Hello Genesys", done)]);
    let (_, log) = runs.get(&page.items[1].id).await.unwrap();
    assert!(log.starts_with('['), "{log}");

    let audit = store.audit();
    let used = audit.of_run(&page.items[1].id, 10).await.unwrap();
    let paths: Vec<_> = used.iter().map(|it| it.path.to_string()).collect();
    assert_eq!(
        paths,
        [
            "genesys/hello-bot/client-id",
            "genesys/hello-bot/client-secret"
        ]
    );
    let all = audit.uses(&Filter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|it| it.user.as_str() == "ada"));
}

async fn assert_sealed_folder(folder: &Path) {
    let store = open(folder).await.unwrap();
    assert_eq!(store.notices(), []);
    assert_values(&store).await;
    let users = store.users().list().await.unwrap();
    assert_eq!(users[0].name.shown(), "ada");
    // The code of each row is verified.
    store.rotate_key().await.unwrap();
    let (ada, spare) = (name("ada"), name("spare"));
    store.vault().add_owner(&spare, &ada).await.unwrap();
    store
        .vault()
        .rename_locker(&spare, &name("Spare"))
        .await
        .unwrap();
    store.close().await;
    drop(store);
    let store = open(folder).await.unwrap();
    let lockers = store.vault().lockers().await.unwrap();
    assert_eq!(lockers[1].name.shown(), "Spare");
    store.close().await;
}

#[tokio::test]
async fn a_folder_and_a_backup_with_names_in_lower_case_stay_valid() {
    let folder = copy_of("folder-tables-6");
    assert_sealed_folder(folder.path()).await;

    let (folder, backup) = (copy_of("folder-tables-6"), copy_of("folder-tables-6"));
    // The key file says that there is no unsealed database.
    let store = open(folder.path()).await.unwrap();
    store.close().await;
    drop(store);
    let file = backup.path().join("control-room.db");
    Store::restore(folder.path(), &KeySource::InFolder, &file)
        .await
        .unwrap();
    assert_sealed_folder(folder.path()).await;

    // A row that was changed is refused as before.
    let mut changed = database(backup.path()).await;
    sqlx::query("UPDATE lockers SET name = 'other' WHERE name = 'spare'")
        .execute(&mut changed)
        .await
        .unwrap();
    sqlx::Connection::close(changed).await.unwrap();
    let folder = copy_of("folder-tables-6");
    let error = Store::restore(folder.path(), &KeySource::InFolder, &file).await;
    assert!(
        matches!(&error, Err(StoreError::Changed { .. })),
        "{error:?}"
    );
    assert_sealed_folder(folder.path()).await;
}

#[tokio::test]
async fn the_key_of_version_0_1_0_can_be_rotated() {
    let folder = copy();
    make_tokens_fresh(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    store.rotate_key().await.unwrap();
    store.close().await;
    let store = open(folder.path()).await.unwrap();
    assert_values(&store).await;
    assert_tokens(&store).await;
}
