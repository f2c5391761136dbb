//! The fixture of a connection with the embedded Genesys Cloud and a user there.

use control_room::oauth::{
    After, CallbackError, CallbackUrl, Expected, Grant, Loopback, Provider, Registration, Scopes,
    SignIn, Subject, TokenEndpoint, TokenSet,
};
use egress::{AllowList, Options, Proxies, Trust};
use genesys_sim::{ClientType, GenesysCloud, OAuthClient, Region, User};

use crate::browser::Browser;

pub(crate) const USERNAME: &str = "jane@example.com";
pub(crate) const PASSWORD: &str = "correct horse & battery+staple";

pub(crate) struct ConnectionFixture {
    cloud: GenesysCloud,
    pub(crate) endpoint: TokenEndpoint,
    callback_url: CallbackUrl,
}

impl ConnectionFixture {
    /// A connection with a client secret, or without one and with PKCE.
    pub(crate) async fn start(client_type: ClientType) -> Self {
        let cloud = GenesysCloud::start(genesys_sim::Options::default());
        let cloud = cloud.await.unwrap();
        let user = User::new(USERNAME, PASSWORD.into());
        cloud.add_user(user).unwrap();
        let callback_url = CallbackUrl::on_free_port();
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let (client, grant) = match client_type {
            ClientType::Confidential => (
                OAuthClient::new("Control Room", region),
                Grant::AuthorizationCode,
            ),
            ClientType::Public => (
                OAuthClient::public("Control Room", region),
                Grant::AuthorizationCodePkce,
            ),
        };
        let client = client.with_redirect_uri(callback_url.as_str());
        let client = cloud.add_client(client).unwrap();
        let registration = Registration::new(
            Provider::genesys("mypurecloud.de").unwrap(),
            grant,
            &client.id,
            (client_type == ClientType::Confidential).then_some(&client.secret),
            Scopes::default(),
        );
        let options = Options {
            gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
            trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
            proxies: Proxies::None,
            ..Options::new(AllowList::default())
        };
        Self {
            endpoint: TokenEndpoint::new(registration.unwrap(), options).unwrap(),
            cloud,
            callback_url,
        }
    }

    /// A browser that reaches the cloud.
    pub(crate) async fn browser(&self) -> Browser {
        let address = self.cloud.https_addr().unwrap();
        Browser::open(address, self.cloud.ca_certificate().der()).await
    }

    /// A pending sign-in, and a browser for its page.
    pub(crate) async fn begun(client_type: ClientType) -> (Self, Browser, Expected) {
        let fixture = Self::start(client_type).await;
        let browser = fixture.browser().await;
        let sign_in = SignIn::start(&fixture.endpoint, fixture.callback_url.clone()).unwrap();
        let subject = Subject {
            connection: "prod".parse().unwrap(),
            user: Some("ada".parse().unwrap()),
        };
        let loopback = Loopback::default();
        let expected = loopback.expect(sign_in, subject, After::Outcome).await;
        (fixture, browser, expected)
    }
}

/// Waits for the callback and obtains the token, as a Control Room does.
pub(crate) async fn finish(expected: &mut Expected) -> Result<TokenSet, CallbackError> {
    let tokens = match expected.arrival().await {
        Ok(code) => Ok(code.exchange().await),
        Err(error) => Err(error),
    };
    if let Ok(tokens) = &tokens {
        expected.browser().show(tokens.is_ok());
    }
    expected.browser().finish().await;
    tokens.map(Result::unwrap)
}
