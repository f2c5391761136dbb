//! What the sample bots use, made for an embedded Genesys Cloud: OAuth clients, a locker with one's
//! credentials, and a connection with the other's token.

use anyhow::Context;
use host_test::action::{Action, Authentication};
use host_test::control_room::{Connection, ControlRoom};
use host_test::genesys::{GenesysCloud, OAuthClient, Region};

/// The region that the sample bots name.
const REGION: &str = "eu-central-1";

/// A client's credentials, as a designer would enter them.
pub(crate) fn client(cloud: &GenesysCloud, url: Option<String>) -> anyhow::Result<Authentication> {
    let client = add_client(cloud, "Hello Bot")?;
    Ok(Authentication::ClientCredentials {
        url: url.unwrap_or_else(|| REGION.into()),
        client_id: client.id.into(),
        client_secret: client.secret,
    })
}

/// A Control Room with what the sample bots ask for.
pub(crate) async fn control_room(
    cloud: &GenesysCloud,
    action: &Action,
) -> anyhow::Result<ControlRoom> {
    let mut control_room = ControlRoom::default();
    let client = add_client(cloud, "Hello Bot")?;
    control_room
        .vault
        .set("genesys/hello-bot/client-id".parse()?, client.id.into());
    control_room
        .vault
        .set("genesys/hello-bot/client-secret".parse()?, client.secret);

    // The Control Room signs in once, for all bots that use the connection.
    let connected = add_client(cloud, "Control Room")?;
    let authentication = Authentication::ClientCredentials {
        url: REGION.into(),
        client_id: connected.id.into(),
        client_secret: connected.secret,
    };
    let session = action
        .authenticate(&authentication, "Control Room")
        .await
        .context("the connection of the demonstration cannot be signed in")?;
    control_room.connections.set(
        "Genesys Cloud",
        Connection {
            url: REGION.into(),
            access_token: session.token,
            token_type: session.token_type,
            expires_in: session.expires_in,
        },
    );
    Ok(control_room)
}

fn add_client(cloud: &GenesysCloud, app_name: &str) -> anyhow::Result<OAuthClient> {
    let region = Region::named(REGION).context("the region of the demonstration")?;
    Ok(cloud.add_client(OAuthClient::new(app_name, region))?)
}
