//! Row codes: each row has a code that only somebody with the key can compute.
//!
//! Otherwise somebody who can change the file could decide where a secret goes, and who may use it: by another token URL,
//! another role, another locker. So the code of a row covers its whole content, with the table and the identity, and for a user,
//! a locker or a connection also the [sets](Set) of roles and owners that belong to it. SQL may filter; whatever
//! authorises is verified first. A changed row is refused.
//!
//! An index can be changed as well as a row. So an index only finds rows: what they contain is read from the table, by their
//! number there, and must be what was looked for. A row gets a code only if it was verified, or inserted, in the same
//! transaction.
//!
//! A code does not tell when it was made: a removed row, or one from an old backup, is not recognised.
//!
//! The code is HMAC-SHA-256, with a key that is derived from the key of the store, over the parts of the row. Each part
//! has its type and length before it, so that different rows never have the same encoding. A column that was added later is
//! encoded with its name, and only if it has a value, so that the codes of earlier rows stay valid.

use std::collections::{BTreeSet, HashMap, HashSet};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use sqlx::AssertSqlSafe;

use super::columns::NamedRow;
use super::error::StoreError;
use super::key::Key;
use super::sql::{Connection, FromRow, Query, Row, Value, query, query_as, query_scalar};

/// How many rows are read at once.
const CHUNK: usize = 200;

/// A table whose rows have codes.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns that identify a row.
    key: &'static [&'static str],
    /// The column by which an error names a row.
    label: &'static str,
    /// All columns except the code, in the order in which it covers them.
    columns: &'static [Column],
    /// What else belongs to a row. A table with sets has a column `generation`, which counts the changes.
    sets: &'static [Set],
}

/// A column, by its type.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    Text(&'static str),
    Integer(&'static str),
    Blob(&'static str),
    /// In a column that was added later: covered with its name, unless it is `NULL`.
    Later(&'static Self),
}

use Column::{Blob, Integer, Later, Text};

/// A table that links rows to others, such as users to roles. The code of the row that a set belongs to covers all of it.
#[derive(Debug)]
pub(crate) struct Set {
    table: &'static str,
    owner: &'static str,
    member: &'static str,
}

pub(crate) const USERS: Table = Table {
    name: "users",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("name"),
        Integer("generation"),
        Later(&Text("shown_as")),
    ],
    sets: &[Set {
        table: "user_roles",
        owner: "user_id",
        member: "role_id",
    }],
};

pub(crate) const ROLES: Table = Table {
    name: "roles",
    key: &["id"],
    label: "name",
    columns: &[Text("id"), Text("name"), Later(&Text("shown_as"))],
    sets: &[],
};

pub(crate) const PASSWORDS: Table = Table {
    name: "passwords",
    key: &["user_id"],
    label: "user_id",
    columns: &[Text("user_id"), Text("hash")],
    sets: &[],
};

pub(crate) const LOCKERS: Table = Table {
    name: "lockers",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("name"),
        Text("description"),
        Integer("generation"),
        Later(&Text("shown_as")),
    ],
    sets: &[
        Set {
            table: "locker_roles",
            owner: "locker_id",
            member: "role_id",
        },
        Set {
            table: "locker_owners",
            owner: "locker_id",
            member: "user_id",
        },
    ],
};

pub(crate) const CREDENTIALS: Table = Table {
    name: "credentials",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("locker_id"),
        Text("name"),
        Text("description"),
        Later(&Text("shown_as")),
    ],
    sets: &[],
};

pub(crate) const ATTRIBUTES: Table = Table {
    name: "attributes",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("credential_id"),
        Text("name"),
        Text("description"),
        Integer("user_provided"),
        Integer("masked"),
        Integer("password_only"),
        Later(&Text("shown_as")),
    ],
    sets: &[],
};

pub(crate) const STANDARD_VALUES: Table = Table {
    name: "standard_values",
    key: &["attribute_id"],
    label: "attribute_id",
    columns: &[Text("attribute_id"), Blob("sealed")],
    sets: &[],
};

