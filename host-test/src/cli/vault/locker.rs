//! `bot-runner vault locker`

use clap::Subcommand;
use control_room::vault::Locker;
use control_room::{Description, Name, Principal, Vault};
use serde_json::{Value, json};

use super::credential::contents;
use crate::cli::output::{self, BOLD, comma_separated, done, line, one_line};
use crate::cli::prompt::Consent;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a locker that no role may use yet
    Create {
        locker: Name,
        /// The purpose of the locker
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: Description,
    },
    /// List lockers, with the roles that may use them and their owners
    List {
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Remove a locker and its credentials
    Remove {
        locker: Name,
        #[command(flatten)]
        consent: Consent,
    },
    /// Rename a locker; bots that use it must be changed
    Rename { locker: Name, to: Name },
    /// Let the users of a role use the credentials in a locker
    Allow { locker: Name, role: Name },
    /// No longer let the users of a role use the credentials in a locker
    Forbid { locker: Name, role: Name },
    /// Make a user an owner, who may set the shared values in a locker
    AddOwner { locker: Name, user: Name },
    /// Remove a user from the owners
    RemoveOwner { locker: Name, user: Name },
}

impl Command {
    pub(super) fn wants_json(&self) -> bool {
        matches!(self, Self::List { json: true })
    }

    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        let message = match self {
            Self::List { json } => {
                list(&vault.lockers().await?, *json);
                return Ok(());
            }
            Self::Create {
                locker,
                description,
            } => {
                vault.create_locker(locker, description).await?;
                format!("created the locker {locker}; `vault locker allow` lets a role use it")
            }
            Self::Remove { locker, consent } => {
                let locker = &vault.locker(&Principal::System, locker).await?.name;
                let credentials = vault.credentials(locker).await?;
                consent
                    .ask(&format!(
                        "This removes the locker {locker} with {}; bots that use it fail.",
                        contents(&credentials)
                    ))
                    .await?;
                vault.remove_locker(locker).await?;
                format!("removed the locker {locker}")
            }
            Self::Rename { locker, to } => {
                vault.rename_locker(locker, to).await?;
                format!("the locker {locker} is now called {to}")
            }
            Self::Allow { locker, role } => {
                vault.allow(locker, role).await?;
                format!("users with the role {role} may use the locker {locker}")
            }
            Self::Forbid { locker, role } => {
                vault.forbid(locker, role).await?;
                format!("users with the role {role} may no longer use the locker {locker}")
            }
            Self::AddOwner { locker, user } => {
                vault.add_owner(locker, user).await?;
                format!("{user} is an owner of the locker {locker}")
            }
            Self::RemoveOwner { locker, user } => {
                vault.remove_owner(locker, user).await?;
                format!("{user} is no longer an owner of the locker {locker}")
            }
        };
        done(&message);
        Ok(())
    }
}

fn list(lockers: &[Locker], json: bool) {
    if json {
        let lockers: Vec<_> = lockers.iter().map(as_json).collect();
        return output::object(&json!({ "lockers": lockers }));
    }
    for locker in lockers {
        let (name, description) = (&locker.name, one_line(&locker.description));
        let (roles, owners) = (
            comma_separated(&locker.roles),
            comma_separated(&locker.owners),
        );
        let text = format!("{BOLD}{name}{BOLD:#}  {description}");
        line(false, text.trim_end());
        line(false, &format!("    may be used by: {roles}"));
        line(false, &format!("    owners: {owners}"));
    }
}

fn as_json(locker: &Locker) -> Value {
    json!({
        "name": locker.name.shown(),
        "description": locker.description,
        "roles": locker.roles.iter().map(Name::shown).collect::<Vec<_>>(),
        "owners": locker.owners.iter().map(Name::shown).collect::<Vec<_>>(),
    })
}
