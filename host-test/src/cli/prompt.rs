//! Questions at the terminal. Secrets are never arguments, as those are visible in the list of processes.

use std::io::{self, BufRead, ErrorKind, IsTerminal};
use std::path::Path;
use std::process;

use anyhow::Context;
#[cfg(feature = "control-room")]
use anyhow::ensure;
use bot_engine::Language;
#[cfg(feature = "control-room")]
use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::messages;
use super::output::{one_line, urgent};
use super::secret_file::{checked, read_secret};
use super::signal::interruption;

/// The exit status of a command that Ctrl-C ended, as shells report it.
const INTERRUPTED: i32 = 130;

/// Reads the secret that `what` describes: from a hidden prompt if standard input is a terminal, otherwise from standard
/// input. An empty secret is an error: standard input was probably forgotten.
#[cfg(feature = "control-room")]
pub(crate) async fn secret(what: &str) -> anyhow::Result<SecretString> {
    let secret = from_file(Path::new("-"), what).await?;
    ensure!(!secret.expose_secret().is_empty(), "{what} is empty");
    Ok(secret)
}

/// Reads a secret from a file, or from a hidden prompt if the file is `-` and standard input is a terminal.
pub(crate) async fn from_file(file: &Path, what: &str) -> anyhow::Result<SecretString> {
    from_file_in(Language::English, file, what).await
}

/// Like [`from_file`], with a prompt in this language.
pub(crate) async fn from_file_in(
    language: Language,
    file: &Path,
    what: &str,
) -> anyhow::Result<SecretString> {
    if file == Path::new("-") && io::stdin().is_terminal() {
        return checked(what, &hidden(language, what).await?);
    }
    read_secret(file)
}

/// Reads a new password: at a terminal twice, as nobody sees a typing error.
#[cfg(feature = "control-room")]
pub(crate) async fn new_password(what: &str) -> anyhow::Result<SecretString> {
    let password = secret(what).await?;
    if io::stdin().is_terminal() {
        let again = secret(&format!("{what} again")).await?;
        ensure!(
            password.expose_secret() == again.expose_secret(),
            "the two passwords differ"
        );
    }
    Ok(password)
}

/// Reads a line that the terminal does not show. An interruption ends the command, with the terminal as it was before.
async fn hidden(language: Language, what: &str) -> anyhow::Result<String> {
    #[cfg(unix)]
    let terminal = terminal::Settings::now();
    let interrupted = interruption()?;
    let prompt = messages::hidden(language, one_line(what));
    let typed = spawn_blocking(move || rpassword::prompt_password(prompt));
    let typed = tokio::select! {
        typed = typed => typed?,
        () = interrupted => Err(ErrorKind::Interrupted.into()),
    };
    match typed {
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            #[cfg(unix)]
            terminal.restore();
            urgent("");
            process::exit(INTERRUPTED);
        }
        typed => typed.context("cannot read from the terminal"),
    }
}

/// The answer to a question at the terminal. An interruption ends the command.
///
/// # Errors
///
/// If the terminal is closed.
pub(crate) async fn answer(question: &str) -> anyhow::Result<String> {
    let interrupted = interruption()?;
    urgent(question);
    let answer = spawn_blocking(|| {
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.map(|count| (count > 0).then_some(answer))
    });
    let answer = tokio::select! {
        answer = answer => answer?.context("cannot read from the terminal")?,
        () = interrupted => process::exit(INTERRUPTED),
    };
    answer.context("there is no answer")
}

/// The consent to a removal.
#[cfg(feature = "control-room")]
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[cfg(feature = "control-room")]
impl Consent {
    /// Says what is about to be removed, and asks at the terminal unless `--yes` was passed.
    ///
    /// # Errors
    ///
    /// Without consent.
    pub(crate) async fn ask(self, removal: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        urgent(&one_line(removal));
        ensure!(
            io::stdin().is_terminal(),
            "nothing was removed, as there is no terminal to ask at; pass --yes"
        );
        let answer = answer("This cannot be undone. Remove it? [y/N]").await?;
        let answer = answer.trim().to_lowercase();
        ensure!(
            matches!(answer.as_str(), "y" | "yes"),
            "nothing was removed"
        );
        Ok(())
    }
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The settings of the terminal at a time, such as whether it shows what is typed.
    pub(super) struct Settings(Option<(File, Termios)>);

    impl Settings {
        pub(super) fn now() -> Self {
            let terminal = File::open("/dev/tty").ok();
            Self(terminal.and_then(|terminal| {
                let settings = tcgetattr(&terminal).ok()?;
                Some((terminal, settings))
            }))
        }

        pub(super) fn restore(self) {
            if let Self(Some((terminal, settings))) = self {
                let _ = tcsetattr(terminal, OptionalActions::Now, &settings);
            }
        }
    }
}
