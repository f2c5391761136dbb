//! The spans of a run and of its steps: which of them an event in the log belongs to.

use std::fmt::Display;

use tracing::{Span, error_span};

/// The target of the spans. A subscriber that enables it at level `ERROR` gets them with every event, whichever targets it
/// selects; no event has this target.
pub const TARGET: &str = module_path!();

/// The span of a run. The caller chooses the id, and [instruments](tracing::Instrument) the run with this span.
pub fn run(id: impl Display) -> Span {
    error_span!("run", %id)
}

/// The span of a step. In a bot that another one runs, it is inside that of the step which runs the bot.
pub(crate) fn step(number: usize) -> Span {
    error_span!("step", number)
}
