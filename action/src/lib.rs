//! The action *Genesys > Authentication > OAuth authenticate*, as one WebAssembly component.
//!
//! This file implements the typed interface of the contract (`wit/oauth.wit`). The other modules:
//!
//! - [`bindings`] is generated from the contract, and `component` exports it;
//! - [`characters`] finds what nobody sees in a pasted text;
//! - [`environment`] turns what a designer typed into the hosts of a Genesys region, and no others;
//! - [`token`], [`tokens_me`], [`refusal`] and [`retry_after`] make requests and read their responses, as pure functions
//!   over [`exchange`] and [`members`];
//! - [`transport`] is the only module that uses `wasi:http`;
//! - [`run`] runs the actions by name, for engines that know none of them;
//! - [`form`], [`explain`] and [`texts`] localize forms and messages, from `locales/`.
//!
//! Other components for Genesys Cloud use it as a library, without the feature `component`.
//!
//! The action keeps no state, has no clock and tries once: retries and deadlines are up to its caller.

pub mod bindings;
pub mod characters;
#[cfg(all(feature = "component", target_family = "wasm"))]
mod component;
pub mod environment;
pub mod error;
pub mod exchange;
pub mod explain;
pub mod form;
pub mod members;
pub mod refusal;
pub mod retry_after;
pub mod run;
pub mod texts;
pub mod token;
pub mod tokens_me;
pub mod transport;

use secrecy::{ExposeSecret, SecretString};

use crate::environment::Environment;
use crate::error::{Error, Failure, Reason};

/// The types of the contract.
///
/// Their generated `Debug` shows secrets, so only this file and `explain` use them, and nothing prints them.
pub mod wit {
    pub use crate::bindings::action::exports::bot::action::form::{
        Action, ChoiceOption, Condition, Field, FieldKind, Output, OutputKind, Request, SessionUse,
    };
    pub use crate::bindings::typed::exports::genesys::authentication::oauth::{
        AuthenticationType, ClientCredentials, Connection, Failure, InvalidInput, OauthError,
        Rejection, Session, Throttling,
    };
}

/// The longest session name, in characters.
const MAX_SESSION_NAME: usize = 100;

fn authenticate(
    authentication: wit::AuthenticationType,
    session_name: &str,
) -> Result<wit::Session, Error> {
    match authentication {
        wit::AuthenticationType::ClientCredentials(client) => {
            open_with_client(client, session_name)
        }
        wit::AuthenticationType::ControlRoomConnection(connection) => {
            open_with_connection(connection, session_name)
        }
    }
}

fn open_with_client(client: wit::ClientCredentials, name: &str) -> Result<wit::Session, Error> {
    let environment = environment(&client.url)?;
    let secret = SecretString::from(client.client_secret);
    let request = token::request(
        environment.login_host(),
        &client.client_id,
        secret.expose_secret(),
    )?;
    let name = checked_session_name(name)?;
    let token = token::read(&request.host, &transport::send(&request)?)?;
    Ok(session(
        name,
        &token.access_token,
        token.expires_in,
        &environment,
    ))
}

fn open_with_connection(connection: wit::Connection, name: &str) -> Result<wit::Session, Error> {
    let environment = environment(&connection.url)?;
    let token = usable_token("access-token", connection.access_token)?;
    if !token::is_bearer(&connection.token_type) {
        return Err(invalid("token-type", Reason::NotBearer));
    }
    let name = checked_session_name(name)?;
    let request = tokens_me::check(environment.api_host(), &token);
    tokens_me::read_check(&request.host, &transport::send(&request)?)?;
    Ok(session(name, &token, connection.expires_in, &environment))
}

/// Revokes the token of a session. `member` is what the caller's interface calls the session's address.
fn disconnect(member: &'static str, address: &str, token: String) -> Result<(), Error> {
    let token = usable_token("token", token)?;
    let environment =
        Environment::parse(address).map_err(|_| invalid(member, Reason::NotAGenesysSession))?;
    let request = tokens_me::revoke(environment.api_host(), &token);
    tokens_me::read_revocation(&request.host, &transport::send(&request)?)
}

fn environment(url: &str) -> Result<Environment, Error> {
    let url = characters::trimmed("url", url)?;
    Environment::parse(url).map_err(|reason| invalid("url", reason))
}

fn usable_token(field: &'static str, token: String) -> Result<SecretString, Error> {
    let token = SecretString::from(token);
    if token::is_usable(token.expose_secret()) {
        Ok(token)
    } else {
        Err(invalid(field, Reason::MalformedToken))
    }
}

fn checked_session_name(name: &str) -> Result<&str, Error> {
    let name = characters::trimmed_name("session-name", name)?;
    let reason = if name.is_empty() {
        Reason::Empty
    } else if name.chars().nth(MAX_SESSION_NAME).is_some() {
        Reason::TooLong
    } else {
        return Ok(name);
    };
    Err(invalid("session-name", reason))
}

fn invalid(field: &'static str, reason: Reason) -> Error {
    Error::InvalidInput {
        field,
        reason,
        character: None,
    }
}

fn session(
    name: &str,
    token: &SecretString,
    expires_in: Option<u32>,
    environment: &Environment,
) -> wit::Session {
    wit::Session {
        name: name.into(),
        token: token.expose_secret().into(),
        token_type: "Bearer".into(),
        expires_in,
        api_url: environment.api_url(),
    }
}

impl From<Error> for wit::OauthError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidInput {
                field,
                reason,
                character,
            } => Self::InvalidInput(wit::InvalidInput {
                field: field.into(),
                code: reason.code().into(),
                reason: explain::with_character(reason.in_english(), character),
            }),
            Error::Rejected(it) => Self::Rejected(wit::Rejection {
                host: it.host,
                code: it.code,
                description: it.description,
                correlation_id: it.correlation_id,
            }),
            Error::Throttled {
                host,
                retry_after,
                correlation_id,
            } => Self::Throttled(wit::Throttling {
                host,
                retry_after,
                correlation_id,
            }),
            Error::Unavailable(failure) => Self::Unavailable(failure.into()),
            Error::UntrustedServer(failure) => Self::UntrustedServer(failure.into()),
            Error::NotPermitted(failure) => Self::NotPermitted(failure.into()),
            Error::UnexpectedResponse(failure) => Self::UnexpectedResponse(failure.into()),
            Error::Other(failure) => Self::Other(failure.into()),
        }
    }
}

impl From<Failure> for wit::Failure {
    fn from(failure: Failure) -> Self {
        Self {
            host: failure.host,
            code: failure.reason.code().into(),
            reason: failure.reason.in_english().into(),
            status: failure.status,
            retry_after: failure.retry_after,
            correlation_id: failure.correlation_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_is_trimmed_and_checked() {
        assert_eq!(checked_session_name(" Default\t"), Ok("Default"));
        assert_eq!(
            checked_session_name(&"ü".repeat(MAX_SESSION_NAME)).map(str::len),
            Ok(200)
        );
        let too_long = "x".repeat(MAX_SESSION_NAME + 1);
        for (name, reason) in [(" \n", Reason::Empty), (too_long.as_str(), Reason::TooLong)] {
            assert_eq!(
                checked_session_name(name),
                Err(invalid("session-name", reason))
            );
        }
    }
}