pub(crate) const USER_VALUES: Table = Table {
    name: "user_values",
    key: &["attribute_id", "user_id"],
    label: "attribute_id",
    columns: &[Text("attribute_id"), Text("user_id"), Blob("sealed")],
    sets: &[],
};

pub(crate) const CONNECTIONS: Table = Table {
    name: "connections",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("name"),
        Text("provider"),
        Text("authorization_url"),
        Text("token_url"),
        Text("issuer"),
        Text("grant_type"),
        Text("client_id"),
        Blob("sealed_client_secret"),
        Text("scopes"),
        Integer("save_login_credentials"),
        Integer("revision"),
        Integer("generation"),
        Later(&Text("shown_as")),
        Later(&Text("client_authentication")),
    ],
    sets: &[Set {
        table: "connection_roles",
        owner: "connection_id",
        member: "role_id",
    }],
};

pub(crate) const SIGN_INS: Table = Table {
    name: "connection_sign_ins",
    key: &["id"],
    label: "id",
    columns: &[
        Text("id"),
        Text("connection_id"),
        Text("user_id"),
        Blob("sealed_access_token"),
        Blob("sealed_refresh_token"),
        Text("token_type"),
        Integer("asked_at"),
        Integer("expires_at"),
        Text("granted"),
        Integer("refresh_began"),
        Text("ended_because"),
        Later(&Text("last_failure")),
    ],
    sets: &[],
};

pub(crate) const CALLBACK_PORT: Table = Table {
    name: "callback_port",
    key: &["id"],
    label: "port",
    columns: &[Integer("id"), Integer("port"), Later(&Text("host"))],
    sets: &[],
};

pub(crate) const BOTS: Table = Table {
    name: "bots",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("owner_id"),
        Text("name"),
        Text("sorted_as"),
        Text("file"),
        Integer("version"),
        Integer("changed_at"),
        Later(&Text("version_id")),
        Later(&Integer("bytes")),
    ],
    sets: &[],
};

pub(crate) const BOT_VERSIONS: Table = Table {
    name: "bot_versions",
    key: &["id"],
    label: "number",
    columns: &[
        Text("id"),
        Text("bot_id"),
        Integer("number"),
        Text("saved_by"),
        Integer("began_at"),
        Integer("saved_at"),
        Integer("is_kept"),
        Blob("sealed_file"),
    ],
    sets: &[],
};

pub(crate) const RUNS: Table = Table {
    name: "runs",
    key: &["id"],
    label: "number",
    columns: &[
        Text("id"),
        Integer("number"),
        Text("owner_id"),
        Text("bot_id"),
        Text("bot"),
        Integer("started_at"),
        Integer("ended_at"),
        Text("outcome"),
        Text("log"),
        Later(&Blob("sealed_log")),
        Later(&Integer("queued_at")),
        Later(&Text("worker")),
        Later(&Integer("lost_at_step")),
    ],
    sets: &[],
};

pub(crate) const QUEUED_RUNS: Table = Table {
    name: "queued_runs",
    key: &["run_id"],
    label: "run_id",
    columns: &[
        Text("run_id"),
        Integer("number"),
        Text("pool"),
        Text("state"),
        Blob("sealed_work"),
        Integer("fence"),
        Integer("expires_at"),
        Integer("expired"),
        Integer("changing_step"),
        Integer("stop_requested"),
        Blob("sealed_sessions"),
    ],
    sets: &[],
};

pub(crate) const SCHEDULES: Table = Table {
    name: "schedules",
    key: &["id"],
    label: "id",
    columns: &[
        Text("id"),
        Text("owner_id"),
        Text("bot_id"),
        Text("pool"),
        Text("expression"),
        Text("time_zone"),
        Text("overlap"),
        Text("missed"),
        Blob("sealed_inputs"),
        Integer("is_paused"),
        Integer("next_at"),
        Integer("last_at"),
        Text("last_result"),
        Text("last_run"),
    ],
    sets: &[],
};

pub(crate) const WORKERS: Table = Table {
    name: "workers",
    key: &["id"],
    label: "name",
    columns: &[
        Text("id"),
        Text("name"),
        Text("pool"),
        Integer("slots"),
        Text("version"),
        Integer("started_at"),
        Integer("seen_at"),
    ],
    sets: &[],
};

