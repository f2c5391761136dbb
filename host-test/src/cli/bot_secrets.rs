//! The secret provider of a run: the Control Room, or files and environment variables.

use std::sync::Arc;

use bot_engine::{Bot, RetryPolicy, SecretProvider};

use super::args::Run;
use super::local_secrets::LocalSecrets;
use super::setup::Setup;
#[cfg(feature = "control-room")]
use {
    bot_engine::NoSecrets,
    control_room::audit_events::Action,
    control_room::{Name, Principal, Secrets, Store},
};

use super::demonstration;

/// The secret provider of a run. It must be closed after the run.
pub(crate) struct BotSecrets {
    pub(crate) provider: Arc<dyn SecretProvider>,
    #[cfg(feature = "control-room")]
    control_room: Option<Secrets>,
}

#[cfg(feature = "control-room")]
impl BotSecrets {
    /// Opens the provider that the arguments select. A Control Room is opened only if a bot uses secrets, and never created.
    /// With the embedded Genesys Cloud, the default is a Control Room in memory with the credentials of its client.
    pub(crate) async fn open(
        bots: &[Bot],
        args: &Run,
        setup: &Setup,
        retry: RetryPolicy,
    ) -> anyhow::Result<Self> {
        if let Some(local) = local(args) {
            return Ok(Self {
                provider: Arc::new(local),
                control_room: None,
            });
        }
        let is_named = args.user.is_some() || args.data.data.is_some();
        let store = match (&setup.embedded, &args.user) {
            (Some(cloud), _) if !is_named => {
                Some(demonstration::store(cloud, &setup.network).await?)
            }
            (_, Some(user)) if bots.iter().any(Bot::uses_secrets) => {
                let store = args.data.existing().await?;
                match store.users().get(user).await {
                    Ok(user) => Some((store, user.name)),
                    Err(error) => {
                        store.close().await;
                        return Err(error.into());
                    }
                }
            }
            _ => None,
        };
        let control_room = store.map(|(store, user): (Store, Name)| Secrets {
            connections: store.connections(setup.network.clone()).with_retry(retry),
            store,
            user,
            run: None,
        });
        Ok(Self {
            provider: match &control_room {
                Some(secrets) => Arc::new(secrets.clone()),
                None => Arc::new(NoSecrets),
            },
            control_room,
        })
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
    /// Opens the provider that the arguments select. With the embedded Genesys Cloud, the default has the credentials
    /// of its client.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room is opened asynchronously"
    )]
    pub(crate) async fn open(
        _: &[Bot],
        args: &Run,
        setup: &Setup,
        _: RetryPolicy,
    ) -> anyhow::Result<Self> {
        let secrets = match (local(args), &setup.embedded) {
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

    /// Does nothing: there is nothing to close.
    #[expect(
        clippy::unused_async,
        reason = "a Control Room is closed asynchronously"
    )]
    pub(crate) async fn close(self) {}
}

/// Files and environment variables, if the arguments select them.
fn local(args: &Run) -> Option<LocalSecrets> {
    let is_selected = args.credentials.is_some() || args.credentials_env;
    is_selected.then(|| LocalSecrets {
        folder: args.credentials.clone(),
        ..LocalSecrets::default()
    })
}
