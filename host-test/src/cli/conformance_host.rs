//! `bot-runner conformance-host`: this host as a host under test. `docs/conformance.md` describes the protocol.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use action_host::{
    Argument, BorrowedToken, CallError, Component, Grant, Host, Limits, RequestRule, Retry,
    Session, SessionChange, Success,
};
use anyhow::{Context, ensure};
use egress::{AllowList, Options, Trust};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::Outcome;
use super::output;

/// The largest request, in bytes.
const MAX_REQUEST: u64 = 1 << 20;

/// Reads a request from standard input, does what it says, and writes the answer to standard output.
pub(crate) async fn run() -> anyhow::Result<Outcome> {
    let mut text = String::new();
    std::io::stdin()
        .take(MAX_REQUEST)
        .read_to_string(&mut text)?;
    // The parser's message may quote the request, which has secrets.
    let request: Value =
        serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("the request is not JSON"))?;
    ensure!(
        request["version"] == 1,
        "the request has another version than 1"
    );
    let answer = match load(&request)? {
        Ok(component) => {
            let mut results = Vec::new();
            for call in list(&request, "calls")? {
                results.push(result(&component, call).await?);
            }
            json!({ "results": results })
        }
        Err(refused) => json!({ "refused": refused }),
    };
    output::object(&answer);
    Ok(Outcome::Done)
}

/// The component, or why it is refused.
fn load(request: &Value) -> anyhow::Result<Result<Component, String>> {
    let limits = &request["limits"];
    let limits = Limits {
        deadline: Duration::from_millis(number(limits, "deadline-ms")?),
        memory: usize::try_from(number(limits, "memory-bytes")?)?,
        output: usize::try_from(number(limits, "output-bytes")?)?,
        requests: usize::try_from(number(limits, "requests")?)?,
        calls: 1,
        ..Limits::default()
    };
    let network = Options {
        gateway: Some(text(request, "connect")?.parse()?),
        trust: Trust::Only(certificates(text(request, "ca")?)?),
        ..Options::new(AllowList::default())
    };
    let rules = list(request, "grant")?.iter().map(|rule| {
        let texts = |name| -> anyhow::Result<Vec<String>> {
            let texts = list(rule, name)?.iter();
            texts
                .map(|it| Ok(it.as_str().context("a text is expected")?.to_owned()))
                .collect()
        };
        Ok(RequestRule {
            hosts: texts("hosts")?,
            methods: texts("methods")?,
            paths: texts("paths")?,
            headers: texts("headers")?,
        })
    });
    let grant = match Grant::new(rules.collect::<anyhow::Result<Vec<_>>>()?) {
        Ok(grant) => grant,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let host = Host::builder().limits(limits).network(network).build()?;
    let loaded = host.load_file(Path::new(text(request, "component")?));
    Ok(loaded
        .map(|it| it.with_grant(grant))
        .map_err(|error| error.to_string()))
}

async fn result(component: &Component, call: &Value) -> anyhow::Result<Value> {
    let arguments = list(call, "arguments")?.iter().map(argument);
    let arguments = arguments.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(
        match component.run(text(call, "action")?, &arguments).await {
            Ok(success) => json!({ "success": described(&success) }),
            Err(CallError::Failed(failure)) => {
                let details: Map<_, _> = failure
                    .details
                    .iter()
                    .map(|(name, value)| (name.clone(), json!(value)))
                    .collect();
                json!({ "failure": {
                "code": failure.code,
                "field": failure.field,
                "retry": match failure.retry {
                    Retry::Never => json!("never"),
                    Retry::Backoff => json!("backoff"),
                    Retry::NewToken => json!("new-token"),
                    Retry::After(seconds) => json!({ "after": seconds }),
                },
                "message": failure.message,
                "details": details,
            } })
            }
            Err(stopped) => {
                let reason = match stopped {
                    CallError::DeadlineExceeded(_) | CallError::QueueTimeout(_) => "deadline",
                    CallError::CpuExceeded(_) => "cpu",
                    CallError::MemoryExceeded(_) | CallError::TableExceeded(_) => "memory",
                    CallError::ResultTooLarge(_) => "too-large",
                    CallError::Trapped(_) | CallError::StackExceeded => "trap",
                    _ => "other",
                };
                json!({ "stopped": reason, "message": stopped.to_string() })
            }
        },
    )
}

fn argument(argument: &Value) -> anyhow::Result<Argument> {
    let name = text(argument, "name")?;
    let secret = |of: &Value, name| Ok::<SecretString, anyhow::Error>(text(of, name)?.into());
    let seconds = |of: &Value| {
        of["expires-in"]
            .as_u64()
            .and_then(|it| u32::try_from(it).ok())
    };
    Ok(if argument["text"].is_string() {
        Argument::text(name, text(argument, "text")?)
    } else if argument["secret"].is_string() {
        Argument::secret(name, text(argument, "secret")?)
    } else if let token @ Value::Object(_) = &argument["token"] {
        Argument::token(
            name,
            BorrowedToken {
                url: text(token, "url")?.into(),
                access_token: secret(token, "access-token")?,
                token_type: text(token, "token-type")?.into(),
                expires_in: seconds(token),
            },
        )
    } else {
        let session = &argument["session"];
        Argument::session(
            name,
            Session {
                token: secret(session, "token")?,
                token_type: text(session, "token-type")?.into(),
                base_url: text(session, "base-url")?.into(),
                expires_in: seconds(session),
            },
        )
    })
}

/// What the action did. The protocol hands the token on: the kit checks that it is the right one.
fn described(success: &Success) -> Value {
    let outputs = success.outputs.iter();
    let outputs: Map<_, _> = outputs
        .map(|(name, value)| (name.clone(), json!(value.expose_secret())))
        .collect();
    let session = |change: &str, session: &Session| {
        json!({
            "change": change, "token": session.token.expose_secret(), "token-type": session.token_type,
            "base-url": session.base_url, "expires-in": session.expires_in,
        })
    };
    let session = match &success.session {
        SessionChange::Unchanged => Value::Null,
        SessionChange::Opened(it) => session("opened", it),
        SessionChange::Replaced(it) => session("replaced", it),
        SessionChange::Closed => json!({ "change": "closed" }),
    };
    json!({ "outputs": outputs, "session": session })
}

fn certificates(pem: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificates = certificates.collect::<Result<Vec<_>, _>>();
    certificates.map_err(|_| anyhow::anyhow!("ca is not PEM"))
}

fn text<'a>(object: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    let text = object[name].as_str();
    text.with_context(|| format!("{name} is missing, or not a text"))
}

fn number(object: &Value, name: &str) -> anyhow::Result<u64> {
    let number = object[name].as_u64();
    number.with_context(|| format!("{name} is missing, or not a number"))
}

fn list<'a>(object: &'a Value, name: &str) -> anyhow::Result<&'a Vec<Value>> {
    let list = object[name].as_array();
    list.with_context(|| format!("{name} is missing, or not a list"))
}
