//! The database of a test: a file of SQLite in the test's folder, or a database of its own on the server for tests, in the
//! targets whose name ends with `_on_postgres`. In both cases the key is in the folder, and the folder names the database.

#![allow(dead_code, reason = "each target uses a part of it")]

use std::path::Path;

use control_room::{KeySource, Place};
#[cfg(feature = "test-postgres")]
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};

/// The environment variable with the URL of the server, which `cargo xtask test` starts.
#[cfg(feature = "test-postgres")]
const SERVER: &str = "BOT_RUNNER_TEST_POSTGRES";

/// Whether the tests of this target run on PostgreSQL.
pub(crate) fn is_on_server() -> bool {
    env!("CARGO_CRATE_NAME").ends_with("_on_postgres")
}

/// Where the Control Room of a folder is, and its key.
pub(crate) async fn place(folder: &Path) -> (Place, KeySource) {
    #[cfg(feature = "test-postgres")]
    if is_on_server() {
        return server::place(folder).await;
    }
    (Place::Folder(folder.to_owned()), KeySource::InFolder)
}

/// A direct connection to the database of a folder, bypassing the store.
pub(crate) enum Database {
    File(SqliteConnection),
    #[cfg(feature = "test-postgres")]
    Server(PgConnection),
}

/// Runs something on either database.
macro_rules! on {
    ($database:expr, $connection:ident => $work:expr) => {
        match $database {
            Database::File($connection) => $work,
            #[cfg(feature = "test-postgres")]
            Database::Server($connection) => $work,
        }
    };
}

impl Database {
    pub(crate) async fn of(folder: &Path) -> Self {
        #[cfg(feature = "test-postgres")]
        if is_on_server() {
            return Self::Server(server::options(folder).connect().await.unwrap());
        }
        let file = SqliteConnectOptions::new()
            .filename(folder.join("control-room.db"))
            .busy_timeout(std::time::Duration::from_secs(10));
        Self::File(file.connect().await.unwrap())
    }

    /// Executes statements, and returns how many rows they have changed.
    pub(crate) async fn execute(&mut self, statements: &str) -> u64 {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        on!(self, it => statements.execute(it).await.unwrap().rows_affected())
    }

    /// An SQL literal of one byte.
    pub(crate) fn byte(&self, byte: u8) -> String {
        match self {
            Self::File(_) => format!("x'{byte:02x}'"),
            #[cfg(feature = "test-postgres")]
            Self::Server(_) => format!("'\\x{byte:02x}'::bytea"),
        }
    }

    /// A number in each row.
    pub(crate) async fn numbers(&mut self, select: &str) -> Vec<i64> {
        let select = AssertSqlSafe(select.to_owned());
        on!(self, it => sqlx::query_scalar(select).fetch_all(it).await.unwrap())
    }

    /// A text in each row.
    pub(crate) async fn texts(&mut self, select: &str) -> Vec<String> {
        let select = AssertSqlSafe(select.to_owned());
        on!(self, it => sqlx::query_scalar(select).fetch_all(it).await.unwrap())
    }

    /// Bytes in each row.
    pub(crate) async fn bytes(&mut self, select: &str) -> Vec<Vec<u8>> {
        let select = AssertSqlSafe(select.to_owned());
        on!(self, it => sqlx::query_scalar(select).fetch_all(it).await.unwrap())
    }
}

#[cfg(feature = "test-postgres")]
mod server {
    use std::fs;
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use control_room::{DatabaseUrl, KeySource, Place};
    use sqlx::postgres::PgConnectOptions;
    use sqlx::{AssertSqlSafe, ConnectOptions};

    use super::SERVER;

    /// The database of a folder and the key in it, both of which are created if they do not exist.
    pub(super) async fn place(folder: &Path) -> (Place, KeySource) {
        let key = folder.join("control-room.key");
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        if let Ok(mut file) = options.open(&key) {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).unwrap();
            file.write_all(STANDARD.encode(bytes).as_bytes()).unwrap();
        }
        let mut server = url()
            .parse::<PgConnectOptions>()
            .unwrap()
            .connect()
            .await
            .unwrap();
        let name = name(folder);
        let exists = format!("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = '{name}')");
        let exists: bool = sqlx::query_scalar(AssertSqlSafe(exists))
            .fetch_one(&mut server)
            .await
            .unwrap();
        if !exists {
            // Not `template1`: a database cannot be copied while somebody is connected to it.
            let create = format!("CREATE DATABASE {name} TEMPLATE template0");
            sqlx::raw_sql(AssertSqlSafe(create))
                .execute(&mut server)
                .await
                .unwrap();
        }
        let url = format!("{}/{name}", url().rsplit_once('/').unwrap().0);
        let url = DatabaseUrl::parse(&url).unwrap();
        (Place::Database(url), KeySource::File(key))
    }

    pub(super) fn options(folder: &Path) -> PgConnectOptions {
        let options: PgConnectOptions = url().parse().unwrap();
        options.database(&name(folder))
    }

    fn url() -> String {
        std::env::var(SERVER).expect("`cargo xtask test` starts the server of these tests")
    }

    fn name(folder: &Path) -> String {
        let mut hash = DefaultHasher::new();
        folder.hash(&mut hash);
        format!("test_{:016x}", hash.finish())
    }
}
