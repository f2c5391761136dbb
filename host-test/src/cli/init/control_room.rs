//! What `init` makes in the Control Room: a role, a user, and a locker with a credential.

use std::env;

use anyhow::ensure;
use bot_engine::Language;
use control_room::users::UserError;
use control_room::vault::AttributeOptions;
use control_room::{Description, Name, Principal, Store};
use secrecy::SecretString;

use super::answers::Answers;
use super::{CLIENT_ID, CLIENT_SECRET, Init, messages};
use crate::cli::data::DataOptions;

/// The user, if the system's has no name that is valid.
const FALLBACK: &str = "designer";

/// The user on whose behalf the bot will run.
pub(super) fn user(args: &Init) -> anyhow::Result<Name> {
    if let Some(user) = &args.user {
        return Ok(user.clone());
    }
    let of_system = ["USER", "USERNAME"].into_iter().find_map(|name| {
        let name = env::var(name).ok()?;
        name.parse().ok()
    });
    Ok(of_system.map_or_else(|| FALLBACK.parse(), Ok)?)
}

/// Checks that locker and role do not exist.
async fn check_free(store: &Store, name: &Name, language: Language) -> anyhow::Result<()> {
    let lockers = store.vault().lockers().await?;
    ensure!(
        lockers.iter().all(|it| it.name != *name),
        messages::locker_exists(language, name)
    );
    let roles = store.users().roles().await?;
    ensure!(
        roles.iter().all(|it| it.name != *name),
        messages::role_exists(language, name)
    );
    Ok(())
}

/// What `init` has created so far.
#[derive(Default)]
struct Created {
    locker: bool,
    role: bool,
    /// What to tell the person, a line each.
    lines: Vec<String>,
}

/// Creates everything, and returns what was created. If something cannot be created, the locker and the role are removed
/// again. A user that was created stays: it may be the first one, and so the administrator.
pub(super) async fn make(
    data: &DataOptions,
    answers: &Answers,
    secret: &SecretString,
    user: &Name,
) -> anyhow::Result<Vec<String>> {
    let name: Name = answers.id.parse()?;
    let store = data.open().await?;
    let made = async {
        check_free(&store, &name, answers.language).await?;
        let mut created = Created::default();
        let filled = fill(&store, answers, secret, &name, user, &mut created).await;
        if filled.is_err() && created.locker {
            let _ = store.vault().remove_locker(&name).await;
        }
        if filled.is_err() && created.role {
            let _ = store.users().remove_role(&Principal::System, &name).await;
        }
        filled.map(|()| created.lines)
    };
    let made = made.await;
    store.close().await;
    made
}

async fn fill(
    store: &Store,
    answers: &Answers,
    secret: &SecretString,
    name: &Name,
    user: &Name,
    created: &mut Created,
) -> anyhow::Result<()> {
    let (vault, users, language) = (store.vault(), store.users(), answers.language);
    let nothing = Description::default();

    vault.create_locker(name, &nothing).await?;
    created.locker = true;
    let credential = answers.path(CLIENT_ID)?.credential;
    vault.create_credential(&credential, &nothing).await?;
    let client_id = SecretString::from(answers.client_id.as_str());
    for (attribute, value, is_secret) in [
        (CLIENT_ID, &client_id, false),
        (CLIENT_SECRET, secret, true),
    ] {
        let path = answers.path(attribute)?;
        let options = AttributeOptions {
            masked: is_secret,
            password_only: is_secret,
            ..AttributeOptions::default()
        };
        vault.set_attribute(&path, &options).await?;
        vault.set_value(&path, &Principal::System, value).await?;
    }
    created
        .lines
        .push(messages::made_locker(language, name, &credential));

    users.create_role(&Principal::System, name).await?;
    created.role = true;
    match users.get(user).await {
        Ok(_) => {}
        Err(UserError::NoUser(_)) => {
            let is_administrator = users.create(&Principal::System, user).await?;
            created.lines.push(if is_administrator {
                messages::made_administrator(language, user)
            } else {
                messages::made_user(language, user)
            });
        }
        Err(error) => return Err(error.into()),
    }
    users.grant(user, name).await?;
    vault.allow(name, name).await?;
    created
        .lines
        .push(messages::made_role(language, name, user));
    Ok(())
}
