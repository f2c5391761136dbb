//! `bot-runner vault locker`

use clap::Subcommand;
use control_room::vault::Locker;
use control_room::{Description, Name, Principal, Vault};
use serde_json::{Value, json};

use super::credential::contents;
use super::messages as texts;
use crate::cli::locale::language;
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
                texts::locker_created(language(), locker)
            }
            Self::Remove { locker, consent } => {
                let locker = &vault.locker(&Principal::System, locker).await?.name;
                let credentials = vault.credentials(locker).await?;
                let removal = texts::locker_removal(language(), locker, contents(&credentials));
                consent.ask(&removal).await?;
                vault.remove_locker(locker).await?;
                texts::locker_removed(language(), locker)
            }
            Self::Rename { locker, to } => {
                vault.rename_locker(locker, to).await?;
                texts::locker_renamed(language(), locker, to)
            }
            Self::Allow { locker, role } => {
                vault.allow(locker, role).await?;
                texts::allowed(language(), role, locker)
            }
            Self::Forbid { locker, role } => {
                vault.forbid(locker, role).await?;
                texts::forbidden(language(), role, locker)
            }
            Self::AddOwner { locker, user } => {
                vault.add_owner(locker, user).await?;
                texts::owner_added(language(), user, locker)
            }
            Self::RemoveOwner { locker, user } => {
                vault.remove_owner(locker, user).await?;
                texts::owner_removed(language(), user, locker)
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
    output::say_if_empty(lockers);
    for locker in lockers {
        let (name, description) = (&locker.name, one_line(&locker.description));
        let roles = texts::may_be_used_by(language(), comma_separated(&locker.roles));
        let owners = texts::owners(language(), comma_separated(&locker.owners));
        let text = format!("{BOLD}{name}{BOLD:#}  {description}");
        line(false, text.trim_end());
        line(false, &format!("    {roles}"));
        line(false, &format!("    {owners}"));
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