pub(crate) const VAULT_USES: Table = Table {
    name: "vault_uses",
    key: &["number"],
    label: "number",
    columns: &[
        Integer("number"),
        Integer("used_at"),
        Text("user_name"),
        Text("bot"),
        Text("step"),
        Text("locker"),
        Text("credential"),
        Text("attribute"),
        Integer("refused"),
        Text("run_id"),
        Later(&Text("user_shown_as")),
        Later(&Text("path_shown_as")),
        Later(&Text("user_id")),
    ],
    sets: &[],
};

pub(crate) const AUDIT_EVENTS: Table = Table {
    name: "audit_events",
    key: &["number"],
    label: "number",
    columns: &[
        Integer("number"),
        Integer("happened_at"),
        Text("actor"),
        Text("action"),
        Text("subject"),
        Integer("refused"),
        Later(&Text("actor_shown_as")),
    ],
    sets: &[],
};

/// Every table whose rows have codes. The others are the tables of sets, which the codes of these cover; `store_key`, whose
/// content is sealed; and the list of migrations, which is compared to that of this program.
pub(crate) const TABLES: &[&Table] = &[
    &USERS,
    &ROLES,
    &PASSWORDS,
    &LOCKERS,
    &CREDENTIALS,
    &ATTRIBUTES,
    &STANDARD_VALUES,
    &USER_VALUES,
    &CONNECTIONS,
    &SIGN_INS,
    &CALLBACK_PORT,
    &BOTS,
    &BOT_VERSIONS,
    &RUNS,
    &QUEUED_RUNS,
    &SCHEDULES,
    &WORKERS,
    &VAULT_USES,
    &AUDIT_EVENTS,
];

/// Which rows of a table.
#[derive(Clone, Copy)]
pub(crate) enum Rows<'a> {
    /// Those with one of these texts in the column.
    With(&'static str, &'a [&'a str]),
    /// Those with these texts in these columns, or of these expressions.
    Is(&'static [&'static str], &'a [&'a str]),
    /// That with this number in the column.
    Number(&'static str, i64),
    /// All of them.
    All,
}

/// What was verified or written in a transaction, and may be given a code in it.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    /// The rows: their tables, and their numbers there.
    rows: HashSet<(&'static str, i64)>,
    /// The members of their sets.
    members: Members,
}

impl Trusted {
    /// Trusts a row that was just inserted.
    pub(super) fn add(&mut self, table: &'static Table, number: i64) {
        self.rows.insert((table.name, number));
    }

    /// The members of a set, to change them as the table was changed.
    pub(super) fn members(&mut self, set: &'static str, owner: &str) -> &mut BTreeSet<String> {
        self.members.entry((set, owner.to_owned())).or_default()
    }
}

/// A verified row.
#[derive(Debug)]
pub(crate) struct Verified {
    row: Row,
    /// The members of its sets, by the set's table.
    members: HashMap<&'static str, Vec<String>>,
}

impl Verified {
    /// All its columns.
    pub(crate) fn row(&self) -> &Row {
        &self.row
    }

    /// Its id and its name, of a table whose rows have both.
    pub(crate) fn named(&self) -> Result<NamedRow, StoreError> {
        Ok(NamedRow::from_row(&self.row)?)
    }

    /// The ids of the rows that a set links it to.
    pub(crate) fn members(&self, set: &str) -> &[String] {
        self.members.get(set).map_or(&[], Vec::as_slice)
    }
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Text(name) | Integer(name) | Blob(name) => name,
            Later(column) => column.name(),
        }
    }

    /// The content of this column in a row.
    fn of(self, row: &Row) -> Result<Content<'_>, sqlx::Error> {
        Ok(match self {
            Text(name) => Content::Text(row.get(name)?),
            Integer(name) => Content::Integer(row.number(name)?),
            Blob(name) => Content::Blob(row.get(name)?),
            Later(column) => column.of(row)?,
        })
    }
}

