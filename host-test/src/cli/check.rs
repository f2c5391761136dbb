//! `bot-runner check`: reports all problems of bots without running them. No request is sent.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use action_host::Host;
use async_trait::async_trait;
use bot_engine::check::{Checked, Checker, Warning};
use bot_engine::template::TemplateError;
use bot_engine::{
    AttributePath, BorrowedToken, ConnectionRef, Language, NoSecrets, Problem, ProblemKind,
    Purpose, ResolveError, RetryPolicy, SecretProvider,
};
use egress::{AllowList, Options};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::bot_files::{BotsBeside, read_file};
use super::bot_secrets::BotSecrets;
use super::locale::{language, locale};
use super::options::ComponentOptions;
use super::output::{self, BOLD, ERROR, SUCCESS, WARNING, one_line};
use super::sources::Sources;
use super::{Outcome, components, errors, messages};

/// `bot-runner check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The bots
    #[arg(value_name = "BOT.json", required = true)]
    bots: Vec<PathBuf>,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    components: ComponentOptions,
    /// Print one JSON object on standard output, and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

/// Something that a bot names, and that may or may not exist: the command was not told where to look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum NotChecked {
    Credential(String),
    Connection(String),
    /// The name of a variable, or of an output that no step sets.
    Variable(String),
}

/// Checks all bots, also if one of them cannot be read.
pub(crate) async fn run(args: &Check) -> anyhow::Result<Outcome> {
    let language = language();
    let variables = args.sources.variables()?;
    let host = Host::builder().build()?;
    let (components, catalogue) = components::load(&host, &args.components).await?;
    // A connection is checked without a request.
    let network = Options::new(AllowList::genesys());
    let retry = RetryPolicy::once();
    let secrets = BotSecrets::selected(true, &args.sources, &network, retry).await?;
    let mut reports = Vec::new();
    let (mut problems, mut could_not_check) = (0, false);
    for path in &args.bots {
        let unknown = Unknown::default();
        let checker = Checker {
            secrets: match &secrets {
                Some(secrets) => &*secrets.provider,
                None => &unknown,
            },
            variables: &variables,
            actions: Some(&components),
            locale: locale(),
        };
        let checked = match read_file(path) {
            Ok(file) => {
                let bots = BotsBeside::of(Some(path));
                Ok(checker.check_file(&file, &catalogue, &bots).await)
            }
            Err(error) => Err(error),
        };
        let failure = match checked {
            Ok(Checked {
                provider_failed: Some(error),
                ..
            }) => Err(error.into()),
            checked => checked,
        };
        match failure {
            Ok(checked) => {
                let mut found = Found::new(checked, unknown);
                if variables.names().next().is_none() {
                    found.set_variables_aside();
                }
                problems += found.problems.len();
                found.print(path, args.json, language);
                reports.push(found.as_json(path, language));
            }
            Err(error) => {
                could_not_check = true;
                output::error(&errors::message(&error));
                let described = errors::not_run_json(&error);
                reports.push(json!({ "file": path.display().to_string(), "error": described }));
            }
        }
    }
    if let Some(secrets) = secrets {
        secrets.close().await;
    }
    if args.json {
        output::object(&json!({ "bots": reports, "problems": problems }));
    }
    Ok(match (could_not_check, problems) {
        (true, _) => Outcome::CouldNotCheck,
        (false, 0) => Outcome::Done,
        (false, _) => Outcome::Failed,
    })
}

/// What was found in one bot.
struct Found {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
    not_checked: BTreeSet<NotChecked>,
}

