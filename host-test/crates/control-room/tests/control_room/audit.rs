//! Every use of a value is recorded: user, bot, step, attribute and time, but never the value.

use bot_engine::Purpose;
use control_room::Principal;
use control_room::audit::{Filter, Outcome};
use time::OffsetDateTime;

use super::support::{HELLO, fill_store, memory, name, path, set, value, value_for};

const SECRET: &str = "genesys/hello/secret";

#[tokio::test]
async fn uses_and_refusals_are_recorded_but_checks_are_not() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    let before = OffsetDateTime::now_utc() - time::Duration::milliseconds(1);
    let ada = name("ada");
    let vault = store.vault();
    vault.check(&path(SECRET), &ada, true).await.unwrap();
    assert!(value_for(&store, "eve", SECRET).await.is_err());
    value(&store, SECRET).await;
    let records = store
        .audit()
        .uses(&Filter::default(), None, 10)
        .await
        .unwrap();
    let [used, refused] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!((used.outcome, used.number), (Outcome::Used, 2));
    assert_eq!(used.user, name("ada"));
    assert_eq!(used.path, path(SECRET));
    assert_eq!((&*used.bot, &*used.step), ("Hello", "step 1"));
    assert!(used.when >= before && used.when <= OffsetDateTime::now_utc());
    assert_eq!(refused.outcome, Outcome::Refused);
    assert_eq!(refused.user, name("eve"));
    assert!(!format!("{records:?}").contains("canary"));
}

#[tokio::test]
async fn records_are_paged_newest_first() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    for _ in 0..5 {
        value(&store, SECRET).await;
    }
    let audit = store.audit();
    let numbers = async |before, limit| -> Vec<i64> {
        let records = audit.uses(&Filter::default(), before, limit).await.unwrap();
        records.iter().map(|record| record.number).collect()
    };
    assert_eq!(numbers(None, 2).await, [5, 4]);
    value(&store, SECRET).await;
    assert_eq!(numbers(Some(4), 2).await, [3, 2]);
    assert_eq!(numbers(Some(2), 2).await, [1]);
    assert!(numbers(Some(1), 2).await.is_empty());
}

#[tokio::test]
async fn records_are_filtered_by_locker_user_and_bot() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    value(&store, SECRET).await;
    let _ = value_for(&store, "eve", "missing/hello/secret").await;
    let other = Purpose {
        bot: "Other",
        step: "step 2",
        field_is_secret: true,
    };
    let (vault, ada) = (store.vault(), name("ada"));
    let value = vault.value(&path(SECRET), &ada, None, other).await;
    value.unwrap();
    let audit = store.audit();
    for (locker, user, bot, expected) in [
        (Some("genesys"), None, None, &[3, 1][..]),
        (Some("missing"), None, None, &[2]),
        (None, Some("ada"), None, &[3, 1]),
        (None, Some("ada"), Some("Hello"), &[1]),
        (None, Some("eve"), Some("Other"), &[]),
        (None, None, Some("Other"), &[3]),
    ] {
        let filter = Filter {
            locker: locker.map(name),
            user: user.map(name),
            bot: bot.map(str::to_owned),
            user_id: None,
        };
        let records = audit.uses(&filter, None, 10).await.unwrap();
        let numbers: Vec<_> = records.iter().map(|record| record.number).collect();
        assert_eq!(numbers, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn uses_are_listed_per_run() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    // The same user and bot in every case; one use belongs to no run.
    for run in [Some("one"), Some("other"), None, Some("one")] {
        let (vault, ada) = (store.vault(), name("ada"));
        let value = vault.value(&path(SECRET), &ada, run, HELLO).await;
        value.unwrap();
    }
    for (run, limit, expected) in [
        ("one", 10, &[1, 4][..]),
        ("one", 1, &[1]),
        ("other", 10, &[2]),
        ("", 10, &[]),
    ] {
        let records = store.audit().of_run(run, limit).await.unwrap();
        let numbers: Vec<_> = records.iter().map(|record| record.number).collect();
        assert_eq!(numbers, expected, "{run}");
    }
}

#[tokio::test]
async fn records_outlive_the_users_and_lockers_they_name() {
    let store = memory().await;
    fill_store(&store).await;
    set(&store, SECRET, "canary").await.unwrap();
    value(&store, SECRET).await;
    store.vault().remove_locker(&name("genesys")).await.unwrap();
    store
        .users()
        .remove(&Principal::System, &name("ada"))
        .await
        .unwrap();
    let records = store
        .audit()
        .uses(&Filter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(records[0].path, path(SECRET));
}
