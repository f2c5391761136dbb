//! What happens in a run, in the language of who started it. An action's errors come in its own words; a
//! template has `{name}` where something is put in.

use std::time::Duration;

use http::StatusCode;
use time::OffsetDateTime;

use super::localize;
use super::messages;
use super::run_log::{Entry, Kind};
use bot_engine::Language;
use bot_engine::report::{Note, RetryReason, SessionOutcome, StepOutcome, duration_in_words};
use bot_engine::steps::api_request::ApiError;
use bot_engine::value::ValueError;
use bot_engine::{CallError, Event, Problem, ProblemKind, RunError, StepError};
use control_room::connections::ConnectionError;

/// An event as an entry; none where it says nothing that a page does not show anyway.
pub(super) fn entry(event: &Event<'_>, language: Language) -> Option<Entry> {
    let made = |kind, step, text| Some(Entry::new(kind, step, text));
    match event {
        Event::BotStarted { .. } => None,
        Event::Warned(warning) => made(
            Kind::Warning,
            Some(warning.step),
            messages::insecure(language).into(),
        ),
        Event::StepSucceeded {
            step,
            action,
            outcome,
            elapsed,
        } => Some(Entry {
            action: Some((*action).into()),
            took: Some(milliseconds(*elapsed)),
            ..Entry::new(Kind::Done, Some(*step), done(outcome, language))
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
            let reason = match reason {
                RetryReason::Action(words) => (*words).to_owned(),
                // There is nothing to do but to wait.
                RetryReason::Api(ApiError::Status { host, status, .. }) => {
                    answered(host, *status, language)
                }
                RetryReason::Api(error) => api_error(error, language),
            };
            let text = messages::run_waiting(language, tries, seconds(*length, language));
            made(Kind::Waiting, Some(*step), format!("{text} {reason}"))
        }
        Event::Interrupted { step } => {
            let text = messages::run_interrupted(language, step);
            made(Kind::Stopped, Some(*step), text)
        }
        Event::Noted { note } => made(Kind::Note, None, noted(note, language)),
    }
}

/// Why a bot did not even begin; none where its events have told already.
pub(super) fn not_begun(error: &RunError, language: Language) -> Option<Entry> {
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

/// What the editor's check has let pass, as it can change until the bot runs.
fn not_valid(problem: &Problem, language: Language) -> Entry {
    let message = localize::problem(problem, &[], language);
    let text = match (&problem.kind, &problem.field) {
        (ProblemKind::Unresolved(_), _) | (_, None) => message,
        (_, Some(field)) => messages::run_mistake(language, field, message),
    };
    Entry::new(Kind::Failed, problem.step, text)
}

/// What a connection lacks, as the editor's check says it.
fn lacking(error: &ConnectionError, language: Language) -> String {
    localize::connection_error(error, language)
        .unwrap_or_else(|| messages::run_no_control_room(language).into())
}

/// Why a step got no token of a connection: what its provider said, as the connection's own page says it.
fn connection(error: &ConnectionError, language: Language) -> String {
    match error {
        ConnectionError::NoToken { name, .. }
        | ConnectionError::TimedOut(name)
        | ConnectionError::Changed(name) => messages::run_no_token(
            language,
            name,
            localize::connection::connection_error(error, language),
        ),
        error => lacking(error, language),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// With one decimal, as the language writes it.
pub(super) fn seconds(time: Duration, language: Language) -> String {
    let seconds = format!("{:.1}", time.as_secs_f32());
    match language {
        Language::English => seconds,
        Language::German => seconds.replace('.', ","),
    }
}

fn done(done: &StepOutcome, language: Language) -> String {
    match done {
        StepOutcome::SessionOpened {
            session,
            api_url,
            expires_in,
        } => {
            let opened = messages::run_opened(language, session, api_url);
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
        StepOutcome::ApiResponse { path, status } => format!("GET {path}: {status}"),
        StepOutcome::Logged(message) => message.clone(),
    }
}

fn noted(note: &Note, language: Language) -> String {
    match note {
        Note::LeftOpen { session, outcome } => match outcome {
            SessionOutcome::Revoked => messages::run_left_ended(language, session),
            SessionOutcome::StillShared => messages::run_left_kept(language, session),
            SessionOutcome::KeptByConnection => messages::run_left_connection(language, session),
            SessionOutcome::NotRevoked => messages::run_left_alive(language, session),
        },
        Note::Replaced { session, outcome } => match outcome {
            SessionOutcome::NotRevoked => messages::run_replaced_alive(language, session),
            _ => messages::run_replaced(language, session),
        },
        Note::Reopened { session } => messages::run_opened_again(language, session),
        Note::TokenMayRemain => messages::run_unknown_token(language).into(),
    }
}

fn step_error(error: &StepError, language: Language) -> String {
    match error {
        StepError::Action { error, message } => match error {
            CallError::Failed(_) => message.clone(),
            CallError::DeadlineExceeded(_) => messages::run_too_slow(language).into(),
            CallError::Busy { .. } => messages::run_busy(language).into(),
            CallError::Stopped { .. } => messages::run_action_stopped(language, message),
        },
        StepError::Api(error) => api_error(error, language),
        StepError::Value { field, error } => {
            let why = match error {
                ValueError::Credential(error) => localize::unresolved(error, language),
                ValueError::Unreadable => error.to_string(),
                ValueError::NoVariable(name) => messages::no_variable(language, name),
            };
            format!("{field}: {why}")
        }
        StepError::Template { field, error } => {
            format!("{field}: {}", localize::template_error(error, language))
        }
        StepError::NoSession(name) => messages::session_not_open(language, name),
        StepError::Connection(error) => match error.downcast_ref() {
            Some(error) => connection(error, language),
            None => error.to_string(),
        },
    }
}

fn api_error(error: &ApiError, language: Language) -> String {
    match error {
        ApiError::BadPath { path } => messages::run_bad_path(language, path),
        ApiError::Status {
            host,
            status,
            correlation_id,
            ..
        } => {
            let advice = match status.as_u16() {
                401 => messages::run_status_401(language),
                403 => messages::run_status_403(language),
                404 => messages::run_status_404(language),
                429 => messages::run_status_429(language),
                500.. => messages::run_status_5xx(language),
                _ => messages::run_status_other(language),
            };
            let said = answered(host, *status, language);
            let correlation = correlation_id
                .as_deref()
                .map(|id| messages::run_correlation(language, id))
                .unwrap_or_default();
            format!("{said} {advice} {correlation}").trim().into()
        }
        ApiError::NotJson { host } => messages::run_not_json(language, host),
        ApiError::TimedOut(_) => messages::run_too_slow(language).into(),
        ApiError::Network(error) => localize::network_error(error, language),
    }
}

fn answered(host: &str, status: StatusCode, language: Language) -> String {
    messages::run_status(language, host, status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_room::Name;
    use control_room::oauth::{Fault, TokenError};

    #[test]
    fn a_connection_without_a_token_is_told_of_in_the_designers_language() {
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
            let said = connection(&error, Language::German);
            assert!(said.starts_with("„prod“ gab kein Token. "), "{said}");
            assert!(said.contains(german), "{said}");
            let said = connection(&error, Language::English);
            assert!(said.starts_with("“prod” gave no token. "), "{said}");
        }
    }
}
