//! The command line: parses the arguments, runs a command, and prints its result as text or JSON.

mod actions;
mod args;
#[cfg(feature = "control-room")]
mod audit;
mod authenticate;
mod bot_secrets;
mod component;
mod components;
#[cfg(feature = "conformance")]
mod conformance;
#[cfg(feature = "conformance")]
mod conformance_host;
#[cfg(feature = "control-room")]
mod connection;
#[cfg(feature = "control-room")]
mod control_room;
#[cfg(feature = "control-room")]
mod data;
mod demonstration;
mod genesys;
mod inspect;
mod local_secrets;
mod output;
#[cfg(feature = "control-room")]
mod password;
#[cfg(feature = "control-room")]
mod prompt;
mod repeat;
mod report;
mod run;
mod secret_file;
#[cfg(feature = "web")]
mod serve;
mod setup;
mod signal;
#[cfg(feature = "control-room")]
mod user;
#[cfg(feature = "control-room")]
mod vault;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use args::{Args, Command, Common};
use serde_json::json;

/// The result of a command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Success.
    Done,
    /// The action, or a bot, failed.
    Failed,
}

/// Runs the command. The exit status is 0 for success, 1 if an action or a bot failed, and 2 if the command could not run.
pub(crate) fn main() -> ExitCode {
    let args = Args::parse();
    start_log(args.verbose);
    let json = args.command.as_ref().is_some_and(Command::wants_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report_error(json, &anyhow::Error::new(error)),
    };
    match runtime.block_on(dispatch(args)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Err(error) => report_error(json, &error),
    }
}

async fn dispatch(args: Args) -> anyhow::Result<Outcome> {
    match args.command {
        None => run::demonstration(&Common::default()).await,
        Some(Command::Run(run)) => run::run(&run).await,
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
        #[cfg(feature = "control-room")]
        Some(Command::Password(password)) => password::run(&password).await,
        Some(Command::Actions(args)) => actions::run(&args).await,
        Some(Command::Schema(args)) => actions::schema(&args).await,
        Some(Command::Inspect(inspect)) => inspect::run(&inspect).await,
        Some(Command::Component(component)) => component::run(&component).await,
        #[cfg(feature = "conformance")]
        Some(Command::Conformance(conformance)) => conformance::run(&conformance).await,
        #[cfg(feature = "conformance")]
        Some(Command::ConformanceHost) => conformance_host::run().await,
    }
}

/// Reports why the command could not run.
fn report_error(json: bool, error: &anyhow::Error) -> ExitCode {
    const USAGE: u8 = 2;
    let message = format!("{error:#}");
    if json {
        let mut described = report::not_run_json(error);
        described["message"] = message.as_str().into();
        output::object(&json!({ "error": described }));
    }
    match report::problems(error) {
        Some(problems) if problems.all().len() > 1 => {
            // The bot or its file, followed by one line per problem.
            output::error(&error.to_string());
            for problem in problems.all() {
                output::error(&problem.to_string());
            }
        }
        _ => output::error(&message),
    }
    ExitCode::from(USAGE)
}

/// Logs to standard error, at a level set by the number of `-v` or by `RUST_LOG`. The default is errors only, as failures
/// of actions and bots are part of their results.
///
/// wasmtime is never traced: it would log what components pass to the host, and that may be a secret.
fn start_log(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::ERROR,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let from_environment = std::env::var("RUST_LOG")
        .ok()
        .and_then(|filter| filter.parse().ok());
    let filter: Targets = from_environment.unwrap_or_else(|| Targets::new().with_default(level));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .without_time();
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .with(filter_fn(|metadata| {
            !metadata.target().starts_with("wasmtime") || *metadata.level() <= Level::INFO
        }))
        .init();
}
