//! Localizes the events of a run, for the user who started it. An action localizes its own errors.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use time::OffsetDateTime;

use super::localize;
use super::messages;
use super::run_log::{Entry, Kind};
use bot_engine::Language;
use bot_engine::action::ActionForm;
use bot_engine::api_error::{ApiError, Refusal};
use bot_engine::report::{
    Note, OutputSummary, RetryReason, SessionOutcome, StepOutcome, duration_in_words,
};
use bot_engine::value::ValueError;
use bot_engine::{CallError, Event, Problem, ProblemKind, RunError, StepError};
use control_room::connections::ConnectionError;

/// The log entry of an event; `None` if the page shows it anyway. The forms are those in the language.
pub(super) fn entry(
    event: &Event<'_>,
    forms: &[Arc<ActionForm>],
    language: Language,
) -> Option<Entry> {
    let entry_of = |kind, step, text| Some(Entry::new(kind, step, text));
    match event {
        Event::BotStarted { .. } => None,
        Event::Warned(warning) => entry_of(
            Kind::Warning,
            Some(warning.step),
            localize::warning(warning, language),
        ),
        Event::StepSucceeded {
            step,
            action,
            outcome,
            elapsed,
        } => Some(Entry {
            action: Some((*action).into()),
            took: Some(milliseconds(*elapsed)),
            ..Entry::new(
                Kind::Done,
                Some(*step),
                step_outcome(
                    outcome,
                    forms.iter().find(|it| *it.name == **action),
                    language,
                ),
            )
        }),
        Event::StepFailed {
            step,
            action,
            error,
            elapsed,
        } => Some(Entry {
            action: Some((*action).into()),
            took: Some(milliseconds(*elapsed)),
            ..Entry::new(Kind::Failed, Some(*step), step_error(error, language))
        }),
        Event::Waiting {
            step,
            tries,
            length,
            reason,
        } => {
            let reason = retry_reason(reason, language);
            let text = messages::run_waiting(language, tries, seconds(*length, language));
            entry_of(Kind::Waiting, Some(*step), format!("{text} {reason}"))
        }
        Event::Interrupted { step } => {
            let text = messages::run_interrupted(language, step);
            entry_of(Kind::Stopped, Some(*step), text)
        }
        Event::Noted { note } => entry_of(Kind::Note, None, noted(note, language)),
    }
}

/// What an event says, in the language of who started the run; `None` if it says nothing. The forms are those in the
/// language. For user interfaces other than the pages.
pub fn event_text(
    event: &Event<'_>,
    forms: &[Arc<ActionForm>],
    language: Language,
) -> Option<String> {
    match event {
        Event::Waiting { reason, .. } => Some(retry_reason(reason, language)),
        other => entry(other, forms, language).map(|entry| entry.text),
    }
}

/// A problem of a bot, with what to do about it. For user interfaces other than the pages.
pub fn problem_text(problem: &Problem, language: Language) -> String {
    localize::problem(problem, &[], language)
}

/// Why a bot failed, in the language of who started it. For user interfaces other than the pages.
pub fn error_text(error: &RunError, language: Language) -> String {
    match error {
        RunError::Invalid(problems) => localize::problem(problems.first(), &[], language),
        RunError::SecretProvider(error) => localize::unresolved(error, language),
        RunError::Step { error, .. } => step_error(error, language),
        RunError::Interrupted { step } => messages::run_interrupted(language, step),
    }
}

fn retry_reason(reason: &RetryReason<'_>, language: Language) -> String {
    match reason {
        RetryReason::Action(text) => (*text).to_owned(),
        // Without advice: waiting is all that can be done.
        RetryReason::Api(ApiError::Refused(it)) => status_message(&it.host, it.status, language),
        RetryReason::Api(error) => api_error(error, language),
    }
}

