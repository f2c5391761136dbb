//! Sets up the demonstration: an OAuth client at the embedded Genesys Cloud, and its credentials under the names that the
//! sample bots use.

#[cfg(feature = "control-room")]
mod control_room;

use anyhow::Context;
use bot_engine::action::Argument;
use genesys_sim::{GenesysCloud, OAuthClient, Region};
use secrecy::SecretString;

use super::locale::language;
use super::messages;

#[cfg(feature = "control-room")]
pub(crate) use control_room::store;

/// The region of the sample bots.
const REGION: &str = "eu-central-1";

/// The fields of an OAuth client.
pub(crate) fn client_arguments(
    url: String,
    id: impl Into<SecretString>,
    secret: SecretString,
) -> Vec<Argument> {
    vec![
        Argument::text("url", url),
        Argument::secret("client-id", id),
        Argument::secret("client-secret", secret),
    ]
}

/// Adds a client. Returns its credentials, as a designer would enter them.
pub(crate) fn client(cloud: &GenesysCloud, url: Option<String>) -> anyhow::Result<Vec<Argument>> {
    let client = cloud.add_client(new_client("Hello Bot")?)?;
    let url = url.unwrap_or_else(|| REGION.into());
    Ok(client_arguments(url, client.id, client.secret))
}

/// The credentials of the sample bots, without a Control Room.
#[cfg(not(feature = "control-room"))]
pub(crate) fn credentials(
    cloud: &GenesysCloud,
) -> anyhow::Result<super::local_secrets::LocalSecrets> {
    let client = cloud.add_client(new_client("Hello Bot")?)?;
    let values = [
        ("genesys/hello-bot/client-id", client.id.into()),
        ("genesys/hello-bot/client-secret", client.secret),
    ];
    let mut secrets = super::local_secrets::LocalSecrets::default();
    for (path, value) in values {
        secrets.known.insert(path.parse()?, value);
    }
    Ok(secrets)
}

fn new_client(app_name: &str) -> anyhow::Result<OAuthClient> {
    let region = Region::named(REGION).context(messages::no_region(language(), REGION))?;
    Ok(OAuthClient::new(app_name, region))
}
