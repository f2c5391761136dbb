//! The action with the embedded Genesys Cloud.

use action_host::CallError;
use action_host::oauth::{ConnectionToken, Credentials, Oauth, OauthError, Session};
use bytes::Bytes;
use egress::{AllowList, Client, Options, Timeouts, Trust};
use genesys_sim::{GenesysCloud, ManualClock, OAuthClient, Region};
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::component::Build;
use crate::outcome::error_of;
use crate::scripted::credentials;

pub(crate) struct Embedded {
    pub(crate) cloud: GenesysCloud,
    /// The clock that tokens expire by.
    pub(crate) clock: ManualClock,
    pub(crate) client: Client,
    /// The typed interface. The generic one is its [`Oauth::component`].
    pub(crate) action: Oauth,
}

impl Embedded {
    pub(crate) async fn start(build: Build) -> Self {
        Self::start_with(build, genesys_sim::Options::default()).await
    }

    pub(crate) async fn start_with(build: Build, options: genesys_sim::Options) -> Self {
        let clock = ManualClock::default();
        let cloud = GenesysCloud::start(genesys_sim::Options {
            clock: clock.clone().into(),
            ..options
        })
        .await
        .unwrap();
        let ca = cloud.ca_certificate().der().to_vec();
        let client = Client::new(Options {
            gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
            trust: Trust::Only(vec![ca.into()]),
            ..Options::new(AllowList::genesys())
        })
        .unwrap();
        Self {
            cloud,
            clock,
            action: build.load_typed(&client),
            client,
        }
    }

    /// Adds an OAuth client of Frankfurt.
    pub(crate) fn add_client(&self) -> OAuthClient {
        self.add_client_of("mypurecloud.de")
    }

    pub(crate) fn add_client_of(&self, domain: &str) -> OAuthClient {
        let region = Region::with_domain(domain).unwrap();
        let client = OAuthClient::new("bot", region);
        self.cloud.add_client(client).unwrap()
    }

    /// Opens a session with client credentials, in the client's own region.
    pub(crate) async fn open(
        &self,
        client: &OAuthClient,
    ) -> Result<Session, CallError<OauthError>> {
        self.open_at(client.region.name(), client).await
    }

    pub(crate) async fn open_at(
        &self,
        url: &str,
        client: &OAuthClient,
    ) -> Result<Session, CallError<OauthError>> {
        let credentials = credentials(url, &client.id, client.secret.expose_secret());
        self.authenticate(&credentials).await
    }

    pub(crate) async fn authenticate(
        &self,
        authentication: &Credentials,
    ) -> Result<Session, CallError<OauthError>> {
        self.action.authenticate(authentication, "Default").await
    }

    /// The error of a call that is refused before anything is sent.
    pub(crate) async fn refused_unsent(
        &self,
        authentication: &Credentials,
        name: &str,
    ) -> OauthError {
        let error = error_of(self.action.authenticate(authentication, name).await);
        self.assert_nothing_sent();
        error
    }

    pub(crate) fn assert_nothing_sent(&self) {
        assert_eq!(self.client.statistics().connections_opened, 0);
        assert_eq!(self.client.statistics().requests_sent, 0);
        assert_eq!(self.cloud.statistics(), genesys_sim::Statistics::default());
    }

    /// Status and body of an API request with this session.
    pub(crate) async fn get(&self, session: &Session, path: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("{}{path}", session.api_url))
            .header(
                "Authorization",
                format!("{} {}", session.token_type, session.token.expose_secret()),
            )
            .body(Empty::<Bytes>::new())
            .unwrap();
        let answer = self.client.send(request, Timeouts::default()).await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Whether the API accepts the session's token.
    pub(crate) async fn is_alive(&self, session: &Session) -> bool {
        match self.get(session, "/api/v2/organizations/me").await {
            (200, _) => true,
            (401, _) => false,
            other => panic!("{other:?}"),
        }
    }
}

/// An OAuth connection with this session's token.
pub(crate) fn connection(url: &str, session: &Session) -> Credentials {
    Credentials::ControlRoomConnection(ConnectionToken {
        url: url.into(),
        access_token: session.token.clone(),
        token_type: "bearer".into(),
        expires_in: Some(60),
    })
}
