//! Values are not stored as plain text in any file and do not appear in `Debug` output.

use std::fs;

use control_room::Principal;
use control_room::vault::Kind;

use super::support::{HELLO, attribute, files, fill_store, name, open, path, set, value};

const CANARY: &str = "canary-7f3a91";

#[tokio::test]
async fn no_file_contains_a_value_in_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    let own = "genesys/hello/own";
    attribute(&store, own, Kind::UserProvided).await;
    set(&store, "genesys/hello/secret", CANARY).await.unwrap();
    store
        .vault()
        .set_value(&path(own), &Principal::User(name("ada")), &CANARY.into())
        .await
        .unwrap();
    assert_eq!(value(&store, own).await, CANARY);
    store.rotate_key().await.unwrap();
    store.backup(&folder.path().join("backup")).await.unwrap();
    let assert_sealed = || {
        for (file, content) in files(folder.path()) {
            let found = content
                .windows(CANARY.len())
                .any(|part| part == CANARY.as_bytes());
            assert!(!found, "{file:?}");
        }
    };
    assert!(folder.path().join("control-room.db-wal").exists());
    assert_sealed();
    store.close().await;
    drop(store);
    assert_sealed();
}

#[tokio::test]
async fn debug_output_contains_no_value_or_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", CANARY).await.unwrap();
    let (vault, path) = (store.vault(), path("genesys/hello/secret"));
    let value = vault.value(&path, &name("ada"), None, HELLO).await.unwrap();
    let shown = format!(
        "{store:?} {value:?} {vault:?} {:?} {:?}",
        store.users(),
        store.audit()
    );
    let key = fs::read_to_string(folder.path().join("control-room.key")).unwrap();
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains(key.trim()), "{shown}");
}
