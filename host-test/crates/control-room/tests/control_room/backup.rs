//! Backup and restore.

use std::fs;
use std::path::Path;

use std::time::Duration;

use control_room::queue::NewRun;
use control_room::runs::Outcome;
use control_room::schedules::Missed;
use control_room::{KeySource, Principal, Store, StoreError};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::schedules;
use super::support::{contents, fill_store, name, open, set, value};

const SECRET: &str = "genesys/hello/secret";

async fn filled_store(folder: &Path) -> Store {
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    store
}

async fn restore(folder: &Path, file: &Path) -> Result<(), StoreError> {
    Store::restore(folder, &KeySource::InFolder, file).await
}

#[tokio::test]
async fn a_backup_taken_during_writes_restores_completely() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    let writing = async {
        for _ in 0..20 {
            set(&store, SECRET, "canary").await.unwrap();
        }
    };
    let (copied, ()) = tokio::join!(store.backup(&file), writing);
    copied.unwrap();
    set(&store, SECRET, "later").await.unwrap();
    store.close().await;
    drop(store);
    let before = fs::read(folder.path().join("control-room.db")).unwrap();

    restore(folder.path(), &file).await.unwrap();
    let replaced = folder.path().join("control-room.db.before-restore");
    assert_eq!(fs::read(replaced).unwrap(), before);
    let store = open(folder.path()).await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
    let left: Vec<_> = contents(elsewhere.path()).into_keys().collect();
    assert_eq!(left, [file]);
}

#[tokio::test]
async fn what_was_queued_when_a_backup_was_made_does_not_run_again_after_a_restore() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = open(folder.path()).await.unwrap();
    let (passwords, ada) = (store.passwords(), name("ada"));
    let password = "correct horse & battery".into();
    let system = Principal::System;
    passwords
        .create_user(&system, &ada, &password)
        .await
        .unwrap();
    let ada = passwords.named(&ada).await.unwrap().unwrap();
    drop(passwords);
    let (queue, pool, work) = (store.queue(), name("default"), "canary".into());
    let new = NewRun {
        pool: &pool,
        bot_id: "bot",
        bot: "Hello",
        work: &work,
    };
    let [begun, waiting] = [
        queue.submit(&ada, &new).await.unwrap().id,
        queue.submit(&ada, &new).await.unwrap().id,
    ];
    let lease = Duration::from_hours(1);
    let claim = queue.claim(&pool, "worker", lease).await.unwrap();
    let claim = claim.unwrap().claim;
    queue.set_sessions(&claim, &"token".into()).await.unwrap();
    queue.begin_step(&claim, 2).await.unwrap();
    store.backup(&file).await.unwrap();
    let done = Outcome::Done;
    queue.finish(&claim, done, "log").await.unwrap();
    store.close().await;
    drop((store, queue));

    restore(folder.path(), &file).await.unwrap();
    let store = open(folder.path()).await.unwrap();
    let (queue, runs) = (store.queue(), store.runs(&ada));
    assert!(queue.claim(&pool, "w", lease).await.unwrap().is_none());
    for (id, step) in [(begun, Some(2)), (waiting, None)] {
        let (run, _) = runs.get(&id).await.unwrap();
        let (_, outcome) = run.ended.unwrap();
        assert_eq!((outcome, run.lost_at_step), (Outcome::Lost, step));
    }
    let left = queue.left_sessions(&pool).await.unwrap();
    assert_eq!(left[0].sessions.expose_secret(), "token");
    store.rotate_key().await.unwrap();
}

#[tokio::test]
async fn a_schedule_starts_nothing_for_the_times_before_a_restore() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = open(folder.path()).await.unwrap();
    let ada = schedules::user(&store, "ada").await;
    let schedule = schedules::create(&store, &ada, Missed::Once).await;
    schedules::set_next(&store, &schedule, "0").await;
    store.backup(&file).await.unwrap();
    store.close().await;
    drop(store);

    restore(folder.path(), &file).await.unwrap();
    let store = open(folder.path()).await.unwrap();
    let next = async || store.schedules(&ada).list().await.unwrap()[0].next;
    assert_eq!(next().await, None);
    for id in store.due_schedules().await.unwrap() {
        assert!(store.due_schedule(&id).await.unwrap().is_none());
        store.calculate_next_time(&id).await.unwrap();
    }
    assert!(next().await.unwrap() > OffsetDateTime::now_utc());
    assert_eq!(store.queue().lengths().await.unwrap(), []);
}

#[tokio::test]
async fn a_backup_overwrites_no_file_and_contains_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    let part = folder.path().join("backup.db.part");
    fs::write(&file, "mine").unwrap();
    fs::write(&part, "mine too").unwrap();
    let error = store.backup(&file).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyThere(_)), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    fs::remove_file(&file).unwrap();
    store.backup(&file).await.unwrap();
    assert_eq!(fs::read(&part).unwrap(), b"mine too");
    let copy = fs::read(&file).unwrap();
    let key = fs::read(folder.path().join("control-room.key")).unwrap();
    for secret in [key.trim_ascii(), b"canary"] {
        assert!(!copy.windows(secret.len()).any(|part| part == secret));
    }
}

#[tokio::test]
async fn an_interrupted_backup_leaves_no_file() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    // Dropped after its first poll, as at an interrupt.
    tokio::select! {
        biased;
        done = store.backup(&file) => panic!("the backup finished at once: {done:?}"),
        () = std::future::ready(()) => {}
    }
    store.backup(&file).await.unwrap();
    // What SQLite had begun has ended then.
    store.close().await;
    drop(store);
    let left = fs::read_dir(elsewhere.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [file.as_path()]);
    restore(folder.path(), &file).await.unwrap();
}

