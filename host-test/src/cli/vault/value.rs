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
    /// Set a value: the one for everybody, or with --as a user's own
    Set {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        /// Who sets it: a user for themselves, or an owner of the locker for all [default: the administrator]
        #[arg(long = "as", value_name = "USER")]
        user: Option<Name>,
        // Taken to be refused in our own words: clap would repeat it.
        #[arg(hide = true)]
        arguments: Vec<OsString>,
    },
    /// Remove a value: the one for everybody, or with --as a user's own
    Remove {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        /// Who removes it: a user for themselves, or an owner of the locker for all [default: the
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
                    "a value is never an argument, where the list of processes shows it; leave it out, and \
                     type it at the prompt or give it on standard input"
                );
                let value = prompt::secret(&format!("the value of {attribute}"))?;
                vault.set_value(attribute, &actor(user), &value).await?;
                done(&format!("set the value of {attribute}{}", of(user)));
            }
            Self::Remove { attribute, user } => {
                vault.remove_value(attribute, &actor(user)).await?;
                done(&format!("removed the value of {attribute}{}", of(user)));
            }
        }
        Ok(())
    }
}

/// With access to the data folder, one is an administrator.
fn actor(user: &Option<Name>) -> Principal {
    user.clone().map_or(Principal::System, Principal::User)
}

fn of(user: &Option<Name>) -> String {
    let of = user.as_ref().map(|user| format!(", as {user}"));
    of.unwrap_or_default()
}
