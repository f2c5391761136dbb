//! `bot-runner user`: users and their roles.

use clap::Subcommand;
use control_room::users::{Role, User};
use control_room::{Name, Principal, Store};
use serde_json::json;

use super::Outcome;
use super::control_room_messages::{self as texts, counted};
use super::data::DataOptions;
use super::locale::language;
use super::output::{self, BOLD, comma_separated, done, line};
use super::prompt::Consent;

/// `bot-runner user`
#[derive(Debug, clap::Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a user without roles; the first one is an administrator
    Create { user: Name },
    /// List users and their roles
    List {
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Remove a user with their bots, runs, values and sign-ins
    Remove {
        user: Name,
        #[command(flatten)]
        consent: Consent,
    },
    /// Give a user a role
    Grant { user: Name, role: Name },
    /// Take a role from a user
    Revoke { user: Name, role: Name },
    /// Roles
    #[command(subcommand)]
    Role(RoleCommand),
}

#[derive(Debug, Subcommand)]
enum RoleCommand {
    /// Create a role without access to lockers
    Create { role: Name },
    /// List roles and the lockers that they may use
    List {
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Remove a role from its users, lockers and connections
    Remove {
        role: Name,
        #[command(flatten)]
        consent: Consent,
    },
}

impl UserArgs {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Command::List { json } | Command::Role(RoleCommand::List { json }) => *json,
            _ => false,
        }
    }
}

pub(crate) async fn run(args: &UserArgs) -> anyhow::Result<Outcome> {
    // All other commands need an existing user or role.
    let is_first = matches!(
        args.command,
        Command::Create { .. } | Command::Role(RoleCommand::Create { .. })
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

impl Command {
    async fn run(&self, store: &Store) -> anyhow::Result<()> {
        let users = store.users();
        let message = match self {
            Self::List { json } => {
                list(&users.list().await?, *json);
                return Ok(());
            }
            Self::Role(role) => return role.run(store).await,
            Self::Create { user } => {
                if users.create(&Principal::System, user).await? {
                    texts::first_user_created(language(), user)
                } else {
                    texts::user_created(language(), user)
                }
            }
            Self::Remove { user, consent } => {
                let user = &users.get(user).await?.name;
                let owned = users.owned_data(user).await?;
                let removal = texts::user_removal(
                    language(),
                    user,
                    counted(owned.bots, [texts::bot, texts::bots], language()),
                    counted(owned.runs, [texts::run, texts::runs], language()),
                    counted(owned.values, [texts::value, texts::values], language()),
                    counted(
                        owned.sign_ins,
                        [texts::sign_in, texts::sign_ins],
                        language(),
                    ),
                );
                consent.ask(&removal).await?;
                users.remove(&Principal::System, user).await?;
                texts::user_removed(language(), user)
            }
            Self::Grant { user, role } => {
                users.grant(user, role).await?;
                texts::granted(language(), user, role)
            }
            Self::Revoke { user, role } => {
                users.revoke(user, role).await?;
                texts::revoked(language(), user, role)
            }
        };
        done(&message);
        Ok(())
    }
}

impl RoleCommand {
    async fn run(&self, store: &Store) -> anyhow::Result<()> {
        let users = store.users();
        match self {
            Self::Create { role } => {
                users.create_role(&Principal::System, role).await?;
                done(&texts::role_created(language(), role));
            }
            Self::List { json } => list_roles(&users.roles().await?, *json),
            Self::Remove { role, consent } => {
                let access = users.role_access(role, "", 0, 0).await?;
                let held = users.with_role(role).await?;
                let held = counted(held, [texts::user, texts::users], language());
                let items = counted(access.total, [texts::item, texts::items], language());
                let removal = texts::role_removal(language(), role, held, items);
                consent.ask(&removal).await?;
                users.remove_role(&Principal::System, role).await?;
                done(&texts::role_removed(language(), role));
            }
        }
        Ok(())
    }
}

fn list(users: &[User], json: bool) {
    if json {
        let user = |user: &User| json!({ "name": user.name.shown(), "roles": names(&user.roles) });
        let users: Vec<_> = users.iter().map(user).collect();
        return output::object(&json!({ "users": users }));
    }
    output::say_if_empty(users);
    for User { name, roles, .. } in users {
        let roles = texts::roles(language(), comma_separated(roles));
        line(false, &format!("{BOLD}{name}{BOLD:#}  {roles}"));
    }
}

fn list_roles(roles: &[Role], json: bool) {
    if json {
        let role =
            |role: &Role| json!({ "name": role.name.shown(), "lockers": names(&role.lockers) });
        let roles: Vec<_> = roles.iter().map(role).collect();
        return output::object(&json!({ "roles": roles }));
    }
    output::say_if_empty(roles);
    for Role { name, lockers } in roles {
        let lockers = texts::lockers(language(), comma_separated(lockers));
        line(false, &format!("{BOLD}{name}{BOLD:#}  {lockers}"));
    }
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::shown).collect()
}
