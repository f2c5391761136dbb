//! The database on a server, of PostgreSQL: opens it, and begins transactions on it.
//!
//! One transaction writes at a time, as in SQLite: it holds an advisory lock, so what it has read stays true until it
//! commits. The server ends a transaction whose process hangs, so that nobody waits for it for long.

use std::io::{self, ErrorKind};
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

/// How long a transaction waits for a free connection, and closing waits for leases to be released.
const PATIENCE: Duration = Duration::from_secs(10);

/// Settings of each session: how long a statement waits for another transaction, and how long a transaction may be idle. What
/// is committed is on disk, whatever the server's default is: a step that was noted there must not be forgotten.
const SETTINGS: [(&str, &str); 3] = [
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("synchronous_commit", "on"),
];

/// An open PostgreSQL database.
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
        // Where the files cannot be changed, they need no lock.
        let lock = match key_files.lock().await {
            Err(StoreError::Io { source, .. }) if is_read_only(&source) => None,
            lock => Some(lock?),
        };
        let prepared = prepare(&mut connection, &url, &key_files, lock.is_some()).await;
        let _ = connection.close().await;
        let key = prepared?;
        let mut notices = Vec::new();
        if lock.is_some()
            && let Err(error) = key_files.mark(&key)
        {
            tracing::info!(%error, "the key file is not marked");
        }
        drop(lock);
        if !key_files.present().is_ok_and(|key| key.is_marked()) {
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

/// Whether a file cannot be created because this process may not.
fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Makes or migrates the tables, and returns the key in force: all in one transaction.
async fn prepare(
    connection: &mut PgConnection,
    url: &DatabaseUrl,
    key_files: &KeyFiles,
    is_locked: bool,
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
    if is_locked {
        key_files.settle(&key)?;
    }
    tx.commit().await?;
    Ok(key)
}

/// How to connect. The password is read from the file that `PGPASSFILE` names, or `~/.pgpass`.
fn options(url: &DatabaseUrl) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url
        .to_string()
        .parse()
        .map_err(|_| StoreError::InvalidDatabaseUrl)?;
    let environment = std::env::var("PGSSLMODE").ok();
    Ok(encrypted(options, url, environment.as_deref())
        .application_name("bot-runner")
        .options(SETTINGS)
        .disable_statement_logging())
}

/// Encrypts the connection to another machine and checks who answers, unless the URL or the environment says otherwise.
fn encrypted(
    options: PgConnectOptions,
    url: &DatabaseUrl,
    environment: Option<&str>,
) -> PgConnectOptions {
    let host = options.get_host();
    let is_local = options.get_socket().is_some()
        // The folder of a socket: what is meant if there is no host.
        || host.starts_with('/')
        || matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]");
    // A misspelt mode would count as none.
    let in_environment = environment.is_some_and(|mode| mode.parse::<PgSslMode>().is_ok());
    if is_local || url.has_ssl_mode() || in_environment {
        options
    } else {
        // Without this check, anybody in between could pose as the server.
        options.ssl_mode(PgSslMode::VerifyFull)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode with this URL and environment.
    fn mode(url: &str, environment: Option<&str>) -> PgSslMode {
        let options: PgConnectOptions = url.parse().unwrap();
        // Not that of the environment of the test.
        let options = if url.contains("sslmode") {
            options
        } else {
            options.ssl_mode(PgSslMode::Prefer)
        };
        let url = DatabaseUrl::parse(url).unwrap();
        encrypted(options, &url, environment).get_ssl_mode()
    }

    #[test]
    fn another_machine_is_verified_unless_a_mode_is_chosen() {
        for host in ["db.example.com", "192.0.2.1", "localhost.example.com"] {
            let url = format!("postgres://bot@{host}/room");
            for none in [None, Some(""), Some("verify_full"), Some("canary")] {
                let mode = mode(&url, none);
                assert!(matches!(mode, PgSslMode::VerifyFull), "{host}: {none:?}");
            }
            let chosen = mode(&format!("{url}?sslmode=require"), None);
            assert!(matches!(chosen, PgSslMode::Require), "{chosen:?}");
            // The options have the mode of the environment already.
            let chosen = mode(&url, Some("prefer"));
            assert!(matches!(chosen, PgSslMode::Prefer), "{chosen:?}");
        }
    }

    #[test]
    fn this_machine_needs_no_certificate() {
        for url in [
            "postgres://localhost/room",
            "postgres://bot@127.0.0.1:5433/room",
            "postgres://bot@[::1]/room",
            "postgres://?host=/run/postgresql&dbname=room",
        ] {
            let mode = mode(url, None);
            assert!(matches!(mode, PgSslMode::Prefer), "{url}: {mode:?}");
        }
        let url = DatabaseUrl::parse("postgres:///room").unwrap();
        // As where a server runs on this machine.
        let options = PgConnectOptions::new().host("/run/postgresql");
        let mode = encrypted(options.ssl_mode(PgSslMode::Prefer), &url, None);
        assert!(matches!(mode.get_ssl_mode(), PgSslMode::Prefer));
    }
}
