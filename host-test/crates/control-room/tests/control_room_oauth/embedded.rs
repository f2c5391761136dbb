//! Client credentials against the embedded Genesys Cloud.

use control_room::oauth::{Grant, Provider, Registration, Scopes, TokenEndpoint, TokenError};
use egress::{AllowList, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Region};
use secrecy::{ExposeSecret as _, SecretString};

async fn cloud() -> (GenesysCloud, OAuthClient) {
    let cloud = GenesysCloud::start(genesys_sim::Options::default())
        .await
        .unwrap();
    let region = Region::with_domain("mypurecloud.de").unwrap();
    let client = cloud.add_client(OAuthClient::new("bot", region)).unwrap();
    (cloud, client)
}

fn endpoint(
    cloud: &GenesysCloud,
    environment: &str,
    id: &str,
    secret: &SecretString,
) -> TokenEndpoint {
    let registration = Registration::new(
        Provider::genesys(environment).unwrap(),
        Grant::ClientCredentials,
        id,
        Some(secret),
        Scopes::default(),
    );
    let options = Options {
        gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    };
    TokenEndpoint::new(registration.unwrap(), options).unwrap()
}

#[tokio::test]
async fn each_request_gets_a_new_token() {
    let (cloud, client) = cloud().await;
    let endpoint = endpoint(&cloud, "eu-central-1", &client.id, &client.secret);
    let first = endpoint.client_credentials().await.unwrap();
    let second = endpoint.client_credentials().await.unwrap();
    assert_ne!(
        first.access_token.expose_secret(),
        second.access_token.expose_secret()
    );
    assert_eq!(first.expires_in, Some(86_400));
    assert!(first.refresh_token.is_none());
}

#[tokio::test]
async fn a_wrong_secret_or_region_is_refused() {
    let (cloud, client) = cloud().await;
    for (environment, secret) in [
        ("mypurecloud.de", &"wrong".into()),
        ("mypurecloud.ie", &client.secret),
    ] {
        let endpoint = endpoint(&cloud, environment, &client.id, secret);
        let error = endpoint.client_credentials().await.unwrap_err();
        let TokenError::Refused(refusal) = error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.code, "invalid_client");
        assert!(refusal.correlation_id.is_some());
    }
}
