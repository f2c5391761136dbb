//! `bot-runner vault value`

use std::ffi::OsString;

use anyhow::ensure;
use clap::Subcommand;
use control_room::Principal;
use control_room::{AttributePath, Name, Vault};

use crate::cli::output::done;
use crate::cli::prompt;

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
    },
}

impl Command {
    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        match self {
            Self::Set {
                attribute,
                user,
                arguments,
            } => {
                ensure!(
                    arguments.is_empty(),
                    "a value must not be an argument, as the list of processes would show it; type it at the \
                     prompt or pass it on standard input"
                );
                let value = prompt::secret(&format!("the value of {attribute}"))?;
                let user = user.as_ref();
                vault.set_value(attribute, &actor(user), &value).await?;
                done(&format!("set the value of {attribute}{}", as_user(user)));
            }
            Self::Remove { attribute, user } => {
                let user = user.as_ref();
                vault.remove_value(attribute, &actor(user)).await?;
                done(&format!(
                    "removed the value of {attribute}{}",
                    as_user(user)
                ));
            }
        }
        Ok(())
    }
}

/// Anyone with access to the data folder is an administrator.
fn actor(user: Option<&Name>) -> Principal {
    user.cloned().map_or(Principal::System, Principal::User)
}

fn as_user(user: Option<&Name>) -> String {
    let text = user.map(|user| format!(", as {user}"));
    text.unwrap_or_default()
}
