//! `bot-runner connection`: OAuth connections. Secrets are read from a prompt, and never listed.

mod messages;
mod settings;
mod show;
mod sign_in;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use control_room::connections::{ConnectionError, Connections, SignInOwner, Summary};
use control_room::oauth::{CallbackHost, CallbackUrl};
use control_room::{Name, Store};
use egress::Options;

use super::control_room_messages::{counted, sign_in, sign_ins};
use super::data::DataOptions;
use super::locale::language;
use super::output::{self, aside, done, urgent};
use super::prompt::Consent;
use super::setup::configured_network;
use super::signal::{self, interruption};
use super::{Outcome, errors};
use settings::{Create, Edit};
use sign_in::SignIn;

/// `bot-runner connection`
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectionArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a connection; its client secret is read from a hidden prompt or from standard input
    Create(Create),
    /// List connections
    List {
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show a connection and its sign-ins
    Show {
        connection: Name,
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Change a connection; after a change of the client, users have to sign in again
    Edit(Edit),
    /// Remove a connection, and revoke its tokens at the provider
    Remove {
        connection: Name,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        network: Network,
    },
    /// Let the users of a role use a connection
    Allow { connection: Name, role: Name },
    /// No longer let the users of a role use a connection
    Forbid { connection: Name, role: Name },
    /// Sign in to a connection, for all of its users or for one user
    SignIn(SignIn),
    /// Request a new token, and report the result
    Test {
        connection: Name,
        /// Test the token of this user [default: the shared token]
        #[arg(long = "as", value_name = "USER")]
        user: Option<Name>,
        #[command(flatten)]
        network: Network,
    },
    /// Refresh the shared tokens of all connections before they expire, until interrupted
    KeepAlive {
        #[command(flatten)]
        network: Network,
    },
    /// Print the callback URL to register with providers
    CallbackUrl {
        /// Use another port of this machine; the URL then has to be registered again
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
        /// Use another name of this machine, for providers that accept no address
        #[arg(long, value_enum)]
        host: Option<Host>,
    },
}

/// The host of the callback URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Host {
    #[value(name = "127.0.0.1")]
    Address,
    Localhost,
}

impl From<Host> for CallbackHost {
    fn from(host: Host) -> Self {
        match host {
            Host::Address => Self::Address,
            Host::Localhost => Self::Localhost,
        }
    }
}

/// How token requests are sent.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Network {
    /// Connect to this address for every token host; TLS still verifies the host's name
    #[arg(long, value_name = "HOST:PORT")]
    gateway: Option<String>,
    /// Trust the CA certificates in this file as well
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
}

impl Network {
    fn options(&self) -> anyhow::Result<Options> {
        configured_network(self.gateway.as_deref(), self.ca_file.as_deref())
    }
}

impl ConnectionArgs {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Command::List { json } | Command::Show { json, .. } => *json,
            _ => false,
        }
    }
}

impl Command {
    /// The user on whose behalf the command acts.
    fn user(&self) -> Option<&Name> {
        match self {
            Self::SignIn(SignIn { user, .. }) | Self::Test { user, .. } => user.as_ref(),
            _ => None,
        }
    }

    /// The network options. `None` if the command sends no requests.
    fn network(&self) -> Option<&Network> {
        match self {
            Self::SignIn(SignIn { network, .. })
            | Self::Test { network, .. }
            | Self::Remove { network, .. }
            | Self::KeepAlive { network } => Some(network),
            _ => None,
        }
    }
}

pub(crate) async fn run(args: &ConnectionArgs) -> anyhow::Result<Outcome> {
    let command = &args.command;
    let network = command.network();
    // Commands without requests may prompt for a secret. There Ctrl-C must end the program at once.
    let interrupted = network.map(|_| interruption()).transpose()?;
    let network = network.cloned().unwrap_or_default().options()?;
    let store = command.open(&args.data).await?;
    let connections = store.connections(network);
    let running = async {
        // Anyone with access to the data folder may know which users exist.
        if let Some(user) = command.user() {
            store.users().get(user).await?;
        }
        command.run(&connections).await
    };
    let done = match interrupted {
        None => running.await,
        Some(interrupted) => tokio::select! {
            // An interrupt is reported even if the command ends at the same moment.
            biased;
            () = interrupted => Ok(command.interrupted()),
            done = running => done,
        },
    };
    // A second interrupt ends the program at once.
    tokio::select! {
        () = connections.finish() => {}
        again = signal::interrupted_again() => {
            again?;
            output::error(messages::interrupted_again(language()));
            return Ok(Outcome::Failed);
        }
    }
    store.close().await;
    done
}

