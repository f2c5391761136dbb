//! A component that fits the contract and misbehaves. The session name given to `authenticate` chooses how. The tests in
//! `tests/limits` of the action host call it and check the outcome.

#![cfg(target_family = "wasm")]
#![allow(clippy::panic, reason = "it misbehaves on purpose")]

mod misbehaviour;
mod request;

#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated from the contract"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../../../../wit",
        inline: "
            package hostile:action;
            world hostile {
                export genesys:authentication/oauth@0.1.0;
                export bot:action/form@0.1.0;
            }
        ",
        world: "hostile:action/hostile",
    });

    export!(Component);

    pub(crate) struct Component;
}

use bindings::Component;
use bindings::exports::bot::action::form;
use bindings::exports::genesys::authentication::oauth::{
    self, AuthenticationType, Error, Failure, Session,
};

impl oauth::Guest for Component {
    fn authenticate(_: AuthenticationType, session_name: String) -> Result<Session, Error> {
        misbehaviour::by_name(&session_name)
    }

    fn disconnect(_: Session) -> Result<(), Error> {
        Ok(())
    }

    fn explain(_: Error, locale: String) -> String {
        locale
    }
}

impl form::Guest for Component {
    fn actions(_: String) -> Vec<form::Action> {
        Vec::new()
    }
}

/// A session as a well-behaved component would return it.
fn session(token: String) -> Session {
    Session {
        name: "Default".into(),
        token,
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: "https://api.mypurecloud.de".into(),
    }
}

fn failure(host: &str, reason: String) -> Failure {
    Failure {
        host: host.into(),
        reason,
        status: None,
        correlation_id: None,
    }
}
