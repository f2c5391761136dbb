//! The client that a connection is registered as with its provider (RFC 6749, section 2), with one grant type.

use bot_engine::Language;
use bot_engine::name::without_byte_order_mark;
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

/// How a client with a secret authenticates itself at the token endpoint (RFC 6749, section 2.3.1). One without a secret
/// sends its id in the form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// Id and secret in the header of HTTP Basic (`client_secret_basic`), which each provider has to accept.
    #[default]
    Header,
    /// Id and secret in the form (`client_secret_post`), the only way that some providers accept.
    Form,
}

/// An OAuth client, as it is registered with a provider.
#[derive(Debug, Clone)]
pub struct Registration {
    provider: Provider,
    grant: Grant,
    client_id: String,
    client_secret: Option<SecretString>,
    scopes: Scopes,
    client_authentication: ClientAuthentication,
}

/// Why a client is not valid. `Display` is the message in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum RegistrationError {
    /// The client id is blank.
    NoClientId,
    /// There is no client secret, or a blank one, which only PKCE allows (RFC 9700, section 2.1.1).
    NoClientSecret,
    /// The id or the secret is too long.
    TooLong,
    /// The id or the secret contains an invisible character, which came with pasting.
    Invisible(char),
}

impl RegistrationError {
    /// The message for operators.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::NoClientId => texts::no_client_id(language).into(),
            Self::NoClientSecret => texts::no_client_secret(language).into(),
            Self::TooLong => texts::too_long(language, MAX_CREDENTIAL),
            Self::Invisible(character) => {
                texts::invisible(language, format_args!("{:04X}", u32::from(character)))
            }
        }
    }
}

mod texts {
    bot_engine::messages! {
        no_client_id { en: "the client id is empty", de: "die Client-ID ist leer" }
        no_client_secret {
            en: "the client secret is empty; only authorization code with PKCE works without one",
            de: "der geheime Clientschlüssel ist leer; nur Code-Autorisierung mit PKCE kommt ohne aus",
        }
        too_long(most) {
            en: "the client id or the client secret has more than {most} bytes",
            de: "Client-ID oder geheimer Clientschlüssel hat mehr als {most} Bytes",
        }
        invisible(code) {
            en: "the client id or the client secret contains the invisible character U+{code}; remove it",
            de: "Client-ID oder geheimer Clientschlüssel enthält das unsichtbare Zeichen U+{code}; entfernen Sie es",
        }
    }
}

impl Registration {
    /// A client with these properties, which authenticates itself in a header. A byte order mark before id and secret and
    /// white space around them are removed, as in the action's fields.
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
        match Self::problems(grant, client_id, client_secret).first() {
            Some(error) => Err(*error),
            None => Ok(Self {
                provider,
                grant,
                client_id: trimmed(client_id).to_owned(),
                client_secret: client_secret.and_then(usable).map(SecretString::from),
                scopes,
                client_authentication: ClientAuthentication::default(),
            }),
        }
    }

    /// The same client, which authenticates itself like this.
    #[must_use]
    pub fn with_client_authentication(self, client_authentication: ClientAuthentication) -> Self {
        Self {
            client_authentication,
            ..self
        }
    }

    /// All that is wrong with the id and the secret of a client.
    pub fn problems(
        grant: Grant,
        client_id: &str,
        client_secret: Option<&SecretString>,
    ) -> Vec<RegistrationError> {
        let client_id = trimmed(client_id);
        let client_secret = client_secret.and_then(usable);
        let mut problems = Vec::new();
        if client_id.is_empty() {
            problems.push(RegistrationError::NoClientId);
        }
        if client_secret.is_none() && grant != Grant::AuthorizationCodePkce {
            problems.push(RegistrationError::NoClientSecret);
        }
        if client_id.len().max(client_secret.map_or(0, str::len)) > MAX_CREDENTIAL {
            problems.push(RegistrationError::TooLong);
        }
        let found = invisible(client_id).or_else(|| client_secret.and_then(invisible));
        problems.extend(found.map(RegistrationError::Invisible));
        problems
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

    /// How the client authenticates itself.
    pub fn client_authentication(&self) -> ClientAuthentication {
        self.client_authentication
    }

    /// The requested scopes.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

/// An id or a secret as it was meant: without a byte order mark, and without the white space around it.
fn trimmed(text: &str) -> &str {
    without_byte_order_mark(text).trim()
}

/// A trimmed secret; `None` if nothing is left.
fn usable(secret: &SecretString) -> Option<&str> {
    Some(trimmed(secret.expose_secret())).filter(|secret| !secret.is_empty())
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
        for (id, secret) in [
            (" id\n", "\tcanary "),
            ("\u{feff}id", "\u{feff} canary\r\n"),
        ] {
            let client = register(grant, id, Some(secret)).unwrap();
            assert_eq!(client.client_id(), "id");
            assert_eq!(client.client_secret().unwrap().expose_secret(), "canary");
            assert!(!format!("{client:?}").contains("canary"));
        }

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
        assert_eq!(
            Registration::problems(grant, " ", None),
            [
                RegistrationError::NoClientId,
                RegistrationError::NoClientSecret
            ]
        );
    }
}