/// The content of one column of a row.
enum Content<'r> {
    Text(Option<&'r str>),
    Integer(Option<i64>),
    Blob(Option<&'r [u8]>),
}

impl Content<'_> {
    fn is_null(&self) -> bool {
        matches!(
            self,
            Self::Text(None) | Self::Integer(None) | Self::Blob(None)
        )
    }
}

impl<'v> From<&'v Value> for Content<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text.as_deref()),
            Value::Integer(number) => Self::Integer(*number),
            Value::Boolean(boolean) => Self::Integer(boolean.map(i64::from)),
            Value::Bytes(bytes) => Self::Blob(bytes.as_deref()),
        }
    }
}

impl Table {
    /// Its columns with the code, as a `SELECT` names them.
    pub(crate) fn select(&self) -> String {
        let mut select = String::new();
        for column in self.columns {
            select += column.name();
            select += ", ";
        }
        select + "code"
    }

    /// The values of a row, with its code.
    #[cfg(feature = "postgres")]
    pub(super) fn values(&self, row: &Row) -> Result<Vec<(&'static str, Value)>, sqlx::Error> {
        let mut values = Vec::with_capacity(self.columns.len() + 1);
        for column in self.columns {
            let value = match column.of(row)? {
                Content::Text(text) => text.into(),
                Content::Integer(number) => number.into(),
                Content::Blob(bytes) => bytes.map(<[u8]>::to_vec).into(),
            };
            values.push((column.name(), value));
        }
        let code: Option<Vec<u8>> = row.get("code")?;
        values.push(("code", code.into()));
        Ok(values)
    }

    /// The name of a row in an error.
    fn label_of(&self, row: &Row) -> String {
        let text: Result<String, _> = row.get(self.label);
        let number = || row.get(self.label).map(|number: i64| number.to_string());
        text.or_else(|_| number()).unwrap_or_default()
    }

    fn changed(&self, row: &Row) -> StoreError {
        StoreError::Changed {
            table: self.name,
            row: self.label_of(row),
        }
    }
}

/// The members of the sets that belong to rows, by set and row.
type Members = HashMap<(&'static str, String), BTreeSet<String>>;

struct Code(Hmac<Sha256>);

impl Code {
    /// The code of a row, and of the sets that belong to it.
    fn of(key: &Key, table: &Table, row: &Row, members: &Members) -> Result<Self, sqlx::Error> {
        let mut code = Self::begin(key, table);
        for column in table.columns {
            code.add(*column, &column.of(row)?);
        }
        for set in table.sets {
            let owner: String = row.get(table.key[0])?;
            let members = members.get(&(set.table, owner));
            let count = members.map_or(0, BTreeSet::len);
            code.part(b't', Some(set.table.as_bytes()));
            code.part(b'i', Some(&(count as u64).to_be_bytes()));
            for member in members.into_iter().flatten() {
                code.part(b't', Some(member.as_bytes()));
            }
        }
        Ok(code)
    }

    fn begin(key: &Key, table: &Table) -> Self {
        let mut code = Self(key.code());
        code.part(b't', Some(table.name.as_bytes()));
        code
    }

    fn add(&mut self, column: Column, content: &Content<'_>) {
        if let Later(column) = column {
            if content.is_null() {
                return;
            }
            self.part(b's', Some(column.name().as_bytes()));
        }
        match content {
            Content::Text(text) => self.part(b't', text.map(str::as_bytes)),
            Content::Integer(number) => {
                let number = number.map(i64::to_be_bytes);
                self.part(b'i', number.as_ref().map(|number| &number[..]));
            }
            Content::Blob(bytes) => self.part(b'b', *bytes),
        }
    }

    fn bytes(self) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }

    fn part(&mut self, kind: u8, bytes: Option<&[u8]>) {
        match bytes {
            None => self.0.update(b"0"),
            Some(bytes) => {
                self.0.update(&[kind]);
                self.0.update(&(bytes.len() as u64).to_be_bytes());
                self.0.update(bytes);
            }
        }
    }
}

