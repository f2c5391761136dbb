//! `bot-runner vault value`

use std::ffi::OsString;

use anyhow::ensure;
use clap::Subcommand;
use control_room::Principal;
use control_room::users::{UserError, Users};
use control_room::{AttributePath, Name, Vault};

use super::messages as texts;
use crate::cli::locale::language;
use crate::cli::messages;
use crate::cli::output::done;
use crate::cli::prompt::{self, Consent};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the shared value, or with --as a user's own
    Set {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        /// Act as this user: set the user's own value, or the shared one as an owner of the locker [default: act as
        /// administrator]
        #[arg(long = "as", value_name = "USER")]
        user: Option<Name>,
        // Accepted only to be rejected without repeating it, as clap's own message would.
        #[arg(hide = true)]
        arguments: Vec<OsString>,
    },
    /// Remove the shared value, or with --as a user's own
    Remove {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        /// Act as this user: remove the user's own value, or the shared one as an owner of the locker [default: act as
        /// administrator]
        #[arg(long = "as", value_name = "USER")]
        user: Option<Name>,
        #[command(flatten)]
        consent: Consent,
    },
}

impl Command {
    pub(super) async fn run(&self, vault: &Vault, users: &Users) -> anyhow::Result<()> {
        match self {
            Self::Set {
                attribute,
                user,
                arguments,
            } => {
                ensure!(
                    arguments.is_empty(),
                    messages::value_as_argument(language())
                );
                let user = user.as_ref();
                let by = actor(users, user).await?;
                vault.check_settable(attribute, &by).await?;
                let value = prompt::secret(&messages::value_of(language(), attribute)).await?;
                vault.set_value(attribute, &by, &value).await?;
                done(&texts::value_set(language(), attribute, as_user(user)));
            }
            Self::Remove {
                attribute,
                user,
                consent,
            } => {
                let user = user.as_ref();
                let by = actor(users, user).await?;
                vault.check_settable(attribute, &by).await?;
                let removal = texts::value_removal(language(), attribute, as_user(user));
                consent.ask(&removal).await?;
                vault.remove_value(attribute, &by).await?;
                done(&texts::value_removed(language(), attribute, as_user(user)));
            }
        }
        Ok(())
    }
}

/// Anyone with access to the data folder is an administrator, who may know which users exist.
async fn actor(users: &Users, user: Option<&Name>) -> Result<Principal, UserError> {
    match user {
        Some(user) => Ok(Principal::User(users.get(user).await?.name)),
        None => Ok(Principal::System),
    }
}

fn as_user(user: Option<&Name>) -> String {
    let text = user.map(|user| texts::as_user(language(), user));
    text.unwrap_or_default()
}
