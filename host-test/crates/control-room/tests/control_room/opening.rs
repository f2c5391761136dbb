//! Opening a store: first start, keys, and folders that are refused.

use std::fs;
use std::path::Path;

use control_room::{KeySource, Place, Store, StoreError};
use sqlx::Connection;

use super::support::{
    child, contents, database, files, fill_store, from_parent, memory, open, set, value,
};

#[tokio::test]
async fn stored_values_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    store.close().await;
    drop(store);
    let store = open(folder.path()).await.unwrap();
    assert_eq!(value(&store, "genesys/hello/secret").await, "canary");
}

#[tokio::test]
async fn an_in_memory_store_is_shared_by_clones_and_not_persisted() {
    let store = memory().await;
    fill_store(&store.clone()).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    assert_eq!(
        value(&store.clone(), "genesys/hello/secret").await,
        "canary"
    );
    assert!(memory().await.users().list().await.unwrap().is_empty());
    assert!(matches!(
        store.rotate_key().await,
        Err(StoreError::InMemory)
    ));
    let file = Path::new("backup.db");
    assert!(matches!(
        store.backup(file).await,
        Err(StoreError::InMemory)
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_and_its_files_are_private_to_their_owner() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data/of/ada");
    let store = open(&folder).await.unwrap();
    fill_store(&store).await;
    store.backup(&folder.join("backup.db")).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files = files(&folder);
    assert!(files.len() >= 5, "{:?}", files.keys());
    for file in files.keys() {
        assert_eq!(mode(file), 0o600, "{file:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_or_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    let key = folder.path().join("control-room.key");
    for mode in [0o640, 0o604, 0o620, 0o602] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let before = contents(folder.path());
        let error = open(folder.path()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::KeyReadableByOthers(_)),
            "{mode:o}: {error}"
        );
        assert!(error.to_string().contains("chmod 600"), "{error}");
        assert_eq!(contents(folder.path()), before);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    for mode in [0o720, 0o702, 0o777] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        let error = open(folder.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::WritableByOthers(_)), "{error}");
        assert!(error.to_string().contains("chmod go-w"), "{error}");
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    open(folder.path()).await.unwrap();
}

/// Root gives its own away; for other users, root's are those of another.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_or_key_of_another_user_is_refused() {
    let own = tempfile::tempdir().unwrap();
    open(own.path()).await.unwrap().close().await;
    let key = own.path().join("control-room.key");
    let given = tempfile::tempdir().unwrap();
    let given_key = given.path().join("key");
    fs::copy(&key, &given_key).unwrap();
    let mut foreign = [given.path().to_owned(), given_key];
    for path in &foreign {
        if std::os::unix::fs::chown(path, Some(12_345), None).is_err() {
            foreign = ["/usr".into(), "/etc/passwd".into()];
            break;
        }
    }
    let [folder, key] = &foreign;
    let place = || Place::Folder(own.path().to_owned());
    for (opened, path) in [
        (open(folder).await, folder),
        (
            Store::open(place(), KeySource::File(key.clone())).await,
            key,
        ),
    ] {
        let error = opened.unwrap_err();
        assert!(
            matches!(&error, StoreError::OwnedByAnother(found) if found == path),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_missing_key_is_an_error_and_not_recreated() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    fs::remove_file(folder.path().join("control-room.key")).unwrap();
    let before = contents(folder.path());
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::MissingKey(_)), "{error}");
    assert_eq!(contents(folder.path()), before);
}

#[tokio::test]
async fn a_wrong_key_is_refused_on_open() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&folder, &other] {
        open(folder.path()).await.unwrap().close().await;
    }
    let key = |folder: &tempfile::TempDir| folder.path().join("control-room.key");
    let before = contents(folder.path());
    let place = Place::Folder(folder.path().to_owned());
    let error = Store::open(place, KeySource::File(key(&other)))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error}");
    assert_eq!(contents(folder.path()), before);

    // Even if somebody has changed the key ID to match.
    let id = {
        let mut other = database(other.path()).await;
        let id: String = sqlx::query_scalar("SELECT key_id FROM store_key")
            .fetch_one(&mut other)
            .await
            .unwrap();
        id
    };
    let mut connection = database(folder.path()).await;
    sqlx::query("UPDATE store_key SET key_id = $1")
        .bind(id)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    fs::copy(key(&other), key(&folder)).unwrap();
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Sealed(_)), "{error}");
}

#[tokio::test]
async fn an_external_key_file_must_exist() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = keys.path().join("key");
    let open_with = |key: &Path| {
        Store::open(
            Place::Folder(folder.path().to_owned()),
            KeySource::File(key.to_owned()),
        )
    };
    let error = open_with(&key).await.unwrap_err();
    assert!(matches!(error, StoreError::MissingKey(_)), "{error}");
    open(keys.path()).await.unwrap().close().await;
    fs::rename(keys.path().join("control-room.key"), &key).unwrap();
    let error = open_with(&key).await.unwrap_err();
    assert!(
        matches!(error, StoreError::MissingDatabase { .. }),
        "{error}"
    );
    // As an operator makes it, without the mark.
    let made = fs::read_to_string(&key).unwrap();
    fs::write(&key, made.lines().next().unwrap()).unwrap();
    open_with(&key).await.unwrap().close().await;
    assert!(!folder.path().join("control-room.key").exists());
    fs::write(&key, "canary").unwrap();
    let error = open_with(&key).await.unwrap_err();
    assert!(matches!(error, StoreError::MalformedKey(_)), "{error}");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    let mut connection = database(folder.path()).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (1000, 'later', TRUE, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let before = contents(folder.path());
    let error = open(folder.path()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NewerVersion { found: 1000, .. }),
        "{error}"
    );
    assert_eq!(contents(folder.path()), before);
}

#[tokio::test]
async fn a_file_that_is_not_a_control_room_is_left_untouched() {
    let text =
        b"Dear diary, this is not a database, although it is longer than a header.".repeat(20);
    for content in [&text[..], b"short", &[0; 4096]] {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("control-room.key");
        fs::write(folder.path().join("control-room.db"), content).unwrap();
        let before = contents(folder.path());
        let error = open(folder.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAControlRoom(_)), "{error}");
        assert_eq!(contents(folder.path()), before);
        assert!(!key.exists());
    }
}

#[tokio::test]
async fn the_database_of_another_program_is_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("control-room.db"), b"").unwrap();
    let mut connection = database(folder.path()).await;
    sqlx::query("CREATE TABLE diary (day TEXT)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let before = contents(folder.path());
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAControlRoom(_)), "{error}");
    assert_eq!(contents(folder.path()), before);
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    for place in [file.clone(), file.join("below")] {
        let error = open(&place).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAFolder(_)), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[tokio::test]
async fn two_stores_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = tokio::join!(open(folder.path()), open(folder.path()));
    let (one, other) = (one.unwrap(), other.unwrap());
    fill_store(&one).await;
    set(&other, "genesys/hello/secret", "canary").await.unwrap();
    assert_eq!(value(&one, "genesys/hello/secret").await, "canary");
}

/// Opens the folder given by the parent process.
#[tokio::test]
#[ignore = "run as a child process by other tests"]
async fn first_start() {
    let folder = from_parent();
    open(&folder).await.unwrap().close().await;
}

#[test]
fn concurrent_first_starts_create_one_key() {
    for _ in 0..5 {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let children: Vec<_> = (0..4)
            .map(|_| {
                child("opening::first_start", &folder)
                    .spawn()
                    .expect("the tests start themselves")
            })
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let shown = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{shown}");
        }
        assert!(!folder.join("control-room.key.new").exists());
    }
}
