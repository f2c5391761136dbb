//! Create, list, edit, remove, the roles that may use a connection, and the callback URL. For whoever has
//! the data folder.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use super::connection_table::{self, CONNECTION_ROLES, Row};
use super::settings::{Changes, Removed, Settings, Summary};
use super::{ConnectionError, Connections, sign_in_table};
use crate::name::Name;
use crate::oauth::CallbackUrl;
use crate::oauth::revocation::RevocationError;
use crate::store::random::row_id;
use crate::store::{StoreError, Tx};
use crate::users;

/// Where the port for callbacks is looked for. Systems take ports for outgoing connections from above,
/// so that none of them is in the way when a browser is to come back.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// How many ports are tried.
const ATTEMPTS: usize = 50;

/// How long to wait for who renews a token of a connection that is to be removed.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(10);

impl Connections {
    /// Makes a connection, which nobody may use yet.
    ///
    /// # Errors
    ///
    /// Where there is one of this name.
    pub async fn create(&self, name: &Name, settings: Settings) -> Result<(), ConnectionError> {
        self.create_for(name, settings, &[]).await
    }

    /// Makes a connection, which the users of these roles may use.
    ///
    /// # Errors
    ///
    /// Where there is one of this name, or a role is not there; then nothing is made.
    pub async fn create_for(
        &self,
        name: &Name,
        settings: Settings,
        roles: &[Name],
    ) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = Row {
            id: row_id(),
            name: name.clone(),
            settings,
            revision: 0,
        };
        connection_table::insert(&mut tx, &row).await?;
        let roles = users::role_ids(tx.connection(), roles).await?;
        users::link_only(tx.connection(), &CONNECTION_ROLES, &row.id, &roles).await?;
        Ok(tx.commit().await?)
    }

    /// All connections, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Summary>, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let mut summaries = Vec::new();
        for row in connection_table::all(&mut tx).await? {
            summaries.push(summary(&mut tx, row).await?);
        }
        Ok(summaries)
    }

    /// A connection, without its secrets.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub async fn get(&self, name: &Name) -> Result<Summary, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let row = connection_table::named(&mut tx, name).await?;
        summary(&mut tx, row).await
    }

    /// Changes a connection. Its tokens are forgotten where it becomes another client, and the shared one
    /// where none is to be kept.
    ///
    /// # Errors
    ///
    /// Where it is not there, or the changes make no connection. A client secret that is kept is not sent
    /// to another host.
    pub async fn edit(&self, name: &Name, changes: &Changes) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let mut row = connection_table::named(&mut tx, name).await?;
        let settings = changes.apply(name, &row.settings)?;
        if !settings.is_same_client(&row.settings) {
            row.revision += 1;
            sign_in_table::forget(&mut tx, &row.id, false).await?;
        } else if !settings.has_shared_token() {
            sign_in_table::forget(&mut tx, &row.id, true).await?;
        }
        row.settings = settings;
        row.name = changes.name.as_ref().unwrap_or(name).clone();
        connection_table::update(&mut tx, &row).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a connection and its tokens, which are ended at the provider as well. Where that does not work
    /// the connection is gone all the same. A renewal that is under way is waited for, for some seconds; what
    /// comes later ends its own token. Once begun, this goes on where the future is dropped.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub async fn remove(&self, name: &Name) -> Result<Removed, ConnectionError> {
        let (connections, own) = (self.clone(), name.clone());
        let remove = async move {
            let removed = connections.remove_whole(&own).await?;
            if let Some(why) = &removed.because {
                tracing::warn!(connection = %own, %why, "tokens of a removed connection may live on");
            }
            Ok(removed)
        };
        self.to_its_end(name, remove).await
    }

    async fn remove_whole(&self, name: &Name) -> Result<Removed, ConnectionError> {
        let store = &self.shared.store;
        let mut tx = store.read().await?;
        let id = connection_table::named(&mut tx, name).await?.id;
        drop(tx);
        let alone = match store.exclusive(&id, REMOVAL_PATIENCE).await {
            Ok(alone) => Some(alone),
            Err(StoreError::Busy) => None,
            Err(error) => return Err(error.into()),
        };
        let mut tx = store.write().await?;
        let gone = || ConnectionError::NoConnection(name.clone());
        let row = connection_table::with_id(&mut tx, &id)
            .await?
            .ok_or_else(gone)?;
        let leftovers = sign_in_table::leftovers(&mut tx, &id).await?;
        sqlx::query("DELETE FROM connections WHERE id = $1")
            .bind(&id)
            .execute(tx.connection())
            .await?;
        tx.commit().await?;
        // Who waits for it finds the connection gone.
        let in_use = alone.is_none();
        if let Some(alone) = alone {
            alone.end_for_good();
        }
        let registration = &row.settings.registration;
        let mut removed = self.end_all(registration, leftovers).await;
        if in_use {
            removed.lives(RevocationError::InUse);
        }
        Ok(removed)
    }

    /// Lets the users of a role use a connection.
    ///
    /// # Errors
    ///
    /// Where the connection or the role is not there.
    pub async fn allow(&self, name: &Name, role: &Name) -> Result<(), ConnectionError> {
        self.set_allowed(name, role, true).await
    }

    /// Ends what [`Connections::allow`] began.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn forbid(&self, name: &Name, role: &Name) -> Result<(), ConnectionError> {
        self.set_allowed(name, role, false).await
    }

    /// Lets the users of these roles use a connection, and those of no others.
    ///
    /// # Errors
    ///
    /// Where the connection or a role is not there; then nothing is changed.
    pub async fn set_roles(&self, name: &Name, roles: &[Name]) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = connection_table::named(&mut tx, name).await?;
        let roles = users::role_ids(tx.connection(), roles).await?;
        users::link_only(tx.connection(), &CONNECTION_ROLES, &row.id, &roles).await?;
        Ok(tx.commit().await?)
    }

    async fn set_allowed(
        &self,
        name: &Name,
        role: &Name,
        allowed: bool,
    ) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let row = connection_table::named(&mut tx, name).await?;
        let role = users::role_id(tx.connection(), role).await?;
        users::link(tx.connection(), &CONNECTION_ROLES, &row.id, &role, allowed).await?;
        Ok(tx.commit().await?)
    }

    /// The callback URL to register with providers. It is made up once for a Control Room, and stays the
    /// same.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read or written.
    pub async fn callback_url(&self) -> Result<CallbackUrl, ConnectionError> {
        Ok(CallbackUrl::on_loopback(self.callback_port().await?))
    }

    pub(super) async fn callback_port(&self) -> Result<u16, ConnectionError> {
        let select = "SELECT port FROM callback_port";
        let mut tx = self.shared.store.read().await?;
        let found: Option<i64> = sqlx::query_scalar(select)
            .fetch_optional(tx.connection())
            .await?;
        drop(tx);
        if let Some(port) = found {
            return port_of(port);
        }
        let port = free_port();
        let mut tx = self.shared.store.write().await?;
        let found: Option<i64> = sqlx::query_scalar(select)
            .fetch_optional(tx.connection())
            .await?;
        if let Some(port) = found {
            return port_of(port);
        }
        set_port(&mut tx, port).await?;
        tx.commit().await?;
        Ok(port)
    }

    /// Chooses the port of the callback URL, which then has to be registered with providers anew.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub async fn set_callback_port(&self, port: u16) -> Result<(), ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        set_port(&mut tx, port).await?;
        Ok(tx.commit().await?)
    }
}

