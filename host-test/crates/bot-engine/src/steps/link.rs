//! Bots that run other bots: they are looked up before a bot is checked and run, so that what was checked is what runs.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Bot, Sharing, StepKind};
use crate::bot_source::{BotSource, MAX_BOTS, MAX_DEPTH, MAX_STEPS_IN_ALL};
use crate::catalogue::Catalogue;
use crate::problem::{Problem, ProblemKind};

/// A bot that another one runs.
#[derive(Debug, Clone)]
pub struct LinkedBot {
    /// The bot, as far as it is valid.
    pub bot: Bot,
    /// Why it is not valid.
    pub problems: Vec<Problem>,
    /// The number of its steps, with those of the bots that it runs.
    steps_in_all: usize,
    /// How deep it runs other bots.
    depth: usize,
    /// Of its file, and those of the bots that it runs.
    hash: u64,
}

impl Bot {
    /// Looks up the bots that it runs, and returns the problems of that. A step whose bot is not found, or would run too much,
    /// is not linked.
    pub async fn link(&mut self, source: &dyn BotSource, catalogue: &Catalogue) -> Vec<Problem> {
        let mut linking = Linking {
            source,
            catalogue,
            known: HashMap::new(),
            within: Vec::new(),
        };
        linking.link(self).await
    }

    /// A hash of the files of the bots that it runs: the same one if these have not changed.
    pub fn linked_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.linked()
            .for_each(|linked| linked.hash.hash(&mut hasher));
        hasher.finish()
    }

    /// The bots that its steps run.
    pub fn linked(&self) -> impl Iterator<Item = &LinkedBot> {
        self.steps.iter().filter_map(|step| step.kind.linked())
    }

    fn steps_in_all(&self) -> usize {
        let nested = self.linked().map(|linked| linked.steps_in_all);
        nested.fold(self.steps.len(), usize::saturating_add)
    }

    /// The same bot with sessions of its own: each is opened anew, and closed when the bot ends.
    #[must_use]
    pub fn with_own_sessions(self) -> Self {
        self.own_sessions(&mut HashMap::new())
    }

    /// Each bot that it runs is changed once: a thousand steps may run the same one.
    fn own_sessions(mut self, known: &mut HashMap<*const LinkedBot, Arc<LinkedBot>>) -> Self {
        for step in &mut self.steps {
            match &mut step.kind {
                StepKind::Action(action) => action.sharing = Sharing::Own,
                StepKind::RunBot(run) => {
                    if let Some(linked) = &mut run.linked {
                        let key = Arc::as_ptr(linked);
                        let own = if let Some(own) = known.get(&key) {
                            Arc::clone(own)
                        } else {
                            let mut own = LinkedBot::clone(linked);
                            own.bot = own.bot.own_sessions(known);
                            Arc::new(own)
                        };
                        known.insert(key, Arc::clone(&own));
                        *linked = own;
                    }
                }
                StepKind::ApiRequest(_) | StepKind::Log(_) | StepKind::Disabled { .. } => {}
            }
        }
        self
    }
}

struct Linking<'a> {
    source: &'a dyn BotSource,
    catalogue: &'a Catalogue,
    /// Each bot is looked up once.
    known: HashMap<String, Result<Arc<LinkedBot>, ProblemKind>>,
    /// The bots that are being linked, each of which runs the next one.
    within: Vec<String>,
}

impl Linking<'_> {
    async fn link(&mut self, bot: &mut Bot) -> Vec<Problem> {
        let mut problems = Vec::new();
        for step in &mut bot.steps {
            let at = step.location();
            let StepKind::RunBot(run) = &mut step.kind else {
                continue;
            };
            match self.linked(&run.bot).await {
                Ok(linked) if linked.depth < MAX_DEPTH => run.linked = Some(linked),
                Ok(_) => problems.push(at.problem(Some("bot"), ProblemKind::TooDeep)),
                Err(kind) => problems.push(at.problem(Some("bot"), kind)),
            }
        }
        if bot.steps_in_all() > MAX_STEPS_IN_ALL {
            problems.push(Problem::of_bot(ProblemKind::StepsInAll));
            for step in &mut bot.steps {
                if let StepKind::RunBot(run) = &mut step.kind {
                    run.linked = None;
                }
            }
        }
        problems
    }

    async fn linked(&mut self, name: &str) -> Result<Arc<LinkedBot>, ProblemKind> {
        let name = name.trim();
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if self.within.iter().any(|other| other == name) {
            return Err(ProblemKind::RunsItself(name.into()));
        }
        if self.known.len() + self.within.len() >= MAX_BOTS {
            return Err(ProblemKind::TooManyBots);
        }
        let linked = match self.source.file(name).await {
            Err(error) => Err(ProblemKind::NoBot(name.into(), error)),
            Ok(file) => {
                let (mut bot, mut problems) = Bot::draft(&file, self.catalogue);
                self.within.push(name.into());
                problems.extend(Box::pin(self.link(&mut bot)).await);
                self.within.pop();
                let mut hasher = DefaultHasher::new();
                (file, bot.linked_hash()).hash(&mut hasher);
                Ok(Arc::new(LinkedBot {
                    steps_in_all: bot.steps_in_all(),
                    depth: bot.linked().map(|it| it.depth + 1).max().unwrap_or(0),
                    hash: hasher.finish(),
                    bot,
                    problems,
                }))
            }
        };
        self.known.insert(name.into(), linked.clone());
        linked
    }
}