impl Found {
    fn new(checked: Checked, unknown: Unknown) -> Self {
        Self {
            problems: checked.problems,
            warnings: checked.warnings,
            not_checked: unknown
                .0
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Turns missing variables into what was not checked. The name of a member is that of an output, so it stays a problem.
    fn set_variables_aside(&mut self) {
        self.problems.retain(|problem| match &problem.kind {
            ProblemKind::NoVariable { name, .. }
            | ProblemKind::Template(TemplateError::Unknown { path: name, .. })
                if !name.contains(['.', '[']) =>
            {
                self.not_checked.insert(NotChecked::Variable(name.clone()));
                false
            }
            _ => true,
        });
    }

    fn print(&self, path: &Path, json: bool, language: Language) {
        let print = |text: &str| output::line(json, text);
        let mention = |text: &str| output::progress(json, text);
        let path = one_line(&path.display().to_string());
        let (style, result) = match self.problems.len() {
            0 => (SUCCESS, messages::no_problems(language).to_owned()),
            1 => (ERROR, messages::one_problem(language).to_owned()),
            count => (ERROR, messages::problems(language, count)),
        };
        let heading = format!("{BOLD}{path}{BOLD:#}: {style}{result}{style:#}");
        if self.problems.is_empty() {
            mention(&heading);
        } else {
            print(&heading);
        }
        for problem in &self.problems {
            let (pointer, text) = (problem.pointer(), problem.message_with_place(language));
            let line = format!("{pointer}  {text}");
            print(&format!("  {}", one_line(line.trim_start())));
        }
        let word = messages::warning(language);
        for warning in &self.warnings {
            let (step, field) = (warning.step, &warning.field);
            let advice = warning.kind.advice(language);
            let text = messages::warned_at(language, step, field, advice);
            let pointer = pointer(warning);
            mention(&format!(
                "  {WARNING}{word}{WARNING:#}: {pointer}  {}",
                one_line(&text)
            ));
        }
        for (is_variable, advice) in [
            (false, messages::name_a_user(language)),
            (true, messages::define_variables(language)),
        ] {
            let of_kind = |it: &&NotChecked| matches!(it, NotChecked::Variable(_)) == is_variable;
            let names = self.not_checked.iter().filter(of_kind);
            let names: Vec<_> = names.map(|it| it.parts().1).collect();
            if !names.is_empty() {
                let names = one_line(&names.join(", "));
                let text = messages::not_checked(language, names, advice);
                mention(&format!("  {text}"));
            }
        }
    }

    fn as_json(&self, path: &Path, language: Language) -> Value {
        let problem = |problem: &Problem| errors::problem_json(problem, language);
        let warning = |warning: &Warning| {
            json!({
                "step": warning.step,
                "field": warning.field,
                "pointer": pointer(warning),
                "advice": warning.kind.advice(language),
            })
        };
        json!({
            "file": path.display().to_string(),
            "problems": self.problems.iter().map(problem).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(warning).collect::<Vec<_>>(),
            "not-checked": self.not_checked.iter().map(NotChecked::as_json).collect::<Vec<_>>(),
        })
    }
}

/// The place of a warning, as a JSON pointer (RFC 6901).
fn pointer(warning: &Warning) -> String {
    let field = warning.field.replace('~', "~0").replace('/', "~1");
    format!("/steps/{}/{field}", warning.step.saturating_sub(1))
}

impl NotChecked {
    /// The kind and the name.
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Credential(name) => ("credential", name),
            Self::Connection(name) => ("connection", name),
            Self::Variable(name) => ("variable", name),
        }
    }

    fn as_json(&self) -> Value {
        let (kind, name) = self.parts();
        json!({ "kind": kind, "name": name })
    }
}

/// A provider that was not named: it accepts every credential and connection, and records their names.
#[derive(Default)]
pub(crate) struct Unknown(Mutex<BTreeSet<NotChecked>>);

impl Unknown {
    fn record(&self, what: NotChecked) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(what);
    }
}

#[async_trait]
impl SecretProvider for Unknown {
    async fn check_credential(&self, path: &AttributePath, _: bool) -> Result<(), ResolveError> {
        self.record(NotChecked::Credential(path.to_string()));
        Ok(())
    }

    async fn credential(
        &self,
        path: &AttributePath,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        NoSecrets.credential(path, purpose).await
    }

    async fn check_connection(&self, connection: &ConnectionRef) -> Result<(), ResolveError> {
        self.record(NotChecked::Connection(connection.name.to_string()));
        Ok(())
    }

    async fn token(
        &self,
        connection: &ConnectionRef,
        refused: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        NoSecrets.token(connection, refused).await
    }
}
