//! Properties that hold for any input.

pub(crate) mod answer;
pub(crate) mod environment;
pub(crate) mod members;
