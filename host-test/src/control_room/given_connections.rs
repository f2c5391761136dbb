//! Connections for a single run, each with a token that was obtained elsewhere.

use std::collections::BTreeMap;

use super::connections::Connection;

/// Connections by name.
#[derive(Debug, Default)]
pub struct GivenConnections(BTreeMap<String, Connection>);

impl GivenConnections {
    /// Sets a connection; one of the same name is replaced.
    pub fn set(&mut self, name: impl Into<String>, connection: Connection) {
        self.0.insert(name.into(), connection);
    }

    /// A connection, where there is one of this name.
    pub fn get(&self, name: &str) -> Option<&Connection> {
        self.0.get(name)
    }
}
