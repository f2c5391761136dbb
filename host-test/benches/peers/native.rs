//! The native client that a Rust program would use instead: `oauth2` over `reqwest`.
//!
//! As fast as it gets: rustls with the same cryptography as ours, HTTP/1.1 with connections kept and
//! without a limit on how many, no redirects, no proxies, no compression, and one client for everything.

use std::fs;
use std::net::SocketAddr;

use anyhow::ensure;
use oauth2::basic::BasicClient;
use oauth2::{ClientId, ClientSecret, EndpointNotSet, EndpointSet, TokenResponse, TokenUrl};

use super::cloud::{CLIENT_ID, CLIENT_SECRET, Cloud, LOGIN_HOST};
use super::engine::Authenticator;

pub(crate) struct Native {
    ca: Vec<u8>,
    server: SocketAddr,
    http: reqwest::Client,
    oauth: BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
}

impl Native {
    pub(crate) fn new(cloud: &Cloud) -> anyhow::Result<Self> {
        let ca = fs::read(cloud.ca_file())?;
        let http = http(&ca, cloud.https)?;
        let oauth = BasicClient::new(ClientId::new(CLIENT_ID.into()))
            .set_client_secret(ClientSecret::new(CLIENT_SECRET.into()))
            .set_token_uri(TokenUrl::new(format!("https://{LOGIN_HOST}/oauth/token"))?);
        Ok(Self {
            ca,
            server: cloud.https,
            http,
            oauth,
        })
    }
}

fn http(ca: &[u8], server: SocketAddr) -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .use_rustls_tls()
        .tls_built_in_root_certs(false)
        .add_root_certificate(reqwest::Certificate::from_pem(ca)?)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // The port comes with the address, as the URL names none.
        .resolve(LOGIN_HOST, server)
        .build()?)
}

impl Authenticator for Native {
    fn for_another_runtime(&self) -> anyhow::Result<Self> {
        Ok(Self {
            ca: self.ca.clone(),
            server: self.server,
            http: http(&self.ca, self.server)?,
            oauth: self.oauth.clone(),
        })
    }

    async fn authenticate(&self) -> anyhow::Result<()> {
        let token = self
            .oauth
            .exchange_client_credentials()
            .request_async(&self.http)
            .await?;
        ensure!(!token.access_token().secret().is_empty(), "no token");
        Ok(())
    }
}
