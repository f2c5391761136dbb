//! A component that fits the contract and misbehaves. The name of the action chooses how. The tests of the action host call
//! it and check the outcome.

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
        path: "../../../wit/deps/bot-action",
        world: "component",
    });

    export!(Component);

    pub(crate) struct Component;
}

use bindings::Component;
use bindings::exports::bot::action::form;
use bindings::exports::bot::action::run::{
    self, Argument, Detail, Failure, Output, Retry, Session, SessionChange, Success, Value,
};

impl run::Guest for Component {
    fn run(action: String, arguments: Vec<Argument>) -> Result<Success, Failure> {
        misbehaviour::by_name(&action, &Texts(arguments))
    }

    /// Sends a request, which it must not, and reports what came of it.
    fn check(_: String, arguments: Vec<Argument>) -> Vec<Failure> {
        match misbehaviour::by_name("requests", &Texts(arguments)) {
            Ok(success) => success
                .outputs
                .into_iter()
                .map(|output| failure("sent", output.value))
                .collect(),
            Err(failure) => vec![failure],
        }
    }

    /// Says what the caller gave as its locale.
    fn explain(_: String, _: Failure, locale: String) -> String {
        locale
    }
}

impl form::Guest for Component {
    /// One action, with an output of each kind.
    fn actions(_: String) -> Vec<form::Action> {
        let output = |name: &str, kind| form::Output {
            name: name.into(),
            label: name.into(),
            help: String::new(),
            kind,
        };
        vec![form::Action {
            name: "misbehave".into(),
            path: vec!["Tests".into(), "Misbehave".into()],
            description: String::new(),
            fields: Vec::new(),
            session: form::SessionUse::None,
            outputs: vec![
                output("text", form::OutputKind::Text),
                output("json", form::OutputKind::Json),
                output("secret", form::OutputKind::Secret),
            ],
            repeatable: false,
            requests: Vec::new(),
        }]
    }
}

/// The arguments that are texts.
struct Texts(Vec<Argument>);

impl Texts {
    /// The argument of this name, or an empty text.
    fn get(&self, name: &str) -> &str {
        let texts = self.0.iter().filter(|argument| argument.name == name);
        let mut texts = texts.filter_map(|argument| match &argument.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.next().unwrap_or_default()
    }
}

/// A text as a well-behaved component would return it.
fn output(value: String) -> Success {
    Success {
        outputs: vec![Output {
            name: "text".into(),
            value,
        }],
        session: SessionChange::Unchanged,
    }
}

fn session_of(texts: &Texts) -> Session {
    Session {
        token: texts.get("token").into(),
        token_type: texts.get("token-type").into(),
        base_url: texts.get("base-url").into(),
        expires_in: None,
    }
}

fn with_session(session: SessionChange) -> Success {
    Success {
        session,
        ..output(String::new())
    }
}

fn failure(code: &str, message: String) -> Failure {
    Failure {
        code: code.into(),
        field: None,
        retry: Retry::Never,
        message,
        details: Vec::new(),
    }
}

/// A failure whose texts are those of the caller, with its detail thirty times.
fn failure_of(texts: &Texts) -> Failure {
    let detail = || Detail {
        name: texts.get("detail-name").into(),
        value: texts.get("detail-value").into(),
    };
    Failure {
        field: Some(texts.get("field").into()),
        details: (0..30).map(|_| detail()).collect(),
        ..failure(texts.get("code"), texts.get("message").into())
    }
}
