//! Two calls in a row: nothing of the first may reach the second.

use std::time::Duration;

use scripted_server::{Script, response};

use super::{JSON, token_body};
use crate::protocol::{Argument, Call};
use crate::trial::{
    Accepted, CLIENT_ID, Case, Expected, OTHER_SECRET, OTHER_TOKEN, SECRET, Success, TOKEN,
    Traffic, Trial, authenticate,
};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "two-sign-ins",
        what: "two clients sign in, one after the other",
        why: "Each gets the session of its own secret. Neither secret is in the log, nor in a result.",
        trial: |_| Trial {
            calls: vec![authenticate(SECRET), authenticate(OTHER_SECRET)],
            expected: Expected::Calls(vec![
                vec![Accepted::Success(Success::Opened(TOKEN, Some(86399)))],
                vec![Accepted::Success(Success::Opened(OTHER_TOKEN, Some(86399)))],
            ]),
            traffic: Traffic::Requests(2..=2),
            tokens: vec![TOKEN, OTHER_TOKEN],
            ..Trial::authenticate(by_secret(), Vec::new())
        },
    },
    Case {
        name: "fresh-instance",
        what: "a component keeps a secret in its memory, and returns at the next call what it finds there",
        why: "Calls may belong to different users. Each needs a fresh instance, with zeroed memory.",
        trial: |_| {
            let remember = |secret| Call {
                action: "remember",
                arguments: vec![("secret", Argument::Secret(secret))],
            };
            let nothing = || vec![Accepted::Success(Success::Output("previous", ""))];
            Trial {
                calls: vec![remember(SECRET), remember(OTHER_SECRET)],
                expected: Expected::Calls(vec![nothing(), nothing()]),
                ..Trial::hostile(remember(SECRET), Script::each([]), Vec::new())
            }
        },
    },
    Case {
        name: "call-after-a-trap",
        what: "a component traps, and is called again",
        why: "An instance that trapped cannot be entered again; the next call needs another one.",
        trial: |_| after("trap", &["trap"]),
    },
    Case {
        name: "call-after-a-loop",
        what: "a component computes forever, and is called again",
        why: "The call that was stopped must be over: it must not hold what the next one needs.",
        trial: |_| Trial {
            // Most hosts end a loop long before; one that has only a deadline need not wait for the longest.
            deadline: Duration::from_secs(8),
            ..after("loop", &["cpu", "deadline"])
        },
    },
];

fn after(action: &'static str, reasons: &'static [&'static str]) -> Trial {
    let call = |action| Call {
        action,
        arguments: Vec::new(),
    };
    Trial {
        calls: vec![call(action), call("behave")],
        expected: Expected::Calls(vec![
            vec![Accepted::Stopped(reasons)],
            vec![Accepted::Success(Success::Plain)],
        ]),
        ..Trial::hostile(call(action), Script::each([]), Vec::new())
    }
}

/// Issues a token for each secret.
fn by_secret() -> Script {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let header = |secret| format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
    let tokens = [(header(SECRET), TOKEN), (header(OTHER_SECRET), OTHER_TOKEN)];
    Script::answers(move |request| {
        let sent = request.header("authorization").unwrap_or_default();
        match tokens.iter().find(|(header, _)| header == sent) {
            Some((_, token)) => response("200 OK", JSON, token_body(token)),
            None => response("401 Unauthorized", JSON, r#"{"error":"invalid_client"}"#),
        }
    })
}
