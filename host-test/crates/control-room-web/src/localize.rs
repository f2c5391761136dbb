//! Localizes the problems of a bot for the editor, where they are about fields with labels, and pickers.

use std::sync::Arc;

use super::messages;
use bot_engine::action::ActionForm;
use bot_engine::{BotSourceError, Language, Problem, ProblemKind};

/// A problem of a bot, with what to do in the editor. The forms are those in the language.
pub(super) fn problem(problem: &Problem, forms: &[Arc<ActionForm>], language: Language) -> String {
    match (&problem.kind, label(problem, forms)) {
        (ProblemKind::Missing(_) | ProblemKind::Empty, Some(label)) => {
            messages::field_empty(language, label)
        }
        (ProblemKind::NoVariable { name, .. }, _) => messages::no_variable(language, name),
        (ProblemKind::NoBot(name, BotSourceError::None), _) => messages::no_bot(language, name),
        (ProblemKind::NoAction { .. }, _) => messages::unknown_action(language).into(),
        (ProblemKind::Path(_), _) => messages::incomplete_credential(language).into(),
        _ => problem.message(language),
    }
}

/// The label of a problem's field.
fn label<'a>(problem: &Problem, forms: &'a [Arc<ActionForm>]) -> Option<&'a str> {
    let form = forms
        .iter()
        .find(|form| Some(&*form.name) == problem.action.as_deref())?;
    let field = form
        .fields
        .iter()
        .find(|field| Some(&field.name) == problem.field.as_ref())?;
    Some(&field.label)
}
