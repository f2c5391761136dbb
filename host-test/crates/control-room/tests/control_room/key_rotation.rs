//! Key rotation.

use std::fs;
use std::path::Path;

use control_room::{Store, StoreError};

use super::support::{Database, attribute, contents, fill_store, open, set, value};
use control_room::vault::Kind;

const SECRET: &str = "genesys/hello/secret";
const OTHER: &str = "genesys/hello/other";

async fn filled_store(folder: &Path) -> Store {
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    attribute(&store, OTHER, Kind::Standard).await;
    set(&store, SECRET, "canary").await.unwrap();
    set(&store, OTHER, "robin").await.unwrap();
    store
}

async fn assert_whole(store: &Store) {
    assert_eq!(value(store, SECRET).await, "canary");
    assert_eq!(value(store, OTHER).await, "robin");
}

#[tokio::test]
async fn rotation_reseals_every_value() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_store(folder.path()).await;
    let sealed = async || -> Vec<Vec<u8>> {
        let mut database = Database::of(folder.path()).await;
        let select = "SELECT sealed FROM standard_values UNION SELECT sealed FROM store_key";
        database.bytes(select).await
    };
    let before = sealed().await;
    let key = folder.path().join("control-room.key");
    let former = fs::read(&key).unwrap();
    store.rotate_key().await.unwrap();
    assert_ne!(fs::read(&key).unwrap(), former);
    let after = sealed().await;
    assert_eq!((before.len(), after.len()), (3, 3));
    assert!(after.iter().all(|sealed| !before.contains(sealed)));
    assert_whole(&store).await;
    assert_whole(&open(folder.path()).await.unwrap()).await;
    // The former key is kept for the backups that were made with it.
    let files = contents(folder.path());
    assert!(files.values().any(|content| *content == former));
}

#[tokio::test]
async fn an_open_store_picks_up_a_rotated_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_store(folder.path()).await;
    let other = open(folder.path()).await.unwrap();
    store.rotate_key().await.unwrap();
    assert_whole(&other).await;
    other.rotate_key().await.unwrap();
    set(&store, SECRET, "canary").await.unwrap();
    assert_whole(&store).await;
    assert_whole(&other).await;
}

#[tokio::test]
async fn values_can_be_read_during_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_store(folder.path()).await;
    let other = open(folder.path()).await.unwrap();
    let reading = async {
        for _ in 0..50 {
            assert_whole(&other).await;
        }
    };
    let changing = async {
        for _ in 0..5 {
            store.rotate_key().await.unwrap();
        }
    };
    tokio::join!(reading, changing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_of_several_stores_at_once_keep_the_key_in_force() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled_store(folder.path()).await);
    let mut rotating = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = open(folder.path()).await.unwrap();
        let folder = folder.path().to_owned();
        rotating.spawn(async move {
            for _ in 0..5 {
                store.rotate_key().await.unwrap();
                // Opening puts the key files in order as well.
                assert_whole(&open(&folder).await.unwrap()).await;
            }
        });
    }
    rotating.join_all().await;
    assert_whole(&open(folder.path()).await.unwrap()).await;
}

#[tokio::test]
async fn only_one_process_changes_the_key_files_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_store(folder.path()).await;
    // That of the data folder, and that of a key file with a database on a server.
    let locks = ["control-room.lock", "control-room.key.lock"].map(|name| {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.lock().unwrap();
        file
    });
    let (rotating, opening) = (store.rotate_key(), open(folder.path()));
    tokio::pin!(rotating, opening);
    tokio::select! {
        _ = &mut rotating => panic!("a rotation ignores the lock"),
        _ = &mut opening => panic!("opening ignores the lock"),
        // Takes longer than either.
        () = async { for _ in 0..10 { assert_whole(&store).await } } => {}
    }
    assert!(!folder.path().join("control-room.key.new").exists());
    drop(locks);
    let (rotated, opened) = tokio::join!(rotating, opening);
    rotated.unwrap();
    assert_whole(&opened.unwrap()).await;
}

/// Recreates what a kill leaves behind at each step of a rotation.
#[tokio::test]
async fn the_store_opens_after_a_kill_at_any_step_of_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("control-room.key");
    let next = folder.path().join("control-room.key.new");
    let store = filled_store(folder.path()).await;
    let former = fs::read(&key).unwrap();
    let private = |content: &[u8]| {
        fs::copy(&key, &next).unwrap();
        fs::write(&next, content).unwrap();
    };

    // The new key is written in part or in full, and the database does not have it yet.
    let unused = tempfile::tempdir().unwrap();
    open(unused.path()).await.unwrap().close().await;
    let unused = fs::read(unused.path().join("control-room.key")).unwrap();
    for left in [&b""[..], &former[..20], &unused] {
        private(left);
        let reopened = open(folder.path()).await.unwrap();
        assert_whole(&reopened).await;
        assert!(!next.exists());
        assert_eq!(fs::read(&key).unwrap(), former);
    }

    // The same, but with a store open that then rotates the key.
    private(&unused);
    store.rotate_key().await.unwrap();
    assert_whole(&store).await;

    // The database has the new key, but the key file has not been renamed yet.
    fs::rename(&key, &next).unwrap();
    for present in [Some(&former), None] {
        if let Some(former) = present {
            private_copy(&next, &key, former);
        }
        assert_whole(&store).await;
        let reopened = open(folder.path()).await.unwrap();
        assert_whole(&reopened).await;
        assert!(key.exists() && !next.exists());
        fs::rename(&key, &next).unwrap();
    }
}

/// Writes a file with the mode of another file.
fn private_copy(like: &Path, file: &Path, content: &[u8]) {
    fs::copy(like, file).unwrap();
    fs::write(file, content).unwrap();
}

#[tokio::test]
async fn a_rotation_that_cannot_open_a_value_keeps_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_store(folder.path()).await;
    let mut database = Database::of(folder.path()).await;
    let changed = format!(
        "UPDATE standard_values SET sealed = {} WHERE attribute_id = \
         (SELECT id FROM attributes WHERE name = 'other')",
        database.byte(1)
    );
    database.execute(&changed).await;
    drop(database);
    let key = folder.path().join("control-room.key");
    let former = fs::read(&key).unwrap();
    let error = store.rotate_key().await.unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error}");
    assert_eq!(fs::read(&key).unwrap(), former);
    assert_eq!(value(&store, SECRET).await, "canary");
    assert!(!folder.path().join("control-room.key.new").exists());
}
