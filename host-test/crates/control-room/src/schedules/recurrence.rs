//! The times of a schedule: a cron expression, read in a time zone.
//!
//! Where clocks are put forward, a time of day that is skipped is the first moment after the gap; where they are put back, a
//! time of day that comes twice is the first of both, as in Vixie cron. What recurs in each hour or minute (`*`) follows the
//! clock: it is skipped in the gap, and happens in both hours.
//!
//! The expressions are those of `crontab(5)`, without nicknames, and with `L` for the last day of the month.

use std::sync::Arc;

use bot_engine::Language;
use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use thiserror::Error;
use time::{OffsetDateTime, UtcOffset};

use crate::timestamp::Timestamp;

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 500;

/// The most times of a day that are treated one by one if clocks are changed. What has more follows the clock.
const MAX_TIMES: usize = 100;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The words that each field may contain.
const WORDS: [&[&str]; 5] = [&[], &[], &["L"], &MONTHS, &WEEKDAYS];

/// Recurring times.
#[derive(Debug, Clone)]
pub struct Recurrence {
    expression: String,
    time_zone: String,
    /// `None` if this version does not know the stored expression or time zone any more: then there are no times.
    rule: Option<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    zone: Tz,
    /// The times are those of all of them.
    crons: Arc<[Cron]>,
}

/// Why something is not a valid [`Recurrence`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum RecurrenceError {
    /// The expression has more than 500 bytes.
    TooLong,
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
            Self::TooLong => texts::too_long(language, MAX_EXPRESSION),
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
    /// Reads a cron expression with five fields, and the name of an IANA time zone, such as `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn new(expression: &str, time_zone: &str) -> Result<Self, RecurrenceError> {
        let fields: Vec<_> = expression.split_whitespace().collect();
        let expression = fields.join(" ");
        let recurrence = Self {
            rule: Some(Rule::new(&expression, time_zone)?),
            expression,
            time_zone: time_zone.into(),
        };
        if !recurrence.is_ever() {
            return Err(RecurrenceError::Never);
        }
        Ok(recurrence)
    }

    /// Whether there is any time. The search may take a while, and all `crons` have the same days, so one of them is enough.
    fn is_ever(&self) -> bool {
        let now = Utc.timestamp_millis_opt(Timestamp::now().0).single();
        let cron = self.rule.as_ref().and_then(|it| it.crons.first());
        let next = now
            .zip(cron)
            .map(|(now, cron)| cron.find_next_occurrence(&now, false));
        matches!(next, Some(Ok(_)))
    }

    /// As it is stored.
    pub(super) fn stored(expression: &str, time_zone: &str) -> Self {
        Self {
            rule: Rule::new(expression, time_zone).ok(),
            expression: expression.into(),
            time_zone: time_zone.into(),
        }
    }

    /// The cron expression.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The name of the time zone.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// Whether there are any: this version may not know the stored expression or time zone any more.
    pub fn has_times(&self) -> bool {
        self.rule.is_some()
    }

    /// A time and those that follow it, as the clocks of the time zone show them.
    pub fn beginning_with(&self, time: OffsetDateTime) -> impl Iterator<Item = OffsetDateTime> {
        let times = std::iter::successors(Some(time.into()), |it| self.after(*it));
        times.filter_map(|time: Timestamp| Some(self.shown(time.date().ok()?)))
    }

    /// A time as the clocks of the time zone show it.
    pub fn shown(&self, time: OffsetDateTime) -> OffsetDateTime {
        let local = self.rule.as_ref().and_then(|it| it.local(time.into()));
        let seconds = local.map_or(0, |it| it.offset().fix().local_minus_utc());
        time.to_offset(UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC))
    }

    /// The first time after this one.
    pub(super) fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let rule = self.rule.as_ref()?;
        let found = rule.find(time, |cron, time| cron.find_next_occurrence(time, false));
        found.min()
    }

    /// The last time up to this one.
    pub(super) fn until(&self, time: Timestamp) -> Option<Timestamp> {
        let rule = self.rule.as_ref()?;
        let found = rule.find(time, |cron, time| cron.find_previous_occurrence(time, true));
        found.max()
    }
}

