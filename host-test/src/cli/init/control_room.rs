//! What `init` makes in the Control Room: a role, a user, and a locker with a credential.

use std::env;

use anyhow::ensure;
use bot_engine::Language;
use control_room::audit_events::Action;
use control_room::users::UserError;
use control_room::vault::AttributeOptions;
use control_room::{Description, Name, Principal, Store};
use secrecy::SecretString;

use super::answers::Answers;
use super::{CLIENT_ID, CLIENT_SECRET, Init, messages};
use crate::cli::audit::note;
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

/// Makes everything, and returns what was made. If something cannot be made, the rest is removed.
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
        let made = fill(&store, answers, secret, &name, user).await;
        if made.is_err() {
            // What was not made cannot be removed. A user without roles harms nobody.
            let _ = store.vault().remove_locker(&name).await;
            let _ = store.users().remove_role(&Principal::System, &name).await;
        }
        made
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
) -> anyhow::Result<Vec<String>> {
    let (vault, users, language) = (store.vault(), store.users(), answers.language);
    let nothing = Description::default();
    let mut made = Vec::new();

    vault.create_locker(name, &nothing).await?;
    note(store, Action::LockerCreated, name.as_str()).await?;
    let credential = answers.path(CLIENT_ID)?.credential;
    vault.create_credential(&credential, &nothing).await?;
    note(store, Action::CredentialChanged, &credential.to_string()).await?;
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
        note(store, Action::ValueChanged, &path.to_string()).await?;
    }
    made.push(messages::made_locker(language, name, &credential));

    users.create_role(&Principal::System, name).await?;
    note(store, Action::RoleCreated, name.as_str()).await?;
    match users.get(user).await {
        Ok(_) => {}
        Err(UserError::NoUser(_)) => {
            let is_administrator = users.create(&Principal::System, user).await?;
            note(store, Action::UserCreated, user.as_str()).await?;
            made.push(if is_administrator {
                messages::made_administrator(language, user)
            } else {
                messages::made_user(language, user)
            });
        }
        Err(error) => return Err(error.into()),
    }
    users.grant(user, name).await?;
    note(store, Action::RolesChanged, &format!("{user}: +{name}")).await?;
    vault.allow(name, name).await?;
    note(store, Action::LockerChanged, &format!("{name}: +{name}")).await?;
    made.push(messages::made_role(language, name, user));
    Ok(made)
}
