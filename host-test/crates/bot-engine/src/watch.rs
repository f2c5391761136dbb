//! The events of a running bot, for user interfaces and tests.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::error::StepError;
use super::report::{Note, RetryReason, StepOutcome};
use super::warning::Warning;

/// An event of a running bot. Events contain no secrets or tokens.
#[derive(Debug)]
pub enum Event<'a> {
    /// A bot starts.
    BotStarted {
        /// Its name.
        bot: &'a str,
    },
    /// The bot has a problem that does not keep it from running.
    Warned(&'a Warning),
    /// A step returned something. Its outcome follows.
    Returned {
        /// The step's number.
        step: usize,
        /// What it returned, without secret outputs.
        output: &'a Json,
    },
    /// A step succeeded.
    StepSucceeded {
        /// The step's number.
        step: usize,
        /// The name that the designer gave it.
        name: Option<&'a str>,
        /// Its action.
        action: &'a str,
        /// What it did.
        outcome: &'a StepOutcome,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step failed, and with it the bot.
    StepFailed {
        /// The step's number.
        step: usize,
        /// The name that the designer gave it.
        name: Option<&'a str>,
        /// Its action.
        action: &'a str,
        /// The reason.
        error: &'a StepError,
        /// How long it took.
        elapsed: Duration,
    },
    /// An attempt of a step failed, and will be retried.
    Waiting {
        /// The step's number.
        step: usize,
        /// The number of attempts so far.
        tries: u32,
        /// The wait before the next attempt.
        length: Duration,
        /// Why the last attempt failed.
        reason: RetryReason<'a>,
    },
    /// The bot was interrupted.
    Interrupted {
        /// The step that was not started or not completed.
        step: usize,
    },
    /// An event that concerns the bot as a whole.
    Noted {
        /// The note.
        note: &'a Note,
    },
}

/// Receives the events of a running bot.
#[async_trait]
pub trait Watcher: Send {
    /// Handles an event.
    fn on_event(&mut self, event: Event<'_>);

    /// Whether a step may begin that [may change something](crate::StepKind::changes_something). It does not begin before this
    /// returns; if it may not begin, the bot is interrupted. A step of another bot has the number of the step that runs that
    /// bot.
    async fn may_change(&mut self, step: usize) -> bool {
        let _ = step;
        true
    }
}

/// Ignores all events.
impl Watcher for () {
    fn on_event(&mut self, _: Event<'_>) {}
}
