//! Parses `NAME=TEXT`, which defines a variable at the command line.

use std::error::Error;
use std::fmt;

use super::locale::language;
use super::messages;

/// An argument that does not define a variable.
#[derive(Debug)]
pub(crate) struct NotADefinition;

impl fmt::Display for NotADefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(messages::expected_definition(language()))
    }
}

impl Error for NotADefinition {}

/// The name and the text.
///
/// # Errors
///
/// If there is no name, or no `=`.
pub(crate) fn definition(argument: &str) -> Result<(String, String), NotADefinition> {
    match argument.split_once('=') {
        Some((name, text)) if !name.is_empty() => Ok((name.into(), text.into())),
        _ => Err(NotADefinition),
    }
}
