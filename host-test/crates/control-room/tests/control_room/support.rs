//! Shared helpers: a filled store, direct access to the database, and child processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bot_engine::{Purpose, RetryPolicy};
use control_room::Principal;
use control_room::connections::Connections;
use control_room::vault::{AttributeOptions, Kind, VaultError};
use control_room::{AttributePath, KeySource, Name, Place, Store, StoreError};
use egress::{AllowList, Options};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::SqliteConnection;

pub(crate) use crate::database::{Database, is_on_server, place};

/// The environment variable that tells a child process which folder to work on.
pub(crate) const CHILD: &str = "CONTROL_ROOM_TEST_CHILD";

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn path(text: &str) -> AttributePath {
    text.parse().unwrap()
}

pub(crate) async fn open(folder: &Path) -> Result<Store, StoreError> {
    let (place, key) = place(folder).await;
    Store::open(place, key).await
}

/// A new store: in memory, or on the server.
pub(crate) async fn memory() -> Store {
    if is_on_server() {
        // What is left of it goes with the server.
        let folder = tempfile::tempdir().unwrap().keep();
        return open(&folder).await.unwrap();
    }
    Store::open(Place::Memory, KeySource::InFolder)
        .await
        .unwrap()
}

/// They reach no provider.
pub(crate) fn connections(store: &Store) -> Connections {
    let connections = store.connections(Options::new(AllowList::default()));
    connections.with_retry(RetryPolicy::once())
}

/// Adds the locker `genesys`, which the role `bots` may use, and the user `ada`, who has that role. The locker has the
/// credential `hello` with the attribute `secret`.
pub(crate) async fn fill_store(store: &Store) {
    let (users, vault) = (store.users(), store.vault());
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    users
        .create(&Principal::System, &name("ada"))
        .await
        .unwrap();
    users.grant(&name("ada"), &name("bots")).await.unwrap();
    let locker = name("genesys");
    let nothing = Default::default();
    vault.create_locker(&locker, &nothing).await.unwrap();
    vault.allow(&locker, &name("bots")).await.unwrap();
    let hello = "genesys/hello".parse().unwrap();
    vault.create_credential(&hello, &nothing).await.unwrap();
    attribute(store, "genesys/hello/secret", Kind::Standard).await;
}

pub(crate) async fn attribute(store: &Store, text: &str, kind: Kind) {
    let options = AttributeOptions {
        kind,
        ..Default::default()
    };
    let vault = store.vault();
    vault.set_attribute(&path(text), &options).await.unwrap();
}

pub(crate) async fn set(store: &Store, text: &str, value: &str) -> Result<(), VaultError> {
    let vault = store.vault();
    vault
        .set_value(&path(text), &Principal::System, &value.into())
        .await
}

/// The first step of a bot.
pub(crate) const HELLO: Purpose<'_> = Purpose {
    bot: "Hello",
    step: "step 1",
    field_is_secret: true,
};

pub(crate) async fn value_for(
    store: &Store,
    user: &str,
    text: &str,
) -> Result<SecretString, VaultError> {
    let vault = store.vault();
    vault.value(&path(text), &name(user), None, HELLO).await
}

/// A value as `ada` gets it.
pub(crate) async fn value(store: &Store, text: &str) -> String {
    let value = value_for(store, "ada", text).await.unwrap();
    value.expose_secret().to_owned()
}

/// A direct connection to the database, bypassing the store.
pub(crate) async fn database(folder: &Path) -> SqliteConnection {
    match Database::of(folder).await {
        Database::File(connection) => connection,
        #[cfg(feature = "test-postgres")]
        Database::Server(_) => panic!("this test is about SQLite's file"),
    }
}

/// The files in a folder with their contents.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect()
}

/// The files in a folder that are not empty, without SQLite's index of the `-wal`. Lock files are empty.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files(folder);
    files.retain(|path, content| !content.is_empty() && !path.ends_with("control-room.db-shm"));
    files
}

/// This test binary, set up to run one test on a folder as a child process.
pub(crate) fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped());
    command
}

/// The folder that the parent process has given to this one.
pub(crate) fn from_parent() -> PathBuf {
    let folder = std::env::var_os(CHILD);
    folder.expect("set by the test that starts this one").into()
}
