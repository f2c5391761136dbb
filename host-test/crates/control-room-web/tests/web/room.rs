//! A Control Room without users and its pages, for tests over a socket and in a browser.

use std::sync::{Arc, OnceLock};

use action_host::{Component, Components, Grant, Host};
use bot_engine::{Catalogue, RetryPolicy, Variable, Variables};
use control_room::{KeySource, Name, Place, Principal, Store};
use control_room_web::{Engine, Pages, Simulation};
use egress::{AllowList, Client, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, Region};

pub(crate) const PASSWORD: &str = "correct horse & battery";

/// The hash of [`PASSWORD`], with the least memory and passes that argon2 can have: to verify one with the parameters of the
/// Control Room takes longer than the rest of many tests.
const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$9ZnJrnNcb2myoArn/Vqc1w\
                    $1b7XsEDtq2wcPEwy+1Cw5K61eZ7MaWy/EQzctkULQ/4";

pub(crate) struct ControlRoom {
    pub(crate) store: Store,
    pub(crate) pages: Pages,
    /// Stops when this is dropped.
    _cloud: Option<Arc<GenesysCloud>>,
}

/// What the pages need to know about a simulation.
fn simulation(cloud: &GenesysCloud) -> Simulation {
    Simulation {
        http_addr: cloud.http_addr().unwrap(),
        admin_path: genesys_sim::ADMIN_PATH,
        login_hosts: Region::ALL.map(Region::login_host).into(),
    }
}

/// Network options that lead to the embedded Genesys Cloud.
pub(crate) fn to(cloud: &GenesysCloud) -> Options {
    let ca = cloud.ca_certificate().der().to_vec();
    Options {
        gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
        trust: Trust::Only(vec![ca.into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    }
}

/// The built-in component under these names and with these grants, which sends its requests through `client`. The tests of a
/// process share what was loaded.
fn components(grants: &[(&str, Grant)], client: &Client) -> Components {
    static LOADED: OnceLock<Component> = OnceLock::new();
    let load = || {
        let host = Host::builder().build().unwrap();
        host.load(built_in_component::BYTES).unwrap()
    };
    let component = LOADED.get_or_init(load);
    let mut components = Components::default();
    for (name, grant) in grants {
        let component = component.through(client).with_grant(grant.clone());
        components.add(name, component).unwrap();
    }
    components
}

/// The engine for bots, with these network options.
pub(crate) fn engine(options: Options) -> Engine {
    engine_with(&[("genesys", Grant::genesys_oauth())], options)
}

/// The engine with the built-in component under these names and with these grants.
pub(crate) fn engine_with(grants: &[(&str, Grant)], options: Options) -> Engine {
    let client = Client::new(options).unwrap();
    engine_of(components(grants, &client), client)
}

/// The engine with these components, which send their requests through `client`.
pub(crate) fn engine_of(components: Components, client: Client) -> Engine {
    let mut variables = Variables::default();
    variables.set("CLIENT_SECRET", Variable::Credential("a value".into()));
    Engine {
        actions: Arc::new(components),
        client,
        variables: variables.into(),
        retry: RetryPolicy::default(),
    }
}

impl ControlRoom {
    /// Serves the pages. Connections and bots reach the simulation `genesys`, or nothing.
    pub(crate) async fn beside(genesys: Option<Arc<GenesysCloud>>) -> Self {
        let nowhere = || Options {
            proxies: Proxies::None,
            ..Options::new(AllowList::default())
        };
        let options = genesys.as_deref().map_or_else(nowhere, to);
        Self::serve(engine(options.clone()), options, genesys).await
    }

    /// Serves the pages with this engine, and with `options` for connections.
    pub(crate) async fn serve(
        engine: Engine,
        options: Options,
        genesys: Option<Arc<GenesysCloud>>,
    ) -> Self {
        let store = Store::open(Place::Memory, KeySource::InFolder).await;
        Self::serve_store(store.unwrap(), engine, options, genesys).await
    }

    /// Serves the pages of this store.
    pub(crate) async fn serve_store(
        store: Store,
        engine: Engine,
        options: Options,
        genesys: Option<Arc<GenesysCloud>>,
    ) -> Self {
        Self::serve_with(store, engine, options, genesys, None).await
    }

    /// Serves the pages of this store. Runs are for workers of the pool if there is one.
    pub(crate) async fn serve_with(
        store: Store,
        engine: Engine,
        options: Options,
        genesys: Option<Arc<GenesysCloud>>,
        pool: Option<Name>,
    ) -> Self {
        let catalogue = Catalogue::load(&*engine.actions).await.unwrap();
        let pages = Pages::serve(control_room_web::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            tls: None,
            store: store.clone(),
            catalogue: catalogue.into(),
            engine,
            connections: store.connections(options),
            pool,
            simulation: genesys.as_deref().map(simulation),
        });
        let pages = pages.await.unwrap();
        Self {
            store,
            pages,
            _cloud: genesys,
        }
    }

    /// Creates a user with the password [`PASSWORD`].
    pub(crate) async fn create_user(&self, user: &str) {
        let (name, users) = (user.parse().unwrap(), self.store.users());
        users.create(&Principal::System, &name).await.unwrap();
        let passwords = self.store.passwords();
        passwords.set_hash(&name, HASH).await.unwrap();
    }
}
