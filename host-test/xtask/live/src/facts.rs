//! What is assumed about Genesys Cloud, and whether the answers agree: of one answer as a whole in [`answers`], of details
//! and of several answers in [`details`]. \[dated\] marks what was observed once and may have changed, \[unsure\] what is not
//! public.

mod answers;
mod details;

use super::session::Transcript;
use super::settings::Settings;

/// What was found out about a fact.
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) expected: String,
    pub(crate) outcome: Outcome,
    /// What was seen, or why it was not checked. It may quote the server.
    pub(crate) seen: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Held,
    Changed,
    NotChecked,
}

/// Whether a fact held, and what was seen.
type Checked = (bool, String);

/// Facts that no run checks, and why.
const NOT_CHECKED: [(&str, &str, &str); 12] = [
    (
        "token-throttling",
        "Too many token requests are answered with 400 and `rate limit exceeded;` [unsure].",
        "Provoking it would keep others from their tokens.",
    ),
    (
        "api-throttling",
        "Too many API requests are answered with 429 and `Retry-After`, in windows of a minute [unsure].",
        "Provoking it takes 300 requests in a minute.",
    ),
    (
        "token-limit",
        "A client has a limited number of tokens [unsure].",
        "Provoking it would revoke the tokens of others.",
    ),
    (
        "gateway-errors",
        "Gateways answer with 502 or 503 and HTML or nothing [unsure].",
        "It takes a failure.",
    ),
    (
        "api-failures",
        "The API answers with the codes `service.unavailable` and `authentication.request.timeout`.",
        "It takes a failure.",
    ),
    (
        "expired-token",
        "An expired token is refused with `credentials.expired` [dated].",
        "A token is valid for at least five minutes.",
    ),
    (
        "idle-token",
        "In HIPAA organizations a token dies after 15 idle minutes.",
        "It takes such an organization.",
    ),
    (
        "wrong-region",
        "The right secret in the wrong region is refused like a wrong one.",
        "It would send the secret to a region that the organization does not use.",
    ),
    (
        "disabled-client",
        "A disabled client, or one in another IP range, is refused like one with a wrong secret [unsure].",
        "It takes an administrator who changes the client.",
    ),
    (
        "large-requests",
        "A body that is too large is answered with 413, one that is not JSON with 415 [unsure].",
        "It would load the service, or take a permission to change something.",
    ),
    (
        "users-api-changes",
        "Limits and conflicts of the users API, and its answers to changes [unsure].",
        "It would create and change users.",
    ),
    (
        "user-sign-in",
        "Redirect URIs, codes, PKCE, refresh tokens and their lifetimes [unsure].",
        "It takes a user who signs in with a browser.",
    ),
];

/// All facts with what was found out.
pub(crate) fn findings(settings: &Settings, transcript: &Transcript) -> Vec<Finding> {
    let answers = answers::FACTS.iter().map(|fact| Finding {
        name: fact.name,
        sentence: fact.sentence,
        expected: fact.expected(),
        ..finding(transcript, fact.check(transcript))
    });
    let details = details::FACTS.iter().map(|fact| Finding {
        name: fact.name,
        sentence: fact.sentence,
        expected: fact.expected.into(),
        ..finding(transcript, (fact.check)(settings, transcript))
    });
    let not_checked = NOT_CHECKED.iter().map(|&(name, sentence, reason)| Finding {
        name,
        sentence,
        expected: String::new(),
        outcome: Outcome::NotChecked,
        seen: reason.into(),
    });
    answers.chain(details).chain(not_checked).collect()
}

fn finding(transcript: &Transcript, checked: Option<Checked>) -> Finding {
    let (outcome, seen) = match (checked, &transcript.stop) {
        (Some((true, seen)), _) => (Outcome::Held, seen),
        (Some((false, seen)), _) => (Outcome::Changed, seen),
        (None, Some(stop)) => (Outcome::NotChecked, format!("The run stopped: {stop}.")),
        (None, None) => (Outcome::NotChecked, "There was no answer to tell.".into()),
    };
    Finding {
        name: "",
        sentence: "",
        expected: String::new(),
        outcome,
        seen,
    }
}
