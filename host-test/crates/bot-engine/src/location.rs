//! Where a problem of a bot is.

use crate::problem::{Problem, ProblemKind};

/// A step of a bot, one of its variables, or the bot as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Location {
    pub(crate) step: Option<usize>,
    pub(crate) action: Option<String>,
    pub(crate) variable: Option<usize>,
}

impl Location {
    pub(crate) fn problem(&self, field: Option<&str>, kind: ProblemKind) -> Problem {
        Problem {
            step: self.step,
            action: self.action.clone(),
            variable: self.variable,
            field: field.map(Into::into),
            kind,
        }
    }
}
