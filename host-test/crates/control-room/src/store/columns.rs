//! How rows and columns become types of the Control Room.
//!
//! `sqlx` can derive this, at the cost of compiling SQLite a second time for its macros.

use bot_engine::{AttributePath, Name};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteRow, SqliteTypeInfo, SqliteValueRef};
use sqlx::types::Text;
use sqlx::{Decode, Encode, Row, Sqlite, Type};
use time::OffsetDateTime;

use crate::timestamp::Timestamp;

/// A type that is read from one column.
pub(crate) trait FromColumn: Sized {
    fn from_column(row: &SqliteRow, column: &str) -> Result<Self, sqlx::Error>;
}

/// Reads a column.
pub(crate) fn column<T: FromColumn>(row: &SqliteRow, column: &str) -> Result<T, sqlx::Error> {
    T::from_column(row, column)
}

macro_rules! from_column {
    ($($type:ty),*; texts: $($text:ty),*) => {
        $(impl FromColumn for $type {
            fn from_column(row: &SqliteRow, column: &str) -> Result<Self, sqlx::Error> {
                row.try_get(column)
            }
        })*
        $(impl FromColumn for $text {
            fn from_column(row: &SqliteRow, column: &str) -> Result<Self, sqlx::Error> {
                row.try_get(column).map(|Text(value)| value)
            }
        }
        impl FromColumn for Option<$text> {
            fn from_column(row: &SqliteRow, column: &str) -> Result<Self, sqlx::Error> {
                row.try_get(column).map(|text: Option<Text<$text>>| text.map(|Text(value)| value))
            }
        })*
    };
}

from_column!(String, bool, i64, u64, Timestamp, Option<bool>, Option<Timestamp>; texts: Name, AttributePath);

/// Implements `FromRow` for a struct whose fields are named like the columns.
macro_rules! from_row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $type {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: crate::store::column(row, stringify!($field))?),* })
            }
        }
    };
}

pub(crate) use from_row;

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(found: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(found)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as Decode<Sqlite>>::decode(value).map(Self)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Sqlite>>::encode_by_ref(&self.0, buffer)
    }
}

/// The date in a column of timestamps.
pub(crate) fn date(row: &SqliteRow, column: &str) -> Result<OffsetDateTime, sqlx::Error> {
    utc(row.try_get(column)?, column)
}

/// The date of a timestamp in this column.
pub(crate) fn utc(timestamp: Timestamp, column: &str) -> Result<OffsetDateTime, sqlx::Error> {
    timestamp.date().map_err(|error| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: error.into(),
    })
}
