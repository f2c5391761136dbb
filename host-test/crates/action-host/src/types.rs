//! Inputs and outputs of an action. Unlike the generated types, these do not show secrets in `Debug`.

use std::fmt;

use secrecy::SecretString;

/// What to authenticate with: `authentication-type` of the contract, with every field resolved to its value.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// OAuth2 – client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The Genesys Cloud environment, as the designer typed it.
        url: String,
        /// The client id. Not a secret, but it may come from a locker, so it is not shown either.
        client_id: SecretString,
        /// The client secret.
        client_secret: SecretString,
    },
    /// An access token of an OAuth connection, which the connection's owner refreshes.
    ControlRoomConnection(ConnectionToken),
}

/// An access token of an OAuth connection.
#[derive(Debug, Clone)]
pub struct ConnectionToken {
    /// The Genesys Cloud environment that the connection belongs to.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// The token type, as the authorization server returned it.
    pub token_type: String,
    /// Remaining lifetime in seconds, if known.
    pub expires_in: Option<u32>,
}

/// An open session. Anyone who has its token can act as the client.
#[derive(Clone)]
pub struct Session {
    /// The name that later steps refer to it by.
    pub name: String,
    /// The access token.
    pub token: SecretString,
    /// Always `Bearer`.
    pub token_type: String,
    /// Lifetime in seconds from when the request was sent, if the server returned it.
    pub expires_in: Option<u32>,
    /// The base URL of the API for later steps, such as `https://api.mypurecloud.de`.
    pub api_url: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.name)
            .field("expires_in", &self.expires_in)
            .field("api_url", &self.api_url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secrets_nor_tokens() {
        let authentication = Credentials::ClientCredentials {
            url: "eu-central-1".into(),
            client_id: "canary".into(),
            client_secret: "canary".into(),
        };
        let connection = Credentials::ControlRoomConnection(ConnectionToken {
            url: "eu-central-1".into(),
            access_token: "canary".into(),
            token_type: "bearer".into(),
            expires_in: None,
        });
        let session = Session {
            name: "Default".into(),
            token: "canary".into(),
            token_type: "Bearer".into(),
            expires_in: None,
            api_url: "https://api.mypurecloud.de".into(),
        };
        let shown = format!("{authentication:?} {connection:?} {session:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("eu-central-1") && shown.contains("Default"),
            "{shown}"
        );
    }
}
