//! What every command that calls the action needs: the component, the client, and the Genesys Cloud
//! to work with.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use action_host::{Action, Limits, Runtime, Source};
use anyhow::{Context, bail};
use egress::{AllowList, Client, Options, Trust, read_ca_file};
use genesys_sim::GenesysCloud;

use secrecy::SecretString;

use super::args::{Cloud, Common};

/// The parts, put together.
pub(crate) struct Setup {
    pub(crate) action: Action,
    pub(crate) client: Client,
    /// How that client goes out, for others that do.
    #[cfg(feature = "control-room")]
    pub(crate) network: Options,
    /// Where the simulation is asked for. It stops when this is dropped.
    pub(crate) embedded: Option<GenesysCloud>,
    pub(crate) locale: String,
}

impl Setup {
    pub(crate) async fn new(common: &Common) -> anyhow::Result<Self> {
        let embedded = match common.genesys {
            Cloud::Cloud => None,
            Cloud::Embedded if common.gateway.is_some() || common.ca_file.is_some() => {
                bail!(
                    "--genesys embedded brings its own gateway and CA; leave out --gateway and --ca-file"
                )
            }
            Cloud::Embedded => Some(
                GenesysCloud::start(genesys_sim::Options::default())
                    .await
                    .context("the embedded Genesys Cloud does not start")?,
            ),
        };
        let network = match &embedded {
            Some(cloud) => towards(cloud)?,
            None => outwards(common)?,
        };
        let client =
            Client::new(network.clone()).context("the way to the network cannot be set up")?;
        let mut limits = Limits::default();
        if let Some(seconds) = common.timeout {
            limits.deadline = Duration::from_secs(seconds.into());
        }
        let source = component(common.component.clone());
        let action = Action::load(&Runtime::new(limits)?, &source, client.clone())?;
        Ok(Self {
            action,
            client,
            #[cfg(feature = "control-room")]
            network,
            embedded,
            locale: locale(common.locale.as_deref()),
        })
    }
}

/// The component in `file`, otherwise the built-in one.
pub(crate) fn component(file: Option<PathBuf>) -> Source {
    let built_in = || Source::Bytes(built_in_component::BYTES.into());
    file.map_or_else(built_in, Source::File)
}

/// To the embedded Genesys Cloud and nowhere else: no other CA is trusted.
pub(crate) fn towards(cloud: &GenesysCloud) -> anyhow::Result<Options> {
    let gateway = cloud.https_addr().map(TryInto::try_into).transpose()?;
    let ca = cloud.ca_certificate().der().to_vec();
    Ok(Options {
        gateway,
        trust: Trust::Only(vec![ca.into()]),
        ..Options::new(AllowList::genesys())
    })
}

/// To where the operator says.
pub(crate) fn outwards(common: &Common) -> anyhow::Result<Options> {
    let mut options = Options::new(AllowList::genesys());
    if let Some(gateway) = &common.gateway {
        options.gateway = Some(gateway.parse().context("--gateway")?);
    }
    if let Some(file) = &common.ca_file {
        options.trust = Trust::Platform {
            extra: read_ca_file(file).context("--ca-file")?,
        };
    }
    Ok(options)
}

/// An environment variable, where it is set. It may be a secret, so no error shows what is in it.
pub(crate) fn variable(name: &str) -> anyhow::Result<Option<SecretString>> {
    match env::var_os(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value.into())),
        Some(Err(_)) => bail!("the environment variable {name} is not UTF-8"),
    }
}

/// The language asked for, else the environment's (POSIX, "Internationalization Variables").
pub(crate) fn locale(asked: Option<&str>) -> String {
    let from_environment = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| env::var(name).ok())
            .find(|value| !value.is_empty())
    };
    asked
        .map(Into::into)
        .or_else(from_environment)
        .unwrap_or_else(|| "en".into())
}
