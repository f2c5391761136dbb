//! The cases, by subject.

mod answers;
mod grants;
mod hostile;
mod isolation;
mod network;

use std::time::Duration;

use scripted_server::{Act, Script, response};

use super::trial::{Accepted, Case, TOKEN};

/// Cases about one subject.
#[derive(Clone, Copy)]
pub struct Subject {
    /// What they are about.
    pub title: &'static str,
    /// The cases.
    pub cases: &'static [Case],
}

/// All subjects, in the order in which to look at them.
pub const SUBJECTS: [Subject; 5] = [
    Subject {
        title: "Answers of a server",
        cases: answers::CASES,
    },
    Subject {
        title: "Connections that break, stall or are not what they should be",
        cases: network::CASES,
    },
    Subject {
        title: "Requests inside and outside the grant",
        cases: grants::CASES,
    },
    Subject {
        title: "Components that use too much, crash, or are not components",
        cases: hostile::CASES,
    },
    Subject {
        title: "Calls in a row",
        cases: isolation::CASES,
    },
];

/// All cases.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    SUBJECTS.iter().flat_map(|subject| subject.cases)
}

/// The codes for a connection that breaks. A host may report it as `HTTP-protocol-error`, as stock hosts do, or with a reason
/// of its own: what matters is that the caller gets a failure in time.
const BROKEN: &[&str] = &["unavailable", "unexpected-response", "other"];

/// The codes for a certificate that is not good. Some hosts cannot tell it from any other failure of TLS.
const UNTRUSTED: &[&str] = &[
    "untrusted-server",
    "unavailable",
    "unexpected-response",
    "other",
];

/// A failure with one of these codes, whether or not another call can help.
fn failure(codes: &'static [&'static str]) -> Accepted {
    Accepted::Failure(codes, None, None)
}

/// The connection broke.
fn broken() -> Vec<Accepted> {
    vec![failure(BROKEN)]
}

/// Nothing more arrived: the host's time-out made it a failure in time, or its deadline stopped the call.
fn stalled() -> Vec<Accepted> {
    vec![failure(BROKEN), Accepted::Stopped(&["deadline"])]
}

const JSON: &str = "Content-Type: application/json\r\n";

/// The body with a token.
fn token_body(token: &str) -> String {
    format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":86399}}"#)
}

/// The answer with a token.
fn token_response() -> Vec<u8> {
    response("200 OK", JSON, token_body(TOKEN))
}

/// A server that answers every request with this.
fn answers(bytes: impl Into<Vec<u8>>) -> Script {
    let bytes = bytes.into();
    Script::answers(move |_| bytes.clone())
}

/// A server that reads a request and then does this.
fn then(acts: impl IntoIterator<Item = Act>) -> Script {
    Script::after_request(acts)
}

const NO_PAUSE: Duration = Duration::ZERO;
