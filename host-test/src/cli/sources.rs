//! Where the variables, credentials and connections of bots come from: options of `run` and `check`.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

use std::path::PathBuf;

use anyhow::Context;
#[cfg(feature = "control-room")]
use bot_engine::Name;
use bot_engine::{Variable, Variables};

#[cfg(feature = "control-room")]
use super::data::DataOptions;
use super::definition::definition;
use super::environment::variable;
use super::local_secrets::LocalSecrets;
use super::locale::language;
use super::messages;

/// The sources of what bots do not contain themselves.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Sources {
    /// Set an input of the bots, or define a variable that they may show; for a secret, use --env
    #[arg(long = "variable", value_name = "NAME=TEXT", value_parser = definition)]
    pub(crate) variables: Vec<(String, String)>,
    /// Pass the environment variable NAME to the bots, as the secret input or the credential variable of that name
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Take credentials from the files in this folder, LOCKER/CREDENTIAL/ATTRIBUTE, and from environment
    /// variables, instead of from a Control Room
    #[cfg_attr(
        feature = "control-room",
        arg(long, value_name = "DIR", conflicts_with = "data")
    )]
    #[cfg_attr(not(feature = "control-room"), arg(long, value_name = "DIR"))]
    pub(crate) credentials: Option<PathBuf>,
    /// Take credentials from environment variables, BOT_CREDENTIAL__LOCKER__CREDENTIAL__ATTRIBUTE
    #[cfg_attr(feature = "control-room", arg(long, conflicts_with = "data"))]
    #[cfg_attr(not(feature = "control-room"), arg(long))]
    pub(crate) credentials_env: bool,
    /// The user on whose behalf the bots use credentials and connections
    #[cfg(feature = "control-room")]
    #[arg(long = "as", value_name = "USER", conflicts_with_all = ["credentials", "credentials_env"])]
    pub(crate) user: Option<Name>,
    #[cfg(feature = "control-room")]
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

impl Sources {
    /// The variables. If a name is defined twice, it is that of a secret.
    ///
    /// # Errors
    ///
    /// If an environment variable is not set, or not UTF-8.
    pub(crate) fn variables(&self) -> anyhow::Result<Variables> {
        let mut variables = Variables::default();
        for (name, text) in &self.variables {
            variables.set(name, Variable::Text(text.clone()));
        }
        for name in &self.env {
            let value = variable(name)?;
            let value = value.with_context(|| messages::variable_not_set(language(), name))?;
            variables.set(name, Variable::Credential(value));
        }
        Ok(variables)
    }

    /// Credentials from files and environment variables, if the options select them.
    pub(crate) fn local_secrets(&self) -> Option<LocalSecrets> {
        let is_selected = self.credentials.is_some() || self.credentials_env;
        is_selected.then(|| LocalSecrets {
            folder: self.credentials.clone(),
            ..LocalSecrets::default()
        })
    }
}
