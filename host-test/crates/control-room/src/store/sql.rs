//! The store's own thin layer over sqlx, so that the same queries run on SQLite and on PostgreSQL.
//!
//! A [`Query`] collects its values, and runs on a [`Connection`] to either database. A [`Row`] stays what the database
//! returned until a column is read. That is why `sqlx::Any` is not used: it converts all columns of a row at once, and so
//! fails before the codes of rows tell which row somebody has changed from outside.

#[cfg(feature = "postgres")]
use sqlx::postgres::{PgArguments, PgConnection, PgRow, PgTransactionManager, Postgres};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow, SqliteTransactionManager};
use sqlx::{AssertSqlSafe, Decode, Row as _, SqlSafeStr, SqlStr, Sqlite, Transaction, Type};
use sqlx_core::transaction::TransactionManager as _;

use crate::timestamp::Timestamp;

/// On which processes tell others that something has happened in the queue.
#[cfg(feature = "postgres")]
pub(super) const CHANNEL: &str = "bot_runner_queue";

/// A value of a query, by its type.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($type:ty => $variant:ident($convert:expr),)*) => {
        $(
            impl From<$type> for Value {
                fn from(value: $type) -> Self {
                    Self::$variant(Some($convert(value)))
                }
            }

            impl From<Option<$type>> for Value {
                fn from(value: Option<$type>) -> Self {
                    Self::$variant(value.map($convert))
                }
            }
        )*
    };
}

values! {
    String => Text(String::from),
    &str => Text(str::to_owned),
    &String => Text(String::clone),
    i64 => Integer(i64::from),
    u32 => Integer(i64::from),
    bool => Boolean(bool::from),
    Vec<u8> => Bytes(Vec::from),
}

/// A statement with its values, whose rows are read as `T`.
#[must_use]
pub(crate) struct Query<T> {
    sql: SqlStr,
    /// What was appended to it.
    pushed: String,
    values: Vec<Value>,
    read: fn(Row) -> sqlx::Result<T>,
}