impl Rule {
    fn new(expression: &str, time_zone: &str) -> Result<Self, RecurrenceError> {
        if expression.len() > MAX_EXPRESSION {
            return Err(RecurrenceError::TooLong);
        }
        let fields: Vec<_> = expression.split_whitespace().collect();
        let count = fields.len();
        let fields: [&str; 5] = fields
            .try_into()
            .map_err(|_| RecurrenceError::Fields(count))?;
        let wrong = |place: usize| RecurrenceError::Field(place, fields[place].into());
        for (place, field) in fields.iter().enumerate() {
            // The parser reads more than this, such as empty items.
            if !field.split(',').all(|item| is_item(item, WORDS[place])) {
                return Err(wrong(place));
            }
        }
        let cron = parse(fields).map_err(|_| {
            // Each field alone: the parser does not say which one is wrong.
            let is_wrong = |place: &usize| {
                let mut others = ["*"; 5];
                others[*place] = fields[*place];
                parse(others).is_err()
            };
            wrong((0..5).find(is_wrong).unwrap_or_default())
        })?;
        let zone: Tz = time_zone.parse().map_err(|_| {
            let wanted = time_zone.to_ascii_lowercase().replace(' ', "_");
            let similar = TZ_VARIANTS.iter().map(|it| it.name()).find(|name| {
                let name = name.to_ascii_lowercase();
                name == wanted || name.rsplit('/').next() == Some(&wanted)
            });
            RecurrenceError::TimeZone(time_zone.into(), similar)
        })?;
        let crons = times_of_day(fields, &cron).unwrap_or_else(|| vec![cron]);
        Ok(Self {
            zone,
            crons: crons.into(),
        })
    }

    fn local(&self, time: Timestamp) -> Option<DateTime<Tz>> {
        let time = Utc.timestamp_millis_opt(time.0).single()?;
        Some(time.with_timezone(&self.zone))
    }

    fn find(
        &self,
        time: Timestamp,
        search: impl Fn(&Cron, &DateTime<Tz>) -> Result<DateTime<Tz>, CronError>,
    ) -> impl Iterator<Item = Timestamp> {
        let local = self.local(time);
        self.crons.iter().filter_map(move |cron| {
            let found = search(cron, local.as_ref()?).ok()?;
            Some(Timestamp(found.timestamp_millis()))
        })
    }
}

fn parse(fields: [&str; 5]) -> Result<Cron, CronError> {
    // Both have to match if one of them begins with `*`, otherwise either.
    let both = fields[2].starts_with('*') || fields[4].starts_with('*');
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .dom_and_dow(both)
        .build()
        .parse(&fields.join(" "))
}

/// Whether something is an item of a list: `*`, a number, a word or a range, perhaps with a step.
fn is_item(item: &str, words: &[&str]) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_value =
        |text: &str| is_number(text) || words.iter().any(|word| word.eq_ignore_ascii_case(text));
    let (range, step) = item.split_once('/').unzip();
    let range = range.unwrap_or(item);
    let is_range = match range.split_once('-') {
        Some((from, to)) => is_value(from) && is_value(to),
        None => range == "*" || is_value(range),
    };
    is_range && step.is_none_or(is_number)
}

/// A [`Cron`] for each time of day: croner treats a pattern with a single one as a fixed time, and one with several as an
/// interval. `None` if the times follow the clock.
fn times_of_day(fields: [&str; 5], cron: &Cron) -> Option<Vec<Cron>> {
    let [minute, hour, day, month, weekday] = fields;
    if minute.contains('*') || hour.contains('*') {
        return None;
    }
    let minutes = cron.pattern.minutes.values();
    let hours = cron.pattern.hours.values();
    if minutes.len() * hours.len() > MAX_TIMES {
        return None;
    }
    let times = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |it| (it, hour)));
    let times = times.map(|(minute, hour)| {
        let (minute, hour) = (minute.to_string(), hour.to_string());
        parse([&minute, &hour, day, month, weekday]).ok()
    });
    times.collect()
}

