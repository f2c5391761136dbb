//! A client secret is sent to the token host only, and only if its certificate is trusted.

use control_room::oauth::{Grant, Provider, TokenEndpoint, TokenError, Unexpected};
use egress::{CertificateProblem, Error, Options};
use test_support::https::Server;
use test_support::{Ca, HOST, options};
use tokio_rustls::rustls::ServerConfig;

use crate::provider::{TOKEN, answer, confidential, endpoint, refresh_at, signed_in, token_url};

async fn untrusted(issue: impl Fn(&Ca) -> ServerConfig) -> CertificateProblem {
    let ca = Ca::new("Test CA");
    let config = issue(&ca);
    let server = Server::with_certificate(ca, config, |_| answer("200 OK", "", TOKEN)).await;
    let error = refresh_at(&server).await.unwrap_err();
    let TokenError::Untrusted(Error::Certificate { problem, .. }) = error else {
        panic!("{error:?}");
    };
    server.closed().await;
    assert_eq!(server.bytes(), 0, "nothing of the request was sent");
    problem
}

#[tokio::test]
async fn untrusted_certificates_fail_before_a_byte_is_sent() {
    use CertificateProblem::{Expired, UnknownIssuer, WrongName};
    assert_eq!(
        untrusted(|_| Ca::new("Another CA").server(HOST)).await,
        UnknownIssuer
    );
    assert_eq!(
        untrusted(|ca| ca.server("api.example.org")).await,
        WrongName
    );
    assert_eq!(
        untrusted(|ca| ca.server_in_years(&[HOST], 2000..=2001)).await,
        Expired
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for code in [301, 302, 303, 307, 308] {
        let status = format!("{code} Elsewhere");
        let server = Server::with(move |_| {
            answer(
                &status,
                "Location: https://api.example.com/other\r\n",
                TOKEN,
            )
        })
        .await;
        let what = Unexpected::Redirect(code);
        let expected = TokenError::Unexpected {
            host: HOST.into(),
            what,
        };
        assert_eq!(refresh_at(&server).await.unwrap_err(), expected);
        let code = endpoint(&server, confidential(Grant::AuthorizationCode));
        assert_eq!(signed_in(&code).exchange().await.unwrap_err(), expected);
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn the_endpoint_ignores_the_given_allow_list() {
    // A provider must not be at a loopback address.
    let provider = Provider::custom("https://a.example/", "https://127.0.0.1:9/", None).unwrap();
    let registration = control_room::oauth::Registration::new(
        provider,
        Grant::ClientCredentials,
        "id",
        Some(&"secret".into()),
        Default::default(),
    );
    let server = crate::provider::server("200 OK", "", TOKEN).await;
    let direct = Options {
        gateway: None,
        ..options(&server)
    };
    let endpoint = TokenEndpoint::new(registration.unwrap(), direct).unwrap();
    let error = endpoint.client_credentials().await.unwrap_err();
    assert!(
        matches!(
            error,
            TokenError::NotPermitted(Error::AddressNotAllowed { .. })
        ),
        "{error:?}"
    );

    // These options allow no host. The token host is reached all the same.
    let none = Options {
        allow: Default::default(),
        ..options(&server)
    };
    let endpoint = TokenEndpoint::new(confidential(Grant::ClientCredentials), none).unwrap();
    endpoint.client_credentials().await.unwrap();
    assert!(token_url().contains(HOST) && server.requests().len() == 1);
}
