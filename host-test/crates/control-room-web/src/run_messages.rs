//! The events of a run as entries of its log, in the language of the user who started it.

use std::sync::Arc;
use std::time::Duration;

use super::localize;
use super::messages;
use super::run_log::{Entry, Kind};
use bot_engine::action::ActionForm;
use bot_engine::{Event, Language, Problem, ProblemKind, RunError};

/// The log entry of an event, without the action and the name of its step; `None` if the page shows it anyway. The forms are
/// those in the language.
pub(super) fn entry(
    event: &Event<'_>,
    forms: &[Arc<ActionForm>],
    language: Language,
) -> Option<Entry> {
    let entry_of = |kind, step, text| Some(Entry::new(kind, step, text));
    let of_step = |kind, step: &usize, elapsed: &Duration, text| {
        Some(Entry {
            took: Some(milliseconds(*elapsed)),
            ..Entry::new(kind, Some(*step), text)
        })
    };
    match event {
        Event::BotStarted { .. } | Event::Returned { .. } => None,
        Event::Warned(warning) => {
            let advice = warning.kind.advice(language).into();
            entry_of(Kind::Warning, Some(warning.step), advice)
        }
        Event::StepSucceeded {
            step,
            action,
            outcome,
            elapsed,
            ..
        } => {
            let form = forms.iter().find(|it| *it.name == **action);
            let text = outcome.message(form.map(|it| &**it), language);
            of_step(Kind::Done, step, elapsed, text)
        }
        Event::StepFailed {
            step,
            error,
            elapsed,
            ..
        } => of_step(Kind::Failed, step, elapsed, error.message(language)),
        Event::Waiting {
            step,
            tries,
            length,
            reason,
        } => {
            let text = reason.waiting(*tries, *length, language);
            entry_of(Kind::Waiting, Some(*step), text)
        }
        Event::Interrupted { step } => {
            let text = RunError::Interrupted { step: *step }.message(language);
            entry_of(Kind::Stopped, Some(*step), text)
        }
        Event::Noted { note } => entry_of(Kind::Note, None, note.message(language)),
    }
}

/// The entry for a bot that could not start; `None` if its events have already reported the error.
pub(super) fn not_started(error: &RunError, language: Language) -> Option<Entry> {
    match error {
        RunError::Invalid(problems) => Some(not_valid(problems.first(), language)),
        RunError::SecretProvider(error) => {
            Some(Entry::new(Kind::Failed, None, error.message(language)))
        }
        RunError::Step { .. } | RunError::Interrupted { .. } => None,
    }
}

/// A problem that the editor's check did not find: what it depends on may change until the bot runs.
fn not_valid(problem: &Problem, language: Language) -> Entry {
    let message = localize::problem(problem, &[], language);
    let text = match (&problem.kind, &problem.field) {
        (ProblemKind::Unresolved(_), _) | (_, None) => message,
        (_, Some(field)) => messages::run_mistake(language, field, message),
    };
    Entry::new(Kind::Failed, problem.step, text)
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
