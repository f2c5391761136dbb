//! The JSON of `bot-runner conformance`, and the types of the contract.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::exports::bot::action::run::{
    self, Argument, BorrowedToken, Retry, Session, SessionChange, Success,
};

#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) component: PathBuf,
    pub(crate) grant: Vec<Grant>,
    pub(crate) connect: String,
    pub(crate) ca: String,
    pub(crate) limits: Limits,
    pub(crate) calls: Vec<Call>,
}

/// Requests that a component may make: any of the methods, to any of the paths, of any of the hosts.
#[derive(Clone, Deserialize)]
pub(crate) struct Grant {
    pub(crate) hosts: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) headers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Limits {
    pub(crate) deadline_ms: u64,
    pub(crate) memory_bytes: usize,
    pub(crate) output_bytes: usize,
    pub(crate) requests: usize,
}

#[derive(Deserialize)]
pub(crate) struct Call {
    pub(crate) action: String,
    arguments: Vec<NamedField>,
}

#[derive(Deserialize)]
struct NamedField {
    name: String,
    #[serde(flatten)]
    value: Field,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Field {
    Text(String),
    Secret(String),
    #[serde(rename_all = "kebab-case")]
    Token {
        url: String,
        access_token: String,
        token_type: String,
        expires_in: Option<u32>,
    },
    #[serde(rename_all = "kebab-case")]
    Session {
        token: String,
        token_type: String,
        base_url: String,
        expires_in: Option<u32>,
    },
}

impl Call {
    pub(crate) fn arguments(&self) -> Vec<Argument> {
        let argument = |field: &NamedField| Argument {
            name: field.name.clone(),
            value: field.value.to_wit(),
        };
        self.arguments.iter().map(argument).collect()
    }
}

impl Field {
    fn to_wit(&self) -> run::Value {
        match self {
            Self::Text(text) => run::Value::Text(text.clone()),
            Self::Secret(secret) => run::Value::Secret(secret.clone()),
            Self::Token {
                url,
                access_token,
                token_type,
                expires_in,
            } => run::Value::Token(BorrowedToken {
                url: url.clone(),
                access_token: access_token.clone(),
                token_type: token_type.clone(),
                expires_in: *expires_in,
            }),
            Self::Session {
                token,
                token_type,
                base_url,
                expires_in,
            } => run::Value::Session(Session {
                token: token.clone(),
                token_type: token_type.clone(),
                base_url: base_url.clone(),
                expires_in: *expires_in,
            }),
        }
    }
}

/// The result of an action.
pub(crate) fn result(result: Result<Success, run::Failure>) -> Value {
    match result {
        Ok(success) => {
            let outputs = success
                .outputs
                .into_iter()
                .map(|output| (output.name, output.value.into()));
            json!({ "success": { "outputs": outputs.collect::<Map<_, _>>(), "session": session(success.session) } })
        }
        Err(failure) => {
            let retry = match failure.retry {
                Retry::Never => json!("never"),
                Retry::Backoff => json!("backoff"),
                Retry::After(seconds) => json!({ "after": seconds }),
                Retry::NewToken => json!("new-token"),
            };
            let details = failure
                .details
                .into_iter()
                .map(|detail| (detail.name, detail.value.into()));
            json!({ "failure": {
                "code": failure.code,
                "field": failure.field,
                "retry": retry,
                "message": failure.message,
                "details": details.collect::<Map<_, _>>(),
            } })
        }
    }
}

fn session(change: SessionChange) -> Value {
    let (change, session) = match change {
        SessionChange::Unchanged => return Value::Null,
        SessionChange::Closed => return json!({ "change": "closed" }),
        SessionChange::Opened(session) => ("opened", session),
        SessionChange::Replaced(session) => ("replaced", session),
    };
    json!({
        "change": change,
        "token": session.token,
        "token-type": session.token_type,
        "base-url": session.base_url,
        "expires-in": session.expires_in,
    })
}
