//! What must hold for any input at all.

pub(crate) mod answer;
pub(crate) mod environment;
pub(crate) mod json;
