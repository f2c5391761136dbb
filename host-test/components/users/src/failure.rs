//! Turns errors into those of the contract, and explains them to a bot designer.
//!
//! A user must not be created twice, so an error after which it is unknown whether a user was created never asks for
//! another call.

use oauth_authentication::environment::region_label;
use oauth_authentication::error::{Error, Reason};
use oauth_authentication::exchange::Response;
use oauth_authentication::run::detail;
use oauth_authentication::run::wit::{Failure, Retry};
use oauth_authentication::{explain as oauth, refusal, texts};

use crate::form;
use crate::operation::Operation;
use crate::texts::{Locale, Text};

/// The code of an error in a field.
const INVALID_INPUT: &str = "invalid-input";

/// The code for a user that does not exist.
const NOT_FOUND: &str = "not-found";

/// Genesys' code for an e-mail address that another user has.
const CONFLICT: &str = "general.conflict";

/// The name of a detail of errors after which it is unknown what the action did.
const OUTCOME: &str = "outcome";

/// How long to wait if Genesys limits requests and does not say for how long, in seconds: the limits are per minute.
const USUAL_WAIT: u32 = 60;

/// The reasons that only this component has.
const REASONS: [Text; 4] = [
    Text::ReasonNotAUserId,
    Text::ReasonNotAnEmail,
    Text::ReasonPageSizeRange,
    Text::ReasonPageNumberRange,
];

/// The stable name of a message whose key begins with `reason.` or `error.`.
pub fn code(key: Text) -> &'static str {
    let key = key.key();
    key.split_once('.').map_or(key, |(_, code)| code)
}

/// A field that cannot be used as it is.
pub fn invalid(field: &str, reason: &str) -> Failure {
    Failure {
        code: INVALID_INPUT.into(),
        field: Some(field.into()),
        retry: Retry::Never,
        message: String::new(),
        details: vec![detail("reason", reason)],
    }
}

/// A request without a response.
pub fn unanswered(operation: Operation, error: Error) -> Failure {
    let was_sent = match &error {
        Error::Unavailable(failure) => !matches!(
            failure.reason,
            Reason::NameNotResolved
                | Reason::ConnectionRefused
                | Reason::ConnectionFailed
                | Reason::ConnectTimeout
                | Reason::Busy
        ),
        Error::UnexpectedResponse(_) | Error::Other(_) => true,
        _ => false,
    };
    of_operation(operation, error.into(), was_sent)
}

/// A response that is not a success.
pub fn refused(operation: Operation, host: &str, response: &Response) -> Failure {
    let error = refusal::read(host, response);
    let is_refusal = matches!(error, Error::Rejected(_) | Error::Throttled { .. });
    let mut failure = of_operation(operation, error.into(), !is_refusal);
    if is_refusal && response.status == 401 {
        failure.retry = Retry::NewToken;
    }
    if is_no_user(&failure, response) {
        failure.code = NOT_FOUND.into();
    }
    failure
}

/// Whether Genesys itself, and not a gateway before it, says that there is no such user.
fn is_no_user(failure: &Failure, response: &Response) -> bool {
    failure.code == "rejected" && response.status == 404
}

/// Whether it is an error of [`refused`] for a user that does not exist.
pub fn is_not_found(failure: &Failure) -> bool {
    failure.code == NOT_FOUND
}

/// A success whose body is not what the action needs. `reason` is `None` if it is JSON without the members of a user.
pub fn unreadable(
    operation: Operation,
    host: &str,
    response: &Response,
    reason: Option<Reason>,
) -> Failure {
    let reason = reason.map_or(code(Text::ErrorNoUser), Reason::code);
    let failure = Failure {
        code: "unexpected-response".into(),
        field: None,
        retry: Retry::Never,
        message: String::new(),
        details: [
            Some(detail("host", host)),
            Some(detail("reason", reason)),
            refusal::correlation_id(response).map(|id| detail("correlation-id", id)),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    of_operation(operation, failure, true)
}

/// What follows from an error for an operation. If the request `may_have_worked`, only an operation that is repeatable
/// may be tried again.
fn of_operation(operation: Operation, mut failure: Failure, may_have_worked: bool) -> Failure {
    let is_unknown = may_have_worked && !operation.is_repeatable();
    failure.retry = match (failure.code.as_str(), failure.retry) {
        _ if is_unknown => Retry::Never,
        ("throttled", Retry::Backoff) => Retry::After(USUAL_WAIT),
        (_, retry) => retry,
    };
    if is_unknown {
        failure.details.push(detail(OUTCOME, "unknown"));
    }
    failure
}

/// The failure with its message in English.
pub fn with_message(action: &str, mut failure: Failure) -> Failure {
    failure.message = explain(action, &failure, "en");
    failure
}

/// The message for an error, for a bot designer, in the language of `locale`, otherwise in English.
pub fn explain(action: &str, failure: &Failure, locale: &str) -> String {
    let texts = Locale::matching(locale);
    let get = |name: &str| {
        let mut details = failure.details.iter();
        let found = details.find(|detail| detail.name == name);
        found.map_or("", |detail| detail.value.as_str())
    };
    let own = match (failure.code.as_str(), get("reason"), get("error")) {
        (INVALID_INPUT, reason, _) => {
            let field = failure.field.as_deref().unwrap_or_default();
            let label = form::label(field).map_or(field, |key| texts.text(key));
            let values = [
                ("field", label),
                ("reason", reason_in(locale, reason, failure)),
            ];
            return texts.fill(Text::ErrorInvalidInput, &values);
        }
        (NOT_FOUND, _, _) => {
            let region = region_label(get("host"));
            return texts.fill(Text::ErrorNotFound, &[("region", &region)]);
        }
        ("rejected", _, CONFLICT) if action == Operation::Create.name() => {
            return texts.text(Text::ErrorEmailTaken).into();
        }
        (_, reason, _) if reason == code(Text::ErrorNoUser) => {
            texts.fill(Text::ErrorNoUser, &[("host", get("host"))])
        }
        _ => oauth::explain(&failure.clone().into(), locale),
    };
    if get(OUTCOME).is_empty() {
        own
    } else {
        format!("{own} {}", texts.text(Text::ErrorOutcomeUnknown))
    }
}

/// The reason with this code, or the message that came with a code that is not known.
fn reason_in<'a>(locale: &str, reason: &str, failure: &'a Failure) -> &'a str {
    let own = REASONS.into_iter().find(|key| code(*key) == reason);
    let own = own.map(|key| Locale::matching(locale).text(key));
    let shared = || {
        let reason = Reason::with_code(reason)?;
        Some(texts::Locale::matching(locale).text(reason.text()))
    };
    own.or_else(shared).unwrap_or(&failure.message)
}
