//! The variables that steps use. A credential variable can be used in any field that takes a value, and is never shown.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Number, Value as Json};

use crate::credential_path::AttributePath;

/// The most variables that a bot may declare.
pub const MAX_VARIABLES: usize = 100;

/// The member of a bot file with its variables.
pub(crate) const VARIABLES: &str = "variables";

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableType {
    /// `text`
    Text,
    /// `number`
    Number,
    /// `boolean`
    Boolean,
    /// `credential`: never shown.
    Credential,
}

impl VariableType {
    /// All types, with their names in the bot file.
    pub const ALL: [(&str, Self); 4] = [
        ("text", Self::Text),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("credential", Self::Credential),
    ];
}

/// A variable's value.
#[derive(Debug, Clone)]
pub enum Variable {
    /// A text that may be shown.
    Text(String),
    /// A number that may be shown.
    Number(Number),
    /// `true` or `false`; may be shown.
    Boolean(bool),
    /// A secret that must not be shown.
    Credential(SecretString),
    /// A credential of the secret provider, which hands out its value each time a step uses it. It must not be shown.
    Stored(AttributePath),
}

impl Variable {
    /// Its value as JSON, if it may be shown.
    pub(crate) fn json(&self) -> Option<Json> {
        match self {
            Self::Text(text) => Some(text.as_str().into()),
            Self::Number(number) => Some(number.clone().into()),
            Self::Boolean(value) => Some((*value).into()),
            Self::Credential(_) | Self::Stored(_) => None,
        }
    }

    /// Its value as a text, if it may be shown.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            other => other.json().map(|value| value.to_string()),
        }
    }

    /// Whether it must not be shown.
    pub(crate) fn is_credential(&self) -> bool {
        matches!(self, Self::Credential(_) | Self::Stored(_))
    }
}

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Variable>);

impl Variables {
    /// Sets a variable, and replaces one with the same name.
    pub fn set(&mut self, name: impl Into<String>, value: Variable) {
        self.0.insert(name.into(), value);
    }

    /// The variable with this name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_credential_variables() {
        let mut variables = Variables::default();
        variables.set("secret", Variable::Credential("canary".into()));
        variables.set("name", Variable::Text("shown".into()));
        let shown = format!("{variables:?}");
        assert!(
            !shown.contains("canary") && shown.contains("shown"),
            "{shown}"
        );
    }
}