#[tokio::test]
async fn what_a_killed_backup_has_left_is_removed_by_the_next_one() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = |name: &str| elsewhere.path().join(name);
    let left = file(&format!("backup.db.{}.part", "0a".repeat(16)));
    let running = file(&format!("backup.db.{}.part", "0b".repeat(16)));
    let journal = |part: &Path| part.with_extension("part-journal");
    let orphan = file(&format!("backup.db.{}.part-journal", "0c".repeat(16)));
    let dated = file(&format!("2026-11-28.db.{}.part", "0d".repeat(16)));
    let left = [journal(&left), left, orphan, journal(&dated), dated];
    let running = [journal(&running), running];
    let others = ["backup.db.part", "backup.db.mine.part", "another.db"].map(file);
    for file in others.iter().chain(&left).chain(&running) {
        fs::write(file, "mine").unwrap();
    }
    let locked = fs::File::open(&running[1]).unwrap();
    locked.lock().unwrap();
    let store = filled_store(folder.path()).await;
    store.backup(&file("backup.db")).await.unwrap();
    for file in &left {
        assert!(!file.exists(), "{file:?}");
    }
    for file in others.iter().chain(&running) {
        assert_eq!(fs::read(file).unwrap(), b"mine", "{file:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_device_is_not_restored_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled_store(folder.path()).await.close().await;
    let before = contents(folder.path());
    for device in ["/dev/zero", "/dev/null"] {
        let error = restore(folder.path(), Path::new(device)).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAControlRoom(_)), "{error}");
        assert_eq!(contents(folder.path()), before);
    }
}

#[tokio::test]
async fn restore_names_the_key_file_that_is_needed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    store.backup(&file).await.unwrap();
    store.rotate_key().await.unwrap();
    store.close().await;
    drop(store);
    let error = restore(folder.path(), &file).await.unwrap_err();
    let StoreError::WrongKey { found, .. } = &error else {
        panic!("{error}");
    };
    let needed = found.clone().unwrap();
    let advice = format!("CONTROL_ROOM_KEY_FILE={}", needed.display());
    assert!(error.to_string().ends_with(&advice), "{error}");
    let key = KeySource::File(needed);
    Store::restore(folder.path(), &key, &file).await.unwrap();
}

#[tokio::test]
async fn restore_is_refused_while_the_folder_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    store.backup(&file).await.unwrap();
    let error = restore(folder.path(), &file).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse), "{error}");
    assert_eq!(value(&store, SECRET).await, "canary");
}

#[tokio::test]
async fn damaged_and_foreign_backups_are_not_restored() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled_store(folder.path()).await;
    let good = other.path().join("good.db");
    store.backup(&good).await.unwrap();
    store.close().await;
    drop(store);
    let foreign = other.path().join("foreign.db");
    let other_store = filled_store(other.path()).await;
    other_store.backup(&foreign).await.unwrap();
    let file = |name: &str, content: &[u8]| {
        let file = other.path().join(name);
        fs::write(&file, content).unwrap();
        file
    };
    let good = fs::read(good).unwrap();
    let before = contents(folder.path());
    let refused = async |file: &Path| {
        let error = restore(folder.path(), file).await.unwrap_err();
        assert_eq!(contents(folder.path()), before, "{error}");
        error
    };
    let error = refused(&foreign).await;
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error}");
    for (name, content) in [("empty", &b""[..]), ("text", b"no database")] {
        let error = refused(&file(name, content)).await;
        assert!(matches!(error, StoreError::NotAControlRoom(_)), "{error}");
    }
    // Truncated, and with a corrupted page.
    refused(&file("half", &good[..good.len() / 2])).await;
    let mut spoilt = good.clone();
    let last = spoilt.len() - 4096;
    spoilt[last..].fill(0xff);
    refused(&file("spoilt", &spoilt)).await;
    let error = refused(&other.path().join("missing")).await;
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
}

#[tokio::test]
async fn restore_does_not_overwrite_the_copy_of_an_earlier_restore() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    store.backup(&file).await.unwrap();
    store.close().await;
    drop(store);
    restore(folder.path(), &file).await.unwrap();
    let before = contents(folder.path());
    let error = restore(folder.path(), &file).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyThere(_)), "{error}");
    assert_eq!(contents(folder.path()), before);
}

#[tokio::test]
async fn restore_replaces_a_damaged_database_and_keeps_a_copy() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    store.backup(&file).await.unwrap();
    store.close().await;
    drop(store);
    let database = folder.path().join("control-room.db");
    fs::write(&database, "a disk has failed").unwrap();
    restore(folder.path(), &file).await.unwrap();
    let replaced = folder.path().join("control-room.db.before-restore");
    assert_eq!(fs::read(replaced).unwrap(), b"a disk has failed");
    let store = open(folder.path()).await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
}

#[tokio::test]
async fn a_backup_restores_into_a_new_folder_with_its_former_key() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("backup.db");
    let store = filled_store(folder.path()).await;
    store.backup(&file).await.unwrap();
    let key = elsewhere.path().join("key");
    fs::copy(folder.path().join("control-room.key"), &key).unwrap();
    store.rotate_key().await.unwrap();
    let new = elsewhere.path().join("new");
    let error = restore(&new, &file).await.unwrap_err();
    assert!(matches!(error, StoreError::MissingKey(_)), "{error}");
    let key = KeySource::File(key);
    Store::restore(&new, &key, &file).await.unwrap();
    let place = control_room::Place::Folder(new);
    let store = Store::open(place, key).await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
}
