//! The settings of a connection, as command-line arguments.

use clap::ValueEnum;
use control_room::Name;
use control_room::connections::{Changes, Connections, Settings};
use control_room::oauth::{self, Provider, Registration, RegistrationError, Scopes};
use secrecy::SecretString;

use super::super::locale::language;
use super::super::output::{aside, done};
use super::super::{messages, prompt};
use super::messages as texts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grant {
    /// A user signs in
    AuthorizationCode,
    /// A user signs in, with PKCE
    AuthorizationCodePkce,
    /// The client authenticates itself
    ClientCredentials,
}

impl From<Grant> for oauth::Grant {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::AuthorizationCode => Self::AuthorizationCode,
            Grant::AuthorizationCodePkce => Self::AuthorizationCodePkce,
            Grant::ClientCredentials => Self::ClientCredentials,
        }
    }
}

/// How the client authenticates itself at the token URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClientAuthentication {
    /// Id and secret in a header (`client_secret_basic`)
    Header,
    /// Id and secret in the form (`client_secret_post`)
    Form,
}

impl From<ClientAuthentication> for oauth::ClientAuthentication {
    fn from(authentication: ClientAuthentication) -> Self {
        match authentication {
            ClientAuthentication::Header => Self::Header,
            ClientAuthentication::Form => Self::Form,
        }
    }
}

/// Genesys Cloud by its environment, or any other provider by its URLs.
#[derive(Debug, clap::Args)]
struct ProviderArgs {
    /// The Genesys Cloud environment; both URLs follow from it
    #[arg(long, conflicts_with_all = ["authorization_url", "token_url", "issuer"])]
    environment: Option<String>,
    /// The authorization URL of any other provider
    #[arg(long, value_name = "URL", requires = "token_url")]
    authorization_url: Option<String>,
    /// The token URL of any other provider; an audience or a resource in its query is sent in the form
    #[arg(long, value_name = "URL", requires = "authorization_url")]
    token_url: Option<String>,
    /// The issuer identifier (iss) of the provider, if known
    #[arg(long, value_name = "URL", requires = "token_url")]
    issuer: Option<String>,
}

impl ProviderArgs {
    async fn read(&self, connections: &Connections) -> anyhow::Result<Option<Provider>> {
        if let Some(environment) = &self.environment {
            return Ok(Some(Provider::genesys(environment)?));
        }
        Ok(match (&self.authorization_url, &self.token_url) {
            (Some(authorization_url), Some(token_url)) => {
                let issuer = self.issuer.as_deref();
                let provider = Provider::custom(authorization_url, token_url, issuer)?;
                connections.check_address(token_url).await?;
                Some(provider)
            }
            _ => None,
        })
    }
}

/// Says what a connection to this provider is not for.
fn note(provider: &Provider) {
    if matches!(provider, Provider::Custom(_)) {
        aside(texts::other_provider(language()));
    }
}

/// `bot-runner connection create`
#[derive(Debug, clap::Args)]
#[command(group(
    clap::ArgGroup::new("provider").required(true).multiple(true).args(["environment", "token_url"])
))]
pub(crate) struct Create {
    pub(super) connection: Name,
    #[command(flatten)]
    provider: ProviderArgs,
    /// How tokens are obtained
    #[arg(long, value_enum)]
    grant: Grant,
    /// The client id at the provider
    #[arg(long)]
    client_id: String,
    /// The client has no secret, which requires PKCE
    #[arg(long)]
    no_client_secret: bool,
    /// The scopes to request, separated by commas or spaces
    #[arg(long, default_value = "")]
    scopes: Scopes,
    /// How the client sends its secret
    #[arg(
        long,
        value_enum,
        default_value = "header",
        conflicts_with = "environment"
    )]
    client_authentication: ClientAuthentication,
    /// Whether to store a token that all users of the connection share; unattended bots need one
    #[arg(
        long,
        value_name = "true|false",
        default_value_t = true,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = clap::ArgAction::Set
    )]
    save_login_credentials: bool,
    /// Let the users of this role use it
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Name>,
}

