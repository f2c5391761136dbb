//! The result of a call in one line, for tables and assertion messages.

use action_host::error::Failure;
use action_host::{ActionError, CallError, Session};
use secrecy::ExposeSecret;

/// The kind, the reason or code, and the rest of the variant, with the correlation id in parentheses. For a stopped call,
/// only the kind.
pub(crate) fn in_a_line(result: &Result<Session, CallError>) -> String {
    match result {
        Ok(session) => of_session(session),
        Err(CallError::Failed(error)) => of_error(error),
        Err(stopped) => stopped.kind().into(),
    }
}

fn of_session(session: &Session) -> String {
    let token = session.token.expose_secret();
    match session.expires_in {
        Some(seconds) => format!("session {token} for {seconds} s"),
        None => format!("session {token}"),
    }
}

pub(crate) fn of_error(error: &ActionError) -> String {
    let kind = error.kind();
    let (what, correlation_id) = match error {
        ActionError::InvalidInput(it) => (format!("{}: {}", it.field, it.reason), &None),
        ActionError::Rejected(it) => {
            let description = it.description.as_deref().unwrap_or("-");
            (format!("{}: {description}", it.code), &it.correlation_id)
        }
        ActionError::Throttled(it) => (
            it.retry_after
                .map_or("for some time".into(), |seconds| format!("for {seconds} s")),
            &it.correlation_id,
        ),
        ActionError::Unavailable(it)
        | ActionError::UntrustedServer(it)
        | ActionError::NotPermitted(it)
        | ActionError::UnexpectedResponse(it) => (of_failure(it), &it.correlation_id),
        ActionError::Other(text) => (text.clone(), &None),
    };
    match correlation_id {
        Some(id) => format!("{kind} {what} ({id})"),
        None => format!("{kind} {what}"),
    }
}

fn of_failure(failure: &Failure) -> String {
    match failure.status {
        Some(status) => format!("{status}: {}", failure.reason),
        None => failure.reason.clone(),
    }
}

/// The host of an error, if it has one.
pub(crate) fn host_of(error: &ActionError) -> Option<&str> {
    match error {
        ActionError::Rejected(it) => Some(&it.host),
        ActionError::Throttled(it) => Some(&it.host),
        ActionError::Unavailable(it)
        | ActionError::UntrustedServer(it)
        | ActionError::NotPermitted(it)
        | ActionError::UnexpectedResponse(it) => Some(&it.host),
        ActionError::InvalidInput(_) | ActionError::Other(_) => None,
    }
}

/// The error that the action reported.
pub(crate) fn error_of<T>(result: Result<T, CallError>) -> ActionError {
    match result {
        Err(CallError::Failed(error)) => error,
        Err(stopped) => panic!("{stopped}"),
        Ok(_) => panic!("no error"),
    }
}
