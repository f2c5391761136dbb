//! The database on a server, of PostgreSQL: opens it, and begins transactions on it.
//!
//! One transaction writes at a time, as in SQLite: it holds an advisory lock, so what it has read stays true until it
//! commits. The server ends a transaction whose process hangs, so that nobody waits for it for long.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection as _};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

use super::Notice;
use super::database_url::DatabaseUrl;
use super::error::StoreError;
use super::facts::{Facts, KeyRow};
use super::integrity;
use super::key::{Key, KeyFiles, KeySource};
use super::lease::Lease;
use super::server_schema as schema;
use super::sql::{Access, Connection};

/// Connections of one process to the server.
const CONNECTIONS: u32 = 8;

/// How long a statement waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Settings of each session: how long a statement waits for another transaction, and how long a transaction may be idle.
const SETTINGS: [(&str, &str); 2] = [
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "30s"),
];

/// A database of PostgreSQL, open.
pub(super) struct ServerDatabase {
    pub(super) pool: PgPool,
    pub(super) key_files: KeyFiles,
    pub(super) url: DatabaseUrl,
    /// The leases that are being released.
    releases: TaskTracker,
}

impl ServerDatabase {
    /// Opens a database, and makes the tables in it if there are none.
    pub(super) async fn open(
        url: DatabaseUrl,
        source: &KeySource,
    ) -> Result<(Self, Key, Vec<Notice>), StoreError> {
        let KeySource::File(file) = source else {
            return Err(StoreError::KeyFileNeeded);
        };
        let key_files = KeyFiles::named(file);
        let options = options(&url)?;
        let mut connection = connect(&url).await?;
        let prepared = prepare(&mut connection, &url, &key_files).await;
        let _ = connection.close().await;
        let key = prepared?;
        let mut notices = Vec::new();
        if let Err(error) = key_files.mark(&key) {
            tracing::info!(%error, "the key file is not marked");
            notices.push(Notice::KeyNotMarked(key_files.path().to_owned()));
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options);
        let database = Self {
            pool,
            key_files,
            url,
            releases: TaskTracker::new(),
        };
        Ok((database, key, notices))
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self, access: Access) -> Result<Connection<'static>, StoreError> {
        let mut tx = self.pool.begin_with(access.begin_in_postgres()).await?;
        access.wait_in_postgres(&mut tx).await?;
        Ok(Connection::InPostgres(tx))
    }

    /// Waits for the lease of this name.
    pub(super) async fn lease(
        &self,
        runtime: &Handle,
        name: &str,
        end: Instant,
    ) -> Result<Lease, StoreError> {
        Lease::take(&self.pool, runtime, &self.releases, name, end).await
    }

    /// Closes all connections, once the leases are released.
    pub(super) async fn close(&self) {
        self.releases.close();
        // Those that are not released in time expire.
        let _ = timeout(PATIENCE, self.releases.wait()).await;
        self.pool.close().await;
    }
}

/// Connects to a server: not by a pool, which would try again for a while if the server refuses.
pub(super) async fn connect(url: &DatabaseUrl) -> Result<PgConnection, StoreError> {
    Ok(options(url)?.connect().await?)
}

/// Begins a transaction in a database in which there is nothing, and makes the tables in it.
pub(super) async fn begin_empty<'c>(
    connection: &'c mut PgConnection,
    url: &DatabaseUrl,
) -> Result<Connection<'c>, StoreError> {
    let access = Access::Write;
    let mut tx = connection.begin_with(access.begin_in_postgres()).await?;
    access.wait_in_postgres(&mut tx).await?;
    let shown = url.to_string();
    if schema::inspect(&mut tx, Path::new(&shown)).await?.is_some() {
        return Err(StoreError::AlreadyThere(shown.into()));
    }
    schema::migrate(&mut tx).await?;
    schema::check(&mut tx).await?;
    Ok(Connection::InPostgres(tx))
}

/// Makes or migrates the tables, and returns the key in force: all in one transaction.
async fn prepare(
    connection: &mut PgConnection,
    url: &DatabaseUrl,
    key_files: &KeyFiles,
) -> Result<Key, StoreError> {
    let shown = url.to_string();
    let shown = Path::new(&shown);
    let access = Access::Write;
    let mut tx = connection.begin_with(access.begin_in_postgres()).await?;
    access.wait_in_postgres(&mut tx).await?;
    let version = schema::inspect(&mut tx, shown).await?;
    if version < Some(schema::latest()) {
        schema::migrate(&mut tx).await?;
    }
    schema::check(&mut tx).await?;
    let mut tx = Connection::InPostgres(tx);
    let key = match version {
        None => {
            let key = key_files.present()?;
            // What is sealed in a new database would be valid in the former one, if somebody puts that back.
            if key.is_marked() {
                return Err(StoreError::MissingDatabase {
                    database: shown.to_owned(),
                    key: key_files.path().to_owned(),
                });
            }
            integrity::authenticate_all(&mut tx, &key).await?;
            Facts::of_new(schema::latest()).write(&mut tx, &key).await?;
            key
        }
        Some(version) => {
            let stripped = || StoreError::Stripped(shown.to_owned());
            let row = KeyRow::read(&mut tx).await?.ok_or_else(stripped)?;
            let key = key_files.in_force(&row.key_id)?;
            let facts = row.open(&key)?.ok_or_else(stripped)?;
            if version < facts.schema {
                return Err(StoreError::SchemaChanged(format!("version {version}")));
            }
            if facts.schema < schema::latest() {
                let schema = schema::latest();
                Facts { schema, ..facts }.write(&mut tx, &key).await?;
            }
            key
        }
    };
    // Nobody rotates the key meanwhile.
    key_files.settle(&key)?;
    tx.commit().await?;
    Ok(key)
}

/// How to connect. The password is read from the file that `PGPASSFILE` names, or `~/.pgpass`.
fn options(url: &DatabaseUrl) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url
        .to_string()
        .parse()
        .map_err(|_| StoreError::InvalidDatabaseUrl)?;
    let is_local = options.get_socket().is_some()
        || matches!(
            options.get_host(),
            "localhost" | "127.0.0.1" | "::1" | "[::1]"
        );
    let is_chosen = url.has_ssl_mode() || std::env::var_os("PGSSLMODE").is_some();
    let options = if is_local || is_chosen {
        options
    } else {
        // Without it, anybody in between could be the server.
        options.ssl_mode(PgSslMode::VerifyFull)
    };
    Ok(options
        .application_name("bot-runner")
        .options(SETTINGS)
        .disable_statement_logging())
}
