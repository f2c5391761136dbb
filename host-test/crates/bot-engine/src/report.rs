//! What a running bot reports, as data, so that each user interface can format and localize it. `Display` is English.

use std::fmt;

use action_types::is_unprintable;
use http::StatusCode;
use serde_json::Value as Json;

use super::api_error::ApiError;
use crate::action::Output;

/// What a successful step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// The step opened a session.
    SessionOpened {
        /// The session's name.
        session: String,
        /// The base URL of the API for later steps.
        base_url: String,
        /// Remaining lifetime in seconds, if known.
        expires_in: Option<u32>,
    },
    /// The step closed a session.
    SessionClosed {
        /// The session's name.
        session: String,
        /// What happened to its token.
        outcome: SessionOutcome,
    },
    /// The action of a component succeeded.
    ActionRan {
        /// What it returned, without secrets.
        outputs: Vec<OutputSummary>,
    },
    /// The API responded to a request.
    ApiResponse {
        /// The path, with its placeholders filled in.
        path: String,
        /// The status of the response.
        status: StatusCode,
    },
    /// The step logged this message, with its placeholders filled in.
    Logged(String),
    /// The step is disabled, and was left out.
    Disabled,
}

/// An output of an action, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSummary {
    /// Its name in the form, by which its label is found in other languages.
    pub name: String,
    /// Its label, in English.
    pub label: String,
    /// The beginning of its value.
    pub value: String,
}

impl OutputSummary {
    /// The most characters of a value that are shown.
    const MAX: usize = 100;

    pub(crate) fn text(output: &Output, text: &str) -> Self {
        let plain = |c: char| if is_unprintable(c) { ' ' } else { c };
        let mut value: String = text.chars().map(plain).take(Self::MAX).collect();
        if text.chars().nth(Self::MAX).is_some() {
            value.push('…');
        }
        Self {
            name: output.name.clone(),
            label: output.label.clone(),
            value,
        }
    }

    /// Of a list, its length; of an object, that it is one; other values as they are.
    pub(crate) fn json(output: &Output, json: &Json) -> Self {
        match json {
            Json::Array(items) => Self::text(output, &format!("[{}]", items.len())),
            Json::Object(_) => Self::text(output, "{…}"),
            other => Self::text(output, &other.to_string()),
        }
    }
}

/// What happened to the token of a session that a bot no longer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOutcome {
    /// The token was revoked.
    Revoked,
    /// Other bots use the token, or may use it later.
    StillShared,
    /// The token belongs to an OAuth connection, which keeps it.
    KeptByConnection,
    /// The token could not be revoked, and is valid until it expires.
    NotRevoked,
}

/// An event that concerns the bot as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The bot ended without closing the session.
    LeftOpen {
        /// The session's name.
        session: String,
        /// What happened to its token.
        outcome: SessionOutcome,
    },
    /// A session replaced another one with the same name.
    Replaced {
        /// The name.
        session: String,
        /// What happened to the token of the replaced one.
        outcome: SessionOutcome,
    },
    /// The server rejected the session's token, so the session was opened again.
    Reopened {
        /// The session's name.
        session: String,
    },
    /// The bot was interrupted during a token request. Genesys Cloud may have issued a token that nobody can revoke.
    TokenMayRemain,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy)]
pub enum RetryReason<'a> {
    /// The action's message.
    Action(&'a str),
    /// The failure of an API request.
    Api(&'a ApiError),
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionOpened {
                session,
                base_url,
                expires_in,
            } => match expires_in.map(duration_in_words) {
                Some(time) => write!(f, "session {session:?} at {base_url}, expires in {time}"),
                None => write!(f, "session {session:?} at {base_url}, expiry unknown"),
            },
            Self::SessionClosed { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::KeptByConnection => {
                        "closed; its token stays with the connection"
                    }
                    SessionOutcome::StillShared => "closed; other bots still use its token",
                    SessionOutcome::Revoked | SessionOutcome::NotRevoked => "closed",
                };
                write!(f, "session {session:?} {what}")
            }
            Self::ActionRan { outputs } if outputs.is_empty() => f.write_str("done"),
            Self::ActionRan { outputs } => {
                let outputs = outputs
                    .iter()
                    .map(|it| format!("{}: {}", it.label, it.value));
                f.write_str(&outputs.collect::<Vec<_>>().join(", "))
            }
            Self::ApiResponse { path, status } => write!(f, "GET {path}: {status}"),
            Self::Logged(message) => f.write_str(message),
            Self::Disabled => f.write_str("disabled"),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOpen { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::Revoked => "has been closed",
                    SessionOutcome::StillShared => "stays open for other bots",
                    SessionOutcome::KeptByConnection => "has been closed; its token stays with the connection",
                    SessionOutcome::NotRevoked => "could not be closed; its token is valid until it expires",
                };
                write!(f, "the session {session:?} was left open and {what}")
            }
            Self::Replaced { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::NotRevoked => "replaces another one with that name, whose token could not be revoked",
                    _ => "replaces another one with that name",
                };
                write!(f, "the session {session:?} {what}")
            }
            Self::Reopened { session } => write!(
                f,
                "the server rejected the token of the session {session:?}; the session was opened again"
            ),
            Self::TokenMayRemain => f.write_str(
                "the bot was interrupted during a token request; if the server has issued the token, it \
                 cannot be revoked and is valid until it expires",
            ),
        }
    }
}

impl fmt::Display for RetryReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(message) => f.write_str(message),
            Self::Api(error) => error.fmt(f),
        }
    }
}

/// Formats a duration in hours and minutes, minutes, or seconds, rounded down.
pub fn duration_in_words(seconds: u32) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0 | 1) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_down_to_units_that_people_use() {
        for (seconds, words) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (3599, "59 min"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (86_399, "23 h 59 min"),
            (86_400, "24 h"),
        ] {
            assert_eq!(duration_in_words(seconds), words);
        }
    }
}
