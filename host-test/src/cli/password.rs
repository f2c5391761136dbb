//! `bot-runner password`: sets the password with which a user signs in to the web pages.

use anyhow::Context;
use control_room::{Name, Principal};

use super::args::Password;
use super::control_room_messages as texts;
use super::locale::language;
use super::{Outcome, messages, output, prompt};

/// Sets a user's password. Creates only the first user of a Control Room: otherwise, a misspelt name would create a
/// user.
pub(crate) async fn run(args: &Password) -> anyhow::Result<Outcome> {
    let name: Name = args.user.parse().context("USER")?;
    let what = messages::password_of(language(), &name);
    let store = args.data.open().await?;
    let users = store.users();
    let is_first = users.list().await?.is_empty();
    if !is_first {
        users.get(&name).await?;
    }
    let password = match &args.password_file {
        Some(file) => prompt::from_file(file, &what)
            .await
            .context("--password-file")?,
        None => prompt::new_password(&what).await?,
    };
    let (passwords, by) = (store.passwords(), Principal::System);
    if is_first {
        passwords.create_user(&by, &name, &password).await?;
        // Not after all users were removed, nor if another command has created the first one meanwhile.
        output::done(&if users.is_administrator(&name).await? {
            texts::first_user_created(language(), &name)
        } else {
            texts::user_created(language(), &name)
        });
    } else {
        passwords.set(&by, &name, &password).await?;
    }
    store.close().await;
    output::done(&texts::password_set(language(), name));
    Ok(Outcome::Done)
}