/// Verifies rows that were read with [`Table::select`].
pub(super) async fn verify_rows(
    connection: &mut Connection<'_>,
    key: &Key,
    table: &Table,
    rows: &[Row],
) -> Result<(), StoreError> {
    let members = members(connection, table, rows).await?;
    for row in rows {
        let verified = Code::of(key, table, row, &members).and_then(|code| {
            let expected: Option<&[u8]> = row.get("code")?;
            Ok(expected.is_some_and(|expected| code.0.verify_slice(expected).is_ok()))
        });
        // A value of a type that the column never has is a change as well.
        if !verified.unwrap_or(false) {
            return Err(table.changed(row));
        }
    }
    Ok(())
}

/// Verifies these rows, which are trusted then. A missing row is not an error.
pub(super) async fn verify(
    connection: &mut Connection<'_>,
    key: &Key,
    table: &'static Table,
    rows: Rows<'_>,
    trusted: &mut Trusted,
) -> Result<Vec<Verified>, StoreError> {
    let mut verified = Vec::new();
    for chunk in rows.chunks() {
        let numbers = numbers(connection, table, chunk).await?;
        let rows = fetch(connection, table, chunk, &numbers).await?;
        verify_rows(connection, key, table, &rows).await?;
        let members = members(connection, table, &rows).await?;
        for row in rows {
            let sets = table.sets.iter().map(|set| {
                let owner = row.get(table.key[0]).unwrap_or_default();
                let members = members.get(&(set.table, owner));
                let members = members.into_iter().flatten().cloned();
                (set.table, members.collect())
            });
            let members = sets.collect();
            verified.push(Verified { row, members });
        }
        trusted.members.extend(members);
        let numbers = numbers.into_iter().map(|number| (table.name, number));
        trusted.rows.extend(numbers);
    }
    Ok(verified)
}

/// Gives these rows the codes of what they contain now. Each of them is trusted, or it is refused.
pub(super) async fn authenticate(
    connection: &mut Connection<'_>,
    key: &Key,
    table: &'static Table,
    rows: Rows<'_>,
    trusted: &Trusted,
) -> Result<(), StoreError> {
    for chunk in rows.chunks() {
        let numbers = numbers(connection, table, chunk).await?;
        for row in fetch(connection, table, chunk, &numbers).await? {
            if !trusted.rows.contains(&(table.name, row.get("row_number")?)) {
                return Err(table.changed(&row));
            }
        }
        if count_all(connection, table, &numbers).await? != numbers.len() {
            return Err(StoreError::Changed {
                table: table.name,
                row: chunk.label(),
            });
        }
        if !table.sets.is_empty() {
            let count = format!(
                "UPDATE {} SET generation = generation + 1 WHERE {} IN ",
                table.name,
                connection.row_number()
            );
            let mut count = query(AssertSqlSafe(count));
            count.push_list(numbers.iter().copied());
            count.execute(connection).await?;
        }
        let rows = fetch(connection, table, chunk, &numbers).await?;
        // The members as they were verified and changed here, not as an index finds them now.
        set_codes(connection, key, table, &rows, &trusted.members).await?;
    }
    Ok(())
}

/// Inserts a row, and returns its number.
pub(super) async fn insert(
    connection: &mut Connection<'_>,
    mut insert: Query<Row>,
) -> Result<i64, StoreError> {
    insert.push(" RETURNING ").push(connection.row_number());
    // Reads to the end, because the statement completes only then.
    let rows = insert.fetch_all(connection).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    Ok(row.get(0)?)
}

