//! Errors of connections. A message says what to do and who can do it, and has no secret or token in it.

use std::sync::Arc;

use bot_engine::{Language, ProviderError as WordedError};
use thiserror::Error;

use super::SignInOwner;
use crate::name::Name;
use crate::oauth::error::texts as of_tokens;
use crate::oauth::network::setup_message;
use crate::oauth::{CallbackError, LoopbackError, ProviderError, RegistrationError, TokenError};
use crate::store::StoreError;
use crate::users::UserError;
use egress::SetupError;

/// Why a request to a connection fails.
#[derive(Debug, Clone, Error)]
pub enum ConnectionError {
    /// There is no such connection, or the user may not use it. The error does not say which.
    #[error("{}", self.message(Language::English))]
    NoConnection(Name),
    /// A connection of this name already exists.
    #[error("{}", self.message(Language::English))]
    Exists(Name),
    /// The connection has no shared token.
    #[error("{}", self.message(Language::English))]
    NotShared(Name),
    /// With client credentials, users have no tokens of their own.
    #[error("{}", self.message(Language::English))]
    NotUserSpecific(Name),
    /// With client credentials nobody signs in.
    #[error("{}", self.message(Language::English))]
    NoSignIn(Name),
    /// Nobody has signed in yet.
    #[error("{}", self.message(Language::English))]
    NotSignedIn {
        /// The connection.
        name: Name,
        /// Whose sign-in it is.
        owner: SignInOwner,
    },
    /// The refresh token is no longer valid, or there was none.
    #[error("{}", self.message(Language::English))]
    SignInNeeded {
        /// The connection.
        name: Name,
        /// Whose sign-in it is.
        owner: SignInOwner,
        /// Why.
        reason: String,
    },
    /// The provider issued no token. A refresh token, if there is one, is still stored.
    #[error("{}", self.message(Language::English))]
    NoToken {
        /// The connection.
        name: Name,
        /// Why.
        error: Box<TokenError>,
    },
    /// There was no response in time.
    #[error("{}", self.message(Language::English))]
    TimedOut(Name),
    /// The connection was edited or removed while a token was requested. The token was revoked.
    #[error("{}", self.message(Language::English))]
    Changed(Name),
    /// The present client secret would be sent to another token host.
    #[error("{}", self.message(Language::English))]
    SecretNeeded(Name),
    /// This token host is in a private network.
    #[error("{}", self.message(Language::English))]
    PrivateAddress(String),
    /// The callback was not accepted.
    #[error("{}", self.message(Language::English))]
    Callback(#[from] CallbackError),
    /// This machine cannot listen for the callback.
    #[error(transparent)]
    Loopback(#[from] LoopbackError),
    /// The client is not valid.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The provider is not valid.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The HTTP client cannot be set up. The operator of this machine can help.
    #[error("{}", self.message(Language::English))]
    Network(#[from] SetupError),
    /// A user or a role is not valid.
    #[error(transparent)]
    User(Arc<UserError>),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

impl ConnectionError {
    /// Whether a setting of the network that is not valid is the reason.
    pub fn is_setting(&self) -> bool {
        let Self::NoToken { error, .. } = self else {
            return false;
        };
        let cause = match &**error {
            TokenError::NotPermitted(error) => error.cause(),
            _ => None,
        };
        cause.is_some_and(|cause| cause.is_setting())
    }
}

/// For designers. What only an operator can do something about has its details in `Display`, for the log.
impl WordedError for ConnectionError {
    fn message(&self, language: Language) -> String {
        match self {
            Self::NoConnection(name) => texts::no_connection(language, name),
            Self::NotShared(name) => texts::not_shared(language, name),
            Self::NotUserSpecific(name) => texts::not_user_specific(language, name),
            Self::NoSignIn(_) => of_tokens::nobody_signs_in(language).into(),
            Self::NotSignedIn { name, owner } => match owner {
                SignInOwner::Shared => texts::nobody_signed_in(language, name),
                SignInOwner::User(user) => texts::not_signed_in(language, name, user),
            },
            Self::SignInNeeded {
                name,
                owner,
                reason,
            } => match owner {
                SignInOwner::Shared => texts::shared_sign_in_needed(language, name, reason),
                SignInOwner::User(user) => texts::sign_in_needed(language, name, user, reason),
            },
            Self::NoToken { name, error } => {
                texts::no_token(language, name, error.message(language))
            }
            Self::TimedOut(name) => texts::no_token(language, name, texts::too_slow(language)),
            Self::Changed(name) => texts::no_token(language, name, texts::changed(language)),
            Self::Registration(_) | Self::Provider(_) => texts::not_valid(language).into(),
            Self::PrivateAddress(host) => texts::private_address(language, host),
            Self::Network(error) => setup_message(error, language),
            Self::User(error) => error.message(language),
            Self::Store(_) => StoreError::for_designers(language).into(),
            Self::Exists(name) => texts::exists(language, name),
            Self::SecretNeeded(name) => texts::secret_needed(language, name),
            // Errors of signing in, of which a bot has none.
            Self::Callback(error) => texts::sign_in_failed(language, error.message(language)),
            Self::Loopback(error) => error.message(language),
        }
    }
}

pub(super) mod texts {
    bot_engine::messages! {
        no_connection(name) {
            en: "There is no OAuth connection “{name}” that you may use. Ask an administrator to create it, or to allow one of your roles to use it.",
            de: "Es gibt keine OAuth-Verbindung „{name}“, die Sie verwenden dürfen. Bitten Sie einen Administrator, sie zu erstellen oder für eine Ihrer Rollen freizugeben.",
        }
        exists(name) {
            en: "the OAuth connection \"{name}\" already exists; choose another name",
            de: "die OAuth-Verbindung „{name}“ gibt es schon; wählen Sie einen anderen Namen",
        }
        secret_needed(name) {
            en: "the client secret of the OAuth connection \"{name}\" was entered for another token host; enter it again",
            de: "der geheime Clientschlüssel der OAuth-Verbindung „{name}“ wurde für einen anderen Token-Host eingegeben; geben Sie ihn noch einmal ein",
        }
        not_shared(name) {
            en: "“{name}” has no shared token. Choose the user-specific one, or ask an administrator to turn on “Save login credentials”.",
            de: "„{name}“ hat kein gemeinsames Token. Wählen Sie das benutzerspezifische, oder bitten Sie einen Administrator, „Anmeldedaten speichern“ einzuschalten.",
        }
        not_user_specific(name) {
            en: "“{name}” has no tokens of individual users. Choose the shared token.",
            de: "„{name}“ hat keine Tokens einzelner Benutzer. Wählen Sie das gemeinsame Token.",
        }
        nobody_signed_in(name) {
            en: "Nobody has signed in to “{name}” yet. An administrator has to sign in.",
            de: "Bei „{name}“ hat sich noch niemand angemeldet. Ein Administrator muss sich anmelden.",
        }
        not_signed_in(name, user) {
            en: "{user} has not signed in to “{name}” yet. Each user signs in under OAuth connections.",
            de: "{user} hat sich bei „{name}“ noch nicht angemeldet. Jeder Benutzer meldet sich unter OAuth-Verbindungen an.",
        }
        shared_sign_in_needed(name, reason) {
            en: "“{name}” needs a new sign-in. An administrator has to sign in again: {reason}",
            de: "„{name}“ braucht eine neue Anmeldung. Ein Administrator muss sich neu anmelden: {reason}",
        }
        sign_in_needed(name, user, reason) {
            en: "“{name}” needs a new sign-in. {user} has to sign in again under OAuth connections: {reason}",
            de: "„{name}“ braucht eine neue Anmeldung. {user} muss sich unter OAuth-Verbindungen neu anmelden: {reason}",
        }
        no_token(name, reason) { en: "“{name}” gave no token. {reason}", de: "„{name}“ gab kein Token. {reason}" }
        sign_in_failed(reason) {
            en: "the sign-in did not succeed: {reason}",
            de: "die Anmeldung ist nicht gelungen: {reason}",
        }
        too_slow {
            en: "No token arrived in time. Try again later.",
            de: "Das Token kam nicht rechtzeitig. Versuchen Sie es später noch einmal.",
        }
        changed {
            en: "The connection was changed meanwhile. Start again.",
            de: "Die Verbindung wurde inzwischen geändert. Beginnen Sie noch einmal.",
        }
        private_address(host) {
            en: "{host} is in a private network. The Control Room sends secrets to public addresses only, so that nobody reaches internal servers through it. Correct the address, or ask your operator for a proxy that leads there.",
            de: "{host} liegt in einem privaten Netz. Der Control Room sendet Geheimnisse nur an öffentliche Adressen, damit niemand über ihn interne Server erreicht. Korrigieren Sie die Adresse, oder bitten Sie Ihren Betreiber um einen Proxy, der dorthin führt.",
        }
        not_valid {
            en: "The connection is not valid. An administrator has to correct it.",
            de: "Die Verbindung ist nicht gültig. Ein Administrator muss sie korrigieren.",
        }
    }
}

impl From<StoreError> for ConnectionError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<sqlx::Error> for ConnectionError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<UserError> for ConnectionError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            error => Self::User(Arc::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use oauth_authentication::error::Reason;

    use super::*;
    use crate::oauth::{Fault, IdentityError, ProviderUrl, Refused};

    fn name() -> Name {
        "prod".parse().unwrap()
    }

    #[test]
    fn each_error_that_a_bot_can_have_is_said_in_both_languages() {
        let ada = || SignInOwner::User("ada".parse().unwrap());
        let not_signed_in = |owner| ConnectionError::NotSignedIn {
            name: name(),
            owner,
        };
        let sign_in_needed = |owner| ConnectionError::SignInNeeded {
            name: name(),
            owner,
            reason: "the {name} was revoked".into(),
        };
        for error in [
            ConnectionError::NoConnection(name()),
            ConnectionError::Exists(name()),
            ConnectionError::SecretNeeded(name()),
            ConnectionError::NotShared(name()),
            ConnectionError::NotUserSpecific(name()),
            ConnectionError::NoSignIn(name()),
            not_signed_in(SignInOwner::Shared),
            not_signed_in(ada()),
            sign_in_needed(SignInOwner::Shared),
            sign_in_needed(ada()),
            ConnectionError::NoToken {
                name: name(),
                error: TokenError::WrongGrant.into(),
            },
            ConnectionError::TimedOut(name()),
            ConnectionError::Changed(name()),
            ConnectionError::PrivateAddress("10.0.0.5".into()),
            ConnectionError::Network(SetupError::NoCertificate),
            CallbackError::Over.into(),
            LoopbackError::PortInUse(1).into(),
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
        for error in [
            ConnectionError::Registration(RegistrationError::NoClientId),
            StoreError::Full.into(),
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            // The details are for the log.
            assert!(!english.contains(&error.to_string()), "{english}");
        }
    }

    #[test]
    fn each_error_of_a_client_or_a_sign_in_is_said_in_both_languages() {
        let url = ProviderUrl::Token;
        let providers = [
            ProviderError::Environment(Reason::NotHttps),
            ProviderError::NotAUrl(ProviderUrl::Authorization),
            ProviderError::NotHttps(ProviderUrl::Issuer),
            ProviderError::UserInfo(url),
            ProviderError::Fragment(url),
            ProviderError::Parameter(url, "scope"),
        ];
        let registrations = [
            RegistrationError::NoClientId,
            RegistrationError::NoClientSecret,
            RegistrationError::TooLong,
            RegistrationError::Invisible('\u{200b}'),
        ];
        let callbacks = [
            CallbackError::NotACallback,
            CallbackError::TooLong,
            CallbackError::Repeated("code"),
            CallbackError::WrongState,
            CallbackError::Over,
            CallbackError::Expired,
            CallbackError::WrongIssuer,
            CallbackError::NoCode,
            CallbackError::Refused(Refused {
                code: "access_denied".into(),
                description: None,
            }),
            CallbackError::NotConfirmed,
        ];
        let bind = LoopbackError::Bind {
            port: 1,
            kind: ErrorKind::PermissionDenied,
        };
        let loopbacks = [LoopbackError::PortInUse(1), bind];
        let people = [
            IdentityError::Setup(SetupError::Tls),
            IdentityError::Network(egress::Error::NotHttps),
            IdentityError::TooSlow("x.example".into()),
            IdentityError::Refused {
                host: "x.example".into(),
                status: 429,
            },
            IdentityError::Unnamed("x.example".into()),
        ];
        let in_both = |message: &dyn Fn(Language) -> String| Language::ALL.map(message);
        let texts = [
            providers
                .map(|it| in_both(&|language| it.message(language)))
                .to_vec(),
            registrations
                .map(|it| in_both(&|language| it.message(language)))
                .to_vec(),
            callbacks
                .map(|it| in_both(&|language| it.message(language)))
                .to_vec(),
            loopbacks
                .map(|it| in_both(&|language| it.message(language)))
                .to_vec(),
            people
                .map(|it| in_both(&|language| it.message(language)))
                .to_vec(),
        ];
        for [english, german] in texts.concat() {
            assert_ne!(english, german);
            for word in ["is", "the", "not", "has", "no"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }

    #[test]
    fn the_reason_for_no_token_names_the_connection() {
        let throttled = TokenError::Transient {
            fault: Fault::Throttled {
                host: "login.mypurecloud.de".into(),
            },
            retry_after: None,
        };
        let no_token = ConnectionError::NoToken {
            name: name(),
            error: Box::new(throttled),
        };
        for (error, german) in [
            (no_token, "login.mypurecloud.de begrenzt die Zahl"),
            (ConnectionError::TimedOut(name()), "nicht rechtzeitig"),
            (ConnectionError::Changed(name()), "inzwischen geändert"),
        ] {
            let message = error.message(Language::German);
            assert!(message.starts_with("„prod“ gab kein Token. "), "{message}");
            assert!(message.contains(german), "{message}");
        }
    }

    #[test]
    fn sign_in_needed_names_who_can_sign_in_and_why() {
        let error = ConnectionError::SignInNeeded {
            name: name(),
            owner: SignInOwner::User("ada".parse().unwrap()),
            reason: "the {name} was revoked".into(),
        };
        assert_eq!(
            error.to_string(),
            "“prod” needs a new sign-in. ada has to sign in again under OAuth connections: the {name} was revoked"
        );
    }
}
