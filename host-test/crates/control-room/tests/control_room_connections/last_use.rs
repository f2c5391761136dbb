//! The state of a connection is the truth of its last use, in every process.

use bot_engine::Language;
use control_room::connections::{Changes, SignInOwner, SignInState};
use control_room::oauth::Grant;

use crate::fixture::{Fixture, connection, open};
use crate::scripted::{Scripted, error, tokens};

/// The state of the shared token, as another process sees it.
async fn state(folder: &std::path::Path) -> SignInState {
    let store = open(folder).await;
    let connections = store.connections(egress::Options::new(egress::AllowList::default()));
    let summary = connections.get(&connection()).await.unwrap();
    store.close().await;
    summary.shared.unwrap()
}

/// Why the last use failed, in English and in German.
async fn failure(folder: &std::path::Path) -> [String; 2] {
    match state(folder).await {
        SignInState::LastUseFailed(failure) => {
            Language::ALL.map(|language| failure.message(language).to_owned())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_failed_refresh_is_the_state_until_a_token_arrives() {
    let provider = Scripted::new(vec![
        tokens("first"),
        error("401 Unauthorized", "invalid_client"),
        tokens("second"),
        error("401 Unauthorized", "invalid_client"),
        tokens("third"),
    ])
    .await;
    let folder = provider.folder.path();
    for _ in 0..2 {
        assert!(matches!(state(folder).await, SignInState::SignedIn { .. }));
        provider.refreshed().await.unwrap_err();
        let [english, german] = failure(folder).await;
        assert!(english.contains("The provider refused"), "{english}");
        assert!(german.contains("Der Anbieter hat abgelehnt"), "{german}");
        provider.token().await.unwrap();
    }
    assert!(matches!(state(folder).await, SignInState::SignedIn { .. }));
}

#[tokio::test]
async fn a_token_that_is_lent_after_a_failure_is_the_last_use() {
    let provider = Scripted::new(vec![
        tokens("first"),
        error("401 Unauthorized", "invalid_client"),
    ])
    .await;
    let folder = provider.folder.path();
    provider
        .connections
        .test(&connection(), &SignInOwner::Shared)
        .await
        .unwrap_err();
    failure(folder).await;
    // The stored token is still valid.
    provider.token().await.unwrap();
    assert!(matches!(state(folder).await, SignInState::SignedIn { .. }));
}

#[tokio::test]
async fn a_client_that_never_got_a_token_shows_why_until_it_is_edited() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    let folder = fixture.folder.path();
    assert_eq!(state(folder).await, SignInState::Fetched);
    let edit = async |secret: &secrecy::SecretString| {
        let changes = Changes {
            client_secret: Some(secret.clone()),
            ..Changes::default()
        };
        fixture
            .connections
            .edit(&connection(), &changes)
            .await
            .unwrap();
    };
    edit(&"wrong".into()).await;
    for _ in 0..2 {
        fixture.token().await.unwrap_err();
        let [english, _] = failure(folder).await;
        assert!(english.contains("invalid_client"), "{english}");
    }
    edit(&fixture.client.secret).await;
    assert_eq!(state(folder).await, SignInState::Fetched);
    fixture.token().await.unwrap();
    assert_eq!(state(folder).await, SignInState::Fetched);
}
