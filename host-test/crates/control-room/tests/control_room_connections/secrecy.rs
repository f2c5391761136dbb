//! Puts canaries into secrets and searches all output for them.

use std::fmt::Write as _;
use std::fs;

use control_room::oauth::revocation::RevocationError;
use secrecy::ExposeSecret;
use test_support::Log;

use crate::fixture::{Database, connection, is_on_server, name};
use crate::scripted::{SECRET, Scripted, error, tokens};

/// Part of each secret of these tests.
const CANARY: &str = "canary";

fn assert_sealed(provider: &Scripted) {
    for entry in fs::read_dir(provider.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let content = fs::read(&path).unwrap();
        let found = content
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

#[tokio::test]
async fn secrets_and_tokens_do_not_leak_into_files_logs_errors_or_debug() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    assert!(SECRET.contains(CANARY));
    let provider = Scripted::new(vec![
        tokens("r-canary"),
        ("503 Service Unavailable", "canary".into()),
        tokens("r2-canary"),
        error("401 Unauthorized", "invalid_client"),
        (
            "400 Bad Request",
            r#"{"error":"invalid_grant","error_description":"r2-canary is none"}"#.into(),
        ),
    ])
    .await;
    let connections = &provider.connections;
    let mut shown = format!("{connections:?} {:?}", connections.list().await.unwrap());
    let owner = control_room::connections::SignInOwner::Shared;
    let started = connections.sign_in(&connection(), &owner).await.unwrap();
    write!(shown, "{started:?}").unwrap();
    drop(started);
    let token = provider.refreshed().await.unwrap();
    assert!(token.access_token.expose_secret().contains(CANARY));
    write!(shown, "{token:?}").unwrap();
    let write_ahead_log = provider.folder.path().join("control-room.db-wal");
    assert!(is_on_server() || write_ahead_log.exists());
    assert_sealed(&provider);
    for _ in 0..2 {
        let error = provider.refreshed().await.unwrap_err();
        write!(shown, "{error} {error:?}").unwrap();
    }
    assert!(shown.contains("invalid_grant"), "{shown}");
    write!(shown, "{:?}", connections.get(&connection()).await).unwrap();
    assert_sealed(&provider);
    provider.store.close().await;
    assert_sealed(&provider);
    for text in [shown, log.text()] {
        assert!(!text.contains(CANARY), "{text}");
    }
    assert!(log.text().contains("trying again"), "{}", log.text());
}

async fn sealed(provider: &Scripted) -> Vec<Vec<u8>> {
    let mut database = Database::of(provider.folder.path()).await;
    let mut sealed = Vec::new();
    for (column, table) in [
        ("sealed_client_secret", "connections"),
        ("sealed_access_token", "connection_sign_ins"),
        ("sealed_refresh_token", "connection_sign_ins"),
    ] {
        let select = format!("SELECT {column} FROM {table}");
        sealed.extend(database.bytes(&select).await);
    }
    sealed
}

#[tokio::test]
async fn key_rotation_reseals_secrets_and_tokens() {
    let provider = Scripted::new(vec![tokens("r-canary"), tokens("r2-canary")]).await;
    let before = sealed(&provider).await;
    provider.store.rotate_key().await.unwrap();
    let after = sealed(&provider).await;
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before, after);
    }
    let token = provider.token().await.unwrap();
    assert_eq!(token.access_token.expose_secret(), "a-r-canary");
    let token = provider.refreshed().await.unwrap();
    assert_eq!(token.access_token.expose_secret(), "a-r2-canary");
    assert_eq!(provider.sent(), ["r-canary"]);
}

#[tokio::test]
async fn a_sealed_token_does_not_open_in_another_row() {
    let provider = Scripted::new(vec![tokens("r-canary")]).await;
    crate::fixture::tamper(
        provider.folder.path(),
        "UPDATE connection_sign_ins SET id = 'another'",
    )
    .await;
    let error = provider.token().await.unwrap_err();
    assert!(
        error.to_string().contains("was changed from outside"),
        "{error}"
    );
    let removed = provider.connections.remove(&connection()).await.unwrap();
    assert!(matches!(removed.reason, Some(RevocationError::Unreadable)));
    assert!(provider.connections.get(&name("genesys")).await.is_err());
}
