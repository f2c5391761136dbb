//! Removing a connection revokes its tokens.

use std::fs;
use std::time::Duration;

use control_room::TokenOwner;
use control_room::connections::{ConnectionError, SignInOwner};
use control_room::oauth::revocation::{self, RevocationError};
use control_room::oauth::{Grant, Provider};
use test_support::https::{Reply, Server};
use test_support::{Ca, options};

use crate::browser::Browser;
use crate::fixture::{self, Fixture, ada, connection, is_on_server, name, open, tamper};
use crate::holding_proxy::HoldingProxy;
use crate::scripted::{Scripted, tokens};

#[tokio::test]
async fn removing_a_connection_revokes_its_tokens_at_genesys_cloud() {
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
async fn an_already_invalid_token_counts_as_revoked() {
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
async fn a_refresh_token_is_revoked_even_after_its_access_token_expired() {
    for expiry_is_known in [false, true] {
        let fixture = Fixture::new(Grant::AuthorizationCode).await;
        fixture.sign_in(&SignInOwner::Shared).await.unwrap();
        // A copy of the folder, as an attacker may have one.
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(fixture.folder.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        fixture.cloud.expire_client_tokens(&fixture.client.id);
        if expiry_is_known {
            fixture.set_remaining(-5).await;
        }
        let removed = fixture.connections.remove(&connection()).await.unwrap();
        assert_eq!(
            (removed.revoked, removed.still_valid),
            (1, 0),
            "{removed:?}"
        );
        assert_eq!(fixture.requests(), (1, 1, 0));
        // One more asked who signed in.
        let api = if expiry_is_known { 2 } else { 3 };
        assert_eq!(fixture.cloud.statistics().api_requests, api);
        if is_on_server() {
            // On a server, the copied folder does not contain the database.
            continue;
        }

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
async fn a_refresh_token_that_cannot_be_revoked_is_reported_as_valid() {
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
    let reason = removed.reason.unwrap();
    assert!(
        matches!(reason, RevocationError::NotRefreshed(_)),
        "{reason}"
    );
}

/// Requests a token. The response to its refresh is held back by the proxy.
async fn start_held_refresh(
    fixture: &Fixture,
) -> (HoldingProxy, tokio::task::JoinHandle<ConnectionError>) {
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let mut proxy = HoldingProxy::before(&fixture.cloud).await;
    let connections = fixture.store.connections(proxy.options());
    let pending = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        let token = connections.token(&connection(), &ada(), shared).await;
        token.unwrap_err()
    });
    proxy.held().await;
    (proxy, pending)
}

#[tokio::test]
async fn removal_waits_for_a_running_refresh_and_revokes_its_token() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let (proxy, pending) = start_held_refresh(&fixture).await;
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
    // The new token was still valid: otherwise, another refresh would have followed.
    assert_eq!(fixture.requests(), (1, 1, 0));
    // One more asked who signed in.
    assert_eq!(fixture.cloud.statistics().api_requests, 2);
    let _ = pending.await;
}

#[tokio::test]
async fn a_token_for_a_connection_removed_meanwhile_is_revoked() {
    const GONE: &str = "DELETE FROM connections";
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let (proxy, pending) = start_held_refresh(&fixture).await;
    tamper(fixture.folder.path(), GONE).await;
    proxy.open();
    let error = pending.await.unwrap();
    assert!(matches!(error, ConnectionError::NoConnection(_)), "{error}");
    assert_eq!(fixture.cloud.statistics().api_requests, 2);

    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    let browser = Browser::new(&fixture.cloud);
    let callback = browser.sign_in(&started.authorization_url()).await;
    tamper(fixture.folder.path(), GONE).await;
    let error = started.paste(&callback).await.unwrap_err();
    assert!(matches!(error, ConnectionError::Changed(_)), "{error}");
    assert_eq!(fixture.requests(), (1, 0, 0));
    assert_eq!(fixture.cloud.statistics().api_requests, 1);
}

#[tokio::test]
async fn without_a_revocation_endpoint_tokens_are_reported_as_valid() {
    let provider = Scripted::new(vec![tokens("r1")]).await;
    let removed = provider.connections.remove(&connection()).await.unwrap();
    assert_eq!((removed.revoked, removed.still_valid), (0, 1));
    assert!(matches!(removed.reason, Some(RevocationError::NotOffered)));
    assert!(provider.connections.get(&connection()).await.is_err());
}

#[tokio::test]
async fn a_503_leaves_the_token_valid_and_the_token_is_sent_in_the_header_only() {
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
    assert_eq!(
        error.to_string(),
        "The provider did not revoke it: api.mypurecloud.de is not available, status 503."
    );
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
