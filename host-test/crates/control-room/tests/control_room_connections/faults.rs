//! A failed refresh never loses a refresh token that still works.

use std::time::Duration;

use bot_engine::retry::RetryPolicy;
use control_room::TokenOwner;
use control_room::connections::{Changes, ConnectionError};
use control_room::oauth::TokenError;
use secrecy::ExposeSecret;

use crate::fixture::{
    Database, ada, connection, is_on_server, quick_retries, set_remaining, tamper,
};
use crate::scripted::{Scripted, error, held_error, held_tokens, tokens};

const TRANSIENT: &str = "503 Service Unavailable";

#[tokio::test]
async fn transient_errors_are_retried_with_the_same_refresh_token() {
    let provider = Scripted::new(vec![
        tokens("first"),
        (TRANSIENT, String::new()),
        ("429 Too Many Requests", String::new()),
        (TRANSIENT, String::new()),
        tokens("second"),
        tokens("third"),
    ])
    .await;
    let token = provider.refreshed().await.unwrap();
    assert_eq!(token.access_token.expose_secret(), "a-second");
    let token = provider.refreshed().await.unwrap();
    assert_eq!(token.access_token.expose_secret(), "a-third");
    assert_eq!(
        provider.sent(),
        ["first", "first", "first", "first", "second"]
    );
}

#[tokio::test]
async fn the_refresh_token_is_kept_when_retries_are_exhausted() {
    let mut answers = vec![tokens("first")];
    answers.extend(vec![(TRANSIENT, String::new()); 6]);
    answers.push(tokens("second"));
    let provider = Scripted::new(answers).await;
    let failed = provider.refreshed().await.unwrap_err();
    let ConnectionError::NoToken { error, .. } = &failed else {
        panic!("{failed:?}");
    };
    assert!(
        matches!(**error, TokenError::Transient { .. }),
        "{failed:?}"
    );
    assert!(failed.to_string().ends_with("Try again later."), "{failed}");
    provider.token().await.unwrap();
    assert_eq!(provider.sent(), ["first"; 7]);
}

#[tokio::test]
async fn invalid_client_keeps_the_refresh_token_and_is_not_retried() {
    let provider = Scripted::new(vec![
        tokens("first"),
        error("401 Unauthorized", "invalid_client"),
        ("200 OK", "no json".into()),
        tokens("second"),
    ])
    .await;
    let refused = provider.refreshed().await.unwrap_err().to_string();
    assert!(refused.contains("invalid_client"), "{refused}");
    assert!(
        refused.contains("An administrator has to correct the connection"),
        "{refused}"
    );
    let unexpected = provider.token().await.unwrap_err().to_string();
    assert!(unexpected.contains("token URL"), "{unexpected}");
    provider.token().await.unwrap();
    assert_eq!(provider.sent(), ["first"; 3]);
}

