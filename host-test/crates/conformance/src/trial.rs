//! What a case consists of.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use scripted_server::{Record, Script};

use super::protocol::{Argument, Call, Retry, Rule};

/// One thing that a host must get right.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its stable name, in kebab case.
    pub name: &'static str,
    /// What happens, in a few words.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    pub(super) trial: fn(&Elsewhere) -> Trial,
}

/// Where a second server listens, to which nothing may be sent.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere(pub(crate) String);

/// What a case does, and what it accepts.
pub(crate) struct Trial {
    pub(crate) component: Component,
    pub(crate) grant: Vec<Rule>,
    pub(crate) calls: Vec<Call>,
    /// How long a call may take: [`SHORT`] if the case waits for it, otherwise [`LONG`].
    pub(crate) deadline: Duration,
    pub(crate) certificate: Certificate,
    /// `None`: nothing listens.
    pub(crate) script: Option<Script>,
    pub(crate) expected: Expected,
    pub(crate) traffic: Traffic,
    /// The hosts that may be connected to.
    pub(crate) hosts: &'static [&'static str],
    /// What the details of a failure have, among others.
    pub(crate) details: &'static [(&'static str, &'static str)],
    /// What is wrong with the requests that arrived.
    pub(crate) requests: fn(&Record) -> Vec<String>,
    /// Texts that only one call may return, such as the tokens that the server issues to it: one list for each call.
    pub(crate) tokens: Vec<&'static str>,
    /// Whether the server redirects.
    pub(crate) redirects: bool,
}

/// Which component is loaded.
#[derive(Clone, Debug)]
pub(crate) enum Component {
    /// The action *OAuth authenticate*.
    OAuth,
    /// `components/hostile.wat`
    Hostile,
    /// These bytes.
    Bytes(Vec<u8>),
}

/// The certificate of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Certificate {
    Good,
    Expired,
    NotYetValid,
    Misnamed,
    UnknownIssuer,
    /// A good one, from a server that requires a client certificate as well.
    WantsClient,
}

/// What a host must answer.
pub(crate) enum Expected {
    /// It does not load the component.
    Refused,
    /// For each call, one of these.
    Calls(Vec<Vec<Accepted>>),
}

/// An accepted result of a call.
#[derive(Clone, Debug)]
pub(crate) enum Accepted {
    Success(Success),
    /// A failure with one of these codes; with any code if there are none.
    Failure(&'static [&'static str], Option<Retry>, Option<&'static str>),
    /// Stopped for one of these reasons; for any reason if there are none.
    Stopped(&'static [&'static str]),
    /// The component is not loaded.
    Refused,
}

