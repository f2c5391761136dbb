//! The times of a schedule: a cron expression, read in a time zone.
//!
//! Where clocks are put forward, a time of day that is skipped is the first moment after the gap; where they are put back, a
//! time of day that comes twice is the first of both. What recurs in each hour or minute does so by the clock, so it is left
//! out in the gap, and happens in both hours.

use bot_engine::Language;
use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use thiserror::Error;
use time::{OffsetDateTime, UtcOffset};

use crate::timestamp::Timestamp;

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 200;

/// Recurring times.
#[derive(Debug, Clone)]
pub struct Recurrence {
    expression: String,
    zone: Tz,
    cron: Cron,
}

/// Why something is no [`Recurrence`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum RecurrenceError {
    /// The expression has more or fewer than five fields.
    Fields(usize),
    /// A field is wrong: its place, from 0, and its text.
    Field(usize, String),
    /// The expression matches no time.
    Never,
    /// There is no such time zone, but perhaps one with a similar name.
    TimeZone(String, Option<&'static str>),
}

impl RecurrenceError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Fields(count) => texts::fields(language, count),
            Self::Field(place, text) => {
                let field = texts::FIELDS[*place](language);
                texts::field(language, field, shown(text))
            }
            Self::Never => texts::never(language).into(),
            Self::TimeZone(text, None) => texts::time_zone(language, shown(text)),
            Self::TimeZone(text, Some(other)) => {
                texts::similar_time_zone(language, shown(text), other)
            }
        }
    }
}

/// What somebody has typed, short enough for a message, and on one line.
fn shown(text: &str) -> String {
    let printable = text.chars().filter(|it| !it.is_control());
    printable.take(40).collect()
}

impl Recurrence {
    /// Reads a cron expression with five fields, and the name of a time zone of the IANA, such as `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn new(expression: &str, time_zone: &str) -> Result<Self, RecurrenceError> {
        let fields: Vec<_> = expression.split_whitespace().collect();
        if fields.len() != 5 || expression.len() > MAX_EXPRESSION {
            return Err(RecurrenceError::Fields(fields.len()));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let wrong_field = || {
            // Each field alone: the parser does not say which one is wrong.
            let place = (0..fields.len()).find(|place| {
                let mut others = ["*"; 5];
                others[*place] = fields[*place];
                parser.parse(&others.join(" ")).is_err()
            });
            let place = place.unwrap_or_default();
            RecurrenceError::Field(place, fields[place].into())
        };
        let expression = fields.join(" ");
        let cron = parser.parse(&expression).map_err(|_| wrong_field())?;
        let zone: Tz = time_zone.parse().map_err(|_| {
            let wanted = time_zone.to_ascii_lowercase().replace(' ', "_");
            let similar = TZ_VARIANTS.iter().map(|it| it.name()).find(|name| {
                let name = name.to_ascii_lowercase();
                name == wanted || name.rsplit('/').next() == Some(&wanted)
            });
            RecurrenceError::TimeZone(time_zone.into(), similar)
        })?;
        let recurrence = Self {
            expression,
            zone,
            cron,
        };
        match recurrence.after(Timestamp::now()) {
            Some(_) => Ok(recurrence),
            None => Err(RecurrenceError::Never),
        }
    }

    /// The cron expression.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The name of the time zone.
    pub fn time_zone(&self) -> &'static str {
        self.zone.name()
    }

    /// The next times, as the clocks of the time zone show them.
    pub fn upcoming(&self) -> impl Iterator<Item = OffsetDateTime> {
        let next = |time: &Timestamp| self.after(*time);
        let times = std::iter::successors(self.after(Timestamp::now()), next);
        times.filter_map(|time| Some(self.shown(time.date().ok()?)))
    }

    /// A time as the clocks of the time zone show it.
    pub fn shown(&self, time: OffsetDateTime) -> OffsetDateTime {
        let local = self.local(time.into());
        let seconds = local.map_or(0, |it| it.offset().fix().local_minus_utc());
        time.to_offset(UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC))
    }

    /// The first time after this one.
    pub(super) fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&self.local(time)?, false);
        Some(Timestamp(next.ok()?.timestamp_millis()))
    }

    /// The last time up to this one.
    pub(super) fn until(&self, time: Timestamp) -> Option<Timestamp> {
        let last = self.cron.find_previous_occurrence(&self.local(time)?, true);
        Some(Timestamp(last.ok()?.timestamp_millis()))
    }

    fn local(&self, time: Timestamp) -> Option<DateTime<Tz>> {
        let time = Utc.timestamp_millis_opt(time.0).single()?;
        Some(time.with_timezone(&self.zone))
    }
}

mod texts {
    use bot_engine::Language;

