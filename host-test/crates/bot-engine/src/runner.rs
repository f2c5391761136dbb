//! Runs a bot: its steps one after the other, until one fails or somebody interrupts.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::check::Checker;
use super::error::{RunError, StepError};
use super::file::{Bot, Step};
use super::interrupt::Interrupt;
use super::report::{Note, SessionOutcome, StepOutcome};
use super::shared_sessions::SharedSessions;
use super::steps::{Flow, StepKind, StepRun};
use super::watch::{Event, Watcher};
use egress::Client;

use crate::action::ActionRunner;
use crate::retry::RetryPolicy;
use crate::secrets::SecretProvider;
use crate::variables::Variables;

/// How long ending the sessions may take that a bot left open.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(5);

/// How long a step that is under way may still take when the bot is interrupted. A token that is just being
/// asked for could not be ended without its answer.
const GRACE: Duration = Duration::from_secs(2);

/// What bots are run with: the engine. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Runner {
    /// Runs the actions.
    pub actions: Arc<dyn ActionRunner>,
    /// The way to the API.
    pub client: Client,
    /// Hands out credentials and tokens.
    pub secrets: Arc<dyn SecretProvider>,
    /// The variables that bots may use.
    pub variables: Arc<Variables>,
    /// The sessions that bots share.
    pub sessions: Arc<SharedSessions>,
    /// The language of the action's messages (BCP 47).
    pub locale: Arc<str>,
    /// When to try again.
    pub retry: RetryPolicy,
    /// When to stop.
    pub interrupt: Interrupt,
}

/// What became of the sessions that were kept for other bots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finished {
    /// How many were ended.
    pub ended: usize,
    /// How many could not be; their tokens live on until they expire.
    pub alive: usize,
}

impl Runner {
    /// Runs a bot. Of sessions that it leaves open, its own are ended, also where it fails or is interrupted;
    /// those that other bots may use are kept for them.
    ///
    /// # Errors
    ///
    /// The mistake that keeps it from running, the step that failed, or the step at which it was interrupted.
    pub async fn run(&self, bot: &Bot, watcher: &mut dyn Watcher) -> Result<(), RunError> {
        watcher.tell(Event::BotStarted { bot: &bot.name });
        let checker = Checker {
            secrets: &*self.secrets,
            variables: &self.variables,
            // The action says it when it runs.
            actions: None,
            locale: &self.locale,
        };
        for warning in checker.check(bot).await.into_result()? {
            watcher.tell(Event::Warned(&warning));
        }
        let mut flow = Flow::default();
        let result = self.run_steps(bot, &mut flow, watcher).await;
        if let Err(RunError::Interrupted { step }) = result {
            watcher.tell(Event::Interrupted { step });
        }
        self.release_all(&mut flow, watcher).await;
        result
    }

    /// Ends the sessions that are kept for other bots: no bot comes any more.
    pub async fn finish(&self) -> Finished {
        let end = Instant::now() + CLEAN_UP;
        let mut finished = Finished::default();
        for session in self.sessions.take_all() {
            let ended = timeout_at(end, self.revoke(&session))
                .await
                .unwrap_or(false);
            if ended {
                finished.ended += 1
            } else {
                finished.alive += 1
            }
        }
        finished
    }

    /// Releases the sessions that are left open, all of them within [`CLEAN_UP`].
    async fn release_all(&self, flow: &mut Flow, watcher: &mut dyn Watcher) {
        let end = Instant::now() + CLEAN_UP;
        for left_open in flow.sessions.close_all() {
            let name = left_open.session.name.clone();
            let outcome = timeout_at(end, self.release(left_open)).await;
            let note = Note::LeftOpen {
                session: name,
                outcome: outcome.unwrap_or(SessionOutcome::Alive),
            };
            watcher.tell(Event::Noted { note: &note });
        }
    }

    async fn run_steps(
        &self,
        bot: &Bot,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<(), RunError> {
        for step in &bot.steps {
            let (number, action) = (step.number, step.kind.action());
            let interrupted = RunError::Interrupted { step: number };
            if self.interrupt.is_requested() {
                return Err(interrupted);
            }
            let started = Instant::now();
            let Some(done) = self.run_until_interrupted(bot, step, flow, watcher).await else {
                if asks_for_a_token(step) {
                    let note = &Note::UnknownToken;
                    watcher.tell(Event::Noted { note });
                }
                return Err(interrupted);
            };
            let elapsed = started.elapsed();
            match done {
                Ok(summary) => {
                    watcher.tell(Event::StepDone {
                        step: number,
                        action,
                        summary: &summary,
                        elapsed,
                    });
                }
                Err(error) => {
                    watcher.tell(Event::StepFailed {
                        step: number,
                        action,
                        error: &error,
                        elapsed,
                    });
                    return Err(RunError::Step {
                        step: number,
                        action,
                        error,
                    });
                }
            }
        }
        Ok(())
    }

    /// What came of the step; nothing where it was still under way [`GRACE`] after the interruption.
    async fn run_until_interrupted(
        &self,
        bot: &Bot,
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Option<Result<StepOutcome, StepError>> {
        let mut run = StepRun {
            runner: self,
            bot,
            step,
            flow,
            watcher,
        };
        let mut running = std::pin::pin!(step.kind.run(&mut run));
        tokio::select! {
            biased;
            done = &mut running => Some(done),
            () = self.interrupt.requested() => timeout(GRACE, running).await.ok(),
        }
    }
}

fn asks_for_a_token(step: &Step) -> bool {
    matches!(&step.kind, StepKind::Authenticate(step) if step.asks_for_a_token())
}
