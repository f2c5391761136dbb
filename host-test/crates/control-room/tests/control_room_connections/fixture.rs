//! The fixture of these tests: a store in a folder, a user who may use the connection in it, and the embedded Genesys
//! Cloud with a client and a person who can sign in.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bot_engine::retry::RetryPolicy;
use control_room::Principal;
use control_room::connections::{
    ConnectionError, Connections, PendingSignIn, Settings, SignInOwner, SignedIn,
};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::{BorrowedToken, Name, Store, TokenOwner};
use egress::{AllowList, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Region, User};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::browser::Browser;
pub(crate) use crate::database::{Database, is_on_server, place};

pub(crate) const USERNAME: &str = "jane@example.com";
pub(crate) const PASSWORD: &str = "correct horse & battery+staple";

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The name of the connection.
pub(crate) fn connection() -> Name {
    name("genesys")
}

/// The user who may use it.
pub(crate) fn ada() -> Name {
    name("ada")
}

pub(crate) async fn open(folder: &Path) -> Store {
    let (place, key) = place(folder).await;
    Store::open(place, key).await.unwrap()
}

/// Creates the role `bots`, and `ada` with it.
pub(crate) async fn create_user(store: &Store) {
    let users = store.users();
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    users
        .create(&Principal::System, &name("ada"))
        .await
        .unwrap();
    users.grant(&name("ada"), &name("bots")).await.unwrap();
}

/// Creates the connection, for the role `bots`.
pub(crate) async fn create(connections: &Connections, registration: Registration) {
    let settings = Settings {
        registration,
        save_login_credentials: true,
    };
    connections.create(&connection(), settings).await.unwrap();
    connections
        .allow(&connection(), &name("bots"))
        .await
        .unwrap();
}

/// Executes a statement on the database, as somebody who has the key.
pub(crate) async fn tamper(folder: &Path, statement: &str) {
    let store = open(folder).await;
    store.execute_with_key(statement).await.unwrap();
    store.close().await;
}

/// Makes every stored token expire in this many seconds, of a lifetime of one hour.
pub(crate) async fn set_remaining(folder: &Path, seconds: i64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expires_at = i64::try_from(now.as_millis()).unwrap() + seconds * 1000;
    let statement = format!(
        "UPDATE connection_sign_ins SET expires_at = {} + 500, asked_at = {}",
        expires_at,
        expires_at - 3_600_000
    );
    tamper(folder, &statement).await;
}

/// Makes the leases of killed processes expire now. Locks on files end with their processes.
pub(crate) async fn expire_leases(folder: &Path) {
    if is_on_server() {
        let ended = "UPDATE leases SET expires_at = clock_timestamp()";
        Database::of(folder).await.execute(ended).await;
    }
}

/// The engine's retry policy with negligible waits.
pub(crate) fn quick_retries() -> RetryPolicy {
    RetryPolicy {
        first_wait: Duration::from_millis(1),
        ..RetryPolicy::default()
    }
}

pub(crate) struct Fixture {
    pub(crate) cloud: Arc<GenesysCloud>,
    pub(crate) client: OAuthClient,
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) connections: Connections,
}

impl Fixture {
    /// With a connection whose client has a secret.
    pub(crate) async fn new(grant: Grant) -> Self {
        Self::with(grant, |region| OAuthClient::new("Control Room", region)).await
    }

    pub(crate) async fn with(grant: Grant, client: impl FnOnce(Region) -> OAuthClient) -> Self {
        Self::in_cloud(genesys_sim::Options::default(), grant, client).await
    }

    pub(crate) async fn in_cloud(
        cloud: genesys_sim::Options,
        grant: Grant,
        client: impl FnOnce(Region) -> OAuthClient,
    ) -> Self {
        let cloud = GenesysCloud::start(cloud).await.unwrap();
        cloud
            .add_user(User::new(USERNAME, PASSWORD.into()))
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let connections = store.connections(options(&cloud));
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let callback_url = connections.callback_url().await.unwrap();
        let client = client(region).with_redirect_uri(callback_url.as_str());
        let client = cloud.add_client(client).unwrap();
        create_user(&store).await;
        let registration = Registration::new(
            Provider::genesys("eu-central-1").unwrap(),
            grant,
            &client.id,
            Some(&client.secret),
            Scopes::default(),
        );
        create(&connections, registration.unwrap()).await;
        Self {
            cloud: cloud.into(),
            client,
            folder,
            store,
            connections,
        }
    }

    /// Starts a sign-in for the shared token.
    pub(crate) async fn start(&self) -> PendingSignIn {
        let connections = &self.connections;
        connections
            .sign_in(&connection(), &SignInOwner::Shared)
            .await
            .unwrap()
    }

    /// Jane signs in, and the callback is pasted.
    pub(crate) async fn sign_in(&self, owner: &SignInOwner) -> Result<SignedIn, ConnectionError> {
        let mut started = self.connections.sign_in(&connection(), owner).await?;
        let browser = Browser::new(&self.cloud);
        let callback = browser.sign_in(&started.authorization_url()).await;
        started.paste(&callback).await
    }

    pub(crate) async fn token(&self) -> Result<BorrowedToken, ConnectionError> {
        let shared = TokenOwner::Shared;
        self.connections.token(&connection(), &ada(), shared).await
    }

    /// Makes the stored tokens expire in this many seconds, as if time had passed.
    pub(crate) async fn set_remaining(&self, seconds: i64) {
        set_remaining(self.folder.path(), seconds).await;
    }

    /// Numbers of token requests that the cloud has received: authorization codes, refreshes, client credentials.
    pub(crate) fn requests(&self) -> (u64, u64, u64) {
        let seen = self.cloud.statistics();
        (
            seen.authorization_code_requests,
            seen.refresh_requests,
            seen.client_credentials_requests,
        )
    }

    /// Whether the API accepts a token.
    pub(crate) async fn works(&self, connection: &BorrowedToken) -> bool {
        let token = connection.access_token.expose_secret();
        Browser::new(&self.cloud).is_accepted(token).await
    }
}

/// Network options that lead to the embedded Genesys Cloud only.
pub(crate) fn options(cloud: &GenesysCloud) -> Options {
    let address = cloud.https_addr().unwrap();
    gateway_options(&address.to_string(), cloud.ca_certificate().der().to_vec())
}

/// Network options that lead to one address and trust one CA.
pub(crate) fn gateway_options(address: &str, ca: Vec<u8>) -> Options {
    Options {
        gateway: Some(address.parse().unwrap()),
        trust: Trust::Only(vec![ca.into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    }
}
