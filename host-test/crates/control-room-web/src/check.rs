//! What is wrong with a bot while it is made: what the engine's checker finds, in the designer's language.

use bot_engine::action::ActionForm;
use bot_engine::check::Checker;
use bot_engine::{Language, Problem as EngineProblem, ProblemKind, ResolveError, ResolveErrorKind};
use control_room::Secrets;
use control_room::passwords::Account;
use serde::Serialize;

use super::app::App;
use super::localize;
use super::messages;

/// Something that is wrong, or should not stay so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// The first step is 1; `None` for the bot as a whole.
    pub(super) step: Option<usize>,
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// The bot runs all the same.
    pub(super) warning: bool,
}

/// Everything that is wrong with a bot file, for a user.
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
    let checked = checker.check_file(file.as_bytes()).await;
    if let Some(error) = checked.provider_failed {
        tracing::error!(%error, "credentials and connections cannot be checked");
    }
    let forms = app.forms.in_language(language);
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
        field: Some(warning.field.into()),
        message: messages::insecure(language).into(),
        warning: true,
    });
    problems.chain(warnings).collect()
}

/// A problem as the pages say it, which name what is to be done in the editor.
pub(super) fn message(problem: &EngineProblem, forms: &[ActionForm], language: Language) -> String {
    match &problem.kind {
        ProblemKind::Missing(_) | ProblemKind::Empty => match label(problem, forms) {
            Some(label) => messages::field_empty(language, label),
            None => problem.message(language),
        },
        ProblemKind::StepCount(0) => messages::no_steps_yet(language).into(),
        ProblemKind::NoAction { .. } => messages::unknown_action(language).into(),
        ProblemKind::Path(_) => messages::incomplete_credential(language).into(),
        ProblemKind::Name(_) => messages::bad_name(language).into(),
        ProblemKind::NoSession(name) => messages::session_not_open(language, name),
        ProblemKind::NoVariable(name) => messages::no_variable(language, name),
        ProblemKind::NotAnApiPath => messages::path_begins(language).into(),
        ProblemKind::OutputName => messages::output_name(language).into(),
        ProblemKind::Template(error) => localize::template_error(error, language),
        ProblemKind::Unresolved(error) => unresolved(error, language),
        _ => problem.message(language),
    }
}

/// Why a credential or a connection cannot be used.
pub(super) fn unresolved(error: &ResolveError, language: Language) -> String {
    let localized = if let Some(error) = error.downcast_ref() {
        localize::vault_error(error, language)
    } else if let Some(error) = error.downcast_ref() {
        localize::connection_error(error, language)
    } else if error.kind() == ResolveErrorKind::NoPrincipal {
        Some(messages::forbidden_advice(language).into())
    } else {
        Some(error.to_string())
    };
    localized.unwrap_or_else(|| messages::run_no_control_room(language).into())
}

/// The label of a problem's field.
fn label<'a>(problem: &EngineProblem, forms: &'a [ActionForm]) -> Option<&'a str> {
    let form = forms
        .iter()
        .find(|form| Some(&form.name) == problem.action.as_ref())?;
    let field = form
        .fields
        .iter()
        .find(|field| Some(&field.name) == problem.field.as_ref())?;
    Some(&field.label)
}
