//! The secret provider of a run or a check: the Control Room, or files and environment variables.

use std::sync::Arc;

use bot_engine::{RetryPolicy, SecretProvider};
#[cfg(feature = "control-room")]
use {
    bot_engine::NoSecrets,
    control_room::audit_events::Action,
    control_room::{Name, Principal, Secrets, Store},
    egress::Options,
};

use super::demonstration;
#[cfg(not(feature = "control-room"))]
use super::local_secrets::LocalSecrets;
use super::setup::Setup;
use super::sources::Sources;

/// A secret provider. It must be closed after its use.
pub(crate) struct BotSecrets {
    pub(crate) provider: Arc<dyn SecretProvider>,
    #[cfg(feature = "control-room")]
    control_room: Option<Secrets>,
}

#[cfg(feature = "control-room")]
impl BotSecrets {
    /// Opens the provider of a run. With the embedded Genesys Cloud, the default is a Control Room in memory with the
    /// credentials of its client.
    pub(crate) async fn open(
        uses_secrets: bool,
        sources: &Sources,
        setup: &Setup,
        retry: RetryPolicy,
    ) -> anyhow::Result<Self> {
        if let Some(selected) = Self::selected(uses_secrets, sources, &setup.network, retry).await?
        {
            return Ok(selected);
        }
        let is_named = sources.user.is_some() || sources.data.is_named();
        Ok(match &setup.embedded {
            Some(cloud) if !is_named => {
                let (store, user) = demonstration::store(cloud, &setup.network).await?;
                Self::of_control_room(store, user, &setup.network, retry)
            }
            _ => Self {
                provider: Arc::new(NoSecrets),
                control_room: None,
            },
        })
    }

    /// Opens the provider that the options select, if they do. A Control Room is opened only if a bot uses secrets, and
    /// never created.
    pub(crate) async fn selected(
        uses_secrets: bool,
        sources: &Sources,
        network: &Options,
        retry: RetryPolicy,
    ) -> anyhow::Result<Option<Self>> {
        if let Some(local) = sources.local_secrets() {
            return Ok(Some(Self {
                provider: Arc::new(local),
                control_room: None,
            }));
        }
        let Some(user) = sources.user.as_ref().filter(|_| uses_secrets) else {
            return Ok(None);
        };
        let store = sources.data.existing().await?;
        match store.users().get(user).await {
            Ok(user) => Ok(Some(Self::of_control_room(
                store, user.name, network, retry,
            ))),
            Err(error) => {
                store.close().await;
                Err(error.into())
            }
        }
    }

    fn of_control_room(store: Store, user: Name, network: &Options, retry: RetryPolicy) -> Self {
        let secrets = Secrets {
            connections: store.connections(network.clone()).with_retry(retry),
            store,
            user,
            run: None,
        };
        Self {
            provider: Arc::new(secrets.clone()),
            control_room: Some(secrets),
        }
    }

    /// Records in the audit log of the Control Room that a bot did not run, as the pages do.
    pub(crate) async fn note_refused(&self, bot: &str) {
        let Some(secrets) = &self.control_room else {
            return;
        };
        let by = Principal::User(secrets.user.clone());
        let noted = secrets.store.audit().refused(&by, Action::Run, bot).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a refused run cannot be recorded");
        }
    }

    /// Waits for refreshes in progress, and closes the store.
    pub(crate) async fn close(self) {
        if let Some(secrets) = self.control_room {
            secrets.connections.finish().await;
            secrets.store.close().await;
        }
    }
}

#[cfg(not(feature = "control-room"))]
impl BotSecrets {
    /// Opens the provider that the options select. With the embedded Genesys Cloud, the default has the credentials
    /// of its client.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room is opened asynchronously"
    )]
    pub(crate) async fn open(
        _: bool,
        sources: &Sources,
        setup: &Setup,
        _: RetryPolicy,
    ) -> anyhow::Result<Self> {
        let secrets = match (sources.local_secrets(), &setup.embedded) {
            (Some(local), _) => local,
            (None, Some(cloud)) => demonstration::credentials(cloud)?,
            (None, None) => LocalSecrets::default(),
        };
        Ok(Self {
            provider: Arc::new(secrets),
        })
    }

    /// Does nothing: there is no audit log.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room records it asynchronously"
    )]
    pub(crate) async fn note_refused(&self, _: &str) {}

    /// Opens the provider that the options select, if they do.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room is opened asynchronously"
    )]
    pub(crate) async fn selected(
        _: bool,
        sources: &Sources,
        _: &egress::Options,
        _: RetryPolicy,
    ) -> anyhow::Result<Option<Self>> {
        Ok(sources.local_secrets().map(|local| Self {
            provider: Arc::new(local),
        }))
    }

    /// Does nothing: there is nothing to close.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room is closed asynchronously"
    )]
    pub(crate) async fn close(self) {}
}
