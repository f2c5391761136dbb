//! Common to all commands that call the action: the component, the HTTP client, and the embedded Genesys Cloud.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use action_host::{Components, Host, Limits};
use anyhow::{Context, ensure};
use bot_engine::Catalogue;
use egress::{AllowList, Client, Gateway, Options, Trust, read_ca_file};
use genesys_sim::GenesysCloud;

use tokio::net::lookup_host;

use super::components;
use super::config::defaults;
use super::locale::language;
use super::messages;
use super::options::{Cloud, CloudOptions, Common};
use super::output::{one_line, warn};

/// The assembled parts.
pub(crate) struct Setup {
    pub(crate) components: Components,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) client: Client,
    /// The options of `client`, for other clients.
    #[cfg(feature = "control-room")]
    pub(crate) network: Options,
    /// The simulation, if requested. It stops on drop.
    pub(crate) embedded: Option<GenesysCloud>,
}

impl Setup {
    pub(crate) async fn new(common: &Common) -> anyhow::Result<Self> {
        let (embedded, network) = network(&common.cloud, genesys_sim::Options::default()).await?;
        warn_of_gateway(&common.cloud).await;
        let client = Client::new(network.clone()).context(messages::no_client(language()))?;
        let mut limits = Limits::default();
        if let Some(seconds) = common.timeout.or(defaults().timeout) {
            limits.deadline = Duration::from_secs(seconds.into());
        }
        let host = Host::builder()
            .limits(limits)
            .client(client.clone())
            .build()?;
        let (components, catalogue) = components::load(&host, &common.components).await?;
        Ok(Self {
            components,
            catalogue: catalogue.into(),
            client,
            #[cfg(feature = "control-room")]
            network,
            embedded,
        })
    }
}

/// Warns of a gateway whose name is not found: errors name the host that is to be reached through it.
async fn warn_of_gateway(cloud: &CloudOptions) {
    let configured = defaults().gateway.as_ref().map(ToString::to_string);
    let is_used = cloud.genesys == Cloud::Cloud;
    if let Some(gateway) = &cloud.gateway.clone().or(configured.filter(|_| is_used))
        && let Err(error) = lookup_host(gateway).await
    {
        warn(&messages::gateway_not_found(
            language(),
            one_line(gateway),
            error,
        ));
    }
}

/// The way to Genesys Cloud: to the embedded one, which is started, if it is asked for.
pub(crate) async fn network(
    options: &CloudOptions,
    simulation: genesys_sim::Options,
) -> anyhow::Result<(Option<GenesysCloud>, Options)> {
    let (gateway, ca_file) = (options.gateway.as_deref(), options.ca_file.as_deref());
    if options.genesys == Cloud::Cloud {
        return Ok((None, configured_network(gateway, ca_file)?));
    }
    ensure!(
        gateway.is_none() && ca_file.is_none(),
        messages::embedded_has_gateway(language())
    );
    let cloud = GenesysCloud::start(simulation)
        .await
        .context(messages::no_simulation(language()))?;
    let network = simulation_network(&cloud)?;
    Ok((Some(cloud), network))
}

/// Network options that reach only the embedded Genesys Cloud, and trust only its CA.
fn simulation_network(cloud: &GenesysCloud) -> anyhow::Result<Options> {
    let gateway = cloud.https_addr().map(TryInto::try_into).transpose()?;
    let ca = cloud.ca_certificate().der().to_vec();
    Ok(Options {
        gateway,
        trust: Trust::Only(vec![ca.into()]),
        ..Options::new(AllowList::genesys())
    })
}

/// Network options from the command line.
pub(crate) fn configured_network(
    gateway: Option<&str>,
    ca_file: Option<&Path>,
) -> anyhow::Result<Options> {
    let mut options = Options::new(AllowList::genesys());
    options.gateway = self::gateway(gateway)?;
    if let Some(file) = ca_file.or(defaults().ca_file.as_deref()) {
        options.trust = Trust::Platform {
            extra: read_ca_file(file).context("--ca-file")?,
        };
    }
    Ok(options)
}

/// The gateway of the command line, or the configured one.
pub(crate) fn gateway(option: Option<&str>) -> anyhow::Result<Option<Gateway>> {
    match option {
        Some(gateway) => Ok(Some(gateway.parse().context("--gateway")?)),
        None => Ok(defaults().gateway.clone()),
    }
}
