//! What the sample bots use, made for an embedded Genesys Cloud: OAuth clients, a locker with one's
//! credentials, and a connection with the other's token.

use anyhow::Context;
use host_test::action::{Action, Authentication};
use host_test::control_room::vault::{Actor, AttributeOptions};
use host_test::control_room::{
    Access, AttributePath, Connection, ControlRoom, Description, KeySource, Name, Place, Store,
};
use host_test::genesys::{GenesysCloud, OAuthClient, Region};
use secrecy::SecretString;

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
    let mut control_room = ControlRoom {
        access: Some(access(add_client(cloud, "Hello Bot")?).await?),
        ..ControlRoom::default()
    };

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

/// A store in memory with a locker for the client, and a user who may use what is in it.
async fn access(client: OAuthClient) -> anyhow::Result<Access> {
    let store = Store::open(Place::Memory, KeySource::InFolder).await?;
    let (users, vault) = (store.users(), store.vault());
    let (user, role): (Name, Name) = ("designer".parse()?, "bots".parse()?);
    users.create(&user).await?;
    users.create_role(&role).await?;
    users.grant(&user, &role).await?;

    let locker = "genesys".parse()?;
    let nothing = Description::default();
    vault.create_locker(&locker, &nothing).await?;
    vault.allow(&locker, &role).await?;
    let credential = "genesys/hello-bot".parse()?;
    vault.create_credential(&credential, &nothing).await?;
    let values: [(&str, SecretString, bool); 2] = [
        ("genesys/hello-bot/client-id", client.id.into(), false),
        ("genesys/hello-bot/client-secret", client.secret, true),
    ];
    for (path, value, is_secret) in values {
        let path: AttributePath = path.parse()?;
        let options = AttributeOptions {
            masked: is_secret,
            password_only: is_secret,
            ..AttributeOptions::default()
        };
        vault.set_attribute(&path, &options).await?;
        vault
            .set_value(&path, &Actor::Administrator, &value)
            .await?;
    }
    Ok(Access {
        store,
        consumer: user.into(),
    })
}

fn add_client(cloud: &GenesysCloud, app_name: &str) -> anyhow::Result<OAuthClient> {
    let region = Region::named(REGION).context("the region of the demonstration")?;
    Ok(cloud.add_client(OAuthClient::new(app_name, region))?)
}
