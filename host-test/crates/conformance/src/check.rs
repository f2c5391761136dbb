//! Compares the host's answer with what was expected, and says what the host got wrong and what would be right.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scripted_server::{Connection, Record};

use super::process::{Ended, MAX_OUTPUT};
use super::protocol::{Answer, Outcome, SessionChange};
use super::trial::{
    Accepted, CLIENT_ID, Expected, LATEST_ANSWER, OTHER_TOKEN, SHORT, Success, TOKEN, Traffic,
    Trial, alternatives,
};

/// The result of a host whose answer cannot be parsed.
pub(crate) const NO_VALID_ANSWER: &str = "no valid answer";

/// The result of checking one run.
pub(crate) struct Checked {
    /// What it answered, in a few words.
    pub(crate) got: String,
    /// The messages in its answer.
    pub(crate) message: String,
    /// What is wrong.
    pub(crate) wrong: Vec<String>,
}

/// Checks a run of a host. `connect` is the address to connect to, `limit` the time after which the host is killed.
pub(crate) fn check(
    trial: &Trial,
    ended: &Ended,
    server: Option<&Record>,
    elsewhere: &Record,
    connect: SocketAddr,
    limit: Duration,
) -> Checked {
    let mut wrong = Vec::new();
    let read = Answer::read(&ended.stdout);
    let got = answer(trial, ended, &read, limit.as_secs(), &mut wrong);
    if let Some(server) = server {
        traffic(trial, server, &mut wrong);
        in_time(trial, server, ended, &mut wrong);
        let is_called = matches!(read, Ok(Answer::Results(_)));
        // A busy machine may reach a short deadline before it connects.
        let has_time = trial.deadline != SHORT;
        if is_called
            && has_time
            && trial.traffic.needs_connection()
            && server.connections.is_empty()
        {
            wrong.push(format!("no connection arrived at {connect} (`connect`)"));
        }
    }
    if elsewhere.bytes() > 0 || !elsewhere.connections.is_empty() {
        wrong.push(followed("another server", elsewhere.connections.iter()));
    }
    log(trial, &ended.stderr, &mut wrong);
    let message = read.as_ref().map(messages).unwrap_or_default();
    Checked {
        got,
        message,
        wrong,
    }
}

fn answer(
    trial: &Trial,
    ended: &Ended,
    read: &Result<Answer, String>,
    seconds: u64,
    wrong: &mut Vec<String>,
) -> String {
    if ended.wrote_too_much {
        wrong.push(format!(
            "wrote more than {} MiB to standard output, and was killed; expected one JSON document",
            MAX_OUTPUT >> 20
        ));
        return "too much output".into();
    }
    let Some(status) = ended.status else {
        if read.is_ok() {
            wrong.push(format!("answered, but did not end within {seconds} s, and was killed; it must end after its answer"));
            return "no end".into();
        }
        wrong.push(format!(
            "gave no answer within {seconds} s, and was killed; a call must be stopped at the deadline (deadline-ms is {})",
            trial.deadline.as_millis()
        ));
        return "no answer".into();
    };
    if !status.success() {
        let expected = match trial.expected {
            Expected::Refused => "this component should have been refused when it was loaded",
            Expected::Calls(_) => {
                "expected an answer and exit status 0, whatever the component does"
            }
        };
        wrong.push(format!("ended with {status}; {expected}"));
        return status.to_string();
    }
    let answer = match read {
        Ok(answer) => answer,
        Err(error) => {
            wrong.push(error.clone());
            return NO_VALID_ANSWER.into();
        }
    };
    match (&trial.expected, answer) {
        (Expected::Refused, Answer::Refused(_)) => "refused".into(),
        (Expected::Refused, Answer::Results(results)) => {
            wrong.push(
                "loaded something that is not a component of this contract; expected {\"refused\": …} before any call"
                    .into(),
            );
            got(results)
        }
        (Expected::Calls(calls), Answer::Refused(_)) => {
            let mut accepted = calls.iter().flatten();
            if !accepted.any(|it| matches!(it, Accepted::Refused)) {
                wrong.push(format!(
                    "did not load the component; expected {}",
                    trial.expected
                ));
            }
            "refused".into()
        }
        (Expected::Calls(calls), Answer::Results(results)) => {
            if calls.len() != results.len() {
                wrong.push(format!(
                    "gave {} results for {} calls; expected one for each, also after a call that failed",
                    results.len(),
                    calls.len()
                ));
            }
            for (index, (accepted, (outcome, json))) in calls.iter().zip(results).enumerate() {
                let call = match calls.len() {
                    1 => String::new(),
                    _ => format!("call {}: ", index + 1),
                };
                if !accepted.iter().any(|it| it.accepts(outcome)) {
                    wrong.push(format!("{call}{}", mistake(accepted, outcome)));
                }
                passed_on(trial, outcome, &call, wrong);
                leaks(trial, index, json, &call, wrong);
            }
            got(results)
        }
    }
}

