//! The bots of a user, which their other bots run by name.

use async_trait::async_trait;

use bot_engine::{BotSource, BotSourceError};
use control_room::bots::{Bots, BotsError};

pub(super) struct UserBots(pub(super) Bots);

#[async_trait]
impl BotSource for UserBots {
    async fn file(&self, name: &str) -> Result<Vec<u8>, BotSourceError> {
        let failed = |error: BotsError| {
            tracing::error!(%error, "the bots of a user cannot be read");
            BotSourceError::Failed
        };
        let found = self.0.list(name, 0, u32::MAX).await.map_err(failed)?;
        let mut named = found.items.iter().filter(|bot| bot.name == name);
        let Some(bot) = named.next() else {
            return Err(BotSourceError::None);
        };
        if named.next().is_some() {
            return Err(BotSourceError::Several);
        }
        let stored = self.0.get(&bot.id).await.map_err(failed)?;
        Ok(stored.file.into_bytes())
    }
}