mod texts {
    use bot_engine::Language;

    /// The fields of a cron expression, in their order.
    pub(super) const FIELDS: [fn(Language) -> &'static str; 5] =
        [minute, hour, day_of_month, month, day_of_week];

    bot_engine::messages! {
        too_long(max) {
            en: "A cron expression has at most {max} bytes.",
            de: "Ein Cron-Ausdruck hat höchstens {max} Bytes.",
        }
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
            assert_eq!(recurrence.until(Timestamp(time.0 + 1)), Some(time));
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
    fn times_of_day_in_lists_and_ranges_are_treated_one_by_one() {
        let times = next("30 2,14 * * *", "Europe/Berlin", "2026-03-28T20:00:00Z", 3);
        assert_eq!(times, ["03-29 01:00", "03-29 12:30", "03-30 00:30"]);
        let times = next("30 2,14 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z", 3);
        assert_eq!(times, ["10-25 00:30", "10-25 13:30", "10-26 01:30"]);
        let times = next("0,30 1-3 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z", 6);
        let expected = [
            "10-24 23:00",
            "10-24 23:30",
            "10-25 00:00",
            "10-25 00:30",
            "10-25 02:00",
            "10-25 02:30",
        ];
        assert_eq!(times, expected);
        // Both are the first moment after the gap.
        let times = next("0 2-3 * * *", "Europe/Berlin", "2026-03-28T20:00:00Z", 2);
        assert_eq!(times, ["03-29 01:00", "03-30 00:00"]);
    }

    #[test]
    fn a_day_of_the_month_and_one_of_the_week_count_as_in_cron() {
        // Each restricts, so either is enough.
        let times = next("0 9 15 * 1", "UTC", "2026-06-09T12:00:00Z", 2);
        assert_eq!(times, ["06-15 09:00", "06-22 09:00"]);
        // One begins with an asterisk, so both have to match: odd days that are Mondays.
        let times = next("0 9 */2 * 1", "UTC", "2026-06-01T12:00:00Z", 2);
        assert_eq!(times, ["06-15 09:00", "06-29 09:00"]);
        let times = next("0 9 L * *", "UTC", "2026-02-01T12:00:00Z", 2);
        assert_eq!(times, ["02-28 09:00", "03-31 09:00"]);
        let times = next("0 9 * FEB MON-TUE", "UTC", "2026-02-06T12:00:00Z", 2);
        assert_eq!(times, ["02-09 09:00", "02-10 09:00"]);
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
        let first = recurrence.after(Timestamp::now()).unwrap();
        let times: Vec<_> = recurrence
            .beginning_with(first.date().unwrap())
            .take(2)
            .collect();
        assert_eq!(times[1] - times[0], time::Duration::DAY);
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
            (", 9 * * *", 0, ","),
            ("0,,30 9 * * *", 0, "0,,30"),
            ("MON 9 * * *", 0, "MON"),
            ("0 9 * JANFEB *", 3, "JANFEB"),
            ("0 9 * * MON#2", 4, "MON#2"),
            ("0 9 15W * *", 2, "15W"),
            ("0 9-5 * * *", 1, "9-5"),
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
        let long = format!("0{} 9 * * *", ",0".repeat(300));
        let error = Recurrence::new(&long, "UTC").unwrap_err();
        assert_eq!(error, RecurrenceError::TooLong);
    }

    #[test]
    fn a_day_that_never_comes_is_refused() {
        let error = Recurrence::new("0 9 30 2 *", "UTC").unwrap_err();
        assert_eq!(error, RecurrenceError::Never);
    }

    #[test]
    fn what_a_later_version_does_not_know_has_no_times() {
        let unknown = Recurrence::stored("0 9 * * MON#2", "Europe/Atlantis");
        assert_eq!(unknown.time_zone(), "Europe/Atlantis");
        assert_eq!(unknown.after(Timestamp::now()), None);
        assert!(!unknown.has_times());
        let moment = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(unknown.shown(moment), moment);
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
            RecurrenceError::TooLong,
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