/// The messages of failures, and of the host.
fn messages(answer: &Answer) -> String {
    const MOST: usize = 500;
    match answer {
        Answer::Refused(why) => why.chars().take(MOST).collect(),
        Answer::Results(results) => {
            let messages = results.iter().filter_map(|(outcome, _)| match outcome {
                Outcome::Failure { message, .. } | Outcome::Stopped(_, message) => Some(message),
                Outcome::Success { .. } => None,
            });
            let messages: Vec<_> = messages.filter(|it| !it.is_empty()).cloned().collect();
            messages.join("; then ").chars().take(MOST).collect()
        }
    }
}

/// Checks that a failure is what the action reported, unchanged.
fn passed_on(trial: &Trial, outcome: &Outcome, call: &str, wrong: &mut Vec<String>) {
    let Outcome::Failure {
        message, details, ..
    } = outcome
    else {
        return;
    };
    if message.is_empty() {
        wrong.push(format!(
            "{call}passed on the failure without its message; designers read it"
        ));
    }
    for (name, expected) in trial.details {
        let got = details.get(*name);
        if got.is_none_or(|it| it != expected) {
            wrong.push(format!(
                "{call}changed the details of the failure: {name} is {}; the action reported {expected:?}",
                got.map_or("missing".to_owned(), |it| format!("{it:?}"))
            ));
        }
    }
}

/// Checks that a call that waits for the server ends at its deadline.
fn in_time(trial: &Trial, server: &Record, ended: &Ended, wrong: &mut Vec<String>) {
    let accepted = server.connections.first().and_then(|it| it.accepted);
    let Some(accepted) = accepted.filter(|_| trial.deadline == SHORT && ended.status.is_some())
    else {
        return;
    };
    let took = ended.at.saturating_duration_since(accepted);
    if took > LATEST_ANSWER {
        wrong.push(format!(
            "a call must be stopped at its deadline (deadline-ms is {}), whatever time-outs the component and an HTTP \
             client have; the call ended {} s after the host connected",
            SHORT.as_millis(),
            took.as_secs()
        ));
    }
}

fn got(results: &[(Outcome, String)]) -> String {
    let results: Vec<_> = results
        .iter()
        .map(|(outcome, _)| outcome.to_string())
        .collect();
    results.join("; then ")
}

/// Whether this is such a change, to a session of Genesys Cloud with this token and lifetime.
fn is_session(it: &SessionChange, change: &str, token: &str, expires_in: Option<u64>) -> bool {
    it.change == change
        && it.token.as_deref() == Some(token)
        && it.token_type.as_deref() == Some("Bearer")
        && it.base_url.as_deref() == Some("https://api.mypurecloud.de")
        && it.expires_in == expires_in
}

