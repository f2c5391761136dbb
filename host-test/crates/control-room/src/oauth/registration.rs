//! The client that a connection is registered as with its provider (RFC 6749, section 2), with one grant type.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::provider::Provider;
use super::scopes::Scopes;
use crate::name::invisible;

/// The longest client id or secret, in bytes: a header of a request should stay below 8 KiB, and
/// form-urlencoding can triple its length.
const MAX_CREDENTIAL: usize = 1024;

/// The grant type. There is no password grant and no implicit grant (RFC 9700, sections 2.4
/// and 2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// A person signs in (RFC 6749, section 4.1).
    AuthorizationCode,
    /// The same with PKCE (RFC 7636), method S256.
    AuthorizationCodePkce,
    /// The client itself (RFC 6749, section 4.4).
    ClientCredentials,
}

/// An OAuth client, as it is registered with a provider.
#[derive(Debug, Clone)]
pub struct Registration {
    provider: Provider,
    grant: Grant,
    client_id: String,
    client_secret: Option<SecretString>,
    scopes: Scopes,
}

/// Why a client is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RegistrationError {
    /// The client id is blank.
    #[error("the client id is empty")]
    NoClientId,
    /// There is no client secret, or a blank one, which only PKCE allows (RFC 9700, section 2.1.1).
    #[error("the client secret is empty; only authorization code with PKCE works without one")]
    NoClientSecret,
    /// The id or the secret is too long.
    #[error("the client id or the client secret has more than {MAX_CREDENTIAL} bytes")]
    TooLong,
    /// The id or the secret contains a character that nobody sees, which came with pasting.
    #[error(
        "the client id or the client secret contains the invisible character U+{:04X}",
        u32::from(*.0)
    )]
    Invisible(char),
}

impl Registration {
    /// A client with these properties. White space around id and secret is trimmed, as in the action's
    /// fields.
    ///
    /// # Errors
    ///
    /// See [`RegistrationError`].
    pub fn new(
        provider: Provider,
        grant: Grant,
        client_id: &str,
        client_secret: Option<&SecretString>,
        scopes: Scopes,
    ) -> Result<Self, RegistrationError> {
        let client_id = client_id.trim();
        let client_secret = client_secret
            .map(|secret| secret.expose_secret().trim())
            .filter(|secret| !secret.is_empty());
        if client_id.is_empty() {
            return Err(RegistrationError::NoClientId);
        }
        if client_secret.is_none() && grant != Grant::AuthorizationCodePkce {
            return Err(RegistrationError::NoClientSecret);
        }
        if client_id.len().max(client_secret.map_or(0, str::len)) > MAX_CREDENTIAL {
            return Err(RegistrationError::TooLong);
        }
        let found = invisible(client_id).or_else(|| client_secret.and_then(invisible));
        if let Some(character) = found {
            return Err(RegistrationError::Invisible(character));
        }
        Ok(Self {
            provider,
            grant,
            client_id: client_id.to_owned(),
            client_secret: client_secret.map(SecretString::from),
            scopes,
        })
    }

    /// The authorization server.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The grant type.
    pub fn grant(&self) -> Grant {
        self.grant
    }

    /// The client's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client's secret; `None` for a public client.
    pub fn client_secret(&self) -> Option<&SecretString> {
        self.client_secret.as_ref()
    }

    /// The requested scopes.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(
        grant: Grant,
        id: &str,
        secret: Option<&str>,
    ) -> Result<Registration, RegistrationError> {
        let provider = Provider::genesys("mypurecloud.de").unwrap();
        let secret = secret.map(SecretString::from);
        Registration::new(provider, grant, id, secret.as_ref(), Scopes::default())
    }

    #[test]
    fn only_pkce_works_without_a_secret() {
        for secret in [None, Some(""), Some(" \n")] {
            for grant in [Grant::AuthorizationCode, Grant::ClientCredentials] {
                let error = register(grant, "id", secret).unwrap_err();
                assert_eq!(error, RegistrationError::NoClientSecret);
            }
            let public = register(Grant::AuthorizationCodePkce, "id", secret).unwrap();
            assert!(public.client_secret().is_none());
        }
    }

    #[test]
    fn id_and_secret_are_trimmed_and_limited_in_length() {
        let grant = Grant::ClientCredentials;
        let client = register(grant, " id\n", Some("\tcanary ")).unwrap();
        assert_eq!(client.client_id(), "id");
        assert_eq!(client.client_secret().unwrap().expose_secret(), "canary");
        assert!(!format!("{client:?}").contains("canary"));

        let long = "x".repeat(MAX_CREDENTIAL + 1);
        for (id, secret, expected) in [
            (" ", "s", RegistrationError::NoClientId),
            (&long, "s", RegistrationError::TooLong),
            ("i", &long, RegistrationError::TooLong),
            ("i\u{200b}", "s", RegistrationError::Invisible('\u{200b}')),
            ("i", "s\0s", RegistrationError::Invisible('\0')),
        ] {
            assert_eq!(register(grant, id, Some(secret)).unwrap_err(), expected);
        }
    }
}