/// The statement with its values, for the database that the context infers.
macro_rules! bound {
    ($query:ident) => {{
        let sql = match &*$query.pushed {
            "" => $query.sql,
            // Pushed text contains placeholders only, never values.
            pushed => AssertSqlSafe($query.sql.as_str().to_owned() + pushed).into_sql_str(),
        };
        let mut query = sqlx::query(sql);
        for value in $query.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Integer(number) => query.bind(number),
                Value::Boolean(boolean) => query.bind(boolean),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

/// A query whose rows stay rows.
pub(crate) fn query(sql: impl SqlSafeStr) -> Query<Row> {
    Query::new(sql, Ok)
}

/// A query whose rows become values of a type.
pub(crate) fn query_as<T: FromRow>(sql: impl SqlSafeStr) -> Query<T> {
    Query::new(sql, |row| T::from_row(&row))
}

/// A query for one column.
pub(crate) fn query_scalar<T>(sql: impl SqlSafeStr) -> Query<T>
where
    T: for<'r> Readable<'r>,
{
    Query::new(sql, |row| row.get(0))
}

impl<T> Query<T> {
    fn new(sql: impl SqlSafeStr, read: fn(Row) -> sqlx::Result<T>) -> Self {
        Self {
            sql: sql.into_sql_str(),
            pushed: String::new(),
            values: Vec::new(),
            read,
        }
    }

    /// Adds the value of the next parameter: `$1`, `$2` and so on.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends to the statement.
    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.pushed.push_str(sql);
        self
    }

    /// Appends the next parameter with its value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.pushed.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Appends a list for `IN`, in parentheses. Nothing is in an empty one.
    pub(crate) fn push_list<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let mut separator = "(";
        for value in values {
            self.push(separator).push_bind(value);
            separator = ", ";
        }
        // PostgreSQL has no empty lists.
        self.push(if separator == "(" { "(NULL)" } else { ")" })
    }

    /// Executes the statement. Returns how many rows it has changed.
    pub(crate) async fn execute(self, connection: &mut Connection<'_>) -> sqlx::Result<u64> {
        match connection.handle() {
            Handle::Sqlite(it) => Ok(self.on_sqlite().execute(it).await?.rows_affected()),
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => Ok(self.on_postgres().execute(it).await?.rows_affected()),
        }
    }

    /// All rows.
    pub(crate) async fn fetch_all(self, connection: &mut Connection<'_>) -> sqlx::Result<Vec<T>> {
        let read = self.read;
        match connection.handle() {
            Handle::Sqlite(it) => {
                let rows = self.on_sqlite().fetch_all(it).await?.into_iter();
                rows.map(|row| read(Row::Sqlite(row))).collect()
            }
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => {
                let rows = self.on_postgres().fetch_all(it).await?.into_iter();
                rows.map(|row| read(Row::Postgres(row))).collect()
            }
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional(
        self,
        connection: &mut Connection<'_>,
    ) -> sqlx::Result<Option<T>> {
        let read = self.read;
        let row = match connection.handle() {
            Handle::Sqlite(it) => {
                let row = self.on_sqlite().fetch_optional(it).await?;
                row.map(Row::Sqlite)
            }
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => {
                let row = self.on_postgres().fetch_optional(it).await?;
                row.map(Row::Postgres)
            }
        };
        row.map(read).transpose()
    }

    /// The first row, which must be there.
    pub(crate) async fn fetch_one(self, connection: &mut Connection<'_>) -> sqlx::Result<T> {
        let row = self.fetch_optional(connection).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    fn on_sqlite(self) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
        bound!(self)
    }

    #[cfg(feature = "postgres")]
    fn on_postgres(self) -> sqlx::query::Query<'static, Postgres, PgArguments> {
        bound!(self)
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It only reads, and sees the database as it is when it begins.
    Read,
    /// It writes. There is one at a time.
    Write,
}

impl Access {
    /// How it begins in SQLite.
    pub(super) fn begin_in_sqlite(self) -> &'static str {
        match self {
            Self::Read => "BEGIN",
            // Immediately, because SQLite does not let a reader become a writer after another writer.
            Self::Write => "BEGIN IMMEDIATE",
        }
    }

    /// How it begins in PostgreSQL.
    #[cfg(feature = "postgres")]
    pub(super) fn begin_in_postgres(self) -> &'static str {
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            // Each statement sees what is committed: a snapshot would be from before the wait for the other writers.
            Self::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }

    /// Waits in a transaction of PostgreSQL that has begun until no other one writes.
    #[cfg(feature = "postgres")]
    pub(super) async fn wait_in_postgres(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        /// The advisory lock of writers: an arbitrary number that other programs are unlikely to use.
        const WRITER: i64 = 0x0063_6f6e_7472_6f6c;
        if self == Self::Write {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(WRITER)
                .execute(connection)
                .await?;
        }
        Ok(())
    }
}

/// A connection to the database: a borrowed one, or one with a transaction of its own, which is rolled back when it is
/// dropped.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    InSqlite(Transaction<'c, Sqlite>),
    #[cfg(feature = "postgres")]
    InPostgres(Transaction<'c, Postgres>),
}

/// What queries run on.
pub(super) enum Handle<'h> {
    Sqlite(&'h mut SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(&'h mut PgConnection),
}