    /// The fields of a cron expression, in their order.
    pub(super) const FIELDS: [fn(Language) -> &'static str; 5] =
        [minute, hour, day_of_month, month, day_of_week];

    bot_engine::messages! {
        fields(count) {
            en: "A cron expression has 5 fields, not {count}: minute, hour, day of month, month, and day of week. “0 9 * * 1-5” is 9:00 from Monday to Friday.",
            de: "Ein Cron-Ausdruck hat 5 Felder, nicht {count}: Minute, Stunde, Tag des Monats, Monat und Wochentag. „0 9 * * 1-5“ ist 9:00 Uhr von Montag bis Freitag.",
        }
        field(field, text) {
            en: "“{text}” is not valid as the {field} of a cron expression.",
            de: "„{text}“ ist in einem Cron-Ausdruck kein gültiger Wert für: {field}.",
        }
        minute { en: "minute (0-59)", de: "Minute (0-59)" }
        hour { en: "hour (0-23)", de: "Stunde (0-23)" }
        day_of_month { en: "day of month (1-31)", de: "Tag des Monats (1-31)" }
        month { en: "month (1-12 or JAN-DEC)", de: "Monat (1-12 oder JAN-DEC)" }
        day_of_week { en: "day of week (0-7 or SUN-SAT)", de: "Wochentag (0-7 oder SUN-SAT)" }
        never {
            en: "There is no such day: the bot would never start.",
            de: "Einen solchen Tag gibt es nicht: Der Bot würde nie starten.",
        }
        time_zone(text) {
            en: "“{text}” is not the name of a time zone, such as Europe/Berlin or UTC.",
            de: "„{text}“ ist nicht der Name einer Zeitzone wie Europe/Berlin oder UTC.",
        }
        similar_time_zone(text, other) {
            en: "“{text}” is not the name of a time zone. Is it {other}?",
            de: "„{text}“ ist nicht der Name einer Zeitzone. Ist {other} gemeint?",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        let time: DateTime<Utc> = text.parse().unwrap();
        Timestamp(time.timestamp_millis())
    }

    /// The next times after one, in UTC.
    fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let recurrence = Recurrence::new(expression, zone).unwrap();
        let mut time = timestamp(after);
        let mut times = Vec::new();
        for _ in 0..count {
            time = recurrence.after(time).unwrap();
            // What comes after a time is what comes before the next one.
            assert_eq!(recurrence.until(time), Some(time));
            let utc = Utc.timestamp_millis_opt(time.0).unwrap();
            times.push(utc.format("%m-%d %H:%M").to_string());
        }
        times
    }

    #[test]
    fn times_follow_the_clock_of_the_time_zone() {
        let times = next("0 9 * * 1-5", "Europe/Berlin", "2026-03-26T12:00:00Z", 3);
        assert_eq!(times, ["03-27 08:00", "03-30 07:00", "03-31 07:00"]);
        let times = next("30 6 1 * *", "America/New_York", "2026-10-15T00:00:00Z", 2);
        assert_eq!(times, ["11-01 11:30", "12-01 11:30"]);
    }

    #[test]
    fn a_time_of_day_that_is_skipped_comes_right_after_the_gap() {
        let times = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(times, ["03-29 01:00", "03-30 00:30"]);
    }

    #[test]
    fn a_time_of_day_that_comes_twice_counts_once() {
        let times = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(times, ["10-25 00:30", "10-26 01:30"]);
    }

    #[test]
    fn what_recurs_each_hour_does_so_in_both_hours_and_not_in_the_gap() {
        let times = next("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 3);
        assert_eq!(times, ["10-25 00:00", "10-25 01:00", "10-25 02:00"]);
        let times = next("0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 2);
        assert_eq!(times, ["03-29 01:00", "03-29 02:00"]);
    }

    #[test]
    fn upcoming_times_have_the_offset_of_the_time_zone() {
        let recurrence = Recurrence::new("0 9 * * *", "Asia/Kolkata").unwrap();
        let times: Vec<_> = recurrence.upcoming().take(2).collect();
        assert_eq!(times[1] - times[0], time::Duration::DAY);
        assert!(times[0] > OffsetDateTime::now_utc());
        for time in times {
            assert_eq!(time.time(), time::Time::from_hms(9, 0, 0).unwrap());
            assert_eq!(time.offset(), UtcOffset::from_hms(5, 30, 0).unwrap());
        }
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (expression, place, text) in [
            ("60 9 * * *", 0, "60"),
            ("0 24 * * *", 1, "24"),
            ("0 9 32 * *", 2, "32"),
            ("0 9 * 13 *", 3, "13"),
            ("0 9 * * FRY", 4, "FRY"),
            ("5- 9 * * *", 0, "5-"),
            ("0 */0 * * *", 1, "*/0"),
        ] {
            let error = Recurrence::new(expression, "UTC").unwrap_err();
            let expected = RecurrenceError::Field(place, text.into());
            assert_eq!(error, expected, "{expression}");
        }
    }

    #[test]
    fn an_expression_has_five_fields() {
        for (expression, count) in [("", 0), ("@daily", 1), ("0 0 9 * * *", 6)] {
            let error = Recurrence::new(expression, "UTC").unwrap_err();
            assert_eq!(error, RecurrenceError::Fields(count));
        }
        let long = format!("0{} 9 * * *", ",0".repeat(200));
        assert!(Recurrence::new(&long, "UTC").is_err());
    }

    #[test]
    fn a_day_that_never_comes_is_refused() {
        let error = Recurrence::new("0 9 30 2 *", "UTC").unwrap_err();
        assert_eq!(error, RecurrenceError::Never);
    }

    #[test]
    fn a_time_zone_is_found_by_its_city() {
        let error = |zone| Recurrence::new("0 9 * * *", zone).unwrap_err();
        let similar = |zone: &str, other| RecurrenceError::TimeZone(zone.into(), other);
        let berlin = Some("Europe/Berlin");
        assert_eq!(error("Berlin"), similar("Berlin", berlin));
        assert_eq!(error("europe/berlin"), similar("europe/berlin", berlin));
        let new_york = Some("America/New_York");
        assert_eq!(error("New York"), similar("New York", new_york));
        assert_eq!(error("Atlantis"), similar("Atlantis", None));
    }

    #[test]
    fn each_error_is_said_in_both_languages() {
        for error in [
            RecurrenceError::Fields(6),
            RecurrenceError::Field(4, "FRY\n".into()),
            RecurrenceError::Never,
            RecurrenceError::TimeZone("Berlin".into(), Some("Europe/Berlin")),
            RecurrenceError::TimeZone("Atlantis".into(), None),
        ] {
            let (english, german) = (error.to_string(), error.message(Language::German));
            assert_ne!(english, german);
            assert!(!german.contains('\n'));
        }
    }
}