#[tokio::test]
async fn invalid_grant_ends_the_sign_in_and_deletes_its_tokens() {
    let provider = Scripted::new(vec![
        tokens("first"),
        error("400 Bad Request", "invalid_grant"),
        tokens("second"),
    ])
    .await;
    let error = provider.refreshed().await.unwrap_err();
    assert!(
        matches!(error, ConnectionError::SignInNeeded { .. }),
        "{error}"
    );
    let mut database = Database::of(provider.folder.path()).await;
    let kept = "SELECT COUNT(*) FROM connection_sign_ins \
                WHERE sealed_access_token IS NOT NULL OR sealed_refresh_token IS NOT NULL";
    assert_eq!(database.numbers(kept).await, [0]);
    provider.token().await.unwrap_err();
    assert_eq!(provider.sent(), ["first"]);
    provider.sign_in().await.unwrap();
    let token = provider.token().await.unwrap();
    assert_eq!(token.access_token.expose_secret(), "a-second");
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_if_the_store_cannot_be_used() {
    let provider = Scripted::new(vec![tokens("first"), tokens("second")]).await;
    let folder = provider.folder.path();
    tamper(folder, "UPDATE connection_sign_ins SET expires_at = 0").await;
    let mut database = Database::of(folder).await;
    let (full, room) = if is_on_server() {
        (
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN RAISE EXCEPTION ''no room''; END'; \
             CREATE TRIGGER no_room BEFORE UPDATE OF refresh_began ON connection_sign_ins \
             FOR EACH ROW EXECUTE FUNCTION no_room()",
            "DROP FUNCTION no_room CASCADE",
        )
    } else {
        (
            "CREATE TRIGGER no_room BEFORE UPDATE OF refresh_began ON connection_sign_ins \
             BEGIN SELECT RAISE(ABORT, 'no room'); END",
            "DROP TRIGGER no_room",
        )
    };
    database.execute(full).await;
    let error = provider.token().await.unwrap_err();
    assert!(matches!(error, ConnectionError::Store(_)), "{error:?}");
    assert!(provider.sent().is_empty(), "nothing was sent");
    database.execute(room).await;
    provider.token().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_refresh_does_not_end_a_newer_sign_in() {
    let answers = vec![
        tokens("first"),
        held_error("invalid_grant"),
        tokens("second"),
    ];
    let mut provider = Scripted::new(answers).await;
    set_remaining(provider.folder.path(), 0).await;
    let connections = provider.connections.clone();
    let pending = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    provider.arrival().await;
    provider.sign_in().await.unwrap();
    provider.release();
    for token in [pending.await.unwrap(), provider.token().await] {
        assert_eq!(token.unwrap().access_token.expose_secret(), "a-second");
    }
    assert_eq!(provider.sent(), ["first"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_of_a_former_client_are_discarded() {
    let mut provider = Scripted::new(vec![tokens("first"), held_tokens("second")]).await;
    set_remaining(provider.folder.path(), 0).await;
    let connections = provider.connections.clone();
    let pending = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    provider.arrival().await;
    let changes = Changes {
        client_id: Some("another".into()),
        ..Changes::default()
    };
    let edited = provider.connections.edit(&connection(), &changes).await;
    edited.unwrap();
    provider.release();
    for token in [pending.await.unwrap(), provider.token().await] {
        let error = token.unwrap_err();
        assert!(
            matches!(error, ConnectionError::NotSignedIn { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_lost_refresh_response_is_mentioned_when_the_sign_in_ends() {
    let mut answers = vec![tokens("first")];
    answers.extend(vec![(TRANSIENT, String::new()); 6]);
    answers.push(error("400 Bad Request", "invalid_grant"));
    let provider = Scripted::new(answers).await;
    provider.refreshed().await.unwrap_err();
    let ended = provider.token().await.unwrap_err().to_string();
    assert!(
        ended.contains("an earlier refresh never arrived"),
        "{ended}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_response_after_the_deadline_is_stored() {
    let answers = vec![
        tokens("first"),
        ("held 200 OK", tokens("second").1),
        tokens("third"),
    ];
    let mut provider = Scripted::new(answers).await;
    set_remaining(provider.folder.path(), 0).await;
    let connections = provider.connections.with_retry(RetryPolicy {
        deadline: Duration::ZERO,
        ..quick_retries()
    });
    let mut pending = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    tokio::select! {
        () = provider.arrival() => {}
        ended = &mut pending => panic!("it did not wait: {ended:?}"),
    }
    provider.release();
    for token in [pending.await.unwrap(), provider.token().await] {
        assert_eq!(token.unwrap().access_token.expose_secret(), "a-second");
    }
    provider.refreshed().await.unwrap();
    assert_eq!(provider.sent(), ["first", "second"]);
}

#[tokio::test]
async fn no_retry_starts_after_the_deadline() {
    let provider = Scripted::new(vec![tokens("first"), (TRANSIENT, String::new())]).await;
    set_remaining(provider.folder.path(), 0).await;
    let connections = provider.connections.with_retry(RetryPolicy {
        deadline: Duration::ZERO,
        ..quick_retries()
    });
    let shared = TokenOwner::Shared;
    let failed = connections.token(&connection(), &ada(), shared).await;
    let failed = failed.unwrap_err();
    assert!(
        matches!(failed, ConnectionError::NoToken { .. }),
        "{failed}"
    );
    assert_eq!(provider.sent(), ["first"]);
}

#[tokio::test]
async fn the_refresher_does_not_retry_permanent_errors_until_the_connection_changes() {
    let provider = Scripted::new(vec![
        tokens("first"),
        error("401 Unauthorized", "invalid_client"),
        error("401 Unauthorized", "invalid_client"),
        tokens("second"),
    ])
    .await;
    let connections = &provider.connections;
    set_remaining(provider.folder.path(), 0).await;
    for _ in 0..3 {
        let wait = connections.refresh_due().await.unwrap();
        assert!(wait <= Duration::from_secs(30), "{wait:?}");
    }
    assert_eq!(provider.sent(), ["first"]);
    let changes = Changes {
        client_secret: Some("another".into()),
        ..Changes::default()
    };
    let edited = connections.edit(&connection(), &changes).await;
    edited.unwrap();
    for _ in 0..3 {
        connections.refresh_due().await.unwrap();
    }
    assert_eq!(provider.sent(), ["first"; 2]);
    // A bot's request is sent all the same. Its token is refreshed ahead of use as before.
    provider.token().await.unwrap();
    assert_eq!(provider.sent(), ["first"; 3]);
}

#[tokio::test]
async fn the_refresher_retries_transient_errors() {
    let mut answers = vec![tokens("first")];
    answers.extend(vec![(TRANSIENT, String::new()); 6]);
    answers.push(tokens("second"));
    let provider = Scripted::new(answers).await;
    set_remaining(provider.folder.path(), 0).await;
    for _ in 0..2 {
        provider.connections.refresh_due().await.unwrap();
    }
    assert_eq!(provider.sent(), ["first"; 7]);
}
