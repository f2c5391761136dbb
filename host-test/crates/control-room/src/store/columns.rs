//! How rows and columns become types of the Control Room.
//!
//! `sqlx` can derive this, at the cost of compiling SQLite a second time for its macros. Rows with sealed columns are opened
//! with the key, so by a function `open` of their types.

use bot_engine::Name;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};
use time::OffsetDateTime;

use super::sql::{FromRow, Row, Value};
use crate::timestamp::Timestamp;

/// A row that was found by its name.
#[derive(Debug, Clone)]
pub(crate) struct NamedRow {
    pub(crate) id: String,
    /// As it is stored: the name that was searched for may have other capitals.
    pub(crate) name: Name,
}

impl FromRow for NamedRow {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let (name, shown): (&str, Option<&str>) = (row.get("name")?, row.get("shown_as")?);
        let shown = shown.unwrap_or(name).parse::<Name>().ok();
        let shown = shown.filter(|shown| shown.as_str() == name);
        Ok(Self {
            id: row.get("id")?,
            name: shown.ok_or_else(|| sqlx::Error::ColumnDecode {
                index: "shown_as".into(),
                source: "a name is shown in a form that is not its own".into(),
            })?,
        })
    }
}

/// Whether a verified row belongs to the user with this id.
pub(crate) fn is_of(row: &Row, owner: &str) -> bool {
    let found = row.get("owner_id");
    found.is_ok_and(|found: &str| found == owner)
}

/// A type that is read from one column.
pub(crate) trait FromColumn: Sized {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error>;
}

/// Reads a column.
pub(crate) fn column<T: FromColumn>(row: &Row, column: &str) -> Result<T, sqlx::Error> {
    T::from_column(row, column)
}

macro_rules! from_column {
    ($($type:ty),*) => {
        $(impl FromColumn for $type {
            fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
                row.get(column)
            }
        })*
    };
}

from_column!(
    String,
    bool,
    i64,
    Timestamp,
    Option<bool>,
    Option<Timestamp>
);

/// A count.
impl FromColumn for u64 {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        row.get(column).map(i64::unsigned_abs)
    }
}

impl FromColumn for Name {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        row.get(column).map(|ShownName(name)| name)
    }
}

impl FromColumn for Option<Name> {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        let name: Option<ShownName> = row.get(column)?;
        Ok(name.map(|ShownName(name)| name))
    }
}

/// In place of what is no name. Its row was changed from outside, and is refused when it is verified, by what identifies it.
const UNREADABLE: &str = "?";

/// A name that is read from [`name_of`]. What somebody has changed from outside is read as well: the verification of the row,
/// which follows, names it.
pub(crate) struct ShownName(pub(crate) Name);

/// An SQL expression for the name of a row of this table (or alias), with the form in which it is shown. Names have no
/// slash.
pub(crate) fn name_of(table: &str) -> String {
    format!("{table}.name || COALESCE('/' || {table}.shown_as, '')")
}

impl<DB: Database> Type<DB> for ShownName
where
    str: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        str::type_info()
    }

    fn compatible(found: &DB::TypeInfo) -> bool {
        str::compatible(found)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for ShownName
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str>::decode(value).unwrap_or_default();
        let (comparable, shown) = text.split_once('/').unwrap_or((text, text));
        // Otherwise one row would be verified, and the name of another one shown.
        let own = |form: &str| {
            let name = form.parse::<Name>().ok();
            name.filter(|name| name.as_str() == comparable)
        };
        match own(shown).or_else(|| own(comparable)) {
            Some(name) => Ok(Self(name)),
            None => Ok(Self(UNREADABLE.parse()?)),
        }
    }
}

/// A row that is shown, with its id, which is not.
pub(crate) struct WithId<T> {
    pub(crate) id: String,
    pub(crate) shown: T,
}

impl<T: FromRow> FromRow for WithId<T> {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            shown: T::from_row(row)?,
        })
    }
}

/// Implements `FromRow` for a struct whose fields are named like the columns.
macro_rules! from_row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl crate::store::sql::FromRow for $type {
            fn from_row(row: &crate::store::sql::Row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: crate::store::column(row, stringify!($field))?),* })
            }
        }
    };
}

pub(crate) use from_row;

impl<DB: Database> Type<DB> for Timestamp
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        i64::type_info()
    }

    fn compatible(found: &DB::TypeInfo) -> bool {
        i64::compatible(found)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Timestamp
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        i64::decode(value).map(Self)
    }
}

impl From<Timestamp> for Value {
    fn from(Timestamp(millis): Timestamp) -> Self {
        millis.into()
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(timestamp: Option<Timestamp>) -> Self {
        timestamp.map(|Timestamp(millis)| millis).into()
    }
}

/// The date in a column of timestamps.
pub(crate) fn date(row: &Row, column: &str) -> Result<OffsetDateTime, sqlx::Error> {
    utc(row.get(column)?, column)
}

/// The date of a timestamp in this column.
pub(crate) fn utc(timestamp: Timestamp, column: &str) -> Result<OffsetDateTime, sqlx::Error> {
    timestamp.date().map_err(|error| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: error.into(),
    })
}
