//! `bot-runner serve`: the Control Room as pages, until interrupted; and `bot-runner password`, with which
//! somebody can sign in there.

use std::env;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, bail};
use host_test::action::{Action, Limits, Runtime, Source};
use host_test::control_room::passwords::PasswordError;
use host_test::control_room::users::UserError;
use host_test::genesys::{self, GenesysCloud};
use host_test::network::{AllowList, Client, Options};
use host_test::web::{self, Pages, StartError, Tls};
use secrecy::ExposeSecret;

use super::Outcome;
use super::args::{Cloud, Password, Serve};
use super::authenticate::read_secret;
use super::output::{self, BOLD};
use super::setup::towards;
use super::signal::interruption;

/// Serves until interrupted.
pub(crate) async fn run(args: &Serve) -> anyhow::Result<Outcome> {
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::read(certificate, key)?),
        _ => None,
    };
    for name in &args.env {
        if env::var_os(name).is_none() {
            bail!("--env {name}: it is not set");
        }
    }
    let source = args.component.clone().map_or(Source::BuiltIn, Source::File);
    // A form is asked for, and fields are checked, without any way to the network.
    let client = Client::new(Options::new(AllowList::default()))?;
    let action = Action::load(&Runtime::new(Limits::default())?, &source, client)?;
    let store = args.data.open().await?;
    let cloud = match args.genesys {
        Cloud::Cloud => None,
        Cloud::Embedded => Some(
            // By plain HTTP on loopback, any browser of this machine reaches its sign-in page.
            GenesysCloud::start(genesys::Options {
                http: Some((Ipv4Addr::LOCALHOST, 0).into()),
                ..genesys::Options::default()
            })
            .await
            .context("the embedded Genesys Cloud does not start")?,
        ),
    };
    let cloud = cloud.map(Arc::new);
    let connections = store.connections(match &cloud {
        Some(cloud) => towards(cloud)?,
        None => Options::new(AllowList::genesys()),
    });
    let pages = Pages::serve(web::Options {
        listen: args.listen,
        tls,
        store: store.clone(),
        action,
        variables: args.env.clone(),
        connections: connections.clone(),
        genesys: cloud.clone(),
    })
    .await
    .map_err(what_to_do)?;
    let interrupted = interruption()?;
    output::line(
        false,
        &format!("The Control Room: {BOLD}{}{BOLD:#}", pages.url()),
    );
    if let Some(cloud) = cloud.as_ref().and_then(|cloud| cloud.https_addr()) {
        output::line(
            false,
            &format!("The embedded Genesys Cloud: https://{cloud}"),
        );
    }
    if let Some(url) = pages.first_run_url().await? {
        output::line(
            false,
            &format!(
                "Nobody can sign in yet. Whoever opens this link first becomes the first user:\n{}",
                url.expose_secret()
            ),
        );
    }
    tokio::select! {
        () = interrupted => {}
        () = connections.keep_alive() => {}
    }
    pages.shutdown().await;
    // A refresh token that a provider has just replaced is stored, while there is a store.
    connections.finish().await;
    // The pages have let go of it.
    if let Some(cloud) = cloud.and_then(Arc::into_inner) {
        cloud.shutdown().await;
    }
    store.close().await;
    Ok(Outcome::Done)
}

fn what_to_do(error: StartError) -> anyhow::Error {
    match error {
        StartError::NeedsTls(_) => anyhow::Error::new(error).context(
            "--listen: give a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1",
        ),
        other => other.into(),
    }
}

/// Gives a user a password, and makes the user where there is none.
pub(crate) async fn password(args: &Password) -> anyhow::Result<Outcome> {
    let name = args.user.parse().context("USER")?;
    let password = read_secret(&args.password_file).context("--password-file")?;
    let store = args.data.open().await?;
    let passwords = store.passwords();
    match passwords.set(&name, &password).await {
        Err(PasswordError::User(UserError::NoUser(_))) => {
            store.users().create(&name).await?;
            passwords.set(&name, &password).await?;
        }
        other => other?,
    }
    store.close().await;
    output::line(
        false,
        &format!(
            "{} can sign in with this password now",
            output::printable(name.as_str())
        ),
    );
    Ok(Outcome::Done)
}
