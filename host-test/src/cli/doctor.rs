//! `bot-runner doctor`: checks what bots need of this machine, and says what to do about what is wrong.
//!
//! Each check has a time limit, and one that depends on another that failed is left out. The servers get a request without
//! credentials.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

mod ca_file;
#[cfg(feature = "control-room")]
mod data_folder;
mod messages;
mod network;

use std::path::PathBuf;
use std::time::Duration;

use oauth_authentication::environment::Environment;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::Outcome;
use super::config::defaults;
#[cfg(feature = "control-room")]
use super::data::DataOptions;
use super::environment::variable;
use super::locale::language;
use super::output::{self, ERROR, SUCCESS, WARNING, one_line};
use super::setup::gateway;

/// The environment variable with the region, as of `authenticate`.
const REGION: &str = "GENESYSCLOUD_REGION";

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(15);

/// `bot-runner doctor`
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The Genesys Cloud environment [default: GENESYSCLOUD_REGION]
    #[arg(long)]
    url: Option<String>,
    /// Connect to this address for every Genesys host; TLS still verifies the host's name
    #[arg(long, value_name = "HOST:PORT")]
    gateway: Option<String>,
    /// Trust the CA certificates in this file as well
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
    #[cfg(feature = "control-room")]
    #[command(flatten)]
    data: DataOptions,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// The result of a check.
struct Check {
    name: &'static str,
    /// What was checked, such as a host.
    subject: String,
    status: Status,
    /// What was found.
    found: String,
    /// What to do about it.
    advice: String,
}

/// From the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Ok,
    Warning,
    Failed,
}

impl Check {
    fn new(name: &'static str, subject: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            name,
            subject: subject.into(),
            status: Status::Ok,
            found: found.into(),
            advice: String::new(),
        }
    }

    /// That something may be wrong.
    fn warning(self, advice: impl Into<String>) -> Self {
        Self {
            status: Status::Warning,
            advice: advice.into(),
            ..self
        }
    }

    /// That something is wrong.
    fn failed(self, advice: impl Into<String>) -> Self {
        Self {
            status: Status::Failed,
            ..self.warning(advice)
        }
    }

    /// Its name for people. The others are the same in all languages.
    fn label(&self) -> &'static str {
        match self.name {
            "data" => messages::data(language()),
            "key" => messages::key(language()),
            "database" => messages::database(language()),
            "clock" => messages::clock(language()),
            name => name,
        }
    }

    fn print(&self) {
        let (style, word) = match self.status {
            Status::Ok => (SUCCESS, messages::ok(language())),
            Status::Warning => (WARNING, super::messages::warning(language())),
            Status::Failed => (ERROR, super::messages::failed(language())),
        };
        let mut text = self.label().to_owned();
        for (separator, part) in [
            (" ", &self.subject),
            (": ", &self.found),
            ("; ", &self.advice),
        ] {
            if !part.is_empty() {
                text += separator;
                text += part;
            }
        }
        let line = format!("{style}{word:<7}{style:#}  {}", one_line(&text));
        if self.status == Status::Ok {
            output::progress(false, &line);
        } else {
            output::line(false, &line);
        }
    }

    fn as_json(&self) -> Value {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        json!({
            "check": self.name,
            "subject": text(&self.subject),
            "status": match self.status {
                Status::Ok => "ok",
                Status::Warning => "warning",
                Status::Failed => "failed",
            },
            "found": self.found,
            "advice": text(&self.advice),
        })
    }
}

pub(crate) async fn run(args: &Doctor) -> anyhow::Result<Outcome> {
    let url = match &args.url {
        Some(url) => Some(url.clone()),
        None => variable(REGION)?.map(|url| url.expose_secret().to_owned()),
    };
    let gateway = gateway(args.gateway.as_deref())?;
    let mut report = Report {
        json: args.json,
        checks: Vec::new(),
    };
    let ca_file = args.ca_file.as_ref().or(defaults().ca_file.as_ref());
    let trust = ca_file::check(ca_file.map(PathBuf::as_path), &mut report);
    match url.as_deref().filter(|url| !url.trim().is_empty()) {
        None => report.add(
            Check::new("cloud", "", messages::not_checked(language()))
                .warning(messages::name_your_region(language(), REGION)),
        ),
        Some(url) => match (Environment::parse(url), trust) {
            (Err(reason), _) => {
                let reason = reason.localized(language().tag()).trim_end_matches('.');
                let check = Check::new("cloud", url, reason);
                report.add(check.failed(messages::list_regions(language())));
            }
            (Ok(_), None) => report.add(
                Check::new("cloud", url, messages::not_checked(language()))
                    .warning(messages::correct_ca_file(language())),
            ),
            (Ok(environment), Some(trust)) => {
                network::check(gateway, trust, &environment, &mut report).await?;
            }
        },
    }
    #[cfg(feature = "control-room")]
    data_folder::check(&args.data, &mut report).await?;
    Ok(report.end())
}

/// The checks so far.
struct Report {
    json: bool,
    checks: Vec<Check>,
}

impl Report {
    /// Adds a check, and shows it: the next one may take a while.
    fn add(&mut self, check: Check) {
        if !self.json {
            check.print();
        }
        self.checks.push(check);
    }

    fn end(self) -> Outcome {
        let count = |status| self.checks.iter().filter(|it| it.status == status).count();
        let failed = count(Status::Failed);
        if self.json {
            output::object(&json!({
                "checks": self.checks.iter().map(Check::as_json).collect::<Vec<_>>(),
                "warnings": count(Status::Warning),
                "failed": failed,
            }));
        }
        if failed > 0 {
            Outcome::Failed
        } else {
            Outcome::Done
        }
    }
}