impl Connection<'_> {
    pub(super) fn handle(&mut self) -> Handle<'_> {
        match self {
            Self::Sqlite(connection) => Handle::Sqlite(connection),
            Self::InSqlite(transaction) => Handle::Sqlite(transaction),
            #[cfg(feature = "postgres")]
            Self::InPostgres(transaction) => Handle::Postgres(transaction),
        }
    }

    /// Begins a transaction on a connection whose transaction has ended.
    pub(super) async fn begin_in_place(&mut self, access: Access) -> sqlx::Result<()> {
        match self.handle() {
            Handle::Sqlite(it) => {
                let begin = SqlStr::from_static(access.begin_in_sqlite());
                SqliteTransactionManager::begin(it, Some(begin)).await
            }
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => {
                let begin = SqlStr::from_static(access.begin_in_postgres());
                PgTransactionManager::begin(it, Some(begin)).await?;
                access.wait_in_postgres(it).await
            }
        }
    }

    /// Commits the transaction and keeps the connection.
    pub(super) async fn commit_in_place(&mut self) -> sqlx::Result<()> {
        match self.handle() {
            Handle::Sqlite(it) => SqliteTransactionManager::commit(it).await,
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => PgTransactionManager::commit(it).await,
        }
    }

    /// Rolls the transaction back and keeps the connection.
    pub(super) async fn rollback_in_place(&mut self) -> sqlx::Result<()> {
        match self.handle() {
            Handle::Sqlite(it) => SqliteTransactionManager::rollback(it).await,
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => PgTransactionManager::rollback(it).await,
        }
    }

    /// Commits the transaction.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::InSqlite(transaction) => transaction.commit().await,
            #[cfg(feature = "postgres")]
            Self::InPostgres(transaction) => transaction.commit().await,
            // Whoever lends a connection ends its transaction.
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// The time by the clock of the database: the same for all processes that use it.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, reason = "the server is a feature")
    )]
    pub(crate) async fn now(&mut self) -> sqlx::Result<Timestamp> {
        match self.handle() {
            // They are on the same machine.
            Handle::Sqlite(_) => Ok(Timestamp::now()),
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => {
                let now = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";
                sqlx::query_scalar(now).fetch_one(it).await.map(Timestamp)
            }
        }
    }

    /// Tells the other processes that something has happened in the queue, once the transaction is committed.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, reason = "the server is a feature")
    )]
    pub(crate) async fn wake_others(&mut self) -> sqlx::Result<()> {
        match self.handle() {
            // They look again by themselves.
            Handle::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Handle::Postgres(it) => {
                let notify = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL);
                notify.execute(it).await.map(drop)
            }
        }
    }

    /// The column that numbers the rows of a table. A number is never given to another row as long as the row exists.
    pub(super) fn row_number(&self) -> &'static str {
        match self {
            Self::Sqlite(_) | Self::InSqlite(_) => "rowid",
            #[cfg(feature = "postgres")]
            Self::InPostgres(_) => "row_number",
        }
    }

    /// After the name of a table: its rows are read from the table itself, whatever its indexes say.
    pub(super) fn not_indexed(&self) -> &'static str {
        match self {
            Self::Sqlite(_) | Self::InSqlite(_) => " NOT INDEXED",
            // On a server, only its administrator can falsify an index.
            #[cfg(feature = "postgres")]
            Self::InPostgres(_) => "",
        }
    }
}

/// A row as the database returned it.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
}

/// A column of a row: its name, or its number from 0.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Name(&'a str),
    Number(usize),
}

impl<'a> From<&'a str> for At<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for At<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}

/// A type that a column of either database is read as.
#[cfg(not(feature = "postgres"))]
pub(crate) trait Readable<'r>: Decode<'r, Sqlite> + Type<Sqlite> {}

#[cfg(not(feature = "postgres"))]
impl<'r, T: Decode<'r, Sqlite> + Type<Sqlite>> Readable<'r> for T {}

/// A type that a column of either database is read as.
#[cfg(feature = "postgres")]
pub(crate) trait Readable<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

#[cfg(feature = "postgres")]
impl<'r, T> Readable<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column.
    pub(crate) fn get<'r, 'a, T: Readable<'r>>(
        &'r self,
        column: impl Into<At<'a>>,
    ) -> sqlx::Result<T> {
        match (self, column.into()) {
            (Self::Sqlite(row), At::Name(name)) => row.try_get(name),
            (Self::Sqlite(row), At::Number(number)) => row.try_get(number),
            #[cfg(feature = "postgres")]
            (Self::Postgres(row), At::Name(name)) => row.try_get(name),
            #[cfg(feature = "postgres")]
            (Self::Postgres(row), At::Number(number)) => row.try_get(number),
        }
    }

    /// The value of a column of integers or booleans, as a number.
    pub(super) fn number(&self, column: &str) -> sqlx::Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(column).or_else(|_| {
                let boolean: Option<bool> = row.try_get(column)?;
                Ok(boolean.map(i64::from))
            }),
        }
    }
}

/// A type that is read from a row.
pub(crate) trait FromRow: Sized {
    fn from_row(row: &Row) -> sqlx::Result<Self>;
}

macro_rules! tuples {
    ($(($($type:ident $number:tt),*),)*) => {
        $(impl<$($type: for<'r> Readable<'r>),*> FromRow for ($($type,)*) {
            fn from_row(row: &Row) -> sqlx::Result<Self> {
                Ok(($(row.get($number)?,)*))
            }
        })*
    };
}

tuples! {
    (A 0, B 1),
    (A 0, B 1, C 2),
}
