//! The variables of bots. A credential variable can be used in any field that takes a value, and is never shown.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// A variable's value.
#[derive(Debug, Clone)]
pub enum Variable {
    /// A text that may be shown.
    Text(String),
    /// A secret that must not be shown.
    Credential(SecretString),
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
