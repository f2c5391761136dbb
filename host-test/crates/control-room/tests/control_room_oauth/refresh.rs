//! Refreshing access tokens (RFC 6749, section 6), with and without rotation of the refresh token.

use control_room::oauth::{Grant, TokenError};
use secrecy::ExposeSecret as _;

use crate::provider::{confidential, endpoint, request, server_with};

#[tokio::test]
async fn the_refresh_token_is_kept_rotated_or_invalidated_by_the_response() {
    let server = server_with(&[
        // Without rotation.
        ("200 OK", r#"{"access_token":"a","token_type":"bearer"}"#),
        // With rotation.
        (
            "200 OK",
            r#"{"access_token":"b","token_type":"bearer","refresh_token":"second"}"#,
        ),
        ("503 Service Unavailable", ""),
        ("400 Bad Request", r#"{"error":"invalid_grant"}"#),
    ])
    .await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCode));
    let mut refresh_token = secrecy::SecretString::from("first");
    for expected in ["first", "second"] {
        let tokens = endpoint.refresh(&refresh_token).await.unwrap();
        refresh_token = tokens.refresh_token.unwrap();
        assert_eq!(refresh_token.expose_secret(), expected);
    }
    let transient = endpoint.refresh(&refresh_token).await.unwrap_err();
    assert!(matches!(transient, TokenError::Transient { .. }) && !transient.ends_sign_in());
    let ended = endpoint.refresh(&refresh_token).await.unwrap_err();
    assert!(ended.ends_sign_in(), "{ended}");

    for (index, sent) in ["first", "first", "second", "second"]
        .into_iter()
        .enumerate()
    {
        let (_, form) = request(&server, index);
        assert!(
            form.contains(&("refresh_token".into(), sent.into())),
            "{form:?}"
        );
        assert!(!form.iter().any(|(name, _)| name == "scope"), "{form:?}");
    }
}

#[tokio::test]
async fn a_token_response_may_lack_a_refresh_token() {
    let server = server_with(&[("200 OK", r#"{"access_token":"a","token_type":"bearer"}"#)]).await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCode));
    let tokens = crate::provider::signed_in(&endpoint)
        .exchange()
        .await
        .unwrap();
    assert!(tokens.refresh_token.is_none());
}

/// An endpoint is used from tasks that may move between threads.
#[test]
fn token_request_futures_are_send() {
    fn is_send<T: Send>(_: &T) {}
    let (runtime, ()) = (tokio::runtime::Runtime::new().unwrap(), ());
    let _guard = runtime.enter();
    let options = egress::Options {
        proxies: egress::Proxies::None,
        ..egress::Options::new(Default::default())
    };
    let registration = confidential(Grant::AuthorizationCode);
    let endpoint = control_room::oauth::TokenEndpoint::new(registration, options).unwrap();
    let token = "r".into();
    is_send(&endpoint.refresh(&token));
    is_send(&endpoint.client_credentials());
    is_send(&crate::provider::signed_in(&endpoint).exchange());
}
