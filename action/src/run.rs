//! Runs the actions by name: `bot:action/run`, for engines that know none of them.
//!
//! Each argument is turned into the type that the function of the typed interface takes, so that both interfaces lead to
//! the same code, and each error of the typed interface into one that every engine understands.

use crate::error::{Error, Reason};
use crate::form::{
    AUTHENTICATE, AUTHENTICATION_TYPE, BASE_URL, CLIENT_CREDENTIALS, CONNECTION,
    CONTROL_ROOM_CONNECTION, DISCONNECT, SESSION_NAME,
};
use crate::texts::ENGLISH;
use crate::wit::{AuthenticationType, ClientCredentials, Connection, OauthError};
use crate::{explain, invalid, token};

/// The types of the contract. As of those of the typed interface, nothing prints them.
pub mod wit {
    pub use crate::bindings::action::exports::bot::action::run::{
        Argument, BorrowedToken, Detail, Failure, Output, Retry, Session, SessionChange, Success,
        Value,
    };
}

use wit::{
    Argument, BorrowedToken, Detail, Failure, Retry, Session, SessionChange, Success, Value,
};

/// The server's error code for a token that it does not accept (RFC 6750, section 3.1).
const INVALID_TOKEN: &str = "invalid_token";

/// Runs the action of this name.
///
/// # Errors
///
/// As the functions of the typed interface, with a hint for the engine's next step.
pub fn run(action: &str, arguments: Vec<Argument>) -> Result<Success, Failure> {
    let mut arguments = Arguments::new(arguments);
    let session = match action {
        AUTHENTICATE => SessionChange::Opened(authenticate(&mut arguments)?),
        DISCONNECT => {
            let session = arguments.session(SESSION_NAME)?;
            crate::disconnect(BASE_URL, &session.base_url, session.token)
                .map_err(|error| of_member(SESSION_NAME, error.into()))?;
            SessionChange::Closed
        }
        _ => return Err(unknown_action()),
    };
    let outputs = Vec::new();
    Ok(Success { outputs, session })
}

fn authenticate(arguments: &mut Arguments) -> Result<Session, Failure> {
    let session_name = arguments.text(SESSION_NAME)?;
    let is_with_connection = authentication_type(&arguments.text(AUTHENTICATION_TYPE)?)?;
    let authentication = if is_with_connection {
        let token = arguments.token(CONNECTION)?;
        AuthenticationType::ControlRoomConnection(Connection {
            url: token.url,
            access_token: token.access_token,
            token_type: token.token_type,
            expires_in: token.expires_in,
        })
    } else {
        AuthenticationType::ClientCredentials(ClientCredentials {
            url: arguments.text("url")?,
            client_id: arguments.text("client-id")?,
            client_secret: arguments.text("client-secret")?,
        })
    };
    let opened = crate::authenticate(authentication, &session_name).map_err(OauthError::from);
    let session = opened.map_err(|error| match error {
        OauthError::InvalidInput(ref it) if is_with_connection && it.field != SESSION_NAME => {
            of_member(CONNECTION, error.into())
        }
        error => error.into(),
    })?;
    Ok(Session {
        token: session.token,
        token_type: session.token_type,
        base_url: session.api_url,
        expires_in: session.expires_in,
    })
}

/// Whether it is an OAuth connection.
fn authentication_type(chosen: &str) -> Result<bool, Error> {
    match chosen {
        CLIENT_CREDENTIALS => Ok(false),
        CONTROL_ROOM_CONNECTION => Ok(true),
        _ => Err(invalid(AUTHENTICATION_TYPE, Reason::NotAnOption)),
    }
}

/// Checks the fields that have a value, without a request.
pub fn check(action: &str, arguments: &[Argument]) -> Vec<Failure> {
    if action != AUTHENTICATE && action != DISCONNECT {
        return vec![unknown_action()];
    }
    let checked = arguments.iter().filter_map(|argument| {
        let (Value::Text(value) | Value::Secret(value)) = &argument.value else {
            return None;
        };
        check_field(&argument.name, value).err()
    });
    checked.map(Into::into).collect()
}

