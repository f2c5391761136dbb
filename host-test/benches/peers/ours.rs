//! The action in the harness, as `bot-runner` has it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use action_host::oauth::{Credentials, Oauth, OauthError, Session};
use action_host::{CallError, Grant, Host, Limits};
use anyhow::ensure;
use egress::{AllowList, Client, Options, Proxies, Statistics, Trust, read_ca_file};
use secrecy::ExposeSecret;

use super::cloud::{CLIENT_ID, CLIENT_SECRET, Cloud, URL};
use super::engine::Authenticator;

pub(crate) struct Ours {
    action: Oauth,
    client: Client,
    good: Credentials,
    wrong: Credentials,
}

impl Ours {
    /// With the limits that the command has.
    pub(crate) fn new(cloud: &Cloud, component: &[u8]) -> anyhow::Result<Self> {
        let network = towards(cloud.https, &cloud.ca_file())?;
        Self::with(Limits::default(), network, component)
    }

    /// With room for as many calls at once, each of which may wait for minutes.
    pub(crate) fn with_room_for(
        calls: usize,
        server: SocketAddr,
        ca_file: &Path,
    ) -> anyhow::Result<Self> {
        let limits = Limits {
            calls,
            deadline: Duration::from_mins(10),
            ..Limits::default()
        };
        let mut network = towards(server, ca_file)?;
        network.max_connections = calls;
        Self::with(limits, network, built_in_component::BYTES)
    }

    fn with(limits: Limits, network: Options, component: &[u8]) -> anyhow::Result<Self> {
        let client = Client::new(network)?;
        let host = Host::builder()
            .limits(limits)
            .client(client.clone())
            .build()?;
        let component = host.load(component)?.with_grant(Grant::genesys_oauth());
        Ok(Self {
            action: Oauth::new(component)?,
            client,
            good: authentication(URL),
            wrong: authentication("https://evil.example"),
        })
    }

    pub(crate) async fn session(&self) -> Result<Session, CallError<OauthError>> {
        self.action.authenticate(&self.good, "Default").await
    }

    /// A call of the action that fails before it asks for anything.
    pub(crate) async fn fail_without_http(&self) -> anyhow::Result<()> {
        let failed = self.action.authenticate(&self.wrong, "Default").await;
        ensure!(
            matches!(&failed, Err(CallError::Failed(OauthError::InvalidInput(_)))),
            "{failed:?}"
        );
        Ok(())
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.client.statistics()
    }
}

impl Authenticator for Ours {
    fn for_another_runtime(&self) -> anyhow::Result<Self> {
        let client = self.client.for_another_runtime();
        Ok(Self {
            action: Oauth::new(self.action.component().through(&client))?,
            client,
            good: self.good.clone(),
            wrong: self.wrong.clone(),
        })
    }

    async fn authenticate(&self) -> anyhow::Result<()> {
        let session = self.session().await?;
        ensure!(!session.token.expose_secret().is_empty(), "no token");
        Ok(())
    }
}

fn towards(server: SocketAddr, ca_file: &Path) -> anyhow::Result<Options> {
    Ok(Options {
        gateway: Some(server.try_into()?),
        trust: Trust::Only(read_ca_file(ca_file)?),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    })
}

fn authentication(url: &str) -> Credentials {
    Credentials::ClientCredentials {
        url: url.into(),
        client_id: CLIENT_ID.into(),
        client_secret: CLIENT_SECRET.into(),
    }
}