impl Accepted {
    fn accepts(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Success(expected), Outcome::Success { outputs, session }) => match expected {
                Success::Plain => outputs.is_empty() && session.is_none(),
                Success::Output(name, value) => {
                    session.is_none()
                        && outputs.len() == 1
                        && outputs.get(*name).is_some_and(|it| it == value)
                }
                Success::Closed => session.as_ref().is_some_and(|it| it.change == "closed"),
                Success::Opened(token, expires_in) => session
                    .as_ref()
                    .is_some_and(|it| is_session(it, "opened", token, *expires_in)),
                Success::Replaced(token) => session
                    .as_ref()
                    .is_some_and(|it| is_session(it, "replaced", token, None)),
            },
            (
                Self::Failure(codes, retry, field),
                Outcome::Failure {
                    code,
                    field: in_field,
                    retry: got,
                    ..
                },
            ) => {
                (codes.is_empty() || codes.contains(&code.as_str()))
                    && retry.is_none_or(|it| it == *got)
                    && field.is_none_or(|it| in_field.as_deref() == Some(it))
            }
            (Self::Stopped(reasons), Outcome::Stopped(reason, _)) => {
                reasons.is_empty() || reasons.contains(&reason.as_str())
            }
            _ => false,
        }
    }
}

/// What the host got wrong, in the words that fit best.
fn mistake(accepted: &[Accepted], outcome: &Outcome) -> String {
    let expected = alternatives(accepted);
    let success = accepted.iter().find_map(|it| match it {
        Accepted::Success(success) => Some(success),
        _ => None,
    });
    match (outcome, success) {
        (Outcome::Success { .. }, None) => {
            format!("answered success where there was none; expected {expected}")
        }
        (
            Outcome::Success {
                session: Some(session),
                ..
            },
            Some(Success::Opened(token, expires_in)),
        ) if session.change == "opened" => {
            let mut parts = Vec::new();
            if session.token.as_deref() != Some(*token) {
                parts.push("token: another one than the server issued".to_owned());
            }
            if session.token_type.as_deref() != Some("Bearer") {
                parts.push(format!(
                    "token-type: {:?}, expected \"Bearer\"",
                    session.token_type
                ));
            }
            if session.base_url.as_deref() != Some("https://api.mypurecloud.de") {
                parts.push(format!(
                    "base-url: {:?}, expected \"https://api.mypurecloud.de\"",
                    session.base_url
                ));
            }
            if session.expires_in != *expires_in {
                parts.push(format!(
                    "expires-in: {:?}, expected {expires_in:?}",
                    session.expires_in
                ));
            }
            format!(
                "passed on another session than the component returned ({})",
                parts.join("; ")
            )
        }
        (Outcome::Success { outputs, .. }, Some(Success::Output(name, value)))
            if outputs.contains_key(*name) =>
        {
            format!("the output {name} is not {value:?}, as in a fresh instance")
        }
        _ => format!("answered {outcome}; expected {expected}"),
    }
}

/// Texts of another call in the result of this one, and secrets in any result.
fn leaks(trial: &Trial, index: usize, result: &str, call: &str, wrong: &mut Vec<String>) {
    for secret in canaries(trial) {
        // A borrowed token comes back as that of the session.
        let is_token = secret == TOKEN || secret == OTHER_TOKEN;
        if !is_token && forms(secret).iter().any(|it| result.contains(it)) {
            wrong.push(format!(
                "{call}the result contains the secret {secret:?} of a call; each call needs a fresh instance with zeroed \
                 memory, and a result has no secrets that the caller passed in"
            ));
        }
    }
    for (other, token) in trial.tokens.iter().enumerate() {
        if other != index && result.contains(token) {
            wrong.push(format!(
                "{call}the result contains the token of call {}; calls must not share anything",
                other + 1
            ));
        }
    }
}

/// Secrets and tokens on standard error.
fn log(trial: &Trial, stderr: &[u8], wrong: &mut Vec<String>) {
    let log = String::from_utf8_lossy(stderr);
    let mut found: Vec<_> = canaries(trial)
        .map(|it| ("a secret of the call", it))
        .chain(trial.tokens.iter().map(|it| ("a token", *it)))
        .filter(|(_, secret)| forms(secret).iter().any(|it| log.contains(it)))
        .collect();
    found.dedup();
    for (what, secret) in found {
        wrong.push(format!(
            "wrote {what} to standard error ({secret:?}, or an encoding of it); a log must not have secrets"
        ));
    }
}

/// The secrets of the calls that no host writes by chance.
fn canaries(trial: &Trial) -> impl Iterator<Item = &'static str> {
    const SHORTEST: usize = 8;
    let secrets = trial.secrets();
    secrets.filter(|it| it.len() >= SHORTEST && *it != CLIENT_ID)
}

