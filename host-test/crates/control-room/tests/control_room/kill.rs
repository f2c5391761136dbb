//! A process may be killed at any moment: no confirmed write is lost, and the folder opens.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use sqlx::Connection;

use super::support::{attribute, child, database, fill_store, from_parent, open, set, value};
use control_room::vault::Kind;

const ROUNDS: usize = 20;
const ATTRIBUTES: usize = 10;

fn attribute_path(number: usize) -> String {
    format!("genesys/hello/a{}", number % ATTRIBUTES)
}

/// Writes numbers, and prints each one when its write is confirmed.
#[tokio::test]
#[ignore = "run as a child process by other tests"]
async fn writer() {
    let folder = from_parent();
    let store = open(&folder).await.unwrap();
    let start: usize = value(&store, "genesys/hello/secret").await.parse().unwrap();
    println!("\nready");
    for number in start.. {
        set(&store, &attribute_path(number), &number.to_string())
            .await
            .unwrap();
        println!("confirmed {number}");
    }
}

/// Rotates the key in a loop.
#[tokio::test]
#[ignore = "run as a child process by other tests"]
async fn rotator() {
    let folder = from_parent();
    let store = open(&folder).await.unwrap();
    println!("\nready");
    loop {
        store.rotate_key().await.unwrap();
        println!("confirmed 0");
    }
}

/// Runs a child process, kills it after a delay derived from `round`, and returns what it confirmed.
fn killed(test: &str, folder: &Path, round: usize, within_ms: u64) -> Vec<usize> {
    let mut child = child(test, folder).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.by_ref().any(|line| line.unwrap() == "ready");
    assert!(ready, "the child did not start");
    // Any moment will do, so this waits for no condition. Each round picks another moment.
    std::thread::sleep(Duration::from_micros(
        (round as u64 * 7_919) % (within_ms * 1_000),
    ));
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
async fn confirmed_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    for number in 0..ATTRIBUTES {
        attribute(&store, &attribute_path(number), Kind::Standard).await;
        set(&store, &attribute_path(number), "0").await.unwrap();
    }
    set(&store, "genesys/hello/secret", "1").await.unwrap();
    store.close().await;
    drop(store);

    let mut confirmed = 0;
    for round in 1..=ROUNDS {
        confirmed = killed("kill::writer", folder, round, 60)
            .last()
            .copied()
            .unwrap_or(confirmed);
        assert_whole(folder).await;
        let store = open(folder).await.unwrap();
        // One more number may have been written but not printed.
        for number in confirmed.saturating_sub(ATTRIBUTES - 1)..=confirmed {
            let found: usize = value(&store, &attribute_path(number))
                .await
                .parse()
                .unwrap();
            assert!(
                found == number || found == confirmed + 1,
                "round {round}: {number} was confirmed, but {found} is stored"
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
async fn key_rotation_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let store = open(folder).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    let mut changes = 0;
    for round in 1..=ROUNDS {
        changes += killed("kill::rotator", folder, round, 300).len();
        assert_whole(folder).await;
        let reopened = open(folder).await.unwrap();
        for store in [&store, &reopened] {
            assert_eq!(value(store, "genesys/hello/secret").await, "canary");
        }
        assert!(!folder.join("control-room.key.new").exists());
        reopened.close().await;
    }
    assert!(changes > 0, "no child rotated the key");
}