async fn set_port(tx: &mut Tx, port: u16) -> Result<(), ConnectionError> {
    sqlx::query("DELETE FROM callback_port")
        .execute(tx.connection())
        .await?;
    sqlx::query("INSERT INTO callback_port (id, port) VALUES (1, $1)")
        .bind(i64::from(port))
        .execute(tx.connection())
        .await?;
    Ok(())
}

fn port_of(port: i64) -> Result<u16, ConnectionError> {
    Ok(u16::try_from(port).map_err(|_| StoreError::Row("callback_port"))?)
}

/// A port that nobody listens on now, drawn at random so that two Control Rooms do not meet.
fn free_port() -> u16 {
    let draw = || {
        let random = getrandom::u32().unwrap_or_default();
        let port = random % u32::from(PORTS.end - PORTS.start);
        PORTS.start + u16::try_from(port).unwrap_or_default()
    };
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut ports = std::iter::repeat_with(draw).take(ATTEMPTS);
    ports.find(is_free).unwrap_or_else(draw)
}

pub(super) async fn summary(tx: &mut Tx, row: Row) -> Result<Summary, ConnectionError> {
    let grant = row.settings.grant();
    let shared = match row.settings.has_shared_token() {
        true => {
            let sign_in = sign_in_table::find(tx, &row.id, None).await?;
            Some(sign_in_table::listed(grant, sign_in.as_ref())?)
        }
        false => None,
    };
    let mut users = Vec::new();
    for (id, name) in sign_in_table::users(tx, &row.id).await? {
        let sign_in = sign_in_table::find(tx, &row.id, Some(&id)).await?;
        users.push((name, sign_in_table::listed(grant, sign_in.as_ref())?));
    }
    let registration = &row.settings.registration;
    Ok(Summary {
        provider: registration.provider().clone(),
        grant,
        client_id: registration.client_id().to_owned(),
        has_client_secret: registration.client_secret().is_some(),
        scopes: registration.scopes().clone(),
        save_login_credentials: row.settings.save_login_credentials,
        roles: users::linked(tx.connection(), &CONNECTION_ROLES, "roles", &row.id).await?,
        shared,
        users,
        name: row.name,
    })
}
