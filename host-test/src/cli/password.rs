//! `bot-runner password`: sets the password with which a user signs in to the web pages.

use anyhow::Context;
use control_room::Principal;
use control_room::passwords::PasswordError;
use control_room::users::UserError;

use super::Outcome;
use super::args::Password;
use super::output;
use super::secret_file::read_secret;

/// Sets a user's password, and creates the user if it does not exist.
pub(crate) async fn run(args: &Password) -> anyhow::Result<Outcome> {
    let name = args.user.parse().context("USER")?;
    let password = read_secret(&args.password_file).context("--password-file")?;
    let store = args.data.open().await?;
    let passwords = store.passwords();
    match passwords.set(&Principal::System, &name, &password).await {
        Err(PasswordError::User(UserError::NoUser(_))) => {
            store.users().create(&Principal::System, &name).await?;
            passwords.set(&Principal::System, &name, &password).await?;
        }
        other => other?,
    }
    store.close().await;
    output::line(
        false,
        &format!(
            "{} can now sign in with this password",
            output::printable(name.as_str())
        ),
    );
    Ok(Outcome::Done)
}
