//! `bot-runner vault attribute`

use clap::{ArgAction, Subcommand};
use control_room::vault::{Attribute, AttributeChanges, Kind, VaultError};
use control_room::{AttributePath, Description, Vault};

use super::credential::values_counted;
use super::messages as texts;
use crate::cli::locale::language;
use crate::cli::output::done;
use crate::cli::prompt::Consent;

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
        #[command(flatten)]
        consent: Consent,
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
    #[command(flatten)]
    consent: Consent,
}

/// The attribute, if it exists.
async fn find(vault: &Vault, path: &AttributePath) -> Result<Option<Attribute>, VaultError> {
    let credentials = vault.credentials(&path.credential.locker).await?;
    Ok(credentials
        .into_iter()
        .filter(|credential| credential.name == path.credential.credential)
        .flat_map(|credential| credential.attributes)
        .find(|attribute| attribute.name == path.attribute))
}

impl Command {
    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        match self {
            Self::Set { attribute, options } => {
                let changes = options.changes();
                let found = find(vault, attribute).await?;
                if let (Some(found), Some(kind)) = (found, changes.kind)
                    && found.kind != kind
                    && found.values > 0
                {
                    let values = values_counted(found.values);
                    let removal = texts::values_removal(language(), values, attribute);
                    options.consent.ask(&removal).await?;
                }
                done(&if vault.change_attribute(attribute, &changes).await? {
                    texts::attribute_created(language(), attribute)
                } else {
                    texts::attribute_changed(language(), attribute)
                });
            }
            Self::Remove { attribute, consent } => {
                if let Some(found) = find(vault, attribute).await? {
                    let values = values_counted(found.values);
                    let removal = texts::attribute_removal(language(), attribute, values);
                    consent.ask(&removal).await?;
                }
                vault.remove_attribute(attribute).await?;
                done(&texts::attribute_removed(language(), attribute));
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