/// The entry for a bot that could not start; `None` if its events have already reported the error.
pub(super) fn not_started(error: &RunError, language: Language) -> Option<Entry> {
    let text = match error {
        RunError::Invalid(problems) => return Some(not_valid(problems.first(), language)),
        RunError::SecretProvider(error) => {
            tracing::error!(%error, "a bot cannot run");
            messages::run_no_control_room(language).into()
        }
        RunError::Step { .. } | RunError::Interrupted { .. } => return None,
    };
    Some(Entry::new(Kind::Failed, None, text))
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

/// Why a connection cannot be used, as in the editor's check.
fn connection_problem(error: &ConnectionError, language: Language) -> String {
    localize::connection_error(error, language)
        .unwrap_or_else(|| messages::run_no_control_room(language).into())
}

/// Why a step got no token of a connection. Errors of the provider are localized as on the connection's own page.
fn connection(error: &ConnectionError, language: Language) -> String {
    match error {
        ConnectionError::NoToken { name, .. }
        | ConnectionError::TimedOut(name)
        | ConnectionError::Changed(name) => messages::run_no_token(
            language,
            name,
            localize::connection::connection_error(error, language),
        ),
        error => connection_problem(error, language),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds with one decimal, in the notation of the language.
pub(super) fn seconds(time: Duration, language: Language) -> String {
    let seconds = format!("{:.1}", time.as_secs_f32());
    match language {
        Language::English => seconds,
        Language::German => seconds.replace('.', ","),
    }
}

fn step_outcome(
    outcome: &StepOutcome,
    form: Option<&Arc<ActionForm>>,
    language: Language,
) -> String {
    match outcome {
        StepOutcome::SessionOpened {
            session,
            base_url,
            expires_in,
        } => {
            let opened = messages::run_opened(language, session, base_url);
            let expiry = match expires_in {
                Some(left) => {
                    let at = OffsetDateTime::now_utc() + Duration::from_secs((*left).into());
                    let (date, time) = (at.date(), at.time());
                    messages::run_expires(
                        language,
                        format!("{date} {:02}:{:02}", time.hour(), time.minute()),
                        duration_in_words(*left),
                    )
                }
                None => messages::run_expiry_unknown(language).into(),
            };
            format!("{opened} {expiry}")
        }
        StepOutcome::SessionClosed { session, outcome } => match outcome {
            SessionOutcome::KeptByConnection => messages::run_closed_connection(language, session),
            SessionOutcome::StillShared => messages::run_closed_kept(language, session),
            SessionOutcome::Revoked | SessionOutcome::NotRevoked => {
                messages::run_closed(language, session)
            }
        },
        StepOutcome::ActionRan { outputs } if outputs.is_empty() => {
            messages::run_action_done(language).into()
        }
        StepOutcome::ActionRan { outputs } => {
            let declared = form.map_or(&[][..], |form| &form.outputs);
            let label = |shown: &OutputSummary| {
                let output = declared.iter().find(|it| it.name == shown.name);
                output.map_or_else(|| shown.label.clone(), |it| it.label.clone())
            };
            let outputs = outputs
                .iter()
                .map(|it| format!("{}: {}", label(it), it.value));
            outputs.collect::<Vec<_>>().join(", ")
        }
        StepOutcome::ApiResponse { path, status } => format!("GET {path}: {status}"),
        StepOutcome::Logged(message) => message.clone(),
        StepOutcome::Disabled => messages::run_disabled(language).into(),
    }
}

fn noted(note: &Note, language: Language) -> String {
    match note {
        Note::LeftOpen { session, outcome } => match outcome {
            SessionOutcome::Revoked => messages::run_left_ended(language, session),
            SessionOutcome::StillShared => messages::run_left_kept(language, session),
            SessionOutcome::KeptByConnection => messages::run_left_connection(language, session),
            SessionOutcome::NotRevoked => messages::run_left_unrevoked(language, session),
        },
        Note::Replaced { session, outcome } => match outcome {
            SessionOutcome::NotRevoked => messages::run_replaced_alive(language, session),
            _ => messages::run_replaced(language, session),
        },
        Note::Reopened { session } => messages::run_reopened(language, session),
        Note::TokenMayRemain => messages::run_unknown_token(language).into(),
    }
}

fn step_error(error: &StepError, language: Language) -> String {
    match error {
        StepError::Action { error, message } => match &**error {
            CallError::Failed(_) => message.clone(),
            CallError::DeadlineExceeded(_) => messages::run_too_slow(language).into(),
            CallError::Busy { .. } => messages::run_busy(language).into(),
            CallError::InvalidSession(fault) => localize::sentence(&fault.message(language)),
            CallError::Stopped { .. } => messages::run_action_stopped(language, message),
        },
        StepError::Api(error) => api_error(error, language),
        StepError::Value { field, error } => {
            let why = match error {
                ValueError::Credential(error) => localize::unresolved(error, language),
                ValueError::Unreadable => messages::run_unreadable_value(language).into(),
                ValueError::NoVariable(name) => messages::no_variable(language, name),
                ValueError::Output(error) => localize::template_error(error, language),
            };
            format!("{field}: {why}")
        }
        StepError::Template { field, error } => {
            format!("{field}: {}", localize::template_error(error, language))
        }
        StepError::NoSession(name) => messages::session_not_open(language, name),
        StepError::OutsideAudience { session, component } => {
            messages::run_outside_audience(language, session, component)
        }
        StepError::Output { output, error } => {
            format!("{output}: {}", localize::sentence(&error.message(language)))
        }
        StepError::BadOutput { output } => messages::run_bad_output(language, output),
        StepError::Connection { error, .. } => match error.downcast_ref() {
            Some(error) => connection(error, language),
            None => error.to_string(),
        },
    }
}

fn api_error(error: &ApiError, language: Language) -> String {
    match error {
        ApiError::BadPath { path } => messages::run_bad_path(language, path),
        ApiError::Refused(refusal) => {
            let Refusal {
                host,
                path,
                status,
                code,
                message: said,
                correlation_id,
                retry_after,
            } = &**refusal;
            let advice = match (status.as_u16(), retry_after) {
                (401, _) => messages::run_status_401(language).into(),
                (403, _) => messages::run_status_403(language).into(),
                (404, _) => messages::run_status_404(language).into(),
                (_, Some(wait)) => messages::run_retry_after(language, wait.as_secs()),
                (429, None) => messages::run_status_429(language).into(),
                (500.., None) => messages::run_status_5xx(language).into(),
                _ => messages::run_status_other(language).into(),
            };
            let message = status_message(host, *status, language);
            let correlation = correlation_id
                .as_deref()
                .map(|id| messages::run_correlation(language, id))
                .unwrap_or_default();
            let said = match (said.as_deref(), code.as_deref()) {
                (None, None) => String::new(),
                (Some(said), None) | (None, Some(said)) => format!(": {said}"),
                (Some(said), Some(code)) => format!(": {said} ({code})"),
            };
            let request = format!("GET {path}{said}.");
            format!("{message} {request} {advice} {correlation}")
                .trim()
                .into()
        }
        ApiError::NotJson { host } => messages::run_not_json(language, host),
        ApiError::TimedOut(_) => messages::run_too_slow(language).into(),
        ApiError::Network(error) => localize::network_error(error, language),
    }
}

fn status_message(host: &str, status: StatusCode, language: Language) -> String {
    messages::run_status(language, host, status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_room::Name;
    use control_room::oauth::{Fault, TokenError};

    #[test]
    fn connection_errors_are_localized() {
        let name: Name = "prod".parse().unwrap();
        let throttled = TokenError::Transient {
            fault: Fault::Throttled {
                host: "login.mypurecloud.de".into(),
            },
            retry_after: None,
        };
        let no_token = ConnectionError::NoToken {
            name: name.clone(),
            error: Box::new(throttled),
        };
        for (error, german) in [
            (no_token, "login.mypurecloud.de begrenzt die Zahl"),
            (ConnectionError::TimedOut(name.clone()), "nicht rechtzeitig"),
            (ConnectionError::Changed(name), "inzwischen geändert"),
        ] {
            let message = connection(&error, Language::German);
            assert!(message.starts_with("„prod“ gab kein Token. "), "{message}");
            assert!(message.contains(german), "{message}");
            let message = connection(&error, Language::English);
            assert!(message.starts_with("“prod” gave no token. "), "{message}");
        }
    }
}
