//! What the demonstration needs of both sides: at the embedded Genesys Cloud an OAuth client, and here its
//! credentials, under the names that the sample bots use.

#[cfg(feature = "control-room")]
mod control_room;

use anyhow::Context;
use bot_engine::Authentication;
use genesys_sim::{GenesysCloud, OAuthClient, Region};

#[cfg(feature = "control-room")]
pub(crate) use control_room::store;

/// The region that the sample bots name.
const REGION: &str = "eu-central-1";

/// A client's credentials, as a designer would enter them.
pub(crate) fn client(cloud: &GenesysCloud, url: Option<String>) -> anyhow::Result<Authentication> {
    let client = cloud.add_client(new_client("Hello Bot")?)?;
    Ok(Authentication::ClientCredentials {
        url: url.unwrap_or_else(|| REGION.into()),
        client_id: client.id.into(),
        client_secret: client.secret,
    })
}

/// The credentials that the sample bots ask for, without a Control Room.
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
    let region = Region::named(REGION).context("the region of the demonstration")?;
    Ok(OAuthClient::new(app_name, region))
}
