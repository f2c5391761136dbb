//! What becomes of the tokens of a connection that is removed.

use host_test::control_room::connections::Holder;
use host_test::control_room::oauth::revocation::{self, RevocationError};
use host_test::control_room::oauth::{Grant, Provider};

use crate::network::{Ca, Reply, Server, options};
use crate::scene::{Scene, connection, name};
use crate::scripted::{Scripted, tokens};

#[tokio::test]
async fn removing_a_connection_ends_its_tokens_at_genesys_cloud() {
    let scene = Scene::new(Grant::AuthorizationCode).await;
    for holder in [Holder::Shared, Holder::User(name("ada"))] {
        scene.sign_in(&holder).await.unwrap();
    }
    let shared = scene.token().await.unwrap();
    assert!(scene.works(&shared).await);
    let removed = scene.connections.remove(&connection()).await.unwrap();
    assert_eq!((removed.ended, removed.alive), (2, 0), "{removed:?}");
    assert!(!scene.works(&shared).await);
}

#[tokio::test]
async fn a_token_that_is_dead_already_is_what_was_wanted() {
    let scene = Scene::new(Grant::AuthorizationCode).await;
    scene.sign_in(&Holder::Shared).await.unwrap();
    scene.cloud.revoke_client_tokens(&scene.client.id);
    let removed = scene.connections.remove(&connection()).await.unwrap();
    assert_eq!((removed.ended, removed.alive), (1, 0), "{removed:?}");
}

#[tokio::test]
async fn where_no_way_to_end_a_token_is_known_it_is_told_that_it_lives() {
    let provider = Scripted::new(vec![tokens("r1")]).await;
    let removed = provider.connections.remove(&connection()).await.unwrap();
    assert_eq!((removed.ended, removed.alive), (0, 1));
    assert!(matches!(removed.because, Some(RevocationError::NotOffered)));
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
    let error = revocation::end(&provider, &"t0ken-canary".into(), options(&server))
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
