//! The versions of bots and the logs of runs: sealed, kept for a while, and deleted with their bot.

use control_room::bots::{Bots, BotsError, MAX_VERSIONS, Save};
use control_room::passwords::Account;
use control_room::runs::{Outcome, RunsError};
use control_room::{Principal, Store};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::support::{Database, memory, name, open};

pub(super) async fn account(store: &Store, user: &str) -> Account {
    let (user, password) = (name(user), "correct horse & battery".into());
    let passwords = store.passwords();
    let created = passwords.create_user(&Principal::System, &user, &password);
    created.await.unwrap();
    passwords.named(&user).await.unwrap().unwrap()
}

pub(super) async fn numbers(bots: &Bots, id: &str) -> Vec<i64> {
    let versions = bots.versions(id, 0, 1000).await.unwrap();
    assert_eq!(versions.total, versions.items.len() as u64);
    versions.items.iter().map(|it| it.number).collect()
}

#[tokio::test]
async fn automatic_saves_are_one_version_until_one_is_kept() {
    let store = memory().await;
    let ada = store.bots(&account(&store, "ada").await);
    let id = ada.create("Bot", "1").await.unwrap();
    for (edited, how) in (1..).zip([
        Save::Automatic,
        Save::Automatic,
        Save::Kept,
        Save::Automatic,
        Save::Automatic,
        Save::Kept,
        Save::Kept,
    ]) {
        let file = (edited + 1).to_string();
        let saved = ada.save(&id, edited, "Bot", &file, how).await.unwrap();
        assert_eq!(saved, edited + 1);
        assert_eq!(ada.get(&id).await.unwrap().file, file);
    }
    assert_eq!(numbers(&ada, &id).await, [8, 7, 4, 1]);
    for number in [8, 7, 4] {
        let version = ada.version(&id, number).await.unwrap();
        assert_eq!(version.file.expose_secret(), number.to_string());
        assert_eq!(version.saved_by, "ada");
    }
    ada.save(&id, 8, "Bot", "9", Save::Automatic).await.unwrap();
    ada.save(&id, 9, "Bot", "7", Save::InPlace).await.unwrap();
    ada.save(&id, 10, "Bot", "11", Save::Automatic)
        .await
        .unwrap();
    assert_eq!(numbers(&ada, &id).await, [11, 10, 9, 8, 7, 4, 1]);
    // Without a change there is nothing new.
    for how in [Save::Automatic, Save::Kept] {
        assert_eq!(ada.save(&id, 11, "Bot", "11", how).await.unwrap(), 11);
    }
    ada.save(&id, 11, "Bot", "12", Save::Automatic)
        .await
        .unwrap();
    assert_eq!(numbers(&ada, &id).await, [12, 11, 10, 9, 8, 7, 4, 1]);
    // What was replaced within a version is gone.
    let gone = ada.version(&id, 3).await.unwrap_err();
    assert!(matches!(gone, BotsError::NoVersion), "{gone:?}");
}

#[tokio::test]
async fn the_versions_of_a_bot_are_its_users_alone() {
    let store = memory().await;
    let ada = store.bots(&account(&store, "ada").await);
    let bob = store.bots(&account(&store, "bob").await);
    let id = ada.create("Bot", "{}").await.unwrap();
    let other = ada.create("Other", "{}").await.unwrap();
    ada.save(&other, 1, "Other", "{ }", Save::Kept)
        .await
        .unwrap();
    let not_bobs = bob.versions(&id, 0, 9).await.unwrap_err();
    assert!(matches!(not_bobs, BotsError::NoBot), "{not_bobs:?}");
    let not_bobs = bob.version(&id, 1).await.unwrap_err();
    assert!(matches!(not_bobs, BotsError::NoBot), "{not_bobs:?}");
    let of_other = ada.version(&id, 2).await.unwrap_err();
    assert!(matches!(of_other, BotsError::NoVersion), "{of_other:?}");
}

#[tokio::test]
async fn versions_and_logs_are_deleted_with_their_bot_and_user() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = account(&store, "ada").await;
    let (bots, runs) = (store.bots(&ada), store.runs(&ada));
    let id = bots.create("Bot", "1").await.unwrap();
    bots.save(&id, 1, "Bot", "2", Save::Kept).await.unwrap();
    let other = bots.create("Other", "1").await.unwrap();
    for (bot, bot_name) in [(&id, "Bot"), (&other, "Other")] {
        let run = runs.begin(bot, bot_name).await.unwrap();
        runs.end(&run.id, Outcome::Done, "[]").await.unwrap();
    }
    // One that has not ended yet is not stored again at its end.
    let active = runs.begin(&id, "Bot").await.unwrap();
    let count = async |table: &str| {
        let mut database = Database::of(folder.path()).await;
        let count = format!("SELECT COUNT(*) FROM {table}");
        database.numbers(&count).await[0]
    };
    assert_eq!((count("bot_versions").await, count("runs").await), (3, 3));
    bots.remove(&id).await.unwrap();
    runs.end(&active.id, Outcome::Done, "[]").await.unwrap();
    assert_eq!((count("bot_versions").await, count("runs").await), (1, 1));
    let users = store.users();
    users
        .remove(&Principal::System, &name("ada"))
        .await
        .unwrap();
    assert_eq!((count("bot_versions").await, count("runs").await), (0, 0));
}

#[tokio::test]
async fn the_last_versions_of_a_bot_are_kept() {
    let store = memory().await;
    let ada = store.bots(&account(&store, "ada").await);
    let id = ada.create("Bot", "{}").await.unwrap();
    let count = MAX_VERSIONS + 20;
    for edited in 1..count {
        ada.save(&id, edited, "Bot", &edited.to_string(), Save::Kept)
            .await
            .unwrap();
    }
    let expected: Vec<_> = (count - MAX_VERSIONS + 1..=count).rev().collect();
    assert_eq!(numbers(&ada, &id).await, expected);
}

#[tokio::test]
async fn runs_and_former_versions_are_kept_as_long_as_the_operator_says() {
    let store = memory().await;
    let ada = account(&store, "ada").await;
    let (bots, runs) = (store.bots(&ada), store.runs(&ada));
    let id = bots.create("Bot", "{}").await.unwrap();
    for edited in 1..3 {
        bots.save(&id, edited, "Bot", &edited.to_string(), Save::Kept)
            .await
            .unwrap();
    }
    let run = runs.begin(&id, "Bot").await.unwrap();
    let hour = time::Duration::HOUR;
    let now = OffsetDateTime::now_utc();
    assert_eq!(store.remove_older_than(now - hour).await.unwrap(), 0);
    assert_eq!(store.remove_older_than(now + hour).await.unwrap(), 3);
    assert_eq!(numbers(&bots, &id).await, [3]);
    let removed = runs.get(&run.id).await.unwrap_err();
    assert!(matches!(removed, RunsError::NoRun), "{removed:?}");
}