fn check_field(field: &str, value: &str) -> Result<(), Error> {
    match field {
        AUTHENTICATION_TYPE => authentication_type(value).map(drop),
        "url" => crate::environment(value).map(drop),
        "client-id" => token::credential("client-id", value).map(drop),
        "client-secret" => token::credential("client-secret", value).map(drop),
        SESSION_NAME => crate::checked_session_name(value).map(drop),
        _ => Ok(()),
    }
}

/// The arguments of a call, taken one by one.
pub struct Arguments(Vec<Argument>);

impl Arguments {
    /// The arguments of a call.
    pub fn new(arguments: Vec<Argument>) -> Self {
        Self(arguments)
    }

    fn take(&mut self, field: &'static str) -> Result<Value, Error> {
        let found = self.0.iter().position(|argument| argument.name == field);
        let found = found.ok_or_else(|| invalid(field, Reason::Empty))?;
        Ok(self.0.swap_remove(found).value)
    }

    fn text(&mut self, field: &'static str) -> Result<String, Error> {
        match self.take(field)? {
            Value::Text(text) | Value::Secret(text) => Ok(text),
            _ => Err(invalid(field, Reason::WrongKind)),
        }
    }

    fn token(&mut self, field: &'static str) -> Result<BorrowedToken, Error> {
        match self.take(field)? {
            Value::Token(token) => Ok(token),
            _ => Err(invalid(field, Reason::WrongKind)),
        }
    }

    /// The session in a field.
    ///
    /// # Errors
    ///
    /// If there is none, or the value is of another kind.
    pub fn session(&mut self, field: &'static str) -> Result<Session, Error> {
        match self.take(field)? {
            Value::Session(session) => Ok(session),
            _ => Err(invalid(field, Reason::WrongKind)),
        }
    }
}

/// An error in a member of a token or of a session is one of the form's field that it came from.
fn of_member(field: &str, failure: Failure) -> Failure {
    match failure.field {
        Some(member) => Failure {
            field: Some(field.into()),
            details: [detail("member", member)]
                .into_iter()
                .chain(failure.details)
                .collect(),
            ..failure
        },
        None => failure,
    }
}

/// The error for an action that the component does not have. Only a bug of the engine leads to it.
pub fn unknown_action() -> Failure {
    let failure = crate::error::Failure::without_answer("", Reason::UnknownAction);
    Error::Other(failure).into()
}

/// A fact about an error.
pub fn detail(name: &str, value: impl Into<String>) -> Detail {
    Detail {
        name: name.into(),
        value: value.into(),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        OauthError::from(error).into()
    }
}

impl From<OauthError> for Failure {
    fn from(error: OauthError) -> Self {
        let message = explain::in_locale(&error, ENGLISH);
        let (mut field, mut retry) = (None, Retry::Never);
        let mut details = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            details.extend(value.filter(|it| !it.is_empty()).map(|it| detail(name, it)));
        };
        let mut of_failure = |it: crate::wit::Failure| {
            add("host", Some(it.host));
            add("reason", Some(it.code));
            add("status", it.status.map(|status| status.to_string()));
            add("retry-after", it.retry_after.map(|it| it.to_string()));
            add("correlation-id", it.correlation_id);
            it.retry_after
        };
        let code = match error {
            OauthError::InvalidInput(it) => {
                let character = explain::named_character(&it).map(Into::into);
                field = Some(it.field);
                add("reason", Some(it.code));
                add("character", character);
                "invalid-input"
            }
            OauthError::Rejected(it) => {
                if it.code == INVALID_TOKEN {
                    retry = Retry::NewToken;
                }
                add("host", Some(it.host));
                add("error", Some(it.code));
                add("description", it.description);
                add("correlation-id", it.correlation_id);
                "rejected"
            }
            OauthError::Throttled(it) => {
                retry = it.retry_after.map_or(Retry::Backoff, Retry::After);
                add("host", Some(it.host));
                add("retry-after", it.retry_after.map(|it| it.to_string()));
                add("correlation-id", it.correlation_id);
                "throttled"
            }
            OauthError::Unavailable(it) => {
                retry = of_failure(it).map_or(Retry::Backoff, Retry::After);
                "unavailable"
            }
            OauthError::UntrustedServer(it) => {
                of_failure(it);
                "untrusted-server"
            }
            OauthError::NotPermitted(it) => {
                of_failure(it);
                "not-permitted"
            }
            OauthError::UnexpectedResponse(it) => {
                of_failure(it);
                "unexpected-response"
            }
            OauthError::Other(it) => {
                of_failure(it);
                "other"
            }
        };
        Self {
            code: code.into(),
            field,
            retry,
            message,
            details,
        }
    }
}

