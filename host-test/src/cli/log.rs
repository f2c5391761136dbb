//! The log: on standard error, for people or for programs.

use std::env;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::anyhow;
use bot_engine::spans;
use clap::ValueEnum;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::environment::variable;
use super::locale::language;
use super::{messages, output};

/// The environment variable with the format.
pub(crate) const FORMAT: &str = "BOT_RUNNER_LOG_FORMAT";

/// What a line of the log is: text, or a JSON object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

impl LogFormat {
    /// The format that the environment names. An empty variable counts as not set.
    fn of_environment() -> anyhow::Result<Option<Self>> {
        let value = variable(FORMAT)?;
        let value = value.as_ref().map(ExposeSecret::expose_secret);
        let Some(value) = value.filter(|it| !it.is_empty()) else {
            return Ok(None);
        };
        let format = Self::from_str(value, false);
        format
            .map(Some)
            .map_err(|_| anyhow!(messages::not_a_log_format(language(), FORMAT)))
    }
}

/// Logs to standard error, at a level set by the number of `-v` or by `RUST_LOG`. The default is errors only, as failures
/// of actions and bots are part of their results. The format is that of the option, otherwise that of the environment,
/// otherwise that of the configuration file.
///
/// What may be a secret is never logged: wasmtime would trace what components pass to the host, and sqlx quotes lines of
/// PostgreSQL's password file that it cannot read.
///
/// # Errors
///
/// If the environment names an unknown format.
pub(crate) fn start(
    verbose: u8,
    option: Option<LogFormat>,
    configured: Option<LogFormat>,
) -> anyhow::Result<()> {
    let format = match option {
        None => LogFormat::of_environment()?.or(configured),
        option => option,
    };
    let level = match verbose {
        0 => LevelFilter::ERROR,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let from_environment = env::var("RUST_LOG")
        .ok()
        .and_then(|filter| filter.parse().ok());
    let filter: Targets = from_environment.unwrap_or_else(|| Targets::new().with_default(level));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // Otherwise, a line that cannot be written is reported by a panic.
        .log_internal_errors(false);
    let lines = match format.unwrap_or_default() {
        LogFormat::Text => lines
            .with_ansi(output::stderr_has_colour())
            .without_time()
            .boxed(),
        // The current span is the last one of the list.
        LogFormat::Json => lines.json().with_current_span(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(filter.with_target(spans::TARGET, LevelFilter::ERROR))
        .with(filter_fn(|metadata| !may_have_secrets(metadata)))
        .init();
    Ok(())
}

/// Whether events of this kind may contain secrets.
fn may_have_secrets(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let traces_components = target.starts_with("wasmtime") && *metadata.level() > Level::INFO;
    let quotes = |field| metadata.fields().field(field).is_some();
    let quotes_passwords =
        target.starts_with("sqlx_postgres::options") && (quotes("line") || quotes("value"));
    traces_components || quotes_passwords
}

/// The span of the next run of this process.
pub(crate) fn next_run() -> Span {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    spans::run(NEXT.fetch_add(1, Ordering::Relaxed))
}
