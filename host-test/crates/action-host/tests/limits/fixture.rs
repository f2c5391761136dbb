//! An embedded Genesys Cloud with one OAuth client, an HTTP client for it, and a runtime with low limits.

use std::time::Duration;

use action_host::{Argument, CallError, Component, Grant, Host, Limits, SessionChange, Success};
use egress::{AllowList, Client, Options, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Region};
use secrecy::ExposeSecret;

use crate::hostile::hostile;

/// Low limits, which a test reaches quickly, and a deadline that no test reaches, even on a busy machine.
pub(crate) fn tight() -> Limits {
    Limits {
        fuel: 50_000_000,
        deadline: Duration::from_mins(2),
        ..Limits::default()
    }
}

pub(crate) struct Fixture {
    _cloud: GenesysCloud,
    pub(crate) host: Host,
    /// The built-in component, which does not misbehave.
    built_in: Component,
    account: OAuthClient,
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
            ..Options::new(AllowList::default())
        })
        .unwrap();
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let account = cloud.add_client(OAuthClient::new("bot", region)).unwrap();
        let host = Host::builder().limits(limits).client(client);
        let host = host.build().unwrap();
        let built_in = host.load(built_in_component::BYTES).unwrap();
        Self {
            _cloud: cloud,
            host,
            built_in: built_in.with_grant(Grant::genesys_oauth()),
            account,
        }
    }

    /// The hostile component, on the same host as the built-in one. It may send any request to Genesys Cloud.
    pub(crate) fn hostile(&self) -> Component {
        load_hostile(&self.host)
    }

    /// Opens a session with the built-in component.
    pub(crate) async fn authenticate(&self) -> Result<Success, CallError> {
        let arguments = [
            Argument::text("authentication-type", "client-credentials"),
            Argument::text("url", "https://apps.mypurecloud.de"),
            Argument::secret("client-id", self.account.id.clone()),
            Argument::secret("client-secret", self.account.secret.expose_secret()),
            Argument::text("session-name", "Default"),
        ];
        self.built_in.run("oauth-authenticate", &arguments).await
    }

    /// Asserts that a component that misbehaved does not affect the next call.
    pub(crate) async fn the_next_call_runs(&self) {
        let opened = self.authenticate().await.unwrap().session;
        let SessionChange::Opened(session) = opened else {
            panic!("{opened:?}");
        };
        assert_eq!(session.base_url, "https://api.mypurecloud.de");
        assert!(!session.token.expose_secret().is_empty());
    }
}

/// The hostile component. It may send any request to Genesys Cloud.
pub(crate) fn load_hostile(host: &Host) -> Component {
    let component = host.load_file(hostile()).unwrap();
    component.with_grant(Grant::any_request_to(AllowList::genesys()))
}

/// Makes the hostile component misbehave in this mode. Returns the text that it returns.
pub(crate) async fn misbehave(hostile: &Component, mode: &str) -> Result<String, CallError> {
    let success = hostile.run(mode, &[]).await?;
    let [(_, text)] = &success.outputs[..] else {
        panic!("{success:?}");
    };
    Ok(text.expose_secret().into())
}