/// What `explain` needs of an error that came back from the engine.
impl From<Failure> for OauthError {
    fn from(failure: Failure) -> Self {
        let get = |name: &str| {
            let mut details = failure.details.iter();
            let found = details.find(|detail| detail.name == name)?;
            Some(found.value.clone())
        };
        let text = |name| get(name).unwrap_or_default();
        let number = |name| get(name).and_then(|it| it.parse().ok());
        let host = text("host");
        let correlation_id = get("correlation-id");
        let retry_after = number("retry-after");
        let of_failure = |case: fn(crate::wit::Failure) -> Self| {
            case(crate::wit::Failure {
                host: text("host"),
                code: text("reason"),
                reason: failure.message.clone(),
                status: get("status").and_then(|it| it.parse().ok()),
                retry_after,
                correlation_id: get("correlation-id"),
            })
        };
        match failure.code.as_str() {
            "invalid-input" => Self::InvalidInput(crate::wit::InvalidInput {
                field: get("member").or(failure.field).unwrap_or_default(),
                code: text("reason"),
                reason: failure.message,
            }),
            "rejected" => Self::Rejected(crate::wit::Rejection {
                host,
                code: text("error"),
                description: get("description"),
                correlation_id,
            }),
            "throttled" => Self::Throttled(crate::wit::Throttling {
                host,
                retry_after,
                correlation_id,
            }),
            "unavailable" => of_failure(Self::Unavailable),
            "untrusted-server" => of_failure(Self::UntrustedServer),
            "not-permitted" => of_failure(Self::NotPermitted),
            "unexpected-response" => of_failure(Self::UnexpectedResponse),
            _ => of_failure(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Failure as Unanswered, Rejection};

    fn argument(name: &str, value: &str) -> Argument {
        Argument {
            name: name.into(),
            value: Value::Text(value.into()),
        }
    }

    fn rejected(code: &str) -> Error {
        Error::Rejected(Rejection {
            host: "api.mypurecloud.de".into(),
            code: code.into(),
            description: Some("why".into()),
            correlation_id: Some("c-1".into()),
        })
    }

    fn every_error() -> Vec<Error> {
        let unanswered = || Unanswered {
            status: Some(503),
            retry_after: Some(7),
            correlation_id: Some("c-1".into()),
            ..Unanswered::without_answer("login.mypurecloud.de", Reason::ServerError)
        };
        vec![
            invalid("url", Reason::NotGenesys),
            crate::characters::trimmed("client-id", "a\u{200b}b").unwrap_err(),
            rejected("invalid_client"),
            rejected(INVALID_TOKEN),
            Error::Throttled {
                host: "login.mypurecloud.de".into(),
                retry_after: Some(30),
                correlation_id: Some("c-1".into()),
            },
            Error::Unavailable(unanswered()),
            Error::UntrustedServer(unanswered()),
            Error::NotPermitted(unanswered()),
            Error::UnexpectedResponse(unanswered()),
            Error::Other(unanswered()),
        ]
    }

    #[test]
    fn an_error_has_the_same_message_through_both_interfaces() {
        for error in every_error() {
            let typed = OauthError::from(error.clone());
            for locale in ["en", "de"] {
                let failure = Failure::from(error.clone());
                let explained = explain::explain(&failure.into(), locale);
                assert_eq!(explained, explain::explain(&typed, locale));
            }
        }
    }

    #[test]
    fn the_next_step_follows_from_the_error() {
        let retry = |error: Error| Failure::from(error).retry;
        let unavailable = |retry_after| {
            Error::Unavailable(Unanswered {
                retry_after,
                ..Unanswered::without_answer("h", Reason::ServerError)
            })
        };
        let throttled = |retry_after| Error::Throttled {
            host: "h".into(),
            retry_after,
            correlation_id: None,
        };
        assert!(matches!(retry(unavailable(None)), Retry::Backoff));
        assert!(matches!(retry(unavailable(Some(5))), Retry::After(5)));
        assert!(matches!(retry(throttled(None)), Retry::Backoff));
        assert!(matches!(retry(throttled(Some(9))), Retry::After(9)));
        assert!(matches!(retry(rejected(INVALID_TOKEN)), Retry::NewToken));
        for error in every_error() {
            let is_final = !matches!(&error, Error::Throttled { .. } | Error::Unavailable(_))
                && error != rejected(INVALID_TOKEN);
            assert_eq!(is_final, matches!(retry(error), Retry::Never));
        }
    }

    #[test]
    fn every_field_that_cannot_be_used_is_reported() {
        let arguments = || {
            vec![
                argument(AUTHENTICATION_TYPE, "password"),
                argument("url", "https://example.com"),
                argument("client-id", " "),
                argument("client-secret", "right"),
                argument(SESSION_NAME, "a\nb"),
                argument("a-later-field", "x"),
            ]
        };
        let found: Vec<_> = check(AUTHENTICATE, &arguments())
            .into_iter()
            .map(|it| (it.field.unwrap_or_default(), it.details[0].value.clone()))
            .collect();
        assert_eq!(
            found,
            [
                (AUTHENTICATION_TYPE.to_owned(), "not-an-option".to_owned()),
                ("url".into(), "not-genesys".into()),
                ("client-id".into(), "empty".into()),
                (SESSION_NAME.into(), "control-characters".into()),
            ]
        );
        assert_eq!(check("unknown", &[])[0].code, "other");
    }

    #[test]
    fn a_missing_field_or_one_of_another_kind_is_invalid_input() {
        let failure = run(AUTHENTICATE, Vec::new()).err().unwrap();
        assert_eq!(failure.field.as_deref(), Some(SESSION_NAME));
        let failure = run(DISCONNECT, vec![argument(SESSION_NAME, "Default")])
            .err()
            .unwrap();
        assert_eq!(failure.details[0].value, "wrong-kind");
    }

    fn refused_session(token: &str, base_url: &str) -> Failure {
        let session = Session {
            token: token.into(),
            token_type: "Bearer".into(),
            base_url: base_url.into(),
            expires_in: None,
        };
        let argument = Argument {
            name: SESSION_NAME.into(),
            value: Value::Session(session),
        };
        let failure = run(DISCONNECT, vec![argument]).err().unwrap();
        assert_eq!(failure.field.as_deref(), Some(SESSION_NAME));
        failure
    }

    #[test]
    fn a_faulty_member_of_a_session_is_reported_in_the_forms_field() {
        let failure = refused_session("canary canary", "https://api.mypurecloud.de");
        assert_eq!(failure.details[0].value, "token");
        assert_eq!(
            failure.message,
            "Token of the session: this is not an access token."
        );
        assert!(!failure.message.contains("canary"));
    }

    #[test]
    fn a_faulty_address_of_a_session_is_reported_by_its_name_in_the_contract() {
        let failure = refused_session("token", "https://api.mypurecloud.de.evil.example");
        let details = failure.details.iter();
        let details: Vec<_> = details.map(|it| (&*it.name, &*it.value)).collect();
        assert_eq!(
            details,
            [("member", BASE_URL), ("reason", "not-a-genesys-session")]
        );
        let explained = explain::explain(&failure.into(), "en");
        assert_eq!(
            explained,
            "API address of the session: this session is not for Genesys Cloud; use one opened by OAuth authenticate."
        );
    }
}
