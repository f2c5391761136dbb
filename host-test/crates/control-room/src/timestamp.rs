//! Moments, as the tables hold them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

use super::store::StoreError;

/// A moment: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Moment(pub(super) i64);

impl Moment {
    pub(super) fn now() -> Self {
        SystemTime::now().into()
    }

    pub(super) fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    pub(super) fn before(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// As a date. `table` is where it was read from.
    pub(super) fn date(self, table: &'static str) -> Result<OffsetDateTime, StoreError> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .map_err(|_| StoreError::Row(table))
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(date: OffsetDateTime) -> Self {
        SystemTime::from(date).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_is_no_date_is_told_of_with_its_table() {
        let date = Moment(1_500).date("bots").unwrap();
        assert_eq!(date.unix_timestamp_nanos(), 1_500_000_000);
        let error = Moment(i64::MAX).date("bots").unwrap_err();
        assert!(matches!(error, StoreError::Row("bots")), "{error}");
    }
}
