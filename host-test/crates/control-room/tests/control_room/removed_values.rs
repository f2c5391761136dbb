//! What was removed, or sealed with a former key, is no longer in the file.

use std::path::Path;

use super::support::{attribute, database, files, fill_store, name, open, path, set};
use control_room::vault::Kind;
use control_room::{KeySource, Principal, Store};

const SECRET: &str = "genesys/hello/secret";

/// The values in the database, as they are sealed.
async fn sealed(folder: &Path) -> Vec<Vec<u8>> {
    let mut database = database(folder).await;
    sqlx::query_scalar("SELECT sealed FROM standard_values")
        .fetch_all(&mut database)
        .await
        .unwrap()
}

/// Some parts of one value as it is sealed. SQLite divides a long one between pages.
async fn sealed_value(folder: &Path, attribute: &str) -> Vec<Vec<u8>> {
    let mut database = database(folder).await;
    let value: Vec<u8> = sqlx::query_scalar(
        "SELECT sealed FROM standard_values JOIN attributes ON attributes.id = attribute_id WHERE name = $1",
    )
    .bind(path(attribute).attribute.as_str())
    .fetch_one(&mut database)
    .await
    .unwrap();
    let parts = value.chunks_exact(32).map(<[u8]>::to_vec);
    parts.step_by(20).collect()
}

/// Merges the write-ahead log into the file.
async fn checkpoint(folder: &Path) {
    let mut database = database(folder).await;
    let merge = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
    let (is_busy, ..): (bool, i64, i64) = merge.fetch_one(&mut database).await.unwrap();
    assert!(!is_busy);
}

/// The files of the database that contain one of these. A copy that a restore keeps is not looked at.
fn files_with(folder: &Path, values: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, content) in files(folder) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let contains = |value: &Vec<u8>| content.windows(value.len()).any(|part| part == value);
        if !name.ends_with(".before-restore") && values.iter().any(contains) {
            found.push(name);
        }
    }
    found
}

/// Values of many sizes, some of which take several pages, and a few that are set twice.
async fn fill_with_values(store: &Store) {
    fill_store(store).await;
    for n in 1..=40 {
        let path = format!("genesys/hello/a{n}");
        attribute(store, &path, Kind::Standard).await;
        set(store, &path, &"x".repeat(n * 200)).await.unwrap();
        set(store, &path, &"y".repeat(n * 100)).await.unwrap();
    }
    set(store, SECRET, "canary").await.unwrap();
}

#[tokio::test]
async fn a_rotation_leaves_nothing_that_the_former_key_opens() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_with_values(&store).await;
    let former = sealed(folder.path()).await;
    assert!(!files_with(folder.path(), &former).is_empty());
    store.rotate_key().await.unwrap();
    assert_eq!(files_with(folder.path(), &former), [""; 0]);
    store.close().await;
    assert_eq!(files_with(folder.path(), &former), [""; 0]);
}

#[tokio::test]
async fn a_removed_locker_leaves_no_values() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_with_values(&store).await;
    let removed = sealed(folder.path()).await;
    let vault = store.vault();
    vault.remove_locker(&name("genesys")).await.unwrap();
    assert_eq!(files_with(folder.path(), &removed), [""; 0]);
}

/// Without a mark for scrubbing: each commit overwrites what it removes.
#[tokio::test]
async fn a_removed_value_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_with_values(&store).await;
    let (vault, system) = (store.vault(), Principal::System);
    for [kept, removed] in [
        ["genesys/hello/a1", "genesys/hello/a2"],
        ["genesys/hello/a39", "genesys/hello/a40"],
    ] {
        let value = sealed_value(folder.path(), removed).await;
        let neighbour = sealed_value(folder.path(), kept).await;
        checkpoint(folder.path()).await;
        let database = ["control-room.db"];
        assert_eq!(files_with(folder.path(), &value), database, "{removed}");
        vault.remove_value(&path(removed), &system).await.unwrap();
        checkpoint(folder.path()).await;
        assert_eq!(files_with(folder.path(), &value), [""; 0], "{removed}");
        assert_eq!(files_with(folder.path(), &neighbour), database, "{kept}");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_to_scrub_is_scrubbed_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_with_values(&store).await;
    let removed = sealed(folder.path()).await;
    store.close().await;
    drop(store);
    // As a process leaves it that is killed after the commit, without the overwriting that a commit does.
    let mut file = database(folder.path()).await;
    for statement in [
        "PRAGMA secure_delete = OFF",
        "DELETE FROM standard_values",
        "PRAGMA user_version = 1",
    ] {
        sqlx::query(statement).execute(&mut file).await.unwrap();
    }
    sqlx::Connection::close(file).await.unwrap();
    assert!(!files_with(folder.path(), &removed).is_empty());
    let store = open(folder.path()).await.unwrap();
    assert_eq!(files_with(folder.path(), &removed), [""; 0]);
    let mark: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut database(folder.path()).await)
        .await
        .unwrap();
    assert_eq!(mark, 0);
    store.close().await;
}

#[tokio::test]
async fn a_restored_database_contains_no_removed_values() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path()).await.unwrap();
    fill_with_values(&store).await;
    let removed = sealed(folder.path()).await;
    store.close().await;
    drop(store);
    // As an earlier version left it: removed, but not overwritten.
    let file = elsewhere.path().join("backup.db");
    std::fs::copy(folder.path().join("control-room.db"), &file).unwrap();
    std::fs::rename(&file, elsewhere.path().join("control-room.db")).unwrap();
    let mut copy = database(elsewhere.path()).await;
    for statement in ["PRAGMA secure_delete = OFF", "DELETE FROM standard_values"] {
        sqlx::query(statement).execute(&mut copy).await.unwrap();
    }
    sqlx::Connection::close(copy).await.unwrap();
    assert!(!files_with(elsewhere.path(), &removed).is_empty());
    let file = elsewhere.path().join("control-room.db");
    Store::restore(folder.path(), &KeySource::InFolder, &file)
        .await
        .unwrap();
    assert_eq!(files_with(folder.path(), &removed), [""; 0]);
}
