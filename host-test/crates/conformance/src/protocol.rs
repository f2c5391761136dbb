//! The JSON that a host under test reads and writes.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// The version of the protocol.
const VERSION: u32 = 1;

/// The limits that a host must keep in every case, beside the deadline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How much memory a call may have, in all linear memories together, in bytes.
    pub(crate) memory: u64,
    /// How much a component may return, in bytes.
    pub(crate) output: u64,
    /// How many requests a call may send.
    pub(crate) requests: u64,
}

/// Large enough for every well-behaved call.
pub(crate) const LIMITS: Limits = Limits {
    memory: 16 << 20,
    output: 1 << 20,
    requests: 4,
};

/// What a component may request.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) hosts: &'static [&'static str],
    pub(crate) methods: &'static [&'static str],
    pub(crate) paths: &'static [&'static str],
    pub(crate) headers: &'static [&'static str],
}

/// A call of an action.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    pub(crate) arguments: Vec<(&'static str, Argument)>,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Text(&'static str),
    Secret(&'static str),
    Token(&'static str),
    Session(&'static str),
}

/// The request for a case.
pub(crate) fn request(
    component: &std::path::Path,
    grant: &[Rule],
    connect: std::net::SocketAddr,
    ca: &str,
    deadline: Duration,
    calls: &[Call],
) -> Value {
    let rule = |it: &Rule| json!({ "hosts": it.hosts, "methods": it.methods, "paths": it.paths, "headers": it.headers });
    json!({
        "version": VERSION,
        "component": component,
        "grant": grant.iter().map(rule).collect::<Vec<_>>(),
        "connect": connect.to_string(),
        "ca": ca,
        "limits": {
            "deadline-ms": deadline.as_millis(), "memory-bytes": LIMITS.memory,
            "output-bytes": LIMITS.output, "requests": LIMITS.requests,
        },
        "calls": calls.iter().map(call).collect::<Vec<_>>(),
    })
}

fn call(call: &Call) -> Value {
    let argument = |(name, value): &(&str, Argument)| {
        let (kind, value) = match value {
            Argument::Text(text) => ("text", json!(text)),
            Argument::Secret(secret) => ("secret", json!(secret)),
            Argument::Token(token) => (
                "token",
                json!({ "url": "mypurecloud.de", "access-token": token, "token-type": "bearer", "expires-in": 3600 }),
            ),
            Argument::Session(token) => (
                "session",
                json!({
                    "token": token, "token-type": "Bearer", "base-url": "https://api.mypurecloud.de",
                    "expires-in": null,
                }),
            ),
        };
        json!({ "name": name, kind: value })
    };
    json!({
        "action": call.action,
        "arguments": call.arguments.iter().map(argument).collect::<Vec<_>>(),
    })
}

/// What a host answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It did not load the component, for this reason.
    Refused(String),
    /// One for each call, and as JSON.
    Results(Vec<(Outcome, String)>),
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success {
        outputs: BTreeMap<String, String>,
        session: Option<SessionChange>,
    },
    Failure {
        code: String,
        field: Option<String>,
        retry: Retry,
        message: String,
        details: BTreeMap<String, String>,
    },
    /// The reason, in the words of the protocol, and the host's message.
    Stopped(String, String),
}

/// What became of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionChange {
    pub(crate) change: String,
    pub(crate) token: Option<String>,
    pub(crate) token_type: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) expires_in: Option<u64>,
}

/// Whether another call can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    Backoff,
    NewToken,
    After(u64),
}

/// Why a host stopped a call, in the words of the protocol.
pub(crate) const STOPPED: [&str; 6] = ["deadline", "cpu", "memory", "trap", "too-large", "other"];

impl Answer {
    /// Reads what the host wrote.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            format!(
                "printed something that is not one JSON document ({error}): {:?}",
                start(&String::from_utf8_lossy(bytes))
            )
        })?;
        let answer = object(&value, "the answer")?;
        if let Some(why) = answer.get("refused") {
            return Ok(Self::Refused(why.as_str().unwrap_or_default().into()));
        }
        let Some(Value::Array(results)) = answer.get("results") else {
            return Err(format!(
                "the answer has neither \"results\", a list, nor \"refused\": {}",
                brief(&value)
            ));
        };
        let results = results.iter().enumerate().map(|(index, result)| {
            let outcome =
                Outcome::read(result).map_err(|wrong| format!("results[{index}]: {wrong}"))?;
            Ok((outcome, result.to_string()))
        });
        Ok(Self::Results(results.collect::<Result<_, String>>()?))
    }
}

