//! Manages connections: creates, edits and removes them, allows roles to use them, and sets the callback URL.
//! Permissions are not checked here: the callers are the command line and the pages of administrators.

use std::time::Duration;

use oauth2::url::Url;
use tokio::time::timeout;

use super::connection_table::{self, StoredConnection};
use super::settings::{Changes, RemovalOutcome, Settings};
use super::{ConnectionError, Connections, sign_in_table};
use crate::audit_events::Action;
use crate::name::Name;
use crate::oauth::revocation::RevocationError;
use crate::oauth::{CallbackHost, CallbackUrl};
use crate::store::integrity::{CALLBACK_PORT, Rows};
use crate::store::random::row_id;
use crate::store::sql::{query, query_as};
use crate::store::{StoreError, Tx};
use crate::users::{self, CONNECTION_ROLES};

/// How long a name is looked up when a URL is entered.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(2);

/// How long a removal waits for a refresh in progress.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(10);

impl Connections {
    /// Creates a connection, which no user may use yet.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Exists`].
    pub async fn create(&self, name: &Name, settings: Settings) -> Result<(), ConnectionError> {
        self.create_for(name, settings, &[]).await
    }

    /// Creates a connection, which the users of these roles may use.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::Exists`], or a role does not exist. Nothing is created then.
    pub async fn create_for(
        &self,
        name: &Name,
        settings: Settings,
        roles: &[Name],
    ) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = StoredConnection {
            id: row_id(),
            name: name.clone(),
            settings,
            revision: 0,
        };
        connection_table::insert(&mut tx, &row).await?;
        let roles = users::named_roles(&mut tx, roles).await?;
        users::link_only(&mut tx, &CONNECTION_ROLES, &row.id, &roles).await?;
        self.commit(tx, Action::ConnectionCreated, name.shown())
            .await
    }

    /// Checks that a connection can be created, before asking for its secret.
    ///
    /// # Errors
    ///
    /// As [`Connections::create_for`].
    pub async fn check_new(&self, name: &Name, roles: &[Name]) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        check_free(&mut tx, name).await?;
        users::named_roles(&mut tx, roles).await?;
        Ok(())
    }

    /// Checks a token URL when it is entered: no request is sent to a private network. Its name is resolved; one that
    /// cannot be resolved in time may be public.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::PrivateAddress`].
    pub async fn check_address(&self, token_url: &str) -> Result<(), ConnectionError> {
        let Ok(url) = Url::parse(token_url.trim()) else {
            return Ok(());
        };
        let (host, port) = (url.host_str(), url.port_or_known_default());
        let (Some(host), Some(port)) = (host, port) else {
            return Ok(());
        };
        let client = egress::Client::new(self.shared.network.clone())?;
        let refused = timeout(LOOK_UP_PATIENCE, client.refuses_address(host, port));
        if refused.await.unwrap_or_default() {
            return Err(ConnectionError::PrivateAddress(host.to_owned()));
        }
        Ok(())
    }

    /// Checks that a connection can be changed, before asking for its secret.
    ///
    /// # Errors
    ///
    /// As [`Connections::edit`].
    pub async fn check_edit(&self, name: &Name, changes: &Changes) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let row = connection_table::named(&mut tx, name).await?;
        changes.apply(name, &row.settings)?;
        match &changes.name {
            Some(other) if other != name => check_free(&mut tx, other).await,
            _ => Ok(()),
        }
    }

    /// Changes a connection. Its tokens are deleted if it becomes another client, and the shared token if none is to
    /// be stored any more.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`], or the changes do not make a valid connection. The present client secret
    /// is not sent to another host.
    pub async fn edit(&self, name: &Name, changes: &Changes) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let mut row = connection_table::named(&mut tx, name).await?;
        let settings = changes.apply(name, &row.settings)?;
        if !settings.is_same_client(&row.settings) {
            row.revision += 1;
            sign_in_table::delete(&mut tx, &row.id, false).await?;
        } else if !settings.has_shared_token() {
            sign_in_table::delete(&mut tx, &row.id, true).await?;
        }
        row.settings = settings;
        let mut subject = row.name.to_string();
        if let Some(name) = &changes.name
            && name.shown() != subject
        {
            subject += &format!(": {name}");
            row.name = name.clone();
        }
        sign_in_table::clear_failures(&mut tx, &row.id).await?;
        connection_table::update(&mut tx, &row).await?;
        self.commit(tx, Action::ConnectionChanged, &subject).await
    }

    /// Removes a connection and its tokens, which are revoked at the provider as well. If that fails, the connection
    /// is removed all the same. A refresh in progress is awaited for some seconds; one that takes longer revokes its
    /// own token. The removal goes on if this future is dropped.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`].
    pub async fn remove(&self, name: &Name) -> Result<RemovalOutcome, ConnectionError> {
        let (connections, removed) = (self.clone(), name.clone());
        let remove = async move {
            let outcome = connections.remove_and_revoke(&removed).await?;
            if let Some(reason) = &outcome.reason {
                tracing::warn!(connection = %removed, %reason, "tokens of a removed connection may still be valid");
            }
            Ok(outcome)
        };
        self.run_detached(name, remove).await
    }

    async fn remove_and_revoke(&self, name: &Name) -> Result<RemovalOutcome, ConnectionError> {
        let store = &self.shared.store;
        let mut tx = store.read().await?;
        let id = connection_table::named(&mut tx, name).await?.id;
        drop(tx);
        let lock = match store.exclusive(&id, REMOVAL_PATIENCE).await {
            Ok(lock) => Some(lock),
            Err(StoreError::Busy) => None,
            Err(error) => return Err(error.into()),
        };
        let mut tx = match &lock {
            Some(lock) => lock.write().await?,
            None => store.write().await?,
        };
        let gone = || ConnectionError::NoConnection(name.clone());
        let row = connection_table::with_id(&mut tx, &id)
            .await?
            .ok_or_else(gone)?;
        let tokens = sign_in_table::tokens_to_revoke(&mut tx, &id).await?;
        query("DELETE FROM connections WHERE id = $1")
            .bind(&id)
            .execute(tx.connection())
            .await?;
        self.commit(tx, Action::ConnectionRemoved, row.name.shown())
            .await?;
        let in_use = lock.is_none();
        // A task that waits for the lock will find the connection gone.
        if let Some(lock) = lock {
            lock.release_and_remove();
        }
        let registration = &row.settings.registration;
        let mut outcome = self.revoke_all(registration, tokens).await;
        if in_use {
            outcome.count_valid(RevocationError::InUse);
        }
        Ok(outcome)
    }

    /// Lets the users of a role use a connection.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`], or the role does not exist.
    pub async fn allow(&self, name: &Name, role: &Name) -> Result<(), ConnectionError> {
        self.set_allowed(name, role, true).await
    }

    /// Undoes [`Connections::allow`].
    ///
    /// # Errors
    ///
    /// As [`Connections::allow`].
    pub async fn forbid(&self, name: &Name, role: &Name) -> Result<(), ConnectionError> {
        self.set_allowed(name, role, false).await
    }

    /// Lets the users of these roles, and of no others, use a connection.
    ///
    /// # Errors
    ///
    /// As [`Connections::allow`]. Nothing is changed then.
    pub async fn set_roles(&self, name: &Name, roles: &[Name]) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = connection_table::named(&mut tx, name).await?;
        let roles = users::named_roles(&mut tx, roles).await?;
        users::link_only(&mut tx, &CONNECTION_ROLES, &row.id, &roles).await?;
        let subject = users::linked_only(&row.name, &roles);
        self.commit(tx, Action::ConnectionChanged, &subject).await
    }

    async fn set_allowed(
        &self,
        name: &Name,
        role: &Name,
        allowed: bool,
    ) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = connection_table::named(&mut tx, name).await?;
        let role = users::role(&mut tx, role).await?;
        users::link(&mut tx, &CONNECTION_ROLES, &row.id, &role.id, allowed).await?;
        let sign = if allowed { '+' } else { '-' };
        let subject = format!("{}: {sign}{}", row.name, role.name);
        self.commit(tx, Action::ConnectionChanged, &subject).await
    }

    /// The callback URL to register with providers. Its port is chosen at random once per Control Room. It stays the same
    /// until it is [changed](Self::set_callback_url).
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written.
    pub async fn callback_url(&self) -> Result<CallbackUrl, ConnectionError> {
        if let Some(url) = callback_url(&mut self.shared.store.read().await?).await? {
            return Ok(url);
        }
        let mut tx = self.shared.store.write().await?;
        if let Some(url) = callback_url(&mut tx).await? {
            return Ok(url);
        }
        let url = CallbackUrl::on_free_port();
        set_callback_url(&mut tx, &url).await?;
        tx.commit().await?;
        Ok(url)
    }

    /// Changes the callback URL, which then has to be registered with providers again.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn set_callback_url(&self, url: &CallbackUrl) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        set_callback_url(&mut tx, url).await?;
        Ok(tx.commit().await?)
    }
}

