//! Validation of a bot before it runs: of its file, of the order of its steps, of the credentials and connections that
//! it uses, and of its fields by the action. The command line and the pages use the same checker.

use crate::bot_source::BotSource;
use crate::catalogue::Catalogue;
use crate::checking::Checking;
pub use crate::checking::{Checked, Checker};
use crate::problem::Problem;
use crate::steps::Bot;
pub use crate::warning::{Warning, WarningKind};

impl Checker<'_> {
    /// Checks a parsed bot.
    pub async fn check(&self, bot: &Bot) -> Checked {
        self.check_draft(bot, Vec::new()).await
    }

    /// Checks a bot file, which may be an invalid draft, with the bots that it runs.
    pub async fn check_file(
        &self,
        file: &[u8],
        catalogue: &Catalogue,
        bots: &dyn BotSource,
    ) -> Checked {
        let (mut bot, mut problems) = Bot::draft(file, catalogue);
        problems.extend(bot.link(bots, catalogue).await);
        self.check_draft(&bot, problems).await
    }

    /// Checks a bot as far as it is valid; with the problems of what is not.
    pub async fn check_draft(&self, bot: &Bot, problems: Vec<Problem>) -> Checked {
        let variables = bot.variables_over(self.variables);
        let mut checking = Checking::new(self, variables, problems);
        bot.check(&mut checking).await;
        checking.finish()
    }
}
