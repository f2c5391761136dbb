//! A Control Room in a folder with a connection, users who may use it and one who may not, and the embedded Genesys
//! Cloud that they sign in to.

use std::sync::Arc;

use bot_engine::{Bot, Interrupt, Runner};
use control_room::Principal;
use control_room::connections::{ConnectionError, Connections, Settings, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::{BorrowedToken, KeySource, Name, Place, Secrets, Store, TokenOwner};
use egress::Options;
use genesys_sim::{GenesysCloud, OAuthClient, Region, User};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{gateway_options, ok, parse, runner_through, serve};

pub(crate) const CONNECTION: &str = "Genesys Cloud";

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A connection as this client.
fn settings(grant: Grant, client: &OAuthClient) -> Settings {
    let registration = Registration::new(
        Provider::genesys("eu-central-1").unwrap(),
        grant,
        &client.id,
        Some(&client.secret),
        Scopes::default(),
    );
    Settings {
        registration: registration.unwrap(),
        save_login_credentials: true,
    }
}

/// Creates the connection of the sample bot in a store with the role `bots`, with a token that is valid for ten
/// minutes.
pub(crate) async fn with_a_token(store: &Store) {
    let token = json!({ "access_token": "token", "token_type": "bearer", "expires_in": 600 });
    let server = serve(move |_| ok(&token.to_string())).await;
    let options = gateway_options(server.address(), server.ca().certificate().to_vec());
    let connections = store.connections(options);
    let region = Region::named("eu-central-1").unwrap();
    let client = OAuthClient::new("Control Room", region);
    let settings = settings(Grant::ClientCredentials, &client);
    let connection = name(CONNECTION);
    connections.create(&connection, settings).await.unwrap();
    connections.allow(&connection, &name("bots")).await.unwrap();
    let tested = connections.test(&connection, &SignInOwner::Shared).await;
    assert!(tested.unwrap().refreshed);
}

/// `ada` and `bob` may use the connection, `eve` may not. Ada is known as Jane at Genesys, Bob as John.
pub(crate) struct Connected {
    pub(crate) cloud: GenesysCloud,
    pub(crate) client: OAuthClient,
    pub(crate) jane: User,
    pub(crate) john: User,
    pub(crate) store: Store,
    pub(crate) connections: Connections,
    _folder: TempDir,
}

impl Connected {
    pub(crate) async fn new(grant: Grant) -> Self {
        let cloud = GenesysCloud::start(genesys_sim::Options::default()).await;
        let cloud = cloud.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Folder(folder.path().to_owned());
        let store = Store::open(place, KeySource::InFolder).await.unwrap();
        let users = store.users();
        users
            .create_role(&Principal::System, &name("bots"))
            .await
            .unwrap();
        for user in ["ada", "bob", "eve"] {
            users.create(&Principal::System, &name(user)).await.unwrap();
        }
        for user in ["ada", "bob"] {
            users.grant(&name(user), &name("bots")).await.unwrap();
        }
        let connections = store.connections(options(&cloud));
        let callback_url = connections.callback_url().await.unwrap();
        let region = Region::named("eu-central-1").unwrap();
        let client = OAuthClient::new("Control Room", region);
        let client = client.with_redirect_uri(callback_url.as_str());
        let client = cloud.add_client(client).unwrap();
        let settings = settings(grant, &client);
        let connection = name(CONNECTION);
        connections.create(&connection, settings).await.unwrap();
        connections.allow(&connection, &name("bots")).await.unwrap();
        Self {
            jane: cloud
                .add_user(User::with_generated_password("jane"))
                .unwrap(),
            john: cloud
                .add_user(User::with_generated_password("john"))
                .unwrap(),
            cloud,
            client,
            store,
            connections,
            _folder: folder,
        }
    }

    /// A person signs in to the connection.
    pub(crate) async fn sign_in(&self, owner: &SignInOwner, person: &User) {
        let started = self.connections.sign_in(&name(CONNECTION), owner).await;
        let mut started = started.unwrap();
        let callback = self.cloud.sign_in(&started.authorization_url(), person);
        let callback = callback.unwrap();
        let callback = secrecy::ExposeSecret::expose_secret(&callback);
        started.paste(callback).await.unwrap();
    }

    /// The engine, on behalf of a user.
    pub(crate) fn runner(&self, user: &str, interrupt: &Interrupt) -> Runner {
        self.runner_with(self.connections.clone(), user, interrupt)
    }

    /// The same, with other network options for connections.
    pub(crate) fn runner_with(
        &self,
        connections: Connections,
        user: &str,
        interrupt: &Interrupt,
    ) -> Runner {
        let secrets = Secrets {
            connections,
            ..self.secrets(user)
        };
        runner_through(options(&self.cloud), Arc::new(secrets), interrupt)
    }

    /// What a user may use.
    pub(crate) fn secrets(&self, user: &str) -> Secrets {
        Secrets {
            store: self.store.clone(),
            connections: self.connections.clone(),
            user: name(user),
            run: None,
        }
    }

    /// Makes every stored token expire in this many seconds, of a lifetime of one hour.
    pub(crate) async fn leave(&self, seconds: i64) {
        let statement = format!(
            "UPDATE connection_sign_ins SET \
             expires_at = (unixepoch('subsec') + {seconds}) * 1000 + 500, \
             asked_at = (unixepoch('subsec') + {seconds} - 3600) * 1000"
        );
        self.store.execute_with_key(&statement).await.unwrap();
    }

    /// The shared token, as a bot of Ada's gets it.
    pub(crate) async fn token(&self) -> Result<BorrowedToken, ConnectionError> {
        let ada = name("ada");
        let shared = TokenOwner::Shared;
        self.connections
            .token(&name(CONNECTION), &ada, shared)
            .await
    }

    /// The number of refreshes that the cloud has received.
    pub(crate) fn refreshes(&self) -> u64 {
        self.cloud.statistics().refresh_requests
    }
}

/// Network options that lead to the embedded Genesys Cloud.
pub(crate) fn options(cloud: &GenesysCloud) -> Options {
    let address = cloud.https_addr().unwrap();
    gateway_options(address, cloud.ca_certificate().der().to_vec())
}

/// A bot that logs, authenticates with the connection, and then does `more`.
pub(crate) fn bot(token_owner: &str, more: &[Value]) -> Bot {
    let mut steps = vec![
        json!({ "action": "log", "message": "ran" }),
        json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": { "oauth-connection": CONNECTION },
            "token-type": token_owner,
        }),
    ];
    steps.extend_from_slice(more);
    let bot = json!({ "name": "Connected", "steps": steps });
    parse(bot.to_string().as_bytes())
}

/// Requests the token's user and greets them.
pub(crate) fn greets() -> [Value; 2] {
    [
        json!({ "action": "genesys/api-request", "path": "/api/v2/users/me", "output": "me" }),
        json!({ "action": "log", "message": "Hello, {me.name}" }),
    ]
}
