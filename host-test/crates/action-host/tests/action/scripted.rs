//! The action with a scripted server.

use std::net::SocketAddr;

use action_host::oauth::{Credentials, Oauth, OauthError, Session};
use action_host::{CallError, Host, Success};
use egress::{AllowList, Client, Options, Trust};
use test_support::scripted::ca;
use test_support::scripted::{Script, Seen, Server};

use crate::component::{Build, host};
use crate::generic::{AUTHENTICATE, with_client_credentials};

/// The region of the tests, and its hosts.
pub(crate) const URL: &str = "https://apps.mypurecloud.de";
pub(crate) const LOGIN: &str = "login.mypurecloud.de";
pub(crate) const API: &str = "api.mypurecloud.de";

/// A secret that must appear in one header and nowhere else.
pub(crate) const SECRET: &str = "s3cret-canary";

pub(crate) struct Scripted {
    server: Server,
    pub(crate) client: Client,
    pub(crate) action: Oauth,
}

impl Scripted {
    pub(crate) async fn start(build: Build, script: Script) -> Self {
        Self::with(build, host(), Server::start(script).await)
    }

    pub(crate) fn with(build: Build, host: &Host, server: Server) -> Self {
        let client = Client::new(towards(server.address())).unwrap();
        let action = Oauth::new(build.load_on(host, &client)).unwrap();
        Self {
            server,
            client,
            action,
        }
    }

    pub(crate) async fn authenticate(&self) -> Result<Session, CallError<OauthError>> {
        let credentials = credentials(URL, "the-id", SECRET);
        self.action.authenticate(&credentials, "Default").await
    }

    /// The same through the generic interface.
    pub(crate) async fn run(&self) -> Result<Success, CallError> {
        let arguments = with_client_credentials(URL, "the-id", SECRET);
        self.action.component().run(AUTHENTICATE, &arguments).await
    }

    /// What the server has recorded, once all connections are closed.
    pub(crate) async fn finish(self) -> Seen {
        let Self {
            server,
            client,
            action,
        } = self;
        // They keep idle connections open.
        drop((client, action));
        server.finish().await
    }
}

/// Options that connect to a server at `address` instead of every Genesys host.
pub(crate) fn towards(address: SocketAddr) -> Options {
    Options {
        gateway: Some(address.try_into().unwrap()),
        trust: Trust::Only(vec![ca().certificate()]),
        ..Options::new(AllowList::genesys())
    }
}

pub(crate) fn credentials(url: &str, id: &str, secret: &str) -> Credentials {
    Credentials::ClientCredentials {
        url: url.into(),
        client_id: id.into(),
        client_secret: secret.into(),
    }
}
