//! The variables of a bot. A credential variable can be used wherever a value is asked for, and is
//! never shown.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// A variable's value.
#[derive(Debug, Clone)]
pub enum Variable {
    /// A text, which may be shown.
    Text(String),
    /// A credential, which may not.
    Credential(SecretString),
}

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Variable>);

impl Variables {
    /// Sets a variable; one of the same name is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: Variable) {
        self.0.insert(name.into(), value);
    }

    /// The variable of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    /// What they are called, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_variable_does_not_show_in_debug() {
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
