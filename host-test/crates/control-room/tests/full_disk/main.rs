//! A full disk and a read-only folder, on a small disk in memory. It is mounted in the test's own user namespace,
//! which not every system allows.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[path = "../shared/database.rs"]
mod database;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../control_room/support.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use bot_engine::secrets::{ConnectionRef, ResolveError, ResolveErrorKind, SecretProvider as _};
use control_room::connections::{Settings, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::vault::VaultError;
use control_room::{BorrowedToken, Secrets, Store, StoreError, TokenOwner};
use egress::{AllowList, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Region};
use test_peers::{Peer, tests};

use crate::support::{CHILD, contents, fill_store, from_parent, name, open, set, value, value_for};

fn main() -> ExitCode {
    test_peers::run(
        &[Peer::UserNamespaces],
        &[tests![
            a_full_disk_is_reported_and_nothing_is_lost,
            a_first_start_on_a_full_disk_can_be_repeated,
            a_read_only_folder_is_reported_and_left_untouched;
            // Run as child processes by the tests above.
            ignored: write_until_the_disk_is_full, first_start_on_a_full_disk, open_a_read_only_folder, create_a_store,
        ]],
    )
}

/// Runs a test of this binary with a disk of `size` mounted on its folder, after `prepare` in a shell.
fn on_small_disk(test: &str, size: &str, prepare: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size={size},mode=0700 none \"${CHILD}\"\n{prepare}\n\
         exec \"$TEST_BINARY\" --exact {test} --ignored --nocapture"
    );
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec", &script])
        .env(CHILD, folder.path())
        .env("TEST_BINARY", std::env::current_exe().unwrap())
        .output()
        .unwrap()
}

fn assert_passed(output: &Output) {
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}\n{errors}");
    assert!(shown.contains("1 passed"), "{shown}");
}

async fn write_until_the_disk_is_full() {
    let folder = from_parent();
    let store = open(&folder).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    let cloud = GenesysCloud::start(Default::default()).await.unwrap();
    connect(&store, &cloud).await;
    let filler = folder.join("filler");
    fill(&filler);
    let error = loop {
        let long = "x".repeat(60_000);
        if let Err(error) = set(&store, "genesys/hello/secret", &long).await {
            break error;
        }
        // It still found space; use that up as well.
        fill(&filler);
    };
    assert!(
        matches!(error, VaultError::Store(StoreError::Full)),
        "{error:?}"
    );
    for error in [
        store.rotate_key().await.unwrap_err(),
        store.backup(&folder.join("backup")).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Full), "{error:?}");
    }
    assert!(!folder.join("backup").exists());
    // Everything but a value or a token, whose use cannot be recorded, can be read, also after a restart.
    store.close().await;
    drop(store);
    fill(&filler);
    let store = open(&folder).await.unwrap();
    assert_eq!(store.users().list().await.unwrap().len(), 1);
    assert_eq!(store.vault().lockers().await.unwrap().len(), 1);
    let filter = Default::default();
    store.audit().uses(&filter, None, 9).await.unwrap();
    let error = value_for(&store, "ada", "genesys/hello/secret").await;
    assert!(
        matches!(error, Err(VaultError::Store(StoreError::Full))),
        "{error:?}"
    );
    let error = token(&store, &cloud).await.unwrap_err();
    assert_eq!(error.kind(), ResolveErrorKind::ProviderFailed, "{error}");
    fs::remove_file(filler).unwrap();
    token(&store, &cloud).await.unwrap();
    let found = value(&store, "genesys/hello/secret").await;
    assert!(found == "canary" || found.len() == 60_000);
    drop(store);
    let store = open(&folder).await.unwrap();
    assert_eq!(value(&store, "genesys/hello/secret").await, found);
}

const CONNECTION: &str = "Genesys Cloud";

/// Network options that lead to the embedded Genesys Cloud only.
fn options(cloud: &GenesysCloud) -> Options {
    Options {
        gateway: Some(cloud.https_addr().unwrap().to_string().parse().unwrap()),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    }
}

/// Creates a connection for the role `bots`, with a token.
async fn connect(store: &Store, cloud: &GenesysCloud) {
    let region = Region::named("eu-central-1").unwrap();
    let client = cloud
        .add_client(OAuthClient::new("Control Room", region))
        .unwrap();
    let provider = Provider::genesys("eu-central-1").unwrap();
    let (grant, scopes) = (Grant::ClientCredentials, Scopes::default());
    let registration = Registration::new(provider, grant, &client.id, Some(&client.secret), scopes);
    let settings = Settings {
        registration: registration.unwrap(),
        save_login_credentials: true,
    };
    let connections = store.connections(options(cloud));
    let connection = name(CONNECTION);
    connections.create(&connection, settings).await.unwrap();
    connections.allow(&connection, &name("bots")).await.unwrap();
    let tested = connections.test(&connection, &SignInOwner::Shared).await;
    assert!(tested.unwrap().refreshed);
}

/// The token, as a bot of Ada's gets it.
async fn token(store: &Store, cloud: &GenesysCloud) -> Result<BorrowedToken, ResolveError> {
    let secrets = Secrets {
        store: store.clone(),
        connections: store.connections(options(cloud)),
        user: name("ada"),
        run: None,
    };
    let connection = ConnectionRef {
        name: name(CONNECTION),
        owner: TokenOwner::Shared,
    };
    secrets.token(&connection, None).await
}

/// Uses up all free space.
fn fill(file: &Path) {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

async fn a_full_disk_is_reported_and_nothing_is_lost() {
    assert_passed(&on_small_disk("write_until_the_disk_is_full", "2m", ""));
}

async fn first_start_on_a_full_disk() {
    let folder = from_parent();
    let error = open(&folder).await.unwrap_err();
    assert!(matches!(error, StoreError::Full), "{error:?}");
    fs::remove_file(folder.join("filler")).unwrap();
    open(&folder).await.unwrap();
}

async fn a_first_start_on_a_full_disk_can_be_repeated() {
    let filler = format!("cat /dev/zero > \"${CHILD}/filler\" 2> /dev/null || true");
    assert_passed(&on_small_disk("first_start_on_a_full_disk", "1m", &filler));
}

async fn open_a_read_only_folder() {
    let folder = from_parent();
    let before = contents(&folder);
    let error = open(&folder).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly), "{error:?}");
    assert_eq!(contents(&folder), before);
}

async fn create_a_store() {
    let folder = from_parent();
    fill_store(&open(&folder).await.unwrap()).await;
}

async fn a_read_only_folder_is_reported_and_left_untouched() {
    let prepare = format!(
        "\"$TEST_BINARY\" --exact create_a_store --ignored > /dev/null\nmount -o remount,ro \"${CHILD}\""
    );
    assert_passed(&on_small_disk("open_a_read_only_folder", "8m", &prepare));
}
