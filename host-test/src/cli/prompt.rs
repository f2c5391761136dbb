//! Questions at the terminal. Secrets are never arguments, as those are visible in the list of processes.

use std::io::{self, BufRead, ErrorKind, IsTerminal};
use std::path::Path;
use std::process;

use anyhow::Context;
#[cfg(feature = "control-room")]
use anyhow::ensure;
#[cfg(feature = "control-room")]
use bot_engine::Language;
#[cfg(feature = "control-room")]
use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::task::spawn_blocking;

#[cfg(feature = "control-room")]
use super::control_room_messages as texts;
use super::locale::language;
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
    ensure!(
        !secret.expose_secret().is_empty(),
        messages::is_empty(language(), what)
    );
    Ok(secret)
}

/// Reads a secret from a file, or from a hidden prompt if the file is `-` and standard input is a terminal.
pub(crate) async fn from_file(file: &Path, what: &str) -> anyhow::Result<SecretString> {
    if file == Path::new("-") && io::stdin().is_terminal() {
        return checked(what, &hidden(what).await?);
    }
    read_secret(file)
}

/// Reads a new password: at a terminal twice, as nobody sees a typing error.
#[cfg(feature = "control-room")]
pub(crate) async fn new_password(what: &str) -> anyhow::Result<SecretString> {
    let password = secret(what).await?;
    if io::stdin().is_terminal() {
        let again = secret(&messages::again(language(), what)).await?;
        ensure!(
            password.expose_secret() == again.expose_secret(),
            messages::passwords_differ(language())
        );
    }
    Ok(password)
}

/// Reads a line that the terminal does not show. An interruption ends the command, with the terminal as it was before.
async fn hidden(what: &str) -> anyhow::Result<String> {
    #[cfg(unix)]
    let terminal = terminal::Settings::now();
    let interrupted = interruption()?;
    let prompt = messages::hidden(language(), one_line(what));
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
        typed => typed.context(messages::no_terminal(language())),
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
        answer = answer => answer?.context(messages::no_terminal(language()))?,
        () = interrupted => process::exit(INTERRUPTED),
    };
    answer.context(messages::no_answer(language()))
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
            messages::nobody_to_ask(language())
        );
        let answer = answer(texts::removal_question(language())).await?;
        let is_yes = match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => true,
            "j" | "ja" => language() == Language::German,
            _ => false,
        };
        ensure!(is_yes, messages::nothing_removed(language()));
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
