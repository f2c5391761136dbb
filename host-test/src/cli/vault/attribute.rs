//! `bot-runner vault attribute`

use clap::{ArgAction, Subcommand};
use control_room::vault::{AttributeChanges, Kind};
use control_room::{AttributePath, Description, Vault};

use crate::cli::output::done;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an attribute, or change the given options of an existing one
    Set {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        #[command(flatten)]
        options: Options,
    },
    /// Remove an attribute and its values
    Remove {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
    },
}

/// The given options. `--masked` is short for `--masked=true`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The purpose of the attribute
    #[arg(long, value_name = "TEXT")]
    description: Option<Description>,
    /// Each user sets a value of their own; changing this removes existing values
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    user_provided: Option<bool>,
    /// Hide the value while it is entered
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    masked: Option<bool>,
    /// Allow the value in secret fields only; a bot that uses it in another field does not run
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    password_only: Option<bool>,
}

impl Command {
    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        match self {
            Self::Set { attribute, options } => {
                let changes = options.changes();
                let verb = if vault.change_attribute(attribute, &changes).await? {
                    "created"
                } else {
                    "changed"
                };
                done(&format!("{verb} the attribute {attribute}"));
            }
            Self::Remove { attribute } => {
                vault.remove_attribute(attribute).await?;
                done(&format!("removed the attribute {attribute}"));
            }
        }
        Ok(())
    }
}

impl Options {
    fn changes(&self) -> AttributeChanges {
        let kind = |user_provided| {
            if user_provided {
                Kind::UserProvided
            } else {
                Kind::Standard
            }
        };
        AttributeChanges {
            description: self.description.clone(),
            kind: self.user_provided.map(kind),
            masked: self.masked,
            password_only: self.password_only,
        }
    }
}
