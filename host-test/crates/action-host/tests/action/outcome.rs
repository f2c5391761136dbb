//! The result of a call in one line, for tables and assertion messages.

use action_host::CallError;
use action_host::error::ActionError;
use action_host::oauth::{Failure, OauthError, Session};
use secrecy::ExposeSecret;

/// The kind, the reason or code, and the rest of the variant, with the correlation id in parentheses. For a stopped call,
/// only the kind.
pub(crate) fn in_a_line(result: &Result<Session, CallError<OauthError>>) -> String {
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

pub(crate) fn of_error(error: &OauthError) -> String {
    let kind = error.code();
    let (what, correlation_id) = match error {
        OauthError::InvalidInput(it) => (format!("{}: {}", it.field, it.reason), &None),
        OauthError::Rejected(it) => {
            let description = it.description.as_deref().unwrap_or("-");
            (format!("{}: {description}", it.code), &it.correlation_id)
        }
        OauthError::Throttled(it) => (
            it.retry_after
                .map_or("for some time".into(), |seconds| format!("for {seconds} s")),
            &it.correlation_id,
        ),
        OauthError::Unavailable(it)
        | OauthError::UntrustedServer(it)
        | OauthError::NotPermitted(it)
        | OauthError::UnexpectedResponse(it)
        | OauthError::Other(it) => (of_failure(it), &it.correlation_id),
    };
    match correlation_id {
        Some(id) => format!("{kind} {what} ({id})"),
        None => format!("{kind} {what}"),
    }
}

fn of_failure(failure: &Failure) -> String {
    let status = failure.status.map(|status| format!("{status}: "));
    let wait = failure.retry_after.map(|it| format!(", again in {it} s"));
    let (status, wait) = (status.unwrap_or_default(), wait.unwrap_or_default());
    format!("{status}{}{wait}", failure.reason)
}

/// The host of an error, if it has one.
pub(crate) fn host_of(error: &OauthError) -> Option<&str> {
    match error {
        OauthError::Rejected(it) => Some(&it.host),
        OauthError::Throttled(it) => Some(&it.host),
        OauthError::Unavailable(it)
        | OauthError::UntrustedServer(it)
        | OauthError::NotPermitted(it)
        | OauthError::UnexpectedResponse(it)
        | OauthError::Other(it) => Some(&it.host),
        OauthError::InvalidInput(_) => None,
    }
}

/// The error that the action reported.
pub(crate) fn error_of<T>(result: Result<T, CallError<OauthError>>) -> OauthError {
    match result {
        Err(CallError::Failed(error)) => error,
        Err(stopped) => panic!("{stopped}"),
        Ok(_) => panic!("no error"),
    }
}
