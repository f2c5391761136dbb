//! The data of a connection's form, its validation, and the errors at its fields.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::messages;
use crate::forms::secret;
use bot_engine::Language;
use control_room::Name;
use control_room::connections::{Settings, Summary};
use control_room::oauth::{
    Grant, Provider, ProviderError, Registration, RegistrationError, Scopes,
};

/// The form data.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct ConnectionForm {
    pub(super) name: String,
    provider: String,
    pub(super) environment: String,
    pub(super) authorization_url: String,
    pub(super) token_url: String,
    pub(super) issuer: String,
    grant: String,
    pub(super) client_id: String,
    #[serde(deserialize_with = "secret")]
    client_secret: SecretString,
    pub(super) no_secret: Option<String>,
    pub(super) scopes: String,
    pub(super) save_login: Option<String>,
    then: String,
}

/// The fields that can have an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Environment,
    AuthorizationUrl,
    TokenUrl,
    Issuer,
    ClientId,
    ClientSecret,
    Scopes,
}

impl Field {
    /// Its name in the form and its id on the page.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Environment => "environment",
            Self::AuthorizationUrl => "authorization-url",
            Self::TokenUrl => "token-url",
            Self::Issuer => "issuer",
            Self::ClientId => "client-id",
            Self::ClientSecret => "client-secret",
            Self::Scopes => "scopes",
        }
    }

    pub(super) fn is_optional(self) -> bool {
        matches!(self, Self::Issuer | Self::Scopes)
    }
}

/// The errors, each with its field.
#[derive(Debug, Default)]
pub(super) struct FieldErrors(Vec<(Field, String)>);

impl FieldErrors {
    pub(super) fn of(&self, field: Field) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| *other == field);
        found.map(|(_, message)| message.as_str())
    }

    pub(super) fn add(&mut self, field: Field, message: impl Into<String>) {
        self.0.push((field, message.into()));
    }

    pub(super) fn add_registration(&mut self, error: RegistrationError, language: Language) {
        match error {
            RegistrationError::NoClientId => {
                self.add(Field::ClientId, messages::no_client_id(language));
            }
            RegistrationError::NoClientSecret => {
                self.add(Field::ClientSecret, messages::no_client_secret(language));
            }
            RegistrationError::TooLong => {
                self.add(Field::ClientSecret, messages::too_long(language));
            }
            RegistrationError::Invisible(character) => {
                let code_point = format!("U+{:04X}", u32::from(character));
                let message = messages::invisible_character(language, code_point);
                self.add(Field::ClientSecret, message);
            }
        }
    }

    fn add_provider(&mut self, error: &ProviderError, language: Language) {
        let field = |name: &str| match name {
            "token URL" => Field::TokenUrl,
            "issuer" => Field::Issuer,
            _ => Field::AuthorizationUrl,
        };
        match error {
            ProviderError::Environment(_) => {
                self.add(Field::Environment, messages::no_environment(language));
            }
            ProviderError::NotAUrl(name) | ProviderError::NotHttps(name) => {
                self.add(field(name), messages::not_url(language));
            }
            ProviderError::UserInfo(name) => self.add(field(name), messages::url_user(language)),
            ProviderError::Fragment(name) => {
                self.add(field(name), messages::url_fragment(language));
            }
            ProviderError::Parameter(name, parameter) => {
                let message = messages::url_parameter(language, parameter);
                self.add(field(name), message);
            }
        }
    }
}

impl ConnectionForm {
    pub(super) const GRANTS: [(&'static str, Grant); 3] = [
        ("code", Grant::AuthorizationCode),
        ("code-pkce", Grant::AuthorizationCodePkce),
        ("client-credentials", Grant::ClientCredentials),
    ];

    /// The form of an existing connection, without its secret.
    pub(super) fn of(summary: &Summary) -> Self {
        let provider = &summary.provider;
        let mut typed = Self {
            name: summary.name.to_string(),
            client_id: summary.client_id.clone(),
            scopes: summary.scopes.to_string(),
            save_login: summary.save_login_credentials.then(|| "on".into()),
            ..Self::default()
        };
        let grant = Self::GRANTS.iter().find(|(_, it)| *it == summary.grant);
        typed.grant = grant.map_or("", |(name, _)| name).into();
        match provider {
            Provider::Genesys(_) => {
                let host = super::state::host(provider);
                typed.environment = host.strip_prefix("login.").unwrap_or(&host).into();
            }
            Provider::Custom(_) => {
                typed.provider = "custom".into();
                typed.authorization_url = provider.authorization_url().into();
                typed.token_url = provider.token_url().into();
                typed.issuer = provider.issuer().unwrap_or_default().into();
            }
        }
        typed
    }

    pub(super) fn is_custom(&self) -> bool {
        self.provider == "custom"
    }

    pub(super) fn grant(&self) -> Grant {
        let found = Self::GRANTS.iter().find(|(name, _)| *name == self.grant);
        found.map_or(Grant::AuthorizationCode, |(_, grant)| *grant)
    }

    /// Whether to test the connection after saving it.
    pub(super) fn wants_test(&self) -> bool {
        self.then == "test"
    }

    /// The new client secret; `None` keeps the stored one.
    pub(super) fn changed_secret(&self) -> Option<SecretString> {
        let is_typed = !self.client_secret.expose_secret().trim().is_empty();
        match self.no_secret {
            Some(_) => Some(SecretString::default()),
            None => is_typed.then(|| self.client_secret.clone()),
        }
    }

    /// The validated settings, or all errors. An `edited` connection may keep its secret.
    pub(super) fn read(
        &self,
        language: Language,
        edited: Option<&Summary>,
    ) -> Result<(Name, Settings), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.parse::<Name>();
        if name.is_err() {
            errors.add(Field::Name, messages::bad_name(language));
        }
        let issuer = Some(self.issuer.trim()).filter(|issuer| !issuer.is_empty());
        let provider = if self.is_custom() {
            Provider::custom(&self.authorization_url, &self.token_url, issuer)
        } else {
            Provider::genesys(&self.environment)
        };
        let scopes = self.scopes.parse::<Scopes>();
        if scopes.is_err() {
            errors.add(Field::Scopes, messages::bad_scopes(language));
        }
        let keeps_secret = edited.is_some_and(|summary| summary.has_client_secret);
        // Stands for the stored secret, which is not read here.
        let stored = keeps_secret.then(|| SecretString::from("stored"));
        let secret = self.changed_secret().or(stored);
        let registration = match provider {
            Ok(provider) => Registration::new(
                provider,
                self.grant(),
                &self.client_id,
                secret.as_ref(),
                scopes.unwrap_or_default(),
            ),
            Err(error) => {
                errors.add_provider(&error, language);
                return Err(errors);
            }
        };
        match (name, registration) {
            (Ok(name), Ok(registration)) if errors.0.is_empty() => {
                let settings = Settings {
                    registration,
                    save_login_credentials: self.save_login.is_some(),
                };
                Ok((name, settings))
            }
            (_, Err(error)) => {
                errors.add_registration(error, language);
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}
