//! `bot-runner vault attribute`

use clap::{ArgAction, Subcommand};
use host_test::control_room::vault::{Attribute, AttributeOptions, Kind, VaultError};
use host_test::control_room::{AttributePath, Description, Vault};

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
                let present = find(vault, attribute).await?;
                vault
                    .set_attribute(attribute, &options.over(present.as_ref())?)
                    .await?;
                let what = match &present {
                    None => "made",
                    Some(_) => "changed",
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

async fn find(vault: &Vault, path: &AttributePath) -> Result<Option<Attribute>, VaultError> {
    let credentials = vault.credentials(&path.credential.locker).await?;
    let attributes = credentials
        .into_iter()
        .filter(|it| it.name == path.credential.credential)
        .flat_map(|it| it.attributes);
    Ok(attributes.into_iter().find(|it| it.name == path.attribute))
}

impl Options {
    /// All options: those that are given, else as they are, else the defaults.
    fn over(&self, present: Option<&Attribute>) -> anyhow::Result<AttributeOptions> {
        let defaults = AttributeOptions::default();
        let kind = |user_provided| match user_provided {
            true => Kind::UserProvided,
            false => Kind::Standard,
        };
        Ok(AttributeOptions {
            description: match (&self.description, present) {
                (Some(given), _) => given.clone(),
                (None, Some(present)) => present.description.parse()?,
                (None, None) => defaults.description,
            },
            kind: self
                .user_provided
                .map(kind)
                .or(present.map(|it| it.kind))
                .unwrap_or(defaults.kind),
            masked: self
                .masked
                .or(present.map(|it| it.masked))
                .unwrap_or(defaults.masked),
            password_only: self
                .password_only
                .or(present.map(|it| it.password_only))
                .unwrap_or(defaults.password_only),
        })
    }
}
