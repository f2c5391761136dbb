//! Expiry, refresh and revocation of a connection's tokens, against the embedded Genesys Cloud.

use control_room::TokenOwner;
use control_room::connections::{ConnectionError, Connections, SignInOwner, SignInState};
use control_room::oauth::Grant;
use genesys_sim::OAuthClient;
use secrecy::ExposeSecret;

use crate::fixture::{Fixture, ada, connection, open, options};

async fn check(connections: &Connections) -> Result<(), ConnectionError> {
    let shared = TokenOwner::Shared;
    connections.check(&connection(), &ada(), shared).await
}

#[tokio::test]
async fn an_expired_token_is_refreshed_and_a_revoked_one_needs_a_sign_in() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let error = check(&fixture.connections).await.unwrap_err();
    assert!(
        matches!(
            error,
            ConnectionError::NotSignedIn {
                owner: SignInOwner::Shared,
                ..
            }
        ),
        "{error}"
    );
    assert!(fixture.token().await.is_err());

    let signed_in = fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    assert!(signed_in.refreshable && signed_in.expires_in == Some(86_400));
    check(&fixture.connections).await.unwrap();
    let first = fixture.token().await.unwrap();
    assert_eq!(first.url, "https://login.mypurecloud.de");
    assert_eq!(first.token_type, "Bearer");
    assert!(first.expires_in.unwrap() > 86_300);
    assert!(fixture.works(&first).await);
    assert_eq!(fixture.requests(), (1, 0, 0));

    fixture.cloud.expire_client_tokens(&fixture.client.id);
    fixture.set_remaining(0).await;
    check(&fixture.connections).await.unwrap();
    assert_eq!(fixture.requests(), (1, 0, 0), "a check sends no request");
    let second = fixture.token().await.unwrap();
    assert!(!fixture.works(&first).await && fixture.works(&second).await);
    assert_eq!(fixture.requests(), (1, 1, 0));

    fixture.cloud.revoke_client_tokens(&fixture.client.id);
    fixture.set_remaining(0).await;
    for _ in 0..2 {
        let error = fixture.token().await.unwrap_err();
        let ConnectionError::SignInNeeded { owner, reason, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(*owner, SignInOwner::Shared);
        assert!(reason.contains("invalid_grant"), "{reason}");
        assert!(
            error
                .to_string()
                .contains("An administrator has to sign in again")
        );
    }
    assert_eq!(fixture.requests(), (1, 2, 0), "the refresh is not repeated");
    assert!(check(&fixture.connections).await.is_err());
    let summary = fixture.connections.get(&connection()).await.unwrap();
    assert!(matches!(
        summary.shared,
        Some(SignInState::SignInNeeded { .. })
    ));

    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let third = fixture.token().await.unwrap();
    assert!(fixture.works(&third).await);
    assert_eq!(fixture.requests(), (2, 2, 0));
}

#[tokio::test]
async fn a_rotated_refresh_token_is_stored_before_the_token_is_handed_out() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    for refreshes in 1..=3 {
        fixture.set_remaining(10).await;
        let token = fixture.token().await.unwrap();
        assert!(fixture.works(&token).await);
        // As after a restart: another store reads what the first one wrote.
        let reopened = open(fixture.folder.path()).await;
        let connections = reopened.connections(options(&fixture.cloud));
        let again = connections
            .token(&connection(), &ada(), TokenOwner::Shared)
            .await
            .unwrap();
        assert_eq!(
            token.access_token.expose_secret(),
            again.access_token.expose_secret()
        );
        assert_eq!(fixture.requests(), (1, refreshes, 0));
    }
}

#[tokio::test]
async fn a_borrowed_token_is_valid_for_at_least_a_minute() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(70).await;
    let token = fixture.token().await.unwrap();
    assert!((60..=70).contains(&token.expires_in.unwrap()));
    assert_eq!(fixture.requests(), (1, 0, 0));
    fixture.set_remaining(59).await;
    let token = fixture.token().await.unwrap();
    assert!(token.expires_in.unwrap() > 86_300);
    assert_eq!(fixture.requests(), (1, 1, 0));
}

