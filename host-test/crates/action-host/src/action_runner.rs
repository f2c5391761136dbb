//! Implements the flow engine's [`ActionRunner`] for loaded components (feature `bot-engine`).

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bot_engine::action::{self as engine, ActionRef, ActionRunner, ComponentInfo, ListError};
use egress::{Client, is_german};
use thiserror::Error;

use super::{Argument, CallError, Component, Failure, Success, form};

/// Components by the names that the operator gave them. Their actions are named after them, so that none shadows another.
/// Cheap to clone.
///
/// ```
/// use action_host::{Components, Grant, Host};
/// use bot_engine::Catalogue;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = built_in_component::BYTES;
/// let component = Host::builder().build()?.load(bytes)?;
/// let mut components = Components::default();
/// components.add("genesys", component.with_grant(Grant::genesys_oauth()))?;
/// let catalogue = Catalogue::load(&components).await?; // has genesys/oauth-authenticate
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Components(BTreeMap<Arc<str>, Component>);

/// Why a component cannot be added.
///
/// ```
/// use action_host::{Components, ComponentsError};
///
/// let checked = Components::check_name("Genesys"); // before it is stored
/// assert_eq!(checked, Err(ComponentsError::InvalidName("Genesys".into())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ComponentsError {
    /// The name is not valid.
    #[error(
        "{0:?} is not a name for a component; expected lower-case letters, digits and hyphens, such as genesys-users"
    )]
    InvalidName(String),
    /// Another component has the name.
    #[error("there are two components {0}")]
    NameTaken(String),
}

impl ComponentsError {
    /// The error in the language of `locale` (BCP 47, or POSIX), English or German.
    pub fn localized(&self, locale: &str) -> String {
        if !is_german(locale) {
            return self.to_string();
        }
        match self {
            Self::InvalidName(name) => format!(
                "„{}“ ist kein Name für eine Komponente; erwartet werden Kleinbuchstaben, Ziffern und Bindestriche, wie \
                 genesys-users",
                name.escape_debug()
            ),
            Self::NameTaken(name) => format!("es gibt zwei Komponenten {name}"),
        }
    }
}

impl Components {
    /// Checks that a component may have this name: words of lower-case letters and digits, with hyphens between them.
    ///
    /// # Errors
    ///
    /// [`ComponentsError::InvalidName`]
    pub fn check_name(name: &str) -> Result<(), ComponentsError> {
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        if name.len() <= 64 && name.split('-').all(is_word) {
            Ok(())
        } else {
            Err(ComponentsError::InvalidName(name.into()))
        }
    }

    /// Adds a component under a name.
    ///
    /// # Errors
    ///
    /// See [`ComponentsError`].
    pub fn add(&mut self, name: &str, component: Component) -> Result<(), ComponentsError> {
        Self::check_name(name)?;
        match self.0.insert(name.into(), component) {
            None => Ok(()),
            Some(_) => Err(ComponentsError::NameTaken(name.into())),
        }
    }

    /// The component with this name.
    pub fn get(&self, name: &str) -> Option<&Component> {
        self.0.get(name)
    }

    /// The same components with another client, such as one for another tokio runtime.
    #[must_use]
    pub fn through(&self, client: &Client) -> Self {
        let components = self.0.iter();
        Self(
            components
                .map(|(name, component)| (Arc::clone(name), component.through(client)))
                .collect(),
        )
    }

    fn of(&self, action: &ActionRef) -> Result<&Component, engine::CallError> {
        let component = self.0.get(&action.component);
        component.ok_or_else(|| engine::CallError::Stopped {
            kind: "no-component".into(),
            message: format!("there is no component {}", action.component),
        })
    }
}

#[async_trait]
impl ActionRunner for Components {
    async fn components(
        &self,
        locale: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<form::Action>)>, ListError> {
        let mut components = Vec::new();
        for (name, component) in &self.0 {
            let info = ComponentInfo {
                name: Arc::clone(name),
                digest: *component.digest(),
                hosts: component.grant().hosts(),
            };
            let actions = component.actions(locale).await;
            let actions = actions.map_err(|error| ListError {
                component: Arc::clone(name),
                error: error.into(),
            })?;
            components.push((info, actions));
        }
        Ok(components)
    }

    async fn run(
        &self,
        action: &ActionRef,
        arguments: &[Argument],
    ) -> Result<Success, engine::CallError> {
        let ran = self.of(action)?.run(&action.action, arguments).await;
        ran.map_err(Into::into)
    }

    async fn check(
        &self,
        action: &ActionRef,
        arguments: &[Argument],
    ) -> Result<Vec<Failure>, engine::CallError> {
        let checked = self.of(action)?.check(&action.action, arguments).await;
        checked.map_err(Into::into)
    }

    async fn explain(
        &self,
        action: &ActionRef,
        failure: &Failure,
        locale: &str,
    ) -> Result<String, engine::CallError> {
        let component = self.of(action)?;
        let explained = component.explain(&action.action, failure, locale).await;
        explained.map_err(Into::into)
    }
}

impl From<CallError> for engine::CallError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Failed(failure) => Self::Failed(failure),
            CallError::DeadlineExceeded(limit) => Self::DeadlineExceeded(limit),
            CallError::QueueTimeout(_) => Self::Busy {
                kind: "queue-timeout",
                message: error.to_string(),
            },
            CallError::TooManyCalls(_) => Self::Busy {
                kind: "too-many-calls",
                message: error.to_string(),
            },
            _ => Self::Stopped {
                kind: error.kind().into(),
                message: error.to_string(),
            },
        }
    }
}
