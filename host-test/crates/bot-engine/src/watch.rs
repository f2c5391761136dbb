//! Events of a running bot, for a terminal, a test or a page.

use std::time::Duration;

use super::check::Warning;
use super::error::StepError;
use super::report::{Note, RetryReason, StepOutcome};

/// Something that happened. No event carries a secret or a token.
#[derive(Debug)]
pub enum Event<'a> {
    /// A bot begins.
    BotStarted {
        /// Its name.
        bot: &'a str,
    },
    /// A bot runs, but should not stay as it is.
    Warned(&'a Warning),
    /// A step ended well.
    StepDone {
        /// The step's number.
        step: usize,
        /// Its action.
        action: &'static str,
        /// What it did.
        summary: &'a StepOutcome,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step failed, and with it the bot.
    StepFailed {
        /// The step's number.
        step: usize,
        /// Its action.
        action: &'static str,
        /// Why, in words and by kind.
        error: &'a StepError,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step's try failed, and there will be another.
    Waiting {
        /// The step's number.
        step: usize,
        /// How many tries there were.
        tries: u32,
        /// How long until the next one.
        length: Duration,
        /// Why the last one failed.
        because: RetryReason<'a>,
    },
    /// The bot was told to stop.
    Interrupted {
        /// The step that was not begun or not brought to its end.
        step: usize,
    },
    /// Something about the bot as a whole that is good to know.
    Noted {
        /// It.
        note: &'a Note,
    },
}

/// Receives the events of a running bot.
pub trait Watcher: Send {
    /// Handles an event.
    fn tell(&mut self, event: Event<'_>);
}

/// Ignores all events.
impl Watcher for () {
    fn tell(&mut self, _: Event<'_>) {}
}
