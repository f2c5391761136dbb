//! `bot-runner connection`: OAuth connections. Secrets are asked for, and never listed.

mod settings;
mod show;
mod sign_in;

use std::path::PathBuf;

use clap::Subcommand;
use control_room::connections::{ConnectionError, Connections, SignInOwner};
use control_room::{Name, Store};
use egress::Options;

use super::Outcome;
use super::args::Common;
use super::data::DataOptions;
use super::output::{self, aside, done};
use super::setup::outwards;
use super::signal::{self, interruption};
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
    /// Make a connection; its client secret is typed at a hidden prompt, or read from standard input
    Create(Create),
    /// List connections
    List {
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show a connection, and who has signed in to it
    Show {
        connection: Name,
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Change a connection; another client has to be signed in to again
    Edit(Edit),
    /// Remove a connection and its tokens, which are ended at the provider too
    Remove {
        connection: Name,
        #[command(flatten)]
        network: Network,
    },
    /// Let the users of a role use a connection
    Allow { connection: Name, role: Name },
    /// End that
    Forbid { connection: Name, role: Name },
    /// Sign in to a connection, for all who may use it or for one user
    SignIn(SignIn),
    /// Get a new token, and say what came of it
    Test {
        connection: Name,
        /// The user whose own token is meant [default: the shared one]
        #[arg(long = "as", value_name = "USER")]
        user: Option<Name>,
        #[command(flatten)]
        network: Network,
    },
    /// Keep the shared tokens of all connections alive, until interrupted
    KeepAlive {
        #[command(flatten)]
        network: Network,
    },
    /// Print the callback URL to register with providers
    CallbackUrl {
        /// Choose another port of this machine; the URL then has to be registered anew
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
    },
}

/// How requests for tokens go out.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Network {
    /// Connect there for every token host; TLS still checks the name
    #[arg(long, value_name = "HOST:PORT")]
    gateway: Option<String>,
    /// Trust the CA certificates in this file as well
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
}

impl Network {
    fn options(&self) -> anyhow::Result<Options> {
        outwards(&Common {
            gateway: self.gateway.clone(),
            ca_file: self.ca_file.clone(),
            ..Common::default()
        })
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
    /// How its requests go out. `None` if it sends none.
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
    // What sends no request may ask for a secret, where Ctrl-C ends it at once.
    let interrupted = network.map(|_| interruption()).transpose()?;
    let network = network.cloned().unwrap_or_default().options()?;
    let store = command.open(&args.data).await?;
    let connections = store.connections(network);
    let running = command.run(&connections);
    let done = match interrupted {
        None => running.await,
        Some(interrupted) => tokio::select! {
            // An interrupt is reported, even if the command ends at the same moment.
            biased;
            () = interrupted => Ok(command.interrupted()),
            done = running => done,
        },
    };
    // A second interrupt ends the program at once.
    tokio::select! {
        () = connections.finish() => {}
        again = signal::interrupted() => {
            again?;
            output::error("interrupted again; a token that was asked for may be lost");
            return Ok(Outcome::Failed);
        }
    }
    store.close().await;
    done
}

impl Command {
    /// A mistaken name makes no folder, but with what a Control Room may begin.
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
            Self::Remove { connection, .. } => {
                let removed = connections.remove(connection).await?;
                done(&format!("removed the connection {connection}"));
                if let Some(why) = removed.reason {
                    let count = removed.still_valid;
                    aside(&format!(
                        "{count} of its tokens may live on until they expire: {why}"
                    ));
                }
            }
            Self::Allow { connection, role } => {
                connections.allow(connection, role).await?;
                done(&format!("users with the role {role} may use {connection}"));
            }
            Self::Forbid { connection, role } => {
                connections.forbid(connection, role).await?;
                done(&format!("the role {role} does not open {connection}"));
            }
            Self::SignIn(sign_in) => return sign_in.run(connections).await,
            Self::Test {
                connection, user, ..
            } => return test(connections, connection, user.as_ref()).await,
            Self::KeepAlive { .. } => {
                aside("Tokens are renewed before they expire; -v tells of each. Ctrl-C ends this.");
                connections.run_refresher().await;
            }
            Self::CallbackUrl { port } => {
                if let Some(port) = port {
                    connections.set_callback_port(*port).await?;
                }
                let url = connections.callback_url().await?;
                output::line(false, url.as_str());
            }
        }
        Ok(Outcome::Done)
    }

    /// What there is to say before what is under way is waited for.
    fn interrupted(&self) -> Outcome {
        if matches!(self, Self::KeepAlive { .. }) {
            return Outcome::Done;
        }
        output::error(
            "interrupted; what has begun is waited for, unless there is another interruption",
        );
        Outcome::Failed
    }
}

async fn test(
    connections: &Connections,
    connection: &Name,
    user: Option<&Name>,
) -> anyhow::Result<Outcome> {
    let tested = match connections.test(connection, &holder(user)).await {
        Ok(tested) => tested,
        Err(error) => return Ok(failed(&error)),
    };
    let mut what = if tested.refreshed {
        format!("{connection} got a new token")
    } else {
        format!("{connection} has a token, and none to refresh it with")
    };
    if let Some(seconds) = tested.expires_in {
        what += &format!(", for {seconds} s");
    }
    if let Some(granted) = tested.granted {
        what += &format!("; granted: {granted}");
    }
    done(&what);
    Ok(Outcome::Done)
}

fn holder(user: Option<&Name>) -> SignInOwner {
    user.map_or(SignInOwner::Shared, |user| SignInOwner::User(user.clone()))
}

fn failed(error: &ConnectionError) -> Outcome {
    output::error(&error.to_string());
    Outcome::Failed
}
