//! `bot-runner genesys`: runs the embedded Genesys Cloud alone.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use anyhow::Context;
#[cfg(feature = "web")]
use genesys_sim::ADMIN_PATH;
use genesys_sim::{GenesysCloud, OAuthClient, Options, Region, User};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempPath;

use super::Outcome;
use super::args::Genesys;
use super::locale::language;
use super::next_steps::Connect;
use super::secret_file::read_secret;
use super::signal::interruption;
use super::{messages, output};

/// Serves until interrupted. Once ready, prints its addresses, clients and users as one line of JSON.
pub(crate) async fn run(args: &Genesys) -> anyhow::Result<Outcome> {
    let region = Region::named(&args.region)
        .with_context(|| messages::no_region(language(), &args.region))?;
    let cloud = GenesysCloud::start(Options {
        https: Some(args.listen),
        http: args.listen_http,
        token_requests_per_minute: args.tokens_per_minute,
        api_requests_per_minute: args.requests_per_minute,
        ..Options::default()
    })
    .await
    .context(messages::no_simulation(language()))?;
    let ca = cloud.ca_certificate().pem();
    if let Some(file) = &args.ca_out {
        fs::write(file, ca).with_context(|| format!("--ca-out {}", file.display()))?;
    }
    // A client needs the certificate. The file is removed when the simulation ends.
    let temporary = match &args.ca_out {
        Some(_) => None,
        None => temporary_file(ca)
            .inspect_err(|error| tracing::debug!(%error, "no temporary file for the certificate"))
            .ok(),
    };
    let template = || {
        let client = OAuthClient::new("Command line", region);
        let redirect_uris = args.redirect_uris.iter();
        redirect_uris.fold(client, OAuthClient::with_redirect_uri)
    };
    let mut clients = Vec::new();
    for client in &args.clients {
        clients.push(configured_client(&cloud, client, template())?);
    }
    if clients.is_empty() {
        clients.push(generated_client(&cloud, template())?);
    }
    let mut users = Vec::new();
    for user in &args.users {
        users.push(configured_user(&cloud, user)?);
    }
    if users.is_empty() && !args.redirect_uris.is_empty() {
        users.push(generated_user(&cloud)?);
    }
    let interrupted = interruption()?;
    let ready = json!({
        "https": cloud.https_addr().map(|address| address.to_string()),
        "http": cloud.http_addr().map(|address| address.to_string()),
        "region": region.name(),
        "client": clients[0],
        "clients": clients,
        "users": users,
    });
    #[cfg(feature = "web")]
    let ready = with_admin(ready, &cloud, region)?;
    output::object(&ready);
    if let Some(address) = cloud.https_addr() {
        let configured = args.clients.first().and_then(|it| it.split_once(':'));
        let connect = Connect {
            address,
            ca_file: args.ca_out.as_deref().or(temporary.as_deref()),
            region: region.name(),
            client_id: ready["client"]["id"].as_str().unwrap_or_default(),
            secret_file: configured.map(|(_, file)| Path::new(file)),
        };
        connect.print();
    }
    interrupted.await;
    cloud.shutdown().await;
    Ok(Outcome::Done)
}

fn temporary_file(content: &str) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new()
        .prefix("genesys-ca-")
        .suffix(".pem")
        .tempfile()?;
    file.write_all(content.as_bytes())?;
    Ok(file.into_temp_path())
}

/// Adds a client whose secret the operator has configured. The secret is not printed.
fn configured_client(
    cloud: &GenesysCloud,
    argument: &str,
    template: OAuthClient,
) -> anyhow::Result<Value> {
    let (id, file) = argument
        .split_once(':')
        .context(messages::expected_client(language()))?;
    let client = OAuthClient {
        id: id.into(),
        secret: read_secret(Path::new(file)).context("--client")?,
        ..template
    };
    let client = cloud
        .add_client(client)
        .with_context(|| format!("--client {id}"))?;
    Ok(json!({ "id": client.id }))
}

/// Adds a client with a generated secret. The secret is printed: it is valid only for this simulation, and known to nobody
/// else.
fn generated_client(cloud: &GenesysCloud, template: OAuthClient) -> anyhow::Result<Value> {
    let client = cloud.add_client(template)?;
    Ok(json!({ "id": client.id, "secret": client.secret.expose_secret() }))
}

/// Adds a user whose password the operator has configured. The password is not printed.
fn configured_user(cloud: &GenesysCloud, argument: &str) -> anyhow::Result<Value> {
    let (name, file) = argument
        .split_once(':')
        .context(messages::expected_user(language()))?;
    let password = read_secret(Path::new(file)).context("--user")?;
    let user = cloud
        .add_user(User::new(name, password))
        .with_context(|| format!("--user {name}"))?;
    Ok(json!({ "username": user.username }))
}

/// Adds a user with a generated password, which is printed for the same reason as a generated secret.
fn generated_user(cloud: &GenesysCloud) -> anyhow::Result<Value> {
    let user = cloud.add_user(User::with_generated_password("jane.doe@example.com"))?;
    Ok(json!({ "username": user.username, "password": user.password.expose_secret() }))
}

/// Adds an administrator with a generated password.
#[cfg(feature = "web")]
pub(crate) fn add_admin(cloud: &GenesysCloud) -> anyhow::Result<User> {
    Ok(cloud.add_user(User::admin("admin@example.com"))?)
}

/// Adds an administrator, and the address of *Admin > Integrations > OAuth* to `ready`.
#[cfg(feature = "web")]
fn with_admin(mut ready: Value, cloud: &GenesysCloud, region: Region) -> anyhow::Result<Value> {
    let admin = add_admin(cloud)?;
    let url = match cloud.http_addr() {
        Some(address) => format!("http://{address}{ADMIN_PATH}"),
        None => format!("https://apps.{}{ADMIN_PATH}", region.domain()),
    };
    ready["admin"] = json!({
        "url": url,
        "username": admin.username,
        "password": admin.password.expose_secret(),
    });
    Ok(ready)
}
