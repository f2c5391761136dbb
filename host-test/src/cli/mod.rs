//! The command line: parses the arguments, runs a command, and prints its result as text or JSON.

mod actions;
mod args;
#[cfg(feature = "control-room")]
mod audit;
mod authenticate;
mod bot_files;
mod bot_secrets;
mod check;
#[cfg(unix)]
mod closed_output;
mod compiling;
mod completions;
mod component;
mod component_messages;
mod components;
mod config;
#[cfg(feature = "conformance")]
mod conformance;
#[cfg(feature = "conformance")]
mod conformance_host;
#[cfg(feature = "control-room")]
mod connection;
#[cfg(feature = "control-room")]
mod control_room;
#[cfg(feature = "control-room")]
mod control_room_messages;
#[cfg(feature = "control-room")]
mod data;
mod definition;
mod demonstration;
mod doctor;
mod environment;
mod errors;
mod genesys;
mod init;
mod inspect;
mod local_secrets;
mod locale;
mod log;
mod messages;
mod next_steps;
mod options;
mod output;
#[cfg(feature = "control-room")]
mod password;
mod prompt;
#[cfg(feature = "web")]
mod queue_messages;
mod regions;
mod repeat;
mod report;
mod run;
mod runtime;
#[cfg(feature = "web")]
mod schedule;
#[cfg(feature = "web")]
mod schedule_messages;
mod secret_file;
#[cfg(feature = "web")]
mod serve;
mod setup;
mod signal;
mod sources;
#[cfg(feature = "web")]
mod stored_bot;
#[cfg(feature = "web")]
mod submit;
mod text_file;
#[cfg(feature = "control-room")]
mod user;
#[cfg(feature = "control-room")]
mod vault;
#[cfg(feature = "web")]
mod with_control_room;
#[cfg(feature = "web")]
mod worker;

use std::env;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use locale::language;
use options::Common;

/// The result of a command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Success.
    Done,
    /// The action, or a bot, failed.
    Failed,
    /// The action, or a bot, failed because a setting is not valid.
    InvalidSetting,
    /// Not all that was to be checked could be checked.
    CouldNotCheck,
}

/// The exit status of a command that could not run, or whose output could not be written.
const COULD_NOT_RUN: u8 = 2;

/// Runs the command. The exit status is 0 for success, 1 if an action or a bot failed, and 2 if the command could not run or
/// its output could not be written.
pub(crate) fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help is printed to standard output, and usage errors to standard error.
        Err(shown) => {
            locale::decide(locale::of_arguments(env::args_os()).or_else(locale::of_environment));
            match errors::invalid_argument(&shown) {
                Some(message) => output::error(&message),
                None => output::written(shown.print()),
            }
            return finish(ExitCode::from(
                u8::try_from(shown.exit_code()).unwrap_or(COULD_NOT_RUN),
            ));
        }
    };
    if args.quiet {
        output::be_quiet();
    }
    let json = args.command.as_ref().is_some_and(Command::wants_json);
    locale::decide(args.locale.clone().or_else(locale::of_environment));
    let configured = match &args.command {
        Some(command) if !command.takes_defaults() => Ok(()),
        _ => config::load(),
    };
    locale::decide(config::defaults().locale.clone());
    let logged = configured
        .and_then(|()| log::start(args.verbose, args.log_format, config::defaults().log_format));
    let status = match logged.and_then(|()| runtime::start()) {
        Ok(runtime) => {
            let ended = runtime.block_on(dispatch(args));
            // A thread that waits for standard input would never end.
            runtime.shutdown_background();
            match ended {
                Ok(Outcome::Done) => ExitCode::SUCCESS,
                Ok(Outcome::Failed) => ExitCode::FAILURE,
                Ok(Outcome::InvalidSetting | Outcome::CouldNotCheck) => {
                    ExitCode::from(COULD_NOT_RUN)
                }
                Err(error) => {
                    errors::not_run(json, &error);
                    ExitCode::from(COULD_NOT_RUN)
                }
            }
        }
        Err(error) => {
            errors::not_run(json, &error);
            ExitCode::from(COULD_NOT_RUN)
        }
    };
    finish(status)
}

/// The exit status, once all output is written.
fn finish(status: ExitCode) -> ExitCode {
    match output::finish() {
        Err(error) => {
            output::error(&messages::output_lost(language(), error));
            if status == ExitCode::SUCCESS {
                ExitCode::from(COULD_NOT_RUN)
            } else {
                status
            }
        }
        Ok(()) => status,
    }
}

async fn dispatch(args: Args) -> anyhow::Result<Outcome> {
    match args.command {
        None => run::demonstration(&Common::default()).await,
        Some(Command::Init(init)) => init::run(&init).await,
        Some(Command::Run(run)) => run::run(&run).await,
        Some(Command::Check(check)) => check::run(&check).await,
        Some(Command::Doctor(doctor)) => doctor::run(&doctor).await,
        Some(Command::Authenticate(authenticate)) => authenticate::run(&authenticate).await,
        #[cfg(feature = "control-room")]
        Some(Command::Connection(connection)) => connection::run(&connection).await,
        #[cfg(feature = "control-room")]
        Some(Command::Vault(vault)) => vault::run(&vault).await,
        #[cfg(feature = "control-room")]
        Some(Command::User(user)) => user::run(&user).await,
        #[cfg(feature = "control-room")]
        Some(Command::Audit(audit)) => audit::run(&audit).await,
        #[cfg(feature = "control-room")]
        Some(Command::ControlRoom(control_room)) => control_room::run(&control_room).await,
        Some(Command::Genesys(genesys)) => genesys::run(&genesys).await,
        #[cfg(feature = "web")]
        Some(Command::Serve(serve)) => serve::run(&serve).await,
        #[cfg(feature = "web")]
        Some(Command::Worker(worker)) => worker::run(&worker).await,
        #[cfg(feature = "web")]
        Some(Command::Submit(submit)) => submit::run(&submit).await,
        #[cfg(feature = "web")]
        Some(Command::Schedule(schedule)) => schedule::run(&schedule).await,
        #[cfg(feature = "control-room")]
        Some(Command::Password(password)) => password::run(&password).await,
        Some(Command::Completions(args)) => Ok(completions::run(&args, &Args::command())),
        Some(Command::Regions(args)) => Ok(regions::run(&args)),
        Some(Command::Actions(args)) => actions::run(&args).await,
        Some(Command::Schema(args)) => actions::schema(&args).await,
        Some(Command::Inspect(inspect)) => inspect::run(&inspect).await,
        Some(Command::Component(component)) => component::run(&component).await,
        Some(Command::CompileComponent) => compiling::run(),
        #[cfg(feature = "conformance")]
        Some(Command::Conformance(conformance)) => conformance::run(&conformance).await,
        #[cfg(feature = "conformance")]
        Some(Command::ConformanceHost) => conformance_host::run().await,
    }
}
