//! Where the bots are that other bots run, and how many these may be.

use async_trait::async_trait;

/// How deep bots may run other bots.
pub const MAX_DEPTH: usize = 5;

/// The most different bots that a bot may run, directly or through others.
pub const MAX_BOTS: usize = 50;

/// The most steps that a bot may have with those of the bots that it runs, each as often as it runs. It bounds the time of a
/// check.
pub const MAX_STEPS_IN_ALL: usize = 10_000;

/// Where the bots are that other bots run.
#[async_trait]
pub trait BotSource: Send + Sync {
    /// The file of the bot with this name.
    ///
    /// # Errors
    ///
    /// See [`BotSourceError`].
    async fn file(&self, name: &str) -> Result<Vec<u8>, BotSourceError>;
}

/// Why there is no file of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotSourceError {
    /// There is no such bot.
    None,
    /// Several bots have this name.
    Several,
    /// The bots cannot be read now.
    Failed,
}

/// There are no other bots.
#[derive(Debug, Clone, Copy)]
pub struct NoBots;

#[async_trait]
impl BotSource for NoBots {
    async fn file(&self, _: &str) -> Result<Vec<u8>, BotSourceError> {
        Err(BotSourceError::None)
    }
}