impl Create {
    pub(super) async fn run(&self, connections: &Connections) -> anyhow::Result<()> {
        let Some(provider) = self.provider.read(connections).await? else {
            anyhow::bail!(messages::name_the_provider(language()));
        };
        let registration = |secret: Option<&SecretString>| {
            let scopes = self.scopes.clone();
            let registration = Registration::new(
                provider.clone(),
                self.grant.into(),
                &self.client_id,
                secret,
                scopes,
            )?;
            let authentication = self.client_authentication.into();
            Ok::<_, RegistrationError>(registration.with_client_authentication(authentication))
        };
        // The secret is asked for when nothing else is wrong.
        connections.check_new(&self.connection, &self.roles).await?;
        let registration = if self.no_client_secret {
            registration(None)?
        } else {
            registration(Some(&placeholder()))?;
            registration(Some(&client_secret().await?))?
        };
        let settings = Settings {
            registration,
            save_login_credentials: self.save_login_credentials,
        };
        let name = &self.connection;
        let roles = &self.roles;
        connections.create_for(name, settings, roles).await?;
        let mut message = texts::created(language(), name);
        if self.roles.is_empty() {
            message += texts::then_allow(language());
        }
        done(&message);
        note(&provider);
        if self.grant != Grant::ClientCredentials {
            let url = connections.callback_url().await?;
            aside(&texts::register(language(), url.as_str()));
            aside(texts::then_sign_in(language()));
        }
        Ok(())
    }
}

/// `bot-runner connection edit`
#[derive(Debug, clap::Args)]
pub(crate) struct Edit {
    connection: Name,
    /// Another name; bots that use it must be changed
    #[arg(long)]
    name: Option<Name>,
    #[command(flatten)]
    provider: ProviderArgs,
    /// Another way to obtain tokens
    #[arg(long, value_enum)]
    grant: Option<Grant>,
    /// Another client id
    #[arg(long)]
    client_id: Option<String>,
    /// Prompt for another client secret
    #[arg(long, conflicts_with = "no_client_secret")]
    client_secret: bool,
    /// The client no longer has a secret, which requires PKCE
    #[arg(long)]
    no_client_secret: bool,
    /// Other scopes
    #[arg(long)]
    scopes: Option<Scopes>,
    /// How the client sends its secret from now on
    #[arg(long, value_enum, conflicts_with = "environment")]
    client_authentication: Option<ClientAuthentication>,
    /// Whether to store a token that all users of the connection share
    #[arg(long, value_name = "true|false")]
    save_login_credentials: Option<bool>,
}

impl Edit {
    pub(super) async fn run(&self, connections: &Connections) -> anyhow::Result<()> {
        let mut changes = Changes {
            name: self.name.clone(),
            provider: self.provider.read(connections).await?,
            grant: self.grant.map(Into::into),
            client_id: self.client_id.clone(),
            client_secret: match (self.client_secret, self.no_client_secret) {
                (true, _) => Some(placeholder()),
                (_, true) => Some(SecretString::default()),
                _ => None,
            },
            scopes: self.scopes.clone(),
            client_authentication: self.client_authentication.map(Into::into),
            save_login_credentials: self.save_login_credentials,
        };
        connections.check_edit(&self.connection, &changes).await?;
        if self.client_secret {
            changes.client_secret = Some(client_secret().await?);
        }
        connections.edit(&self.connection, &changes).await?;
        done(&texts::changed(language(), &self.connection));
        changes.provider.as_ref().map(note);
        Ok(())
    }
}

/// A secret to check everything else with.
fn placeholder() -> SecretString {
    "placeholder".into()
}

async fn client_secret() -> anyhow::Result<SecretString> {
    prompt::secret(messages::client_secret(language())).await
}
