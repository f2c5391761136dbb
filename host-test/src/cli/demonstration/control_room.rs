//! The Control Room of the demonstration: in memory, with a locker for the client's credentials, and a connection with a
//! shared token.

use anyhow::Context;
use control_room::connections::{Settings, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::vault::AttributeOptions;
use control_room::{AttributePath, Description, KeySource, Name, Place, Principal, Store};
use egress::Options;
use genesys_sim::{GenesysCloud, OAuthClient, User};
use secrecy::{ExposeSecret, SecretString};

use super::{REGION, language, messages, new_client};

/// The store with the credentials and the connection of the sample bots, and a user with access. `network` routes
/// requests to `cloud`.
pub(crate) async fn store(
    cloud: &GenesysCloud,
    network: &Options,
) -> anyhow::Result<(Store, Name)> {
    let store = Store::open(Place::Memory, KeySource::InFolder).await?;
    let users = store.users();
    let (user, role): (Name, Name) = ("designer".parse()?, "bots".parse()?);
    users.create(&Principal::System, &user).await?;
    users.create_role(&Principal::System, &role).await?;
    users.grant(&user, &role).await?;
    fill_locker(&store, &role, cloud.add_client(new_client("Hello Bot")?)?).await?;
    connect(&store, &role, cloud, network).await?;
    Ok((store, user))
}

/// Creates a connection that the role may use, and signs in to it for all bots.
async fn connect(
    store: &Store,
    role: &Name,
    cloud: &GenesysCloud,
    network: &Options,
) -> anyhow::Result<()> {
    let connections = store.connections(network.clone());
    let callback_url = connections.callback_url().await?;
    let client = new_client("Control Room")?.with_redirect_uri(callback_url.as_str());
    let client = cloud.add_client(client)?;
    let registration = Registration::new(
        Provider::genesys(REGION)?,
        Grant::AuthorizationCodePkce,
        &client.id,
        Some(&client.secret),
        Scopes::default(),
    )?;
    let settings = Settings {
        registration,
        save_login_credentials: true,
    };
    let name = "Genesys Cloud".parse()?;
    connections.create(&name, settings).await?;
    connections.allow(&name, role).await?;

    // Simulates the user in the browser.
    let user = cloud.add_user(User::with_generated_password("designer@example.com"))?;
    let mut sign_in = connections.sign_in(&name, &SignInOwner::Shared).await?;
    let callback = cloud.sign_in(&sign_in.authorization_url(), &user);
    let callback = callback.context(messages::no_sign_in(language()))?;
    sign_in.paste(callback.expose_secret()).await?;
    Ok(())
}

/// Creates a locker that the role may use, with the client's credentials.
async fn fill_locker(store: &Store, role: &Name, client: OAuthClient) -> anyhow::Result<()> {
    let vault = store.vault();
    let locker = "genesys".parse()?;
    let nothing = Description::default();
    vault.create_locker(&locker, &nothing).await?;
    vault.allow(&locker, role).await?;
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
        vault.set_value(&path, &Principal::System, &value).await?;
    }
    Ok(())
}
