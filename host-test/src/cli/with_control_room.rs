//! What `serve` and `worker` run bots with: the Control Room, the components, and the way to Genesys Cloud.

use std::sync::Arc;

use action_host::Host;
use anyhow::Context;
use bot_engine::{Catalogue, RetryPolicy, Variable, Variables};
use control_room::{Connections, Store};
use control_room_web::Engine;
use egress::Client;
use genesys_sim::GenesysCloud;

use super::components;
use super::data::DataOptions;
use super::environment::variable;
use super::locale::language;
use super::messages;
use super::options::{CloudOptions, ComponentOptions};
use super::setup::network;

/// The assembled parts.
pub(crate) struct WithControlRoom {
    pub(crate) store: Store,
    pub(crate) connections: Connections,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) engine: Engine,
    /// The simulation, if requested. It stops on drop.
    pub(crate) cloud: Option<GenesysCloud>,
}

impl WithControlRoom {
    pub(crate) async fn open(
        data: &DataOptions,
        cloud: &CloudOptions,
        simulation: genesys_sim::Options,
        env: &[String],
        components: &ComponentOptions,
    ) -> anyhow::Result<Self> {
        let mut variables = Variables::default();
        for name in env {
            let value =
                variable(name)?.with_context(|| messages::variable_not_set(language(), name))?;
            variables.set(name, Variable::Credential(value));
        }
        let (cloud, network) = network(cloud, simulation).await?;
        let store = data.open().await?;
        let client = Client::new(network.clone())?;
        let host = Host::builder().client(client.clone()).build()?;
        let (components, catalogue) = components::load(&host, components).await?;
        Ok(Self {
            connections: store.connections(network),
            store,
            catalogue: Arc::new(catalogue),
            engine: Engine {
                actions: Arc::new(components),
                client,
                variables: variables.into(),
                retry: RetryPolicy::default(),
            },
            cloud,
        })
    }

    /// Waits for refreshes in progress, and closes everything.
    pub(crate) async fn close(
        store: &Store,
        connections: &Connections,
        cloud: Option<GenesysCloud>,
    ) {
        // Before the store is closed, so that a rotated refresh token can still be stored.
        connections.finish().await;
        if let Some(cloud) = cloud {
            cloud.shutdown().await;
        }
        store.close().await;
    }
}
