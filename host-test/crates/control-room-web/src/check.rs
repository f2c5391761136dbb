//! Checks a bot with the engine's checker, and localizes its problems for the designer.

use std::sync::Arc;

use bot_engine::action::ActionForm;
use bot_engine::check::Checker;
use bot_engine::{Language, ProblemKind};
use control_room::Secrets;
use control_room::passwords::Account;
use serde::Serialize;

use super::app::App;
use super::localize;

/// A problem of a bot, or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// The first step is 1; `None` for the bot as a whole.
    pub(super) step: Option<usize>,
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// Whether the bot can run with it.
    pub(super) warning: bool,
}

/// All problems of a bot file, for a user.
pub(super) async fn check(
    app: &App,
    account: &Account,
    language: Language,
    file: &str,
) -> Vec<Problem> {
    let secrets = Secrets {
        store: app.store.clone(),
        connections: app.connections.clone(),
        user: account.name.clone(),
        run: None,
    };
    let checker = Checker {
        secrets: &secrets,
        variables: &app.variables,
        actions: Some(&*app.actions),
        locale: language.tag(),
    };
    let checked = checker.check_file(file.as_bytes(), &app.catalogue).await;
    if let Some(error) = checked.provider_failed {
        tracing::error!(%error, "credentials and connections cannot be checked");
    }
    let forms = app.catalogue.forms(language);
    let problems = checked.problems.iter().map(|problem| Problem {
        step: problem.step,
        field: match problem.kind {
            ProblemKind::StepCount(0) => None,
            _ => problem.field.clone(),
        },
        message: message(problem, forms, language),
        warning: false,
    });
    let warnings = checked.warnings.iter().map(|warning| Problem {
        step: Some(warning.step),
        field: Some(warning.field.clone()),
        message: localize::warning(warning, language),
        warning: true,
    });
    problems.chain(warnings).collect()
}

/// A problem of the bot as a whole names its field, as no form shows it.
fn message(problem: &bot_engine::Problem, forms: &[Arc<ActionForm>], language: Language) -> String {
    let message = localize::problem(problem, forms, language);
    match (problem.step, &problem.field, &problem.kind) {
        (_, _, ProblemKind::StepCount(0)) | (Some(_), _, _) | (_, None, _) => message,
        (None, Some(field), _) => format!("{field}: {message}"),
    }
}
