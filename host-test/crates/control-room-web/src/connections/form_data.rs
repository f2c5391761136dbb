//! The data of a connection's form, its validation, and the errors at its fields.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::errors::texts;
use super::messages;
use crate::forms::secret;
use bot_engine::Language;
use bot_engine::name::code_point;
use control_room::Name;
use control_room::connections::{Settings, Summary};
use control_room::oauth::{
    ClientAuthentication, Grant, Provider, ProviderError, ProviderUrl, Registration,
    RegistrationError, Scopes,
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
    pub(super) secret_in_form: Option<String>,
    pub(super) scopes: String,
    pub(super) save_login: Option<String>,
    /// The id of the secret that was kept.
    pub(super) kept: String,
    /// Whether a secret was kept that is gone now.
    #[serde(skip)]
    pub(super) lost_secret: bool,
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

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by the names of their fields.
    pub(super) fn by_field(self) -> impl Iterator<Item = (String, String)> {
        let errors = self.0.into_iter();
        errors.map(|(field, message)| (field.id().to_owned(), message))
    }

    pub(super) fn add(&mut self, field: Field, message: impl Into<String>) {
        self.0.push((field, message.into()));
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
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
                let message = messages::invisible_character(language, code_point(character));
                self.add(Field::ClientSecret, message);
            }
        }
    }

    fn add_provider(&mut self, error: &ProviderError, language: Language) {
        let field = |url: &ProviderUrl| match url {
            ProviderUrl::Authorization => Field::AuthorizationUrl,
            ProviderUrl::Token => Field::TokenUrl,
            ProviderUrl::Issuer => Field::Issuer,
        };
        match error {
            ProviderError::Environment(_) => {
                self.add(Field::Environment, messages::no_environment(language));
            }
            ProviderError::NotAUrl(url) | ProviderError::NotHttps(url) => {
                self.add(field(url), messages::not_url(language));
            }
            ProviderError::UserInfo(url) => self.add(field(url), messages::url_user(language)),
            ProviderError::Fragment(url) => {
                self.add(field(url), messages::url_fragment(language));
            }
            ProviderError::Parameter(url, parameter) => {
                let message = messages::url_parameter(language, parameter);
                self.add(field(url), message);
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

    /// The form of a new connection. Actions use the shared token unless a step says otherwise.
    pub(super) fn blank() -> Self {
        Self {
            save_login: Some("on".into()),
            ..Self::default()
        }
    }

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
                let is_in_form = summary.client_authentication == ClientAuthentication::Form;
                typed.secret_in_form = is_in_form.then(|| "on".into());
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

    /// How the client authenticates itself. Genesys Cloud accepts the header.
    fn client_authentication(&self) -> ClientAuthentication {
        if self.is_custom() && self.secret_in_form.is_some() {
            ClientAuthentication::Form
        } else {
            ClientAuthentication::Header
        }
    }

    /// Whether to test the connection after saving it.
    pub(super) fn wants_test(&self) -> bool {
        self.then == "test"
    }

    /// The new client secret; `None` keeps the stored one.
    pub(super) fn changed_secret(&self) -> Option<SecretString> {
        match self.no_secret {
            Some(_) => Some(SecretString::default()),
            None => self.has_secret().then(|| self.client_secret.clone()),
        }
    }

    /// Takes a secret that was kept, unless another one was typed.
    pub(super) fn restore(&mut self, kept: Option<SecretString>) {
        self.lost_secret = kept.is_none() && !self.kept.is_empty() && !self.has_secret();
        if let Some(kept) = kept.filter(|_| !self.has_secret()) {
            self.client_secret = kept;
        }
    }

    /// The secret that was typed, if there is nothing wrong with it.
    pub(super) fn good_secret(&self, errors: &FieldErrors) -> Option<SecretString> {
        let is_good = self.has_secret() && errors.of(Field::ClientSecret).is_none();
        is_good.then(|| self.client_secret.clone())
    }

    fn has_secret(&self) -> bool {
        !self.client_secret.expose_secret().trim().is_empty()
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
        let stays = |provider: &Provider| {
            edited.is_none_or(|it| it.provider.token_origin() == provider.token_origin())
        };
        if keeps_secret && self.changed_secret().is_none() && !provider.as_ref().is_ok_and(stays) {
            errors.add(Field::ClientSecret, texts::secret_needed(language));
        }
        // Stands for the stored secret, which is not read here.
        let stored = keeps_secret.then(|| SecretString::from("stored"));
        let secret = self.changed_secret().or(stored);
        let (grant, secret) = (self.grant(), secret.as_ref());
        for error in Registration::problems(grant, &self.client_id, secret) {
            errors.add_registration(error, language);
        }
        let registration = match provider {
            Ok(provider) => {
                let scopes = scopes.unwrap_or_default();
                Registration::new(provider, grant, &self.client_id, secret, scopes).ok()
            }
            Err(error) if !self.is_custom() => {
                errors.add_provider(&error, language);
                None
            }
            Err(_) => {
                let urls = (&self.authorization_url, &self.token_url);
                for error in Provider::custom_problems(urls.0, urls.1, issuer) {
                    errors.add_provider(&error, language);
                }
                None
            }
        };
        match (name, registration) {
            (Ok(name), Some(registration)) if errors.0.is_empty() => {
                let settings = Settings {
                    registration: registration
                        .with_client_authentication(self.client_authentication()),
                    save_login_credentials: self.save_login.is_some(),
                };
                Ok((name, settings))
            }
            _ => Err(errors),
        }
    }
}
