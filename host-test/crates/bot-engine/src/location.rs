//! Where a problem of a bot is.

use crate::problem::{Problem, ProblemKind};

/// A step of a bot, or the bot as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Location {
    pub(crate) step: Option<usize>,
    pub(crate) action: Option<String>,
}

impl Location {
    pub(crate) fn problem(&self, field: Option<&str>, kind: ProblemKind) -> Problem {
        Problem {
            step: self.step,
            action: self.action.clone(),
            field: field.map(Into::into),
            kind,
        }
    }
}