impl Outcome {
    fn read(result: &Value) -> Result<Self, String> {
        let result = object(result, "it")?;
        if let Some(success) = result.get("success") {
            let success = object(success, "success")?;
            let outputs = texts(success, "outputs")?;
            let session = match success.get("session") {
                None | Some(Value::Null) => None,
                Some(session) => Some(SessionChange::read(session)?),
            };
            Ok(Self::Success { outputs, session })
        } else if let Some(failure) = result.get("failure") {
            let failure = object(failure, "failure")?;
            Ok(Self::Failure {
                code: text(failure, "code")?.ok_or("failure.code is missing")?,
                field: text(failure, "field")?,
                retry: Retry::read(failure.get("retry").unwrap_or(&Value::Null))?,
                message: text(failure, "message")?.unwrap_or_default(),
                details: texts(failure, "details")?,
            })
        } else if result.contains_key("stopped") {
            let reason = text(result, "stopped")?.unwrap_or_default();
            if STOPPED.contains(&reason.as_str()) {
                let message = text(result, "message")?.unwrap_or_default();
                Ok(Self::Stopped(reason, message))
            } else {
                Err(format!(
                    "stopped is {reason:?}, expected one of {}",
                    STOPPED.join(", ")
                ))
            }
        } else {
            Err("it has none of \"success\", \"failure\" and \"stopped\"".into())
        }
    }
}

impl SessionChange {
    fn read(session: &Value) -> Result<Self, String> {
        let session = object(session, "success.session")?;
        Ok(Self {
            change: text(session, "change")?.ok_or("success.session.change is missing")?,
            token: text(session, "token")?,
            token_type: text(session, "token-type")?,
            base_url: text(session, "base-url")?,
            expires_in: session.get("expires-in").and_then(Value::as_u64),
        })
    }
}

impl Retry {
    fn read(retry: &Value) -> Result<Self, String> {
        let after = retry.get("after").and_then(Value::as_u64);
        match (retry.as_str(), after) {
            (Some("never"), _) => Ok(Self::Never),
            (Some("backoff"), _) => Ok(Self::Backoff),
            (Some("new-token"), _) => Ok(Self::NewToken),
            (None, Some(seconds)) => Ok(Self::After(seconds)),
            _ => Err(format!(
                "failure.retry is {}, expected \"never\", \"backoff\", \"new-token\" or {{\"after\": seconds}}",
                brief(retry)
            )),
        }
    }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, String> {
    let wrong = || format!("{what} is {}, not an object", brief(value));
    value.as_object().ok_or_else(wrong)
}

fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("{name} is {}, not a string", brief(other))),
    }
}

/// The texts of an object, by their names.
fn texts(of: &Map<String, Value>, name: &str) -> Result<BTreeMap<String, String>, String> {
    let texts = match of.get(name) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(texts) => object(texts, name)?,
    };
    let pair = |(key, value): (&String, &Value)| match value {
        Value::String(value) => Ok((key.clone(), value.clone())),
        other => Err(format!(
            "{key:?} in {name} is {}, not a string",
            brief(other)
        )),
    };
    texts.iter().map(pair).collect()
}

fn brief(value: &Value) -> String {
    start(&value.to_string())
}

fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("retry never"),
            Self::Backoff => f.write_str("retry with backoff"),
            Self::NewToken => f.write_str("retry with a new token"),
            Self::After(seconds) => write!(f, "retry after {seconds} s"),
        }
    }
}

impl fmt::Display for Outcome {
    /// In a few words. Outputs and tokens are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success { session, outputs } => {
                f.write_str("success")?;
                if let Some(session) = session {
                    write!(f, ", session {}", session.change)?;
                }
                if !outputs.is_empty() {
                    write!(f, ", {} outputs", outputs.len())?;
                }
                Ok(())
            }
            Self::Failure {
                code, field, retry, ..
            } => {
                write!(f, "failure {code}")?;
                if let Some(field) = field {
                    write!(f, " in {field}")?;
                }
                write!(f, ", {retry}")
            }
            Self::Stopped(reason, _) => write!(f, "stopped: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_answer_is_said() {
        for (answer, wrong) in [
            (
                "oh",
                "printed something that is not one JSON document (expected value at line 1 column 1): \"oh\"",
            ),
            ("[]", "the answer is [], not an object"),
            (
                "{}",
                "the answer has neither \"results\", a list, nor \"refused\": {}",
            ),
            (
                r#"{"results": [{"failure": {"code": "x", "retry": "never", "details": []}}]}"#,
                "results[0]: details is [], not an object",
            ),
            (
                r#"{"results": [{"success": {"outputs": {"a": null}}}]}"#,
                "results[0]: \"a\" in outputs is null, not a string",
            ),
            (
                r#"{"results": [{}]}"#,
                "results[0]: it has none of \"success\", \"failure\" and \"stopped\"",
            ),
            (
                r#"{"results": [{"failure": {"code": "x", "retry": "later"}}]}"#,
                "results[0]: failure.retry is \"later\", expected \"never\", \"backoff\", \"new-token\" or \
                 {\"after\": seconds}",
            ),
            (
                r#"{"results": [{"stopped": "tired"}]}"#,
                "results[0]: stopped is \"tired\", expected one of deadline, cpu, memory, trap, too-large, other",
            ),
        ] {
            assert_eq!(Answer::read(answer.as_bytes()), Err(wrong.into()));
        }
    }

    #[test]
    fn an_answer_is_read() {
        let answer = Answer::read(
            br#"{"results": [{"failure": {"code": "throttled", "retry": {"after": 30}}}]}"#,
        );
        let Ok(Answer::Results(results)) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(
            results[0].0.to_string(),
            "failure throttled, retry after 30 s"
        );
        assert_eq!(
            Answer::read(br#"{"refused": "no"}"#),
            Ok(Answer::Refused("no".into()))
        );
    }
}
