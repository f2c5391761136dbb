//! An embedded Genesys Cloud with one OAuth client, an HTTP client for it, and a runtime with low limits.

use std::time::Duration;

use action_host::{Action, CallError, Credentials, Limits, Runtime, Session, Source};
use egress::{AllowList, Client, Options, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Region};
use secrecy::ExposeSecret;

use crate::hostile::hostile;

/// Low limits, which a test reaches quickly.
pub(crate) fn tight() -> Limits {
    Limits {
        cpu: Duration::from_millis(200),
        deadline: Duration::from_secs(2),
        ..Limits::default()
    }
}

pub(crate) struct Fixture {
    _cloud: GenesysCloud,
    pub(crate) runtime: Runtime,
    pub(crate) client: Client,
    /// The built-in action, which does not misbehave.
    pub(crate) action: Action,
    pub(crate) account: OAuthClient,
}

impl Fixture {
    pub(crate) async fn start(limits: Limits) -> Self {
        let cloud = GenesysCloud::start(genesys_sim::Options::default())
            .await
            .unwrap();
        let ca = cloud.ca_certificate().der().to_vec();
        let client = Client::new(Options {
            gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
            trust: Trust::Only(vec![ca.into()]),
            ..Options::new(AllowList::genesys())
        })
        .unwrap();
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let account = cloud.add_client(OAuthClient::new("bot", region)).unwrap();
        let runtime = Runtime::new(limits).unwrap();
        let action = Action::load(
            &runtime,
            &Source::Bytes(built_in_component::BYTES.into()),
            client.clone(),
        )
        .unwrap();
        Self {
            _cloud: cloud,
            runtime,
            client,
            action,
            account,
        }
    }

    /// The hostile component, on the same runtime as the built-in action.
    pub(crate) fn hostile(&self) -> Action {
        Action::load(&self.runtime, &hostile(), self.client.clone()).unwrap()
    }

    /// Opens a session with the built-in action.
    pub(crate) async fn authenticate(&self) -> Result<Session, CallError> {
        let credentials = Credentials::ClientCredentials {
            url: "https://apps.mypurecloud.de".into(),
            client_id: self.account.id.clone().into(),
            client_secret: self.account.secret.clone(),
        };
        self.action.authenticate(&credentials, "Default").await
    }

    /// Asserts that a component that misbehaved does not affect the next call.
    pub(crate) async fn the_next_call_runs(&self) {
        let session = self.authenticate().await.unwrap();
        assert_eq!(session.api_url, "https://api.mypurecloud.de");
        assert!(!session.token.expose_secret().is_empty());
    }
}

/// Makes the hostile component misbehave in this mode.
pub(crate) async fn misbehave(action: &Action, mode: &str) -> Result<Session, CallError> {
    let nothing = Credentials::ClientCredentials {
        url: "https://apps.mypurecloud.de".into(),
        client_id: "id".into(),
        client_secret: "secret".into(),
    };
    action.authenticate(&nothing, mode).await
}
