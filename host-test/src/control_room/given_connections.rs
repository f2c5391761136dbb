//! OAuth connections: the Control Room owns the token, a bot borrows it.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// A connection with a token that can be used now.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The Genesys Cloud environment that it belongs to: a region or an address.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// Its type, as the authorization server named it.
    pub token_type: String,
    /// Seconds that it has left, where they are known.
    pub expires_in: Option<u32>,
}

/// Connections by name.
#[derive(Debug, Default)]
pub struct Connections(BTreeMap<String, Connection>);

impl Connections {
    /// Sets a connection; one of the same name is replaced.
    pub fn set(&mut self, name: impl Into<String>, connection: Connection) {
        self.0.insert(name.into(), connection);
    }

    /// A connection, where there is one of this name.
    pub fn get(&self, name: &str) -> Option<&Connection> {
        self.0.get(name)
    }
}