/// Inserts a row of a table without sets, with its code. The code is that of these values, not of a row that is read again:
/// a changed file could return another row.
pub(super) async fn insert_values(
    connection: &mut Connection<'_>,
    key: &Key,
    table: &Table,
    mut values: Vec<(&'static str, Value)>,
) -> Result<(), StoreError> {
    let mut code = Code::begin(key, table);
    for column in table.columns {
        let value = values.iter().find(|(name, _)| *name == column.name());
        let (_, value) = value.ok_or(StoreError::Sealed(table.name))?;
        code.add(*column, &value.into());
    }
    values.push(("code", code.bytes().into()));
    let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
    let insert = format!("INSERT INTO {} ({}) VALUES ", table.name, names.join(", "));
    let mut insert = query(AssertSqlSafe(insert));
    insert.push_list(values.into_iter().map(|(_, value)| value));
    insert.execute(connection).await?;
    Ok(())
}

/// Verifies every row of every table.
pub(super) async fn verify_all(
    connection: &mut Connection<'_>,
    key: &Key,
) -> Result<(), StoreError> {
    for table in TABLES {
        let mut offset = 0;
        while let Some(rows) = next_chunk(connection, table, &mut offset).await? {
            verify_rows(connection, key, table, &rows).await?;
        }
    }
    orphaned_members(connection).await
}

/// Whether there is any row, apart from the role that the migrations make.
pub(super) async fn has_rows(connection: &mut Connection<'_>) -> Result<bool, StoreError> {
    for table in TABLES.iter().filter(|table| table.name != ROLES.name) {
        if !fetch_chunk(connection, table, 0).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The link table of each set, with the columns of its owner and its members.
#[cfg(feature = "postgres")]
pub(super) fn sets() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    let sets = TABLES.iter().flat_map(|table| table.sets);
    sets.map(|set| (set.table, [set.owner, set.member]))
}

/// The next rows of a table; `None` if there are no more.
pub(super) async fn next_chunk(
    connection: &mut Connection<'_>,
    table: &Table,
    offset: &mut usize,
) -> Result<Option<Vec<Row>>, StoreError> {
    let rows = fetch_chunk(connection, table, *offset).await?;
    *offset += rows.len();
    Ok((!rows.is_empty()).then_some(rows))
}

/// Gives every row of every table a code.
pub(super) async fn authenticate_all(
    connection: &mut Connection<'_>,
    key: &Key,
) -> Result<(), StoreError> {
    for table in TABLES {
        let mut offset = 0;
        while let Some(rows) = next_chunk(connection, table, &mut offset).await? {
            let members = members(connection, table, &rows).await?;
            set_codes(connection, key, table, &rows, &members).await?;
        }
    }
    Ok(())
}

/// Fails if a set has members although what it belongs to does not exist.
async fn orphaned_members(connection: &mut Connection<'_>) -> Result<(), StoreError> {
    for table in TABLES {
        for set in table.sets {
            let Set {
                table: name, owner, ..
            } = set;
            let select = format!(
                "SELECT {owner} FROM {name} WHERE {owner} NOT IN (SELECT id FROM {}) LIMIT 1",
                table.name
            );
            let found: Option<String> = query_scalar(AssertSqlSafe(select))
                .fetch_optional(connection)
                .await?;
            if let Some(row) = found {
                return Err(StoreError::Changed { table: name, row });
            }
        }
    }
    Ok(())
}

async fn set_codes(
    connection: &mut Connection<'_>,
    key: &Key,
    table: &Table,
    rows: &[Row],
    members: &Members,
) -> Result<(), StoreError> {
    for row in rows {
        let code = Code::of(key, table, row, members)?.bytes();
        let number: i64 = row.get("row_number")?;
        let update = format!(
            "UPDATE {} SET code = $1 WHERE {} = $2",
            table.name,
            connection.row_number()
        );
        let update = query(AssertSqlSafe(update)).bind(code).bind(number);
        update.execute(connection).await?;
    }
    Ok(())
}

/// The numbers that rows have in their table, as an index finds them.
async fn numbers(
    connection: &mut Connection<'_>,
    table: &Table,
    rows: Rows<'_>,
) -> Result<BTreeSet<i64>, StoreError> {
    let select = format!(
        "SELECT {} FROM {} WHERE ",
        connection.row_number(),
        table.name
    );
    let mut query = query_scalar(AssertSqlSafe(select));
    rows.push(&mut query);
    let numbers: Vec<i64> = query.fetch_all(connection).await?;
    Ok(numbers.into_iter().collect())
}

/// The rows with these numbers, as the table has them. They must be those that were looked for.
async fn fetch(
    connection: &mut Connection<'_>,
    table: &Table,
    rows: Rows<'_>,
    numbers: &BTreeSet<i64>,
) -> Result<Vec<Row>, StoreError> {
    let number = connection.row_number();
    let select = format!("SELECT {}, {number} AS row_number, ", table.select());
    let mut query = query(AssertSqlSafe(select));
    rows.push(&mut query);
    query.push(" AS is_it FROM ").push(table.name);
    query.push(connection.not_indexed());
    query.push(" WHERE ").push(number).push(" IN ");
    query.push_list(numbers.iter().copied());
    let found = query.fetch_all(connection).await?;
    for row in &found {
        if !row.get("is_it").unwrap_or(false) {
            return Err(table.changed(row));
        }
    }
    if found.len() == numbers.len() {
        Ok(found)
    } else {
        Err(StoreError::Changed {
            table: table.name,
            row: rows.label(),
        })
    }
}

/// How many rows have these numbers: in a file by a scan of the whole table, as a search could miss one that is out of order.
async fn count_all(
    connection: &mut Connection<'_>,
    table: &Table,
    numbers: &BTreeSet<i64>,
) -> Result<usize, StoreError> {
    let count = format!(
        "SELECT COUNT(*) FROM {}{} WHERE {} IN ",
        table.name,
        connection.not_indexed(),
        connection.scanned_row_number()
    );
    let mut query = query_scalar(AssertSqlSafe(count));
    query.push_list(numbers.iter().copied());
    let count: i64 = query.fetch_one(connection).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

async fn fetch_chunk(
    connection: &mut Connection<'_>,
    table: &Table,
    offset: usize,
) -> Result<Vec<Row>, StoreError> {
    let number = connection.row_number();
    let select = format!(
        "SELECT {}, {number} AS row_number FROM {}{} ORDER BY {number} LIMIT {CHUNK} OFFSET {offset}",
        table.select(),
        table.name,
        connection.not_indexed(),
    );
    let rows = query(AssertSqlSafe(select)).fetch_all(connection);
    Ok(rows.await?)
}

/// The members of the sets that belong to these rows.
async fn members(
    connection: &mut Connection<'_>,
    table: &Table,
    rows: &[Row],
) -> Result<Members, StoreError> {
    let mut members = Members::new();
    if table.sets.is_empty() {
        return Ok(members);
    }
    let owners: Vec<&str> = rows
        .iter()
        .map(|row| row.get(table.key[0]))
        .collect::<Result<_, _>>()?;
    for set in table.sets {
        let Set {
            table: name,
            owner,
            member,
        } = set;
        for owners in Rows::With(owner, &owners).chunks() {
            let select = format!("SELECT {owner}, {member} FROM {name} WHERE ");
            let mut query = query_as(AssertSqlSafe(select));
            owners.push(&mut query);
            let found: Vec<(String, String)> = query.fetch_all(connection).await?;
            for (owner, member) in found {
                members.entry((*name, owner)).or_default().insert(member);
            }
        }
    }
    Ok(members)
}

impl Rows<'_> {
    /// As many at a time as go into one query.
    fn chunks(&self) -> impl Iterator<Item = Rows<'_>> {
        let (texts, number) = match *self {
            Self::With(column, texts) => (Some((column, texts)), None),
            Self::Is(..) | Self::Number(..) | Self::All => (None, Some(*self)),
        };
        let texts = texts
            .into_iter()
            .flat_map(|(column, texts)| texts.chunks(CHUNK).map(move |it| Rows::With(column, it)));
        texts.chain(number)
    }

    /// Names them in an error.
    fn label(&self) -> String {
        match self {
            Self::With(_, texts) | Self::Is(_, texts) => texts.join("/"),
            Self::Number(_, number) => number.to_string(),
            Self::All => String::new(),
        }
    }

    /// Appends the condition.
    pub(super) fn push<T>(self, query: &mut Query<T>) {
        query.push("(");
        match self {
            Self::With(column, texts) => {
                query.push(column).push(" IN ");
                query.push_list(texts.iter().copied());
            }
            Self::Is(columns, texts) => {
                for (n, (column, text)) in columns.iter().zip(texts).enumerate() {
                    query.push(if n == 0 { "" } else { " AND " });
                    query.push(column).push(" = ").push_bind(*text);
                }
            }
            Self::Number(column, number) => {
                query.push(column).push(" = ").push_bind(number);
            }
            Self::All => {
                query.push("TRUE");
            }
        }
        query.push(")");
    }
}