impl Command {
    /// Only commands that can be the first ones create a Control Room, so that a typo in `--data` creates no folder.
    async fn open(&self, data: &DataOptions) -> anyhow::Result<Store> {
        match self {
            Self::Create(_) | Self::CallbackUrl { .. } => data.open().await,
            _ => data.existing().await,
        }
    }

    async fn run(&self, connections: &Connections) -> anyhow::Result<Outcome> {
        match self {
            Self::Create(create) => create.run(connections).await?,
            Self::List { json } => show::list(&connections.list().await?, *json),
            Self::Show { connection, json } => {
                show::one(&connections.get(connection).await?, *json);
            }
            Self::Edit(edit) => edit.run(connections).await?,
            Self::Remove {
                connection,
                consent,
                ..
            } => {
                consent
                    .ask(&removal(&connections.get(connection).await?))
                    .await?;
                let removed = connections.remove(connection).await?;
                done(&messages::removed(language(), connection));
                if let Some(reason) = removed.reason {
                    let reason = reason.message(language());
                    let alive = messages::tokens_alive(language(), removed.still_valid, reason);
                    urgent(&alive);
                }
            }
            Self::Allow { connection, role } => {
                connections.allow(connection, role).await?;
                done(&messages::allowed(language(), role, connection));
            }
            Self::Forbid { connection, role } => {
                connections.forbid(connection, role).await?;
                done(&messages::forbidden(language(), role, connection));
            }
            Self::SignIn(sign_in) => return sign_in.run(connections).await,
            Self::Test {
                connection, user, ..
            } => return test(connections, connection, user.as_ref()).await,
            Self::KeepAlive { .. } => {
                aside(messages::keeping_alive(language()));
                connections.run_refresher().await;
            }
            Self::CallbackUrl { port, host } => {
                let mut url = connections.callback_url().await?;
                if port.is_some() || host.is_some() {
                    let host = host.map_or(url.host(), Into::into);
                    url = CallbackUrl::on_loopback(host, port.unwrap_or(url.port()));
                    connections.set_callback_url(&url).await?;
                }
                output::line(false, url.as_str());
            }
        }
        Ok(Outcome::Done)
    }

    /// Reports the interruption, before requests in progress are awaited.
    fn interrupted(&self) -> Outcome {
        if matches!(self, Self::KeepAlive { .. }) {
            return Outcome::Done;
        }
        output::error(messages::interrupted(language()));
        Outcome::Failed
    }
}

/// What is removed together with a connection.
fn removal(connection: &Summary) -> String {
    let tokens = connection.users.len() + usize::from(connection.shared.is_some());
    let tokens = u64::try_from(tokens).unwrap_or(u64::MAX);
    let tokens = counted(tokens, [sign_in, sign_ins], language());
    messages::removal(language(), &connection.name, tokens)
}

async fn test(
    connections: &Connections,
    connection: &Name,
    user: Option<&Name>,
) -> anyhow::Result<Outcome> {
    let tested = match connections.test(connection, &token_owner(user)).await {
        Ok(tested) => tested,
        Err(error) => return Ok(failed(error)),
    };
    let mut what = if tested.refreshed {
        messages::new_token(language(), connection)
    } else {
        messages::no_refresh_token(language(), connection)
    };
    if let Some(seconds) = tested.expires_in {
        what += &messages::expires_in(language(), seconds);
    }
    if let Some(granted) = tested.granted {
        what += &messages::with_scopes(language(), granted);
    }
    done(&what);
    Ok(Outcome::Done)
}

fn token_owner(user: Option<&Name>) -> SignInOwner {
    user.map_or(SignInOwner::Shared, |user| SignInOwner::User(user.clone()))
}

fn failed(error: ConnectionError) -> Outcome {
    let is_setting = error.is_setting();
    print(error);
    if is_setting {
        Outcome::InvalidSetting
    } else {
        Outcome::Failed
    }
}

fn print(error: ConnectionError) {
    output::error(&errors::message(&error.into()));
}
