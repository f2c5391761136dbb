//! Runs the steps of a bot one after the other, until one fails or the bot is interrupted.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument;

use crate::checking::Checker;
use crate::error::{RunError, StepError};
use crate::problem::Problems;
use crate::report::{Note, SessionOutcome, StepOutcome};
use crate::runner::{CLEAN_UP, Runner};
use crate::spans;
use crate::steps::{Bot, Flow, Step, StepRun};
use crate::variables::Variables;
use crate::watch::{Event, Watcher};

/// How long the current step may continue after an interruption. Without the response to a token request, the token could
/// not be revoked.
const GRACE: Duration = Duration::from_secs(2);

/// The result of revoking the tokens of the shared sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finished {
    /// How many tokens were revoked.
    pub revoked: usize,
    /// How many could not be revoked. They are valid until they expire.
    pub not_revoked: usize,
}

impl Runner {
    /// Runs a bot. If it ends, fails or is interrupted with open sessions, the tokens of its own sessions are revoked;
    /// shared sessions stay open for other bots.
    ///
    /// # Errors
    ///
    /// See [`RunError`].
    pub async fn run(&self, bot: &Bot, watcher: &mut dyn Watcher) -> Result<(), RunError> {
        watcher.on_event(Event::BotStarted { bot: &bot.name });
        let checker = Checker {
            secrets: &*self.secrets,
            variables: &self.variables,
            // The action validates its fields when it runs.
            actions: None,
            locale: &self.locale,
        };
        for warning in checker.check(bot).await.into_result()? {
            watcher.on_event(Event::Warned(&warning));
        }
        if let Some(problems) = Problems::new(bot.input_problems(&Variables::default())) {
            return Err(RunError::Invalid(problems));
        }
        let mut flow = Flow::new(bot.variables_over(&self.variables));
        flow.outputs = bot.outputs.clone();
        let result = self.run_steps(bot, &mut flow, watcher).await;
        if let Err(RunError::Interrupted { step }) = result {
            watcher.on_event(Event::Interrupted { step });
        }
        self.release_all(&mut flow, watcher).await;
        result
    }

    /// Revokes the tokens of the shared sessions. No bot may run afterwards.
    pub async fn finish(&self) -> Finished {
        let end = Instant::now() + CLEAN_UP;
        let mut finished = Finished::default();
        for unused in self.sessions.take_all() {
            let revoked = timeout_at(end, self.revoke(unused.session, unused.closes.as_ref()))
                .await
                .unwrap_or(false);
            if revoked {
                finished.revoked += 1;
            } else {
                finished.not_revoked += 1;
            }
        }
        finished
    }

    /// Releases all sessions that are still open, within [`CLEAN_UP`].
    async fn release_all(&self, flow: &mut Flow, watcher: &mut dyn Watcher) {
        flow.unreleased.extend(flow.sessions.close_all());
        self.release_unreleased(flow, watcher).await;
    }

    /// Releases the sessions that were left open, one by one: if this is cancelled, the others are still there.
    pub(crate) async fn release_unreleased(&self, flow: &mut Flow, watcher: &mut dyn Watcher) {
        let end = Instant::now() + CLEAN_UP;
        while let Some(left_open) = flow.unreleased.pop_front() {
            let name = left_open.name.clone();
            let outcome = timeout_at(end, self.release(left_open)).await;
            let note = Note::LeftOpen {
                session: name,
                outcome: outcome.unwrap_or(SessionOutcome::NotRevoked),
            };
            watcher.on_event(Event::Noted { note: &note });
        }
    }

    /// Runs the steps of a bot, and leaves its sessions open.
    pub(crate) async fn run_steps(
        &self,
        bot: &Bot,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<(), RunError> {
        for step in &bot.steps {
            let (number, action) = (step.number, step.kind.action());
            let name = step.name.as_deref();
            let interrupted = RunError::Interrupted { step: number };
            if self.interrupt.is_requested() {
                return Err(interrupted);
            }
            // A bot that runs another one leaves that to the steps of the other one.
            let may_begin = !step.kind.changes_something()
                || step.kind.linked().is_some()
                || watcher.may_change(number).await;
            if !may_begin || self.interrupt.is_requested() {
                return Err(interrupted);
            }
            let started = Instant::now();
            let done = self.run_until_interrupted(bot, step, flow, watcher);
            let Some(done) = done.instrument(spans::step(number)).await else {
                if flow.is_requesting_token {
                    let note = &Note::TokenMayRemain;
                    watcher.on_event(Event::Noted { note });
                }
                return Err(interrupted);
            };
            let elapsed = started.elapsed();
            match done {
                Ok(outcome) => {
                    watcher.on_event(Event::StepSucceeded {
                        step: number,
                        name,
                        action,
                        outcome: &outcome,
                        elapsed,
                    });
                }
                Err(error) => {
                    watcher.on_event(Event::StepFailed {
                        step: number,
                        name,
                        action,
                        error: &error,
                        elapsed,
                    });
                    return Err(RunError::Step {
                        step: number,
                        action: action.into(),
                        error,
                    });
                }
            }
        }
        Ok(())
    }

    /// The result of the step. `None` if it was cancelled, [`GRACE`] after an interruption, or at once between two attempts and
    /// before a step of another bot that must not begin.
    async fn run_until_interrupted(
        &self,
        bot: &Bot,
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Option<Result<StepOutcome, StepError>> {
        let between_attempts = Notify::new();
        let mut run = StepRun {
            runner: self,
            bot,
            step,
            flow,
            watcher,
            between_attempts: &between_attempts,
        };
        let mut running = std::pin::pin!(step.kind.run(&mut run));
        tokio::select! {
            biased;
            done = &mut running => Some(done),
            () = between_attempts.notified() => None,
            () = self.interrupt.requested() => tokio::select! {
                done = timeout(GRACE, running) => done.ok(),
                () = between_attempts.notified() => None,
            },
        }
    }
}
