//! `bot-runner vault`: lockers, credentials, attributes and their values. Values are never shown.

mod attribute;
mod credential;
mod locker;
mod messages;
mod value;

use control_room::Store;

use super::Outcome;
use super::data::DataOptions;

/// `bot-runner vault`
#[derive(Debug, clap::Args)]
pub(crate) struct Vault {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lockers, and the roles that may use them
    #[command(subcommand)]
    Locker(locker::Command),
    /// Credentials in a locker
    #[command(subcommand)]
    Credential(credential::Command),
    /// Attributes of a credential, and their options
    #[command(subcommand)]
    Attribute(attribute::Command),
    /// Values of attributes, read from a hidden prompt or from standard input
    #[command(subcommand)]
    Value(value::Command),
}

impl Command {
    async fn run(&self, store: &Store) -> anyhow::Result<()> {
        let vault = store.vault();
        match self {
            Self::Locker(locker) => locker.run(&vault).await,
            Self::Credential(credential) => credential.run(&vault).await,
            Self::Attribute(attribute) => attribute.run(&vault).await,
            Self::Value(value) => value.run(&vault, &store.users()).await,
        }
    }
}

impl Vault {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Command::Locker(locker) => locker.wants_json(),
            Command::Credential(credential) => credential.wants_json(),
            Command::Attribute(_) | Command::Value(_) => false,
        }
    }
}

pub(crate) async fn run(args: &Vault) -> anyhow::Result<Outcome> {
    // All other commands need an existing locker.
    let is_first = matches!(
        args.command,
        Command::Locker(locker::Command::Create { .. })
    );
    let store = if is_first {
        args.data.open().await?
    } else {
        args.data.existing().await?
    };
    let done = args.command.run(&store).await;
    store.close().await;
    done.map(|()| Outcome::Done)
}
