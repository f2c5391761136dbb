//! `genesys/disconnect`: closes a session.

use super::{Description, SESSION_NAME, StepKind, StepRun, StepType, session_name};
use crate::check::Checking;
use crate::error::StepError;
use crate::file::Step;
use crate::problem::ProblemKind;
use crate::report::StepOutcome;

pub(super) const DESCRIPTION: Description = Description {
    action: "genesys/disconnect",
    form: |_, of_component| of_component,
    parse: |fields| {
        StepKind::Disconnect(Disconnect {
            session_name: session_name(fields),
        })
    },
};

/// Closes a session.
#[derive(Debug, Clone)]
pub struct Disconnect {
    /// The session to close.
    pub session_name: String,
}

impl StepType for Disconnect {
    async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        if !checking.sessions.remove(&self.session_name) {
            let kind = ProblemKind::NoSession(self.session_name.clone());
            checking.note(step, SESSION_NAME, kind);
        }
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let outcome = run.disconnect(&self.session_name).await?;
        Ok(StepOutcome::SessionClosed {
            session: self.session_name.clone(),
            outcome,
        })
    }
}