/// A secret as it may appear: as it is, in the header for HTTP Basic, and as numbers of its bytes.
fn forms(secret: &str) -> [String; 3] {
    let numbers: Vec<_> = secret.bytes().map(|byte| byte.to_string()).collect();
    [
        secret.into(),
        STANDARD.encode(format!("{CLIENT_ID}:{secret}")),
        numbers.join(", "),
    ]
}

/// What must not have arrived at the server.
fn traffic(trial: &Trial, server: &Record, wrong: &mut Vec<String>) {
    let is_foreign = |connection: &&Connection| {
        let mut names = connection
            .server_name
            .iter()
            .map(String::as_str)
            .chain(hosts(connection));
        names.any(|name| !trial.hosts.contains(&name))
    };
    let mut foreign = server.connections.iter().filter(is_foreign).peekable();
    if let Some(connection) = foreign.peek().filter(|_| !trial.hosts.is_empty()) {
        let name = connection
            .server_name
            .as_deref()
            .or_else(|| hosts(connection).next());
        let name = format!("the server at {}", name.unwrap_or_default());
        wrong.push(if trial.redirects {
            followed(&name, foreign)
        } else {
            format!(
                "{}; the grant does not name this host",
                reached(&name, foreign)
            )
        });
    }
    let (connections, requests) = (server.connections.len(), server.requests().count());
    let calls = trial.calls.len();
    match &trial.traffic {
        Traffic::Requests(range) if requests > *range.end() => wrong.push(format!(
            "sent {requests} requests; expected at most {}",
            range.end()
        )),
        Traffic::Requests(range) if requests < *range.start() => wrong.push(format!(
            "sent {requests} requests; expected {}",
            range.start()
        )),
        Traffic::Once if requests > calls && trial.redirects => wrong.push(format!(
            "followed a redirect, or tried again: the server got {requests} requests; a redirect is an answer like any \
             other, which the action gets"
        )),
        Traffic::Once if requests > calls || connections > calls => wrong.push(format!(
            "tried again by itself: the server got {connections} connections and {requests} requests for {}; \
             whether to try again is up to the engine, which knows what an action may repeat",
            match calls {
                1 => "one call".to_owned(),
                calls => format!("{calls} calls"),
            }
        )),
        Traffic::NoRequest if server.connections.iter().any(|it| it.is_encrypted && it.bytes > 0) => {
            wrong.push(format!(
                "{}; nothing may be sent before certificate and name were verified",
                reached("a server whose certificate is not good", server.connections.iter())
            ));
        }
        Traffic::NoConnection if server.bytes() > 0 => wrong.push(format!(
            "{}; a request that is not granted must not be sent",
            reached("the server", server.connections.iter())
        )),
        Traffic::NoConnection if connections > 0 => wrong.push(
            "connected to the server; a request that is not granted must be refused before a connection is opened".into(),
        ),
        _ => {}
    }
    wrong.extend((trial.requests)(server));
}

/// The hosts of the requests on a connection, without their ports.
fn hosts(connection: &Connection) -> impl Iterator<Item = &str> {
    let hosts = connection
        .requests
        .iter()
        .filter_map(|it| it.header("host"));
    hosts.map(|host| host.split(':').next().unwrap_or_default())
}

fn followed<'a>(server: &str, connections: impl Iterator<Item = &'a Connection>) -> String {
    format!(
        "followed a redirect: {}; a redirect is an answer like any other, which the action gets",
        reached(server, connections)
    )
}

/// What a server got.
fn reached<'a>(server: &str, connections: impl Iterator<Item = &'a Connection>) -> String {
    let connections: Vec<_> = connections.collect();
    let mut requests = connections.iter().flat_map(|it| &it.requests).peekable();
    if requests.peek().is_none() {
        let bytes: usize = connections.iter().map(|it| it.bytes).sum();
        return match bytes {
            0 => format!("{server} was connected to"),
            _ => format!("{server} got {bytes} bytes"),
        };
    }
    match requests.find_map(|it| it.header("authorization")) {
        Some(_) => format!("{server} got a request with an Authorization header"),
        None => format!("{server} got a request"),
    }
}