#[tokio::test]
async fn client_credentials_are_requested_again_without_a_sign_in() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    check(&fixture.connections).await.unwrap();
    let first = fixture.token().await.unwrap();
    let same = fixture.token().await.unwrap();
    assert!(fixture.works(&first).await);
    assert_eq!(
        first.access_token.expose_secret(),
        same.access_token.expose_secret()
    );
    assert_eq!(fixture.requests(), (0, 0, 1));
    fixture.set_remaining(30).await;
    let second = fixture.token().await.unwrap();
    assert!(second.expires_in.unwrap() > 86_300 && fixture.works(&second).await);
    assert_eq!(fixture.requests(), (0, 0, 2));
    let error = fixture.sign_in(&SignInOwner::Shared).await.unwrap_err();
    assert!(matches!(error, ConnectionError::NoSignIn(_)), "{error}");
    let own = TokenOwner::UserSpecific;
    let error = fixture.connections.token(&connection(), &ada(), own).await;
    assert!(matches!(error, Err(ConnectionError::NotUserSpecific(_))));
}

#[tokio::test]
async fn an_expired_token_without_a_refresh_token_needs_a_sign_in() {
    // Genesys issues no refresh token to a client without a secret.
    let grant = Grant::AuthorizationCodePkce;
    let fixture = Fixture::with(grant, |region| OAuthClient::public("Control Room", region)).await;
    assert!(
        !fixture
            .sign_in(&SignInOwner::Shared)
            .await
            .unwrap()
            .refreshable
    );
    let token = fixture.token().await.unwrap();
    assert!(fixture.works(&token).await);
    let tested = fixture
        .connections
        .test(&connection(), &SignInOwner::Shared)
        .await;
    assert!(!tested.unwrap().refreshed);
    fixture.set_remaining(30).await;
    let error = fixture.token().await.unwrap_err();
    assert!(
        matches!(error, ConnectionError::SignInNeeded { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("issued no refresh token"),
        "{error}"
    );
    assert!(check(&fixture.connections).await.is_err());
    assert_eq!(fixture.requests(), (1, 0, 0));
}

#[tokio::test]
async fn a_connection_test_always_queries_the_provider() {
    for (grant, before, after) in [
        (Grant::AuthorizationCode, (1, 0, 0), (1, 1, 0)),
        (Grant::ClientCredentials, (0, 0, 0), (0, 0, 1)),
    ] {
        let fixture = Fixture::new(grant).await;
        if grant == Grant::AuthorizationCode {
            fixture.sign_in(&SignInOwner::Shared).await.unwrap();
        }
        assert_eq!(fixture.requests(), before);
        let tested = fixture
            .connections
            .test(&connection(), &SignInOwner::Shared)
            .await;
        let tested = tested.unwrap();
        assert!(tested.refreshed && tested.expires_in.unwrap() > 86_300);
        assert_eq!(fixture.requests(), after);
        fixture.cloud.disable_client(&fixture.client.id);
        let error = fixture
            .connections
            .test(&connection(), &SignInOwner::Shared)
            .await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("An administrator has to"), "{error}");
    }
}

#[tokio::test]
async fn the_refresher_refreshes_shared_tokens_ahead_of_use() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let connections = &fixture.connections;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let wait = connections.refresh_due().await.unwrap();
    assert_eq!((wait.as_secs(), fixture.requests()), (30, (1, 0, 0)));
    fixture.set_remaining(130).await;
    let wait = connections.refresh_due().await.unwrap();
    assert!((5..=10).contains(&wait.as_secs()), "{wait:?}");
    assert_eq!(fixture.requests(), (1, 0, 0));
    // A bot would still get this token.
    fixture.set_remaining(110).await;
    connections.refresh_due().await.unwrap();
    assert_eq!(fixture.requests(), (1, 1, 0));
    let token = fixture.token().await.unwrap();
    assert!(token.expires_in.unwrap() > 86_300);
    assert_eq!(fixture.requests(), (1, 1, 0));

    // A sign-in that has ended is not refreshed.
    fixture.cloud.revoke_client_tokens(&fixture.client.id);
    for _ in 0..2 {
        fixture.set_remaining(0).await;
        connections.refresh_due().await.unwrap();
        assert_eq!(fixture.requests(), (1, 2, 0));
    }
}

#[tokio::test]
async fn the_refresher_runs_until_it_is_dropped() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let refreshed = async {
        while fixture.requests().1 == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = fixture.connections.run_refresher() => panic!("it ended"),
        () = refreshed => {}
    }
    assert!(fixture.token().await.unwrap().expires_in.unwrap() > 86_300);
    assert_eq!(fixture.requests(), (1, 1, 0));
}
