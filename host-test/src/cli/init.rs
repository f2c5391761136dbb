//! `bot-runner init`: makes a first bot from a few answers, with its credentials in the Control Room or in the environment.
//!
//! All answers are checked before anything is created, and nothing that exists is changed but the roles of the user. From
//! then on, an interruption waits until everything is created; if something cannot be, the locker, the role and the bot file
//! are removed again.

mod answers;
mod bot_file;
#[cfg(feature = "control-room")]
mod control_room;
mod messages;
mod names;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bot_engine::{AttributePath, Language};
use clap::ValueEnum;

use super::Outcome;
#[cfg(feature = "control-room")]
use super::data::DataOptions;
use super::local_secrets::variable_name;
use super::locale::language;
use super::next_steps::{program, quoted};
use super::output::{self, BOLD};
use super::signal::interruption;
use answers::{Answers, Questions};
use bot_file::BotFile;

/// `bot-runner init`
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The folder for the bot file [default: the current one]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The bot's name
    #[arg(long)]
    name: Option<String>,
    /// The region of Genesys Cloud, or the address at which you use it
    #[arg(long)]
    region: Option<String>,
    /// The id of the OAuth client
    #[arg(long)]
    client_id: Option<String>,
    /// Where the bot gets its credentials from
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// A file with the client secret for the Control Room, - for standard input [default: a hidden prompt]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The name of the session [default: Default]
    #[arg(long)]
    session_name: Option<String>,
    /// The user on whose behalf the bot runs, who is created if there is none [default: the name of this system's user]
    #[cfg(feature = "control-room")]
    #[arg(long = "as", value_name = "USER")]
    user: Option<bot_engine::Name>,
    #[cfg(feature = "control-room")]
    #[command(flatten)]
    data: DataOptions,
}

/// Where a bot gets its credentials from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lockers of the Control Room
    #[cfg(feature = "control-room")]
    ControlRoom,
    /// Environment variables, or files
    Environment,
}

pub(crate) async fn run(args: &Init) -> anyhow::Result<Outcome> {
    let language = language();
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let questions = Questions::new(folder).await?;
    let answers = questions.ask(args).await?;
    let file = BotFile::new(folder, &answers)?;
    let problems = questions.problems(file.content.as_bytes()).await;
    if let Some(problem) = problems.first() {
        bail!(problem.message_with_place(language));
    }
    // It is never polled: what is interrupted from here on is completed.
    let _interrupted = interruption()?;
    let command = match &answers.secret {
        #[cfg(feature = "control-room")]
        Some(secret) => {
            let user = control_room::user(args)?;
            file.write()?;
            let made = control_room::make(&args.data, &answers, secret, &user).await;
            let made = made.inspect_err(|_| file.remove())?;
            output::done(&messages::made_file(language, file.path.display()));
            for what in made {
                output::done(&what);
            }
            run_with_control_room(args, &file, &user)
        }
        _ => {
            file.write()?;
            output::done(&messages::made_file(language, file.path.display()));
            output::progress(false, &environment(&answers, language)?);
            format!("{} run {} --credentials-env", program(), quoted(&file.path))
        }
    };
    output::progress(false, messages::run_it(language));
    output::line(false, &format!("  {BOLD}{command}{BOLD:#}"));
    Ok(Outcome::Done)
}

/// The command that runs the bot on behalf of the user.
#[cfg(feature = "control-room")]
fn run_with_control_room(args: &Init, file: &BotFile, user: &bot_engine::Name) -> String {
    let mut command = format!(
        "{} run {} --as {}",
        program(),
        quoted(&file.path),
        quoted(Path::new(user.shown()))
    );
    let data = &args.data;
    for (option, value) in [
        ("--data", data.data.as_deref()),
        ("--database", data.database.as_deref().map(Path::new)),
        ("--key-file", data.key_file.as_deref()),
    ] {
        if let Some(value) = value {
            command += &format!(" {option} {}", quoted(value));
        }
    }
    command
}

/// What the environment has to have for the bot.
fn environment(answers: &Answers, language: Language) -> anyhow::Result<String> {
    let variable = |attribute| -> anyhow::Result<String> {
        let path: AttributePath = answers.path(attribute)?;
        variable_name(&path).with_context(|| path.to_string())
    };
    let client_id = quoted(Path::new(&answers.client_id));
    let (id, secret) = (variable(CLIENT_ID)?, variable(CLIENT_SECRET)?);
    Ok(format!(
        "{}\n  {id}={client_id}\n  {secret}=…\n{}",
        messages::set_variables(language),
        messages::or_files(
            language,
            answers.path(CLIENT_ID)?,
            answers.path(CLIENT_SECRET)?
        )
    ))
}

/// The attributes of the credential.
const CLIENT_ID: &str = "client-id";
const CLIENT_SECRET: &str = "client-secret";
