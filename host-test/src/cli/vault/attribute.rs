//! `bot-runner vault attribute`

use clap::{ArgAction, Subcommand};
use control_room::vault::{AttributeChanges, Kind};
use control_room::{AttributePath, Description, Vault};

use crate::cli::output::done;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an attribute, or change those of its options that are given
    Set {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
        #[command(flatten)]
        options: Options,
    },
    /// Remove an attribute with its values
    Remove {
        #[arg(value_name = "LOCKER/CREDENTIAL/ATTRIBUTE")]
        attribute: AttributePath,
    },
}

/// Options, where they are given; `--masked` is short for `--masked=true`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<Description>,
    /// Each user sets a value of their own; changing this removes the values that there are
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    user_provided: Option<bool>,
    /// The value is not to be shown where it is entered
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    masked: Option<bool>,
    /// The value may only go into a field that is secret; with any other, a bot does not run
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    password_only: Option<bool>,
}

impl Command {
    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        match self {
            Self::Set { attribute, options } => {
                let changes = options.changes();
                let what = if vault.change_attribute(attribute, &changes).await? {
                    "made"
                } else {
                    "changed"
                };
                done(&format!("{what} the attribute {attribute}"));
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