/// What a success has.
#[derive(Clone, Debug)]
pub(crate) enum Success {
    /// Neither outputs nor a session.
    Plain,
    /// A session with this token was opened, which is valid for this long.
    Opened(&'static str, Option<u64>),
    /// The session was replaced by one with this token.
    Replaced(&'static str),
    /// The session was closed.
    Closed,
    /// This output, and no session.
    Output(&'static str, &'static str),
}

/// What may arrive at the server.
#[derive(Clone, Debug)]
pub(crate) enum Traffic {
    /// This many requests.
    Requests(RangeInclusive<usize>),
    /// One connection, and one request at most: nothing is tried again.
    Once,
    /// A connection, but nothing over TLS.
    NoRequest,
    /// Nothing.
    NoConnection,
}

impl Traffic {
    /// Whether a connection has to arrive.
    pub(crate) fn needs_connection(&self) -> bool {
        match self {
            Self::Once | Self::NoRequest => true,
            Self::Requests(range) => *range.start() > 0,
            Self::NoConnection => false,
        }
    }
}

/// The deadline of a case that waits for it.
pub(crate) const SHORT: Duration = Duration::from_secs(3);

/// In a case with [`SHORT`], the host has to answer within this time after the server accepted the connection. It is less
/// than the action's shortest time-out, 10 s: otherwise that time-out would end the call and hide a missed deadline. It is long
/// enough for a busy machine.
pub(crate) const LATEST_ANSWER: Duration = Duration::from_millis(7500);

/// Enough for every call that ends by itself, however busy the machine is.
const LONG: Duration = Duration::from_secs(20);

pub(crate) const LOGIN: &str = "login.mypurecloud.de";
pub(crate) const API: &str = "api.mypurecloud.de";

/// The secret, the client id and the tokens. A host has no other reason to write any of these words.
pub(crate) const CLIENT_ID: &str = "kit-client-id";
pub(crate) const SECRET: &str = "kitSecretCanaryOne5f2d";
pub(crate) const OTHER_SECRET: &str = "kitSecretCanaryTwo8c1b";
pub(crate) const TOKEN: &str = "kitTokenCanaryOne77aa";
pub(crate) const OTHER_TOKEN: &str = "kitTokenCanaryTwo99dd";

/// What the OAuth action asks for.
pub(crate) const OAUTH_GRANT: [Rule; 2] = [
    Rule {
        hosts: &[LOGIN],
        methods: &["POST"],
        paths: &["/oauth/token"],
        headers: &["authorization"],
    },
    Rule {
        hosts: &[API],
        methods: &["HEAD", "DELETE"],
        paths: &["/api/v2/tokens/me"],
        headers: &["authorization"],
    },
];

impl Trial {
    /// *OAuth authenticate* with client credentials, once.
    pub(crate) fn authenticate(script: Script, expected: Vec<Accepted>) -> Self {
        Self {
            component: Component::OAuth,
            grant: OAUTH_GRANT.into(),
            calls: vec![authenticate(SECRET)],
            deadline: LONG,
            certificate: Certificate::Good,
            script: Some(script),
            expected: Expected::Calls(vec![expected]),
            traffic: Traffic::Once,
            hosts: &[LOGIN, API],
            details: &[("host", LOGIN)],
            requests: |_| Vec::new(),
            tokens: vec![TOKEN],
            redirects: false,
        }
    }

    /// A component that misbehaves, once.
    pub(crate) fn hostile(call: Call, script: Script, expected: Vec<Accepted>) -> Self {
        Self {
            component: Component::Hostile,
            calls: vec![call],
            hosts: &[],
            details: &[],
            traffic: Traffic::NoConnection,
            grant: Vec::new(),
            tokens: Vec::new(),
            ..Self::authenticate(script, expected)
        }
    }

    /// The secrets that the calls get.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &'static str> {
        let arguments = self.calls.iter().flat_map(|call| &call.arguments);
        arguments.filter_map(|(_, value)| match value {
            Argument::Secret(text) | Argument::Token(text) | Argument::Session(text) => Some(*text),
            Argument::Text(_) => None,
        })
    }
}

/// *OAuth authenticate* with this secret.
pub(crate) fn authenticate(secret: &'static str) -> Call {
    Call {
        action: "oauth-authenticate",
        arguments: vec![
            ("authentication-type", Argument::Text("client-credentials")),
            ("url", Argument::Text("https://apps.mypurecloud.de")),
            ("client-id", Argument::Secret(CLIENT_ID)),
            ("client-secret", Argument::Secret(secret)),
            ("session-name", Argument::Text("Default")),
        ],
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refused"),
            Self::Calls(calls) => {
                let calls: Vec<_> = calls.iter().map(|call| alternatives(call)).collect();
                f.write_str(&calls.join("; then "))
            }
        }
    }
}

pub(crate) fn alternatives(accepted: &[Accepted]) -> String {
    let accepted: Vec<_> = accepted.iter().map(ToString::to_string).collect();
    accepted.join(", or ")
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success(success) => success.fmt(f),
            Self::Failure(codes, retry, field) => {
                f.write_str("failure")?;
                if !codes.is_empty() {
                    write!(f, " {}", codes.join("/"))?;
                }
                if let Some(field) = field {
                    write!(f, " in {field}")?;
                }
                match retry {
                    Some(retry) => write!(f, ", {retry}"),
                    None => Ok(()),
                }
            }
            Self::Refused => f.write_str("refused"),
            Self::Stopped([]) => f.write_str("stopped"),
            Self::Stopped(reasons) => write!(f, "stopped: {}", reasons.join("/")),
        }
    }
}

impl fmt::Display for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("success"),
            Self::Opened(..) => f.write_str("success, session opened"),
            Self::Replaced(_) => f.write_str("success, session replaced"),
            Self::Closed => f.write_str("success, session closed"),
            Self::Output(name, value) => write!(f, "success, output {name} = {value:?}"),
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests(range) if *range == (1..=1) => f.write_str("one request"),
            Self::Requests(range) if range.start() == range.end() => {
                write!(f, "{} requests", range.start())
            }
            Self::Requests(range) => write!(f, "at most {} requests", range.end()),
            Self::Once => f.write_str("one attempt"),
            Self::NoRequest => f.write_str("no request"),
            Self::NoConnection => f.write_str("no connection"),
        }
    }
}
