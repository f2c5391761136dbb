//! The exports of the component. Their symbols have names of the component model, which linkers of other platforms reject.

#![allow(unsafe_code, unreachable_pub, reason = "generated from the contract")]

use crate::bindings::{action, typed};
use crate::{explain, form, run, wit};

struct Component;

impl typed::exports::genesys::authentication::oauth::Guest for Component {
    fn authenticate(
        authentication: wit::AuthenticationType,
        session_name: String,
    ) -> Result<wit::Session, wit::OauthError> {
        crate::authenticate(authentication, &session_name).map_err(Into::into)
    }

    fn disconnect(session: wit::Session) -> Result<(), wit::OauthError> {
        crate::disconnect("api-url", &session.api_url, session.token).map_err(Into::into)
    }

    fn explain(error: wit::OauthError, locale: String) -> String {
        explain::explain(&error, &locale)
    }
}

impl action::exports::bot::action::run::Guest for Component {
    fn run(
        action: String,
        arguments: Vec<run::wit::Argument>,
    ) -> Result<run::wit::Success, run::wit::Failure> {
        run::run(&action, arguments)
    }

    fn check(action: String, arguments: Vec<run::wit::Argument>) -> Vec<run::wit::Failure> {
        run::check(&action, &arguments)
    }

    fn explain(_: String, failure: run::wit::Failure, locale: String) -> String {
        explain::explain(&failure.into(), &locale)
    }
}

impl action::exports::bot::action::form::Guest for Component {
    fn actions(locale: String) -> Vec<wit::Action> {
        form::actions(&locale)
    }
}

action::export!(Component with_types_in action);
typed::export!(Component with_types_in typed);
