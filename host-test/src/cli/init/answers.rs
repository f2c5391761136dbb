//! The answers that a bot is made of: from options, or asked for at the terminal. Each is checked at once, by the engine
//! and by the action, as it would be in a bot.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use action_host::{Components, Host};
use anyhow::{anyhow, bail, ensure};
use bot_engine::check::Checker;
use bot_engine::{AttributePath, Catalogue, Language, NoBots, Problem, Variables};
use oauth_authentication::environment::regions;
#[cfg(feature = "control-room")]
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::json;

use super::names;
use super::{Form, Init, messages};
use crate::cli::check::Unknown;
use crate::cli::locale::{language, locale};
#[cfg(feature = "control-room")]
use crate::cli::messages as said;
use crate::cli::options::ComponentOptions;
use crate::cli::{components, output, prompt};

/// The credential in the bot's locker.
const CREDENTIAL: &str = "oauth-client";

/// What a bot is made of.
pub(super) struct Answers {
    pub(super) language: Language,
    pub(super) name: String,
    /// What the name becomes in other names.
    pub(super) id: String,
    pub(super) region: String,
    pub(super) client_id: String,
    pub(super) session_name: String,
    /// For the Control Room. `None` if the secret is in the environment.
    pub(super) secret: Option<SecretString>,
}

impl Answers {
    /// The path of an attribute of the bot's credential.
    pub(super) fn path(&self, attribute: &str) -> anyhow::Result<AttributePath> {
        Ok(format!("{}/{CREDENTIAL}/{attribute}", self.id).parse()?)
    }
}

/// A question whose answer is a field of the bot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Region,
    ClientId,
    SessionName,
}

impl Field {
    /// Its option, and its name in a bot file.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Name => ("--name", "name"),
            Self::Region => ("--region", "url"),
            Self::ClientId => ("--client-id", "client-id"),
            Self::SessionName => ("--session-name", "session-name"),
        }
    }

    fn question(self, language: Language) -> String {
        match self {
            Self::Name => messages::name(language).into(),
            Self::Region => {
                let names: Vec<_> = regions().map(|(name, _)| name).collect();
                messages::region(language, names.join(", "))
            }
            Self::ClientId => messages::client_id(language).into(),
            Self::SessionName => messages::session_name(language).into(),
        }
    }
}

/// Asks, and checks answers.
pub(super) struct Questions {
    folder: PathBuf,
    components: Components,
    catalogue: Catalogue,
    language: Language,
    is_terminal: bool,
}

impl Questions {
    pub(super) async fn new(folder: &Path) -> anyhow::Result<Self> {
        let host = Host::builder().build()?;
        let options = ComponentOptions::default();
        let (components, catalogue) = components::load(&host, &options).await?;
        Ok(Self {
            folder: folder.to_owned(),
            components,
            catalogue,
            language: language(),
            is_terminal: io::stdin().is_terminal(),
        })
    }

    /// All answers. The secret is the last one.
    pub(super) async fn ask(&self, args: &Init) -> anyhow::Result<Answers> {
        let language = self.language;
        let name = self.field(Field::Name, args.name.as_deref(), None).await?;
        let region = args.region.as_deref();
        let region = self.field(Field::Region, region, None).await?;
        let client_id = args.client_id.as_deref();
        let client_id = self.field(Field::ClientId, client_id, None).await?;
        let form = self.form(args.form).await?;
        let session_name = args.session_name.as_deref();
        let session_name = self
            .field(Field::SessionName, session_name, Some("Default"))
            .await?;
        let secret = match form {
            Form::Environment => {
                ensure!(
                    args.secret_file.is_none(),
                    messages::no_secret_file(language)
                );
                None
            }
            #[cfg(feature = "control-room")]
            Form::ControlRoom => Some(self.secret(args.secret_file.as_deref()).await?),
        };
        Ok(Answers {
            language,
            id: names::id(&name),
            name,
            region,
            client_id,
            session_name,
            secret,
        })
    }

    /// The answer to a question: the option, or what is typed until it is valid. An empty answer is the default.
    async fn field(
        &self,
        field: Field,
        option: Option<&str>,
        default: Option<&str>,
    ) -> anyhow::Result<String> {
        let (name, _) = field.names();
        if let Some(answer) = option {
            return match self.problem(field, answer).await {
                None => Ok(answer.trim().into()),
                Some(problem) => bail!("{name}: {problem}"),
            };
        }
        if !self.is_terminal {
            return default
                .map(Into::into)
                .ok_or_else(|| anyhow!(messages::missing(self.language, name)));
        }
        loop {
            let typed = prompt::answer(&field.question(self.language)).await?;
            let answer = match (typed.trim(), default) {
                ("", Some(default)) => default,
                (typed, _) => typed,
            };
            match self.problem(field, answer).await {
                None => return Ok(answer.into()),
                Some(problem) => output::error(&problem),
            }
        }
    }

    #[cfg_attr(
        not(feature = "control-room"),
        expect(clippy::unused_async, reason = "there is nothing to ask")
    )]
    async fn form(&self, option: Option<Form>) -> anyhow::Result<Form> {
        if let Some(form) = option {
            return Ok(form);
        }
        #[cfg(feature = "control-room")]
        {
            ensure!(self.is_terminal, messages::missing(self.language, "--form"));
            loop {
                match prompt::answer(messages::form(self.language)).await?.trim() {
                    "" | "control-room" => return Ok(Form::ControlRoom),
                    "environment" => return Ok(Form::Environment),
                    _ => output::error(messages::form_of_two(self.language)),
                }
            }
        }
        #[cfg(not(feature = "control-room"))]
        Ok(Form::Environment)
    }

    #[cfg(feature = "control-room")]
    async fn secret(&self, file: Option<&Path>) -> anyhow::Result<SecretString> {
        let file = match file {
            Some(file) => file,
            None if self.is_terminal => Path::new("-"),
            None => bail!(messages::missing(self.language, "--secret-file")),
        };
        let secret = prompt::from_file(file, said::client_secret(self.language)).await?;
        ensure!(
            !secret.expose_secret().is_empty(),
            said::is_empty(self.language, said::client_secret(self.language))
        );
        Ok(secret)
    }

    /// What is wrong with an answer, as it would be in a bot whose other fields are right.
    async fn problem(&self, field: Field, answer: &str) -> Option<String> {
        let (_, name) = field.names();
        let value = |other: Field, right: &'static str| {
            if other == field { answer.trim() } else { right }.to_owned()
        };
        let bot = json!({
            "name": value(Field::Name, "Bot"),
            "steps": [{
                "action": "genesys/oauth-authenticate",
                "authentication-type": "client-credentials",
                "url": value(Field::Region, "us-east-1"),
                "client-id": value(Field::ClientId, "id"),
                "client-secret": { "credential": "a/b/c" },
                "session-name": value(Field::SessionName, "Default"),
            }],
        });
        let problems = self.problems(bot.to_string().as_bytes()).await;
        let found = problems.iter().find(|it| it.field.as_deref() == Some(name));
        if let Some(problem) = found.or(problems.first()) {
            return Some(problem.message(self.language));
        }
        let path = names::path(&self.folder, answer);
        (field == Field::Name && path.exists())
            .then(|| messages::file_exists(self.language, path.display()))
    }

    /// What is wrong with a bot file.
    pub(super) async fn problems(&self, file: &[u8]) -> Vec<Problem> {
        let checker = Checker {
            secrets: &Unknown::default(),
            variables: &Variables::default(),
            actions: Some(&self.components),
            locale: locale(),
        };
        let checked = checker.check_file(file, &self.catalogue, &NoBots).await;
        checked.problems
    }
}
