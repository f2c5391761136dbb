//! What happens in a run, in the language of who started it. An action's errors come in its own words; a
//! template has `{name}` where something is put in.

use std::time::Duration;

use http::StatusCode;
use time::OffsetDateTime;

use super::connections;
use super::in_words;
use super::language::Language;
use super::run_log::{Entry, Kind};
use super::texts::Texts;
use bot_engine::api_request::ApiError;
use bot_engine::told::{Because, Done, Left, Note, duration_in_words};
use bot_engine::value::ValueError;
use bot_engine::{
    BotFileError, CallError, Event, ResolveError, ResolveErrorKind, RunError, StepError,
};
use control_room::connections::ConnectionError;

/// An event as an entry; none where it says nothing that a page does not show anyway.
pub(super) fn entry(event: &Event<'_>, language: Language) -> Option<Entry> {
    let texts = language.texts();
    let made = |kind, step, text| Some(Entry::new(kind, step, text));
    match event {
        Event::BotStarted { .. } => None,
        Event::Warned(warning) => made(Kind::Warning, Some(warning.step), texts.insecure.into()),
        Event::StepDone {
            step,
            action,
            summary,
            elapsed,
        } => Some(Entry {
            action: Some((*action).into()),
            took: Some(milliseconds(*elapsed)),
            ..Entry::new(Kind::Done, Some(*step), done(summary, texts))
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
            because,
        } => {
            let because = match because {
                Because::Action(words) => (*words).to_owned(),
                // There is nothing to do but to wait.
                Because::Api(ApiError::Status { host, status, .. }) => {
                    answered(host, *status, texts)
                }
                Because::Api(error) => api_error(error, texts),
            };
            let text = texts
                .run_waiting
                .replace("{tries}", &tries.to_string())
                .replace("{seconds}", &seconds(*length, language));
            made(Kind::Waiting, Some(*step), format!("{text} {because}"))
        }
        Event::Interrupted { step } => {
            let text = texts.run_interrupted.replace("{n}", &step.to_string());
            made(Kind::Stopped, Some(*step), text)
        }
        Event::Noted { note } => made(Kind::Note, None, noted(note, texts)),
    }
}

/// Why a bot did not even begin; none where its events have told already.
pub(super) fn not_begun(error: &RunError, texts: &Texts) -> Option<Entry> {
    let text = match error {
        RunError::Mistake(mistake) => self::mistake(mistake, texts),
        RunError::ControlRoom(error) => {
            tracing::error!(%error, "a bot cannot run");
            texts.run_no_control_room.into()
        }
        // No provider is asked before the first step.
        RunError::Connection { error, .. } => match error.downcast_ref() {
            Some(error) => lacking(error, texts),
            None => error.to_string(),
        },
        RunError::Step { .. } | RunError::Interrupted { .. } => return None,
    };
    let step = match error {
        RunError::Mistake(mistake) => mistake.step,
        RunError::Connection { step, .. } => Some(*step),
        _ => None,
    };
    Some(Entry::new(Kind::Failed, step, text))
}

/// What the editor's check has let pass, as it can change until the bot runs.
fn mistake(mistake: &BotFileError, texts: &Texts) -> String {
    match mistake.field.as_deref() {
        Some("connection") => texts.run_no_connection.into(),
        field => texts
            .run_mistake
            .replace("{field}", field.unwrap_or_default())
            .replace("{problem}", &mistake.problem),
    }
}

/// Why a step got no value of a credential.
fn credential(error: &ResolveError, texts: &Texts) -> String {
    match error.downcast_ref() {
        Some(error) => {
            in_words::vault_error(error, texts).unwrap_or_else(|| texts.run_no_control_room.into())
        }
        None if error.kind() == ResolveErrorKind::NoPrincipal => texts.forbidden_advice.into(),
        None => error.to_string(),
    }
}

/// What a connection lacks, as the editor's check says it.
fn lacking(error: &ConnectionError, texts: &Texts) -> String {
    in_words::connection_error(error, texts).unwrap_or_else(|| texts.run_no_control_room.into())
}

/// Why a step got no token of a connection: what its provider said, as the connection's own page says it.
fn connection(error: &ConnectionError, language: Language) -> String {
    let texts = language.texts();
    match error {
        ConnectionError::NoToken { name, .. }
        | ConnectionError::OutOfTime(name)
        | ConnectionError::Changed(name) => texts
            .run_no_token
            .replace("{name}", name.as_str())
            // The reason last: it may be any text.
            .replace("{reason}", &connections::connection_error(error, language)),
        error => lacking(error, texts),
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

fn done(done: &Done, texts: &Texts) -> String {
    let named = |text: &str, session: &str| text.replace("{name}", session);
    match done {
        Done::Opened {
            session,
            api_url,
            expires_in,
        } => {
            let opened = texts.run_opened.replace("{url}", api_url);
            let expiry = match expires_in {
                Some(left) => {
                    let at = OffsetDateTime::now_utc() + Duration::from_secs((*left).into());
                    let (date, time) = (at.date(), at.time());
                    texts
                        .run_expires
                        .replace(
                            "{at}",
                            &format!("{date} {:02}:{:02}", time.hour(), time.minute()),
                        )
                        .replace("{in}", &duration_in_words(*left))
                }
                None => texts.run_expiry_unknown.into(),
            };
            // The name comes last: it may hold whatever a template does.
            named(&format!("{opened} {expiry}"), session)
        }
        Done::Closed { session, left } => {
            let text = match left {
                Left::WithConnection => texts.run_closed_connection,
                Left::Kept => texts.run_closed_kept,
                Left::Ended | Left::Alive => texts.run_closed,
            };
            named(text, session)
        }
        Done::Got { path, status } => format!("GET {path}: {status}"),
        Done::Logged(message) => message.clone(),
    }
}

fn noted(note: &Note, texts: &Texts) -> String {
    let (text, session) = match note {
        Note::LeftOpen { session, left } => {
            let text = match left {
                Left::Ended => texts.run_left_ended,
                Left::Kept => texts.run_left_kept,
                Left::WithConnection => texts.run_left_connection,
                Left::Alive => texts.run_left_alive,
            };
            (text, session.as_str())
        }
        Note::Replaced { session, left } => {
            let text = match left {
                Left::Alive => texts.run_replaced_alive,
                _ => texts.run_replaced,
            };
            (text, session.as_str())
        }
        Note::OpenedAgain { session } => (texts.run_opened_again, session.as_str()),
        Note::UnknownToken => (texts.run_unknown_token, ""),
    };
    text.replace("{name}", session)
}

fn step_error(error: &StepError, language: Language) -> String {
    let texts = language.texts();
    match error {
        StepError::Action { error, message } => match error {
            CallError::Failed(_) => message.clone(),
            CallError::DeadlineExceeded(_) => texts.run_too_slow.into(),
            CallError::Busy { .. } => texts.run_busy.into(),
            CallError::Stopped { .. } => texts.run_action_stopped.replace("{reason}", message),
        },
        StepError::Api(error) => api_error(error, texts),
        StepError::Value { field, error } => {
            let why = match error {
                ValueError::Credential(error) => credential(error, texts),
                ValueError::NoVariable(name) => texts.no_variable.replace("{name}", name),
            };
            format!("{field}: {why}")
        }
        StepError::Template { field, error } => {
            format!("{field}: {}", in_words::template_error(error, texts))
        }
        StepError::NoSession(name) => texts.session_not_open.replace("{name}", name),
        StepError::Connection(error) => match error.downcast_ref() {
            Some(error) => connection(error, language),
            None => error.to_string(),
        },
    }
}

fn api_error(error: &ApiError, texts: &Texts) -> String {
    match error {
        ApiError::BadPath { path } => texts.run_bad_path.replace("{path}", path),
        ApiError::Status {
            host,
            status,
            correlation_id,
            ..
        } => {
            let advice = match status.as_u16() {
                401 => texts.run_status_401,
                403 => texts.run_status_403,
                404 => texts.run_status_404,
                429 => texts.run_status_429,
                500.. => texts.run_status_5xx,
                _ => texts.run_status_other,
            };
            let said = answered(host, *status, texts);
            let correlation = correlation_id
                .as_deref()
                .map(|id| texts.run_correlation.replace("{id}", id))
                .unwrap_or_default();
            format!("{said} {advice} {correlation}").trim().into()
        }
        ApiError::NotJson { host } => texts.run_not_json.replace("{host}", host),
        ApiError::OutOfTime(_) => texts.run_too_slow.into(),
        ApiError::Network(error) => network_error(error, texts),
    }
}

fn answered(host: &str, status: StatusCode, texts: &Texts) -> String {
    texts
        .run_status
        .replace("{host}", host)
        .replace("{status}", &status.to_string())
}

/// In the words that help a designer; the log of the operator has the rest.
pub(super) fn network_error(error: &egress::Error, texts: &Texts) -> String {
    use egress::Error as E;
    let (text, host) = match error {
        E::NameNotResolved { host } => (texts.run_no_name, host.as_str()),
        E::Connect { host, .. } => (texts.run_no_connect, host.as_str()),
        E::TimedOut { host, .. } => (texts.run_timed_out, host.as_str()),
        E::Disconnected { host } | E::Incomplete { host } => (texts.run_broke_off, host.as_str()),
        E::Certificate { host, .. } | E::Tls { host } => (texts.run_untrusted, host.as_str()),
        E::HostNotAllowed { host, .. } | E::AddressNotAllowed { host } => {
            (texts.run_not_permitted, host.as_str())
        }
        other => return texts.run_network.replace("{reason}", &other.to_string()),
    };
    text.replace("{host}", host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_room::Name;
    use control_room::oauth::{Fault, TokenError};

    #[test]
    fn a_connection_without_a_token_is_told_of_in_the_designers_language() {
        let name: Name = "prod".parse().unwrap();
        let throttled = TokenError::Passing {
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
            (
                ConnectionError::OutOfTime(name.clone()),
                "nicht rechtzeitig",
            ),
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
