//! Checks a bot with the engine's checker, and localizes its problems for the designer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bot_engine::action::ActionForm;
use bot_engine::check::Checker;
use bot_engine::{Bot, Language, ProblemKind};
use control_room::Secrets;
use control_room::passwords::Account;
use serde::Serialize;

use super::app::App;
use super::localize;
use super::user_bots::UserBots;

/// A problem of a bot, or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// The first step is 1; `None` for a variable, and for the bot as a whole.
    pub(super) step: Option<usize>,
    /// The first variable is 1.
    pub(super) variable: Option<usize>,
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// Whether the bot can run with it.
    pub(super) warning: bool,
}

/// What steps returned, by the names of their outputs.
pub(super) type KeptOutputs = BTreeMap<String, serde_json::Value>;

/// The bot of a file, as far as it is valid, with the bots of the user that it runs, and with these outputs; and all problems.
pub(super) async fn check(
    app: &App,
    account: &Account,
    language: Language,
    file: &str,
    outputs: KeptOutputs,
) -> (Bot, Vec<Problem>) {
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
    let (mut bot, mut found) = Bot::draft(file.as_bytes(), &app.catalogue);
    let bots = UserBots(app.store.bots(account));
    let too_large = bot.give_outputs(outputs).err().map(|error| Problem {
        step: None,
        variable: None,
        field: None,
        message: error.message(language),
        warning: false,
    });
    found.extend(bot.link(&bots, &app.catalogue).await);
    let checked = checker.check_draft(&bot, found).await;
    let forms = app.catalogue.forms(language);
    let problems = checked.problems.iter().map(|problem| Problem {
        step: problem.step,
        variable: problem.variable,
        field: match problem.kind {
            ProblemKind::StepCount(0) => None,
            _ => problem.field.clone(),
        },
        message: message(problem, forms, language),
        warning: false,
    });
    let warnings = checked.warnings.iter().map(|warning| Problem {
        step: Some(warning.step),
        variable: None,
        field: Some(warning.field.clone()),
        message: warning.kind.advice(language).into(),
        warning: true,
    });
    let all = problems.chain(warnings).chain(too_large).collect();
    (bot, all)
}

/// A problem of the bot as a whole names its field, as no form shows it.
fn message(problem: &bot_engine::Problem, forms: &[Arc<ActionForm>], language: Language) -> String {
    let message = localize::problem(problem, forms, language);
    match (
        problem.step.or(problem.variable),
        &problem.field,
        &problem.kind,
    ) {
        (_, _, ProblemKind::StepCount(0)) | (Some(_), _, _) | (_, None, _) => message,
        (None, Some(field), _) => format!("{field}: {message}"),
    }
}