async fn set_callback_url(tx: &mut Tx, url: &CallbackUrl) -> Result<(), ConnectionError> {
    let host = (url.host() != CallbackHost::default()).then_some(url.host().as_str());
    query("DELETE FROM callback_port")
        .execute(tx.connection())
        .await?;
    let insert = query("INSERT INTO callback_port (id, port, host) VALUES (1, $1, $2)")
        .bind(i64::from(url.port()))
        .bind(host);
    Ok(tx.insert(&CALLBACK_PORT, insert).await?)
}

async fn callback_url(tx: &mut Tx) -> Result<Option<CallbackUrl>, ConnectionError> {
    tx.verify(&CALLBACK_PORT, Rows::All).await?;
    let found: Option<(i64, Option<String>)> = query_as("SELECT port, host FROM callback_port")
        .fetch_optional(tx.connection())
        .await?;
    let Some((port, host)) = found else {
        return Ok(None);
    };
    let port = u16::try_from(port).map_err(|_| StoreError::InvalidColumn("port".into()))?;
    let host = match host.as_deref() {
        None => CallbackHost::Address,
        Some(name) if name == CallbackHost::Localhost.as_str() => CallbackHost::Localhost,
        Some(_) => return Err(StoreError::InvalidColumn("host".into()).into()),
    };
    Ok(Some(CallbackUrl::on_loopback(host, port)))
}

/// Checks that no connection has this name.
async fn check_free(tx: &mut Tx, name: &Name) -> Result<(), ConnectionError> {
    match connection_table::named(tx, name).await {
        Ok(_) => Err(ConnectionError::Exists(name.clone())),
        Err(ConnectionError::NoConnection(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
