//! The pages of an empty Control Room, or of one with the designer `ada`, who may use the locker `genesys` and the
//! connection `genesys-prod`.

use std::path::Path;

use action_host::{Components, Grant as RequestGrant, Host, RequestRule};
use control_room::Name;
use control_room::Principal;
use control_room::bots::Bots;
use control_room::connections::Settings;
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use egress::{AllowList, Options};
use genesys_sim::{GenesysCloud, OAuthClient};
use secrecy::ExposeSecret;

use crate::browser::Browser;
use crate::http_client::Client;
pub(crate) use crate::room::{ControlRoom, PASSWORD};
use crate::room::{engine, engine_of, to};

pub(crate) const NAME: &str = "ada";

impl ControlRoom {
    /// A Control Room without network access for bots.
    pub(crate) async fn start() -> Self {
        Self::beside(None).await
    }

    /// A Control Room with the embedded Genesys Cloud for bots, without links to it on the pages.
    pub(crate) async fn start_with_cloud(cloud: &GenesysCloud) -> Self {
        Self::serve(engine(to(cloud)), to(cloud), None).await
    }

    /// As [`Self::start_with_cloud`], with the component *Genesys > Users*, which has been granted what it asks for.
    pub(crate) async fn start_with_users(cloud: &GenesysCloud) -> Self {
        let client = egress::Client::new(to(cloud)).unwrap();
        let host = Host::builder().client(client.clone()).build().unwrap();
        let tmpdir = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let users = host.load_file(&test_peers::component(tmpdir, "genesys-users"));
        let users = users.unwrap();
        let actions = users.actions("en").await.unwrap();
        let rules = actions.into_iter().flat_map(|action| action.requests);
        let rules = rules.map(|request| RequestRule {
            hosts: request.hosts,
            methods: request.methods,
            paths: request.paths,
            headers: request.headers,
        });
        let authentication = host.load(built_in_component::BYTES).unwrap();
        let mut components = Components::default();
        for (name, component, grant) in [
            ("genesys", authentication, RequestGrant::genesys_oauth()),
            ("genesys-users", users, RequestGrant::new(rules).unwrap()),
        ] {
            components.add(name, component.with_grant(grant)).unwrap();
        }
        Self::serve(engine_of(components, client), to(cloud), None).await
    }

    /// Creates `ada` with the items that they may use.
    pub(crate) async fn add_designer(&self) {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let (users, vault) = (self.store.users(), self.store.vault());
        if users.get(&name(NAME)).await.is_err() {
            self.create_user(NAME).await;
        }
        users
            .create_role(&Principal::System, &name("bots"))
            .await
            .unwrap();
        users.grant(&name(NAME), &name("bots")).await.unwrap();
        let nothing = Default::default();
        vault
            .create_locker(&name("genesys"), &nothing)
            .await
            .unwrap();
        vault.allow(&name("genesys"), &name("bots")).await.unwrap();
        self.add_credential("hello-bot").await;
        let registration = Registration::new(
            Provider::genesys("mypurecloud.de").unwrap(),
            Grant::ClientCredentials,
            "the id",
            Some(&"the secret".into()),
            Scopes::default(),
        );
        let settings = Settings {
            registration: registration.unwrap(),
            save_login_credentials: true,
        };
        let nowhere = Options::new(AllowList::default());
        let connections = self.store.connections(nowhere);
        let connection = name("genesys-prod");
        connections.create(&connection, settings).await.unwrap();
        connections.allow(&connection, &name("bots")).await.unwrap();
    }

    /// Creates a credential with the attributes of an OAuth client.
    pub(crate) async fn add_credential(&self, credential: &str) {
        let vault = self.store.vault();
        let path = format!("genesys/{credential}");
        let nothing = Default::default();
        vault
            .create_credential(&path.parse().unwrap(), &nothing)
            .await
            .unwrap();
        for attribute in ["client-id", "client-secret"] {
            let path = format!("{path}/{attribute}").parse().unwrap();
            vault
                .set_attribute(&path, &Default::default())
                .await
                .unwrap();
            let value = "a value".into();
            vault
                .set_value(&path, &Principal::System, &value)
                .await
                .unwrap();
        }
    }

    /// Puts the id and secret of a client into the locker.
    pub(crate) async fn store_client(&self, client: &OAuthClient) {
        let id = client.id.clone().into();
        for (attribute, value) in [("client-id", &id), ("client-secret", &client.secret)] {
            let path = format!("genesys/hello-bot/{attribute}").parse().unwrap();
            let vault = self.store.vault();
            vault
                .set_value(&path, &Principal::System, value)
                .await
                .unwrap();
        }
    }

    /// The bots of `ada`.
    pub(crate) async fn bots(&self) -> Bots {
        let passwords = self.store.passwords();
        let account = passwords.named(&NAME.parse().unwrap()).await;
        self.store.bots(&account.unwrap().unwrap())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.pages.url().trim_end_matches('/'))
    }

    pub(crate) async fn first_run_url(&self) -> String {
        let url = self.pages.first_run_url().await.unwrap().unwrap();
        url.expose_secret().into()
    }

    /// A browser in which `ada` is signed in, on the page of their bots. How a person signs in has its own tests.
    pub(crate) async fn signed_in(&self, language: &str) -> Browser {
        let browser = Browser::open_for_loopback(language).await;
        self.sign_in(&browser).await;
        browser.go(&self.url("/bots")).await;
        browser.find("create").await;
        browser
    }

    /// Signs `ada` in, without a page. Returns a client with the same session.
    pub(crate) async fn sign_in(&self, browser: &Browser) -> Client {
        let mut client = Client::at(self.pages.address());
        let answer = client.sign_in(NAME, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        for (name, value) in &client.cookies {
            browser.set_cookie(&self.url("/"), name, value).await;
        }
        client
    }

    pub(crate) async fn enter(&self, browser: &Browser) {
        browser.fill("name", NAME).await;
        browser.fill("password", PASSWORD).await;
        browser.press("sign-in").await;
    }
}
