//! What a running bot reports, by its parts, so that each surface chooses its own words. `Display` is English.

use std::fmt;

use http::StatusCode;

use super::steps::api_request::ApiError;

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// A session is open.
    Opened {
        /// Its name.
        session: String,
        /// Where later steps send their requests.
        api_url: String,
        /// The seconds that it has left, where they are known.
        expires_in: Option<u32>,
    },
    /// A session is not the bot's any more.
    Closed {
        /// Its name.
        session: String,
        /// What became of it.
        outcome: SessionOutcome,
    },
    /// The API has answered.
    Got {
        /// The path, with what was filled in.
        path: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// A message, with what was filled in.
    Logged(String),
}

/// What became of a session that a bot does not use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOutcome {
    /// Its token is dead.
    Ended,
    /// The engine keeps it for other bots.
    Kept,
    /// Its token is the Control Room's.
    WithConnection,
    /// Its token could not be ended.
    Alive,
}

/// Something about the bot as a whole that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The bot did not disconnect.
    LeftOpen {
        /// The session's name.
        session: String,
        /// What became of it.
        outcome: SessionOutcome,
    },
    /// A session took the place of another one of its name.
    Replaced {
        /// The name.
        session: String,
        /// What became of the other one.
        outcome: SessionOutcome,
    },
    /// Genesys Cloud refused a session, and it was opened once more.
    OpenedAgain {
        /// Its name.
        session: String,
    },
    /// The bot was interrupted while a token was asked for.
    UnknownToken,
}

/// Why a try failed.
#[derive(Debug, Clone, Copy)]
pub enum RetryReason<'a> {
    /// In the action's words.
    Action(&'a str),
    /// The API's failure.
    Api(&'a ApiError),
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened {
                session,
                api_url,
                expires_in,
            } => match expires_in.map(duration_in_words) {
                Some(time) => write!(f, "session {session:?} at {api_url}, expires in {time}"),
                None => write!(f, "session {session:?} at {api_url}, expiry unknown"),
            },
            Self::Closed { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::WithConnection => "closed; its token stays with the connection",
                    SessionOutcome::Kept => "closed; other bots still use its token",
                    SessionOutcome::Ended | SessionOutcome::Alive => "ended",
                };
                write!(f, "session {session:?} {what}")
            }
            Self::Got { path, status } => write!(f, "GET {path}: {status}"),
            Self::Logged(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOpen { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::Ended => "has been ended",
                    SessionOutcome::Kept => "is kept for other bots",
                    SessionOutcome::WithConnection => "has been closed; its token stays with the connection",
                    SessionOutcome::Alive => "could not be ended; its token lives on until it expires",
                };
                write!(f, "the session {session:?} was left open and {what}")
            }
            Self::Replaced { session, outcome } => {
                let what = match outcome {
                    SessionOutcome::Alive => "replaces the one of that name, whose token lives on",
                    _ => "replaces the one of that name",
                };
                write!(f, "the session {session:?} {what}")
            }
            Self::OpenedAgain { session } => write!(
                f,
                "Genesys Cloud refused the session {session:?}; it was opened once more"
            ),
            Self::UnknownToken => f.write_str(
                "a token may have been given for which there was no time to wait; it cannot be ended and \
                 lives on until it expires",
            ),
        }
    }
}

impl fmt::Display for RetryReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(words) => f.write_str(words),
            Self::Api(error) => error.fmt(f),
        }
    }
}

/// Hours, minutes or seconds, whichever says it exactly.
pub fn duration_in_words(seconds: u32) -> String {
    match seconds {
        0 => "0 s".into(),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_exactly() {
        for (seconds, words) in [(86_400, "24 h"), (5400, "90 min"), (61, "61 s"), (0, "0 s")] {
            assert_eq!(duration_in_words(seconds), words);
        }
    }
}
