//! What goes into the action and what comes out of it. The generated types show secrets in `Debug`;
//! these do not.

use std::fmt;

use secrecy::SecretString;

/// How to authenticate: `authentication-type` of the contract, with every field resolved.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// OAuth2 – client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The Genesys Cloud environment, as the designer typed it.
        url: String,
        /// The client id. It is no secret, but may come from a locker, and is not shown either.
        client_id: SecretString,
        /// The client secret.
        client_secret: SecretString,
    },
    /// A token that the Control Room obtained and keeps fresh.
    ControlRoomConnection(ConnectionToken),
}

/// A token of an OAuth connection, with what the action must know of it.
#[derive(Debug, Clone)]
pub struct ConnectionToken {
    /// The Genesys Cloud environment that the connection belongs to.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// Its type, as the authorization server named it.
    pub token_type: String,
    /// Seconds that it has left, where they are known.
    pub expires_in: Option<u32>,
}

/// An open session. Whoever holds it can act as the client.
#[derive(Clone)]
pub struct Session {
    /// The name that later steps use.
    pub name: String,
    /// The access token.
    pub token: SecretString,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds from the moment the request was sent; none where the server did not say.
    pub expires_in: Option<u32>,
    /// Where later steps send their requests, such as `https://api.mypurecloud.de`.
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
        let authentication = Authentication::ClientCredentials {
            url: "eu-central-1".into(),
            client_id: "canary".into(),
            client_secret: "canary".into(),
        };
        let connection = Authentication::ControlRoomConnection(ConnectionToken {
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
