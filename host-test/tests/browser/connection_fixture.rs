//! A Control Room's connection, the embedded Genesys Cloud that it is registered with, and somebody who
//! can sign in there.

use control_room::oauth::{
    CallbackError, Grant, Loopback, Provider, Registration, Scopes, SignIn, TokenEndpoint, TokenSet,
};
use egress::{AllowList, Options, Proxies, Trust};
use genesys_sim::{ClientType, GenesysCloud, OAuthClient, Region, User};

use crate::browser::Browser;

pub(crate) const USERNAME: &str = "jane@example.com";
pub(crate) const PASSWORD: &str = "correct horse & battery+staple";

pub(crate) struct Scene {
    cloud: GenesysCloud,
    pub(crate) endpoint: TokenEndpoint,
    loopback: Loopback,
}

impl Scene {
    /// A connection with a secret, or with none and PKCE.
    pub(crate) async fn start(client_type: ClientType) -> Scene {
        let cloud = GenesysCloud::start(genesys_sim::Options::default());
        let cloud = cloud.await.unwrap();
        let user = User::new(USERNAME, PASSWORD.into());
        cloud.add_user(user).unwrap();
        let loopback = Loopback::bind(0).await.unwrap();
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
        let client = client.with_redirect_uri(loopback.callback_url().as_str());
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
        Scene {
            endpoint: TokenEndpoint::new(registration.unwrap(), options).unwrap(),
            cloud,
            loopback,
        }
    }

    /// A browser that reaches the cloud.
    pub(crate) async fn browser(&self) -> Browser {
        let address = self.cloud.https_addr().unwrap();
        Browser::open(address, self.cloud.ca_certificate().der()).await
    }

    /// A sign-in that has begun, and a browser for its page.
    pub(crate) async fn begun(client_type: ClientType) -> (Scene, Browser, SignIn) {
        let scene = Scene::start(client_type).await;
        let browser = scene.browser().await;
        let sign_in = SignIn::start(&scene.endpoint, scene.loopback.callback_url()).unwrap();
        (scene, browser, sign_in)
    }

    /// Waits for the browser to come back, and fetches the token, as a Control Room does.
    pub(crate) async fn finish(&mut self, sign_in: &mut SignIn) -> Result<TokenSet, CallbackError> {
        let (code, browser) = self.loopback.wait(sign_in).await?;
        let tokens = code.exchange().await;
        browser.show(tokens.is_ok()).await;
        Ok(tokens.unwrap())
    }
}
