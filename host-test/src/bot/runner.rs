//! Runs a bot: its steps one after the other, until one fails or somebody interrupts.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::check::check;
use super::error::{RunError, StepError};
use super::file::{Authentication, Bot, Step, StepKind};
use super::interrupt::Interrupt;
use super::retry::RetryPolicy;
use super::session::{OpenSession, Owner};
use super::steps::Flow;
use super::watch::{Event, Watcher};
use crate::action::Action;
use crate::control_room::ControlRoom;
use crate::network::Client;

/// How long ending the sessions may take that a bot left open.
const CLEAN_UP: Duration = Duration::from_secs(5);

/// How long a step that is under way may still take when the bot is interrupted. A token that is just being
/// asked for could not be ended without its answer.
const GRACE: Duration = Duration::from_secs(2);

/// What bots are run with.
#[derive(Clone, Copy)]
pub struct Runner<'a> {
    /// The action that opens and ends sessions.
    pub action: &'a Action,
    /// The way to the API.
    pub client: &'a Client,
    /// What the bots may use.
    pub control_room: &'a ControlRoom,
    /// The language of the action's messages (BCP 47).
    pub locale: &'a str,
    /// When to try again.
    pub retry: RetryPolicy,
    /// When to stop.
    pub interrupt: &'a Interrupt,
}

impl Runner<'_> {
    /// Runs a bot. Sessions that it leaves open are ended, also where it fails or is interrupted.
    ///
    /// # Errors
    ///
    /// The mistake that keeps it from running, the step that failed, or the step at which it was interrupted.
    pub async fn run(&self, bot: &Bot, watcher: &mut dyn Watcher) -> Result<(), RunError> {
        watcher.tell(Event::BotStarted { bot: &bot.name });
        for warning in check(bot, self.control_room)? {
            watcher.tell(Event::Warned(&warning));
        }
        let mut flow = Flow::default();
        let result = self.run_steps(bot, &mut flow, watcher).await;
        if let Err(RunError::Interrupted { step }) = result {
            watcher.tell(Event::Interrupted { step });
        }
        self.end_all(&mut flow, watcher).await;
        result
    }

    /// Ends the sessions that are left open, all of them within [`CLEAN_UP`].
    async fn end_all(&self, flow: &mut Flow, watcher: &mut dyn Watcher) {
        let end = Instant::now() + CLEAN_UP;
        for left_open in flow.sessions.close_all() {
            let ended = timeout_at(end, self.end(&left_open)).await.unwrap_or(false);
            let what = match (ended, left_open.owner) {
                (true, Owner::Bot) => "has been ended",
                (true, Owner::ControlRoom) => {
                    "has been closed; its token stays with the connection"
                }
                (false, _) => "could not be ended; its token lives on until it expires",
            };
            let name = &left_open.session.name;
            let note = format!("the session {name:?} was left open and {what}");
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
            let Some(done) = self.run_until_interrupted(step, flow, watcher).await else {
                if asks_for_a_token(step) {
                    let note = "a token may have been given for which there was no time to wait; \
                                it cannot be ended and lives on until it expires";
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
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Option<Result<String, StepError>> {
        let mut running = std::pin::pin!(self.run_step(step, flow, watcher));
        tokio::select! {
            biased;
            done = &mut running => Some(done),
            () = self.interrupt.requested() => timeout(GRACE, running).await.ok(),
        }
    }

    /// Ends a session that the bot does not use any more, trying once. False where that did not work.
    pub(super) async fn end(&self, open: &OpenSession) -> bool {
        match open.owner {
            Owner::ControlRoom => true,
            Owner::Bot => {
                matches!(
                    timeout(CLEAN_UP, self.action.disconnect(&open.session)).await,
                    Ok(Ok(()))
                )
            }
        }
    }
}

fn asks_for_a_token(step: &Step) -> bool {
    let StepKind::Authenticate { authentication, .. } = &step.kind else {
        return false;
    };
    matches!(authentication, Authentication::ClientCredentials { .. })
}
