//! What becomes of the tokens of a connection that is removed.

use std::fs;
use std::time::Duration;

use control_room::TokenOwner;
use control_room::connections::{ConnectionError, SignInOwner};
use control_room::oauth::revocation::{self, RevocationError};
use control_room::oauth::{Grant, Provider};
use test_support::https::{Reply, Server};
use test_support::{Ca, options};

use crate::browser::Browser;
use crate::fixture::{self, Fixture, ada, connection, name, open, tamper};
use crate::holding_proxy::HoldingProxy;
use crate::scripted::{Scripted, tokens};

#[tokio::test]
async fn removing_a_connection_ends_its_tokens_at_genesys_cloud() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    for owner in [SignInOwner::Shared, SignInOwner::User(name("ada"))] {
        fixture.sign_in(&owner).await.unwrap();
    }
    let shared = fixture.token().await.unwrap();
    assert!(fixture.works(&shared).await);
    let removed = fixture.connections.remove(&connection()).await.unwrap();
    assert_eq!(
        (removed.revoked, removed.still_valid),
        (2, 0),
        "{removed:?}"
    );
    assert!(!fixture.works(&shared).await);
}

#[tokio::test]
async fn a_token_that_is_dead_already_is_what_was_wanted() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.cloud.revoke_client_tokens(&fixture.client.id);
    let removed = fixture.connections.remove(&connection()).await.unwrap();
    assert_eq!(
        (removed.revoked, removed.still_valid),
        (1, 0),
        "{removed:?}"
    );
}

#[tokio::test]
async fn a_refresh_token_that_outlives_its_access_token_is_ended_too() {
    for knows in [false, true] {
        let fixture = Fixture::new(Grant::AuthorizationCode).await;
        fixture.sign_in(&SignInOwner::Shared).await.unwrap();
        // Whoever has a copy of the folder.
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(fixture.folder.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        fixture.cloud.expire_client_tokens(&fixture.client.id);
        if knows {
            fixture.set_remaining(-5).await;
        }
        let removed = fixture.connections.remove(&connection()).await.unwrap();
        assert_eq!(
            (removed.revoked, removed.still_valid),
            (1, 0),
            "{removed:?}"
        );
        assert_eq!(fixture.requests(), (1, 1, 0));
        let api = if knows { 1 } else { 2 };
        assert_eq!(fixture.cloud.statistics().api_requests, api);

        let copied = open(copy.path()).await;
        let copied = copied.connections(fixture::options(&fixture.cloud));
        let error = copied.test(&connection(), &SignInOwner::Shared).await;
        let error = error.unwrap_err();
        assert!(
            matches!(error, ConnectionError::SignInNeeded { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_refresh_token_that_gives_no_token_to_end_it_with_is_told_to_live() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.cloud.expire_client_tokens(&fixture.client.id);
    fixture.cloud.disable_client(&fixture.client.id);
    let removed = fixture.connections.remove(&connection()).await.unwrap();
    assert_eq!(
        (removed.revoked, removed.still_valid),
        (0, 1),
        "{removed:?}"
    );
    let because = removed.reason.unwrap();
    assert!(
        matches!(because, RevocationError::NotRefreshed(_)),
        "{because}"
    );
}

/// Asks for a token, whose refresh is answered and held.
async fn refreshing(fixture: &Fixture) -> (HoldingProxy, tokio::task::JoinHandle<ConnectionError>) {
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let mut proxy = HoldingProxy::before(&fixture.cloud).await;
    let connections = fixture.store.connections(proxy.options());
    let asking = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        let token = connections.token(&connection(), &ada(), shared).await;
        token.unwrap_err()
    });
    proxy.held().await;
    (proxy, asking)
}

#[tokio::test]
async fn a_refresh_that_is_under_way_is_waited_for_and_its_token_ended() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let (proxy, asking) = refreshing(&fixture).await;
    let connections = fixture.connections.clone();
    let mut removing = tokio::spawn(async move { connections.remove(&connection()).await });
    let early = tokio::time::timeout(Duration::from_millis(300), &mut removing).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    proxy.open();
    let removed = removing.await.unwrap().unwrap();
    assert_eq!(
        (removed.revoked, removed.still_valid),
        (1, 0),
        "{removed:?}"
    );
    // The new token was alive: another refresh would have followed a dead one.
    assert_eq!(fixture.requests(), (1, 1, 0));
    assert_eq!(fixture.cloud.statistics().api_requests, 1);
    let _ = asking.await;
}

#[tokio::test]
async fn a_token_for_what_is_gone_meanwhile_is_ended() {
    const GONE: &str = "DELETE FROM connections";
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let (proxy, asking) = refreshing(&fixture).await;
    tamper(fixture.folder.path(), GONE).await;
    proxy.open();
    let error = asking.await.unwrap();
    assert!(matches!(error, ConnectionError::NoConnection(_)), "{error}");
    assert_eq!(fixture.cloud.statistics().api_requests, 1);

    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    let browser = Browser::new(&fixture.cloud);
    let callback = browser.sign_in(started.authorization_url()).await;
    tamper(fixture.folder.path(), GONE).await;
    let error = started.paste(&callback).await.unwrap_err();
    assert!(matches!(error, ConnectionError::Changed(_)), "{error}");
    assert_eq!(fixture.requests(), (1, 0, 0));
    assert_eq!(fixture.cloud.statistics().api_requests, 1);
}

#[tokio::test]
async fn where_no_way_to_end_a_token_is_known_it_is_told_that_it_lives() {
    let provider = Scripted::new(vec![tokens("r1")]).await;
    let removed = provider.connections.remove(&connection()).await.unwrap();
    assert_eq!((removed.revoked, removed.still_valid), (0, 1));
    assert!(matches!(removed.reason, Some(RevocationError::NotOffered)));
    assert!(provider.connections.get(&connection()).await.is_err());
}

#[tokio::test]
async fn a_503_means_that_the_token_lives_and_the_token_is_in_the_header_alone() {
    const API: &str = "api.mypurecloud.de";
    let ca = Ca::new("Test CA");
    let certificate = ca.server(API);
    let server = Server::with_certificate(ca, certificate, |_| {
        Reply::keep("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    })
    .await;
    let provider = Provider::genesys("mypurecloud.de").unwrap();
    let error = revocation::revoke(&provider, &"t0ken-canary".into(), options(&server))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "api.mypurecloud.de answered 503");
    let requests = server.requests();
    let [request] = &requests[..] else {
        panic!("{} requests: it is tried once", requests.len());
    };
    let (line, head) = request.split_once("\r\n").unwrap();
    assert_eq!(line, "DELETE /api/v2/tokens/me HTTP/1.1");
    let bearer = "authorization: bearer t0ken-canary\r\n";
    assert!(head.to_lowercase().contains(bearer), "{head}");
    assert_eq!(request.matches("t0ken-canary").count(), 1);
}
