//! Killed at any moment, nothing that was confirmed is lost, and the folder opens.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use sqlx::Connection;

use super::support::{attribute, child, database, fill_store, of_parent, open, set, value};
use control_room::vault::Kind;

const ROUNDS: usize = 20;
const PLACES: usize = 10;

fn place(number: usize) -> String {
    format!("genesys/hello/a{}", number % PLACES)
}

/// Writes numbers, and prints each that is confirmed.
#[tokio::test]
#[ignore = "a child of other tests"]
async fn writer() {
    let folder = of_parent();
    let store = open(&folder).await.unwrap();
    let start: usize = value(&store, "genesys/hello/secret").await.parse().unwrap();
    println!("\nready");
    for number in start.. {
        set(&store, &place(number), &number.to_string())
            .await
            .unwrap();
        println!("confirmed {number}");
    }
}

/// Changes the key again and again.
#[tokio::test]
#[ignore = "a child of other tests"]
async fn rotator() {
    let folder = of_parent();
    let store = open(&folder).await.unwrap();
    println!("\nready");
    loop {
        store.rotate_key().await.unwrap();
        println!("confirmed 0");
    }
}

/// Runs a child until it is killed, after a time that is drawn from the round; what it has confirmed.
fn killed(test: &str, folder: &Path, round: usize) -> Vec<usize> {
    let mut child = child(test, folder).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.by_ref().any(|line| line.unwrap() == "ready");
    assert!(ready, "the child did not start");
    // Any moment will do, and each round has another one: this waits for nothing.
    std::thread::sleep(Duration::from_micros((round as u64 * 7_919) % 60_000));
    child.kill().unwrap();
    child.wait().unwrap();
    lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("confirmed ")?.parse().ok())
        .collect()
}

async fn assert_whole(folder: &Path) {
    let mut connection = database(folder).await;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    assert_eq!(found, "ok");
}

#[tokio::test]
async fn what_was_confirmed_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    for number in 0..PLACES {
        attribute(&store, &place(number), Kind::Standard).await;
        set(&store, &place(number), "0").await.unwrap();
    }
    set(&store, "genesys/hello/secret", "1").await.unwrap();
    store.close().await;
    drop(store);

    let mut confirmed = 0;
    for round in 1..=ROUNDS {
        confirmed = killed("kill::writer", folder, round)
            .last()
            .copied()
            .unwrap_or(confirmed);
        assert_whole(folder).await;
        let store = open(folder).await.unwrap();
        // The one after the last may have been written and not been printed.
        for number in confirmed.saturating_sub(PLACES - 1)..=confirmed {
            let found: usize = value(&store, &place(number)).await.parse().unwrap();
            assert!(
                found == number || found == confirmed + 1,
                "{number} was confirmed, {found} is there, in round {round}"
            );
        }
        set(&store, "genesys/hello/secret", &(confirmed + 1).to_string())
            .await
            .unwrap();
        store.close().await;
    }
    assert!(confirmed > 0, "no child has confirmed anything");
}

#[tokio::test]
async fn a_change_of_the_key_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    let mut changes = 0;
    for round in 1..=ROUNDS {
        changes += killed("kill::rotator", folder, round).len();
        assert_whole(folder).await;
        let reopened = open(folder).await.unwrap();
        for store in [&store, &reopened] {
            assert_eq!(value(store, "genesys/hello/secret").await, "canary");
        }
        assert!(!folder.join("control-room.key.new").exists());
        reopened.close().await;
    }
    assert!(changes > 0, "no child has changed the key");
}
