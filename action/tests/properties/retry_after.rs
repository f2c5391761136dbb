//! The module `retry_after` agrees with the crate `httpdate`, an independent implementation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oauth_authentication::retry_after::seconds;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{character, config, mutated, text};

/// The last second of the year 9999.
const END: u64 = 253_402_300_799;

/// The length of a date in the form that senders may generate (RFC 9110, section 5.6.7), in bytes.
const FIXDATE: usize = 29;

fn date(time: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time))
}

/// The seconds from one to the other, or zero if the other is earlier.
fn wait(date: SystemTime, until: SystemTime) -> u32 {
    let wait = until.duration_since(date).unwrap_or_default().as_secs();
    u32::try_from(wait).unwrap_or(u32::MAX)
}

/// Times of all years, and times close to each other.
fn times() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        (0..=END, 0..=END),
        (0..=END, 0..=100_000_000_u64).prop_map(|(time, later)| (time, (time + later).min(END))),
    ]
}

/// The same date in the other two forms: of RFC 850, if its year has the century that `httpdate` assumes, and of asctime.
fn other_forms(time: u64) -> Vec<String> {
    let fixdate = date(time);
    let fields: Vec<_> = fixdate.split(' ').collect();
    let [weekday, day, month, year, clock, _] = fields[..] else {
        panic!("{fixdate}")
    };
    let weekday = weekday.trim_end_matches(',');
    let day_number: u8 = day.parse().unwrap();
    let mut forms = vec![format!("{weekday} {month} {day_number:2} {clock} {year}")];
    if let 1970..=2069 = year.parse().unwrap() {
        let full = [
            "Sunday",
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
        ];
        let weekday = full.iter().find(|it| it.starts_with(weekday)).unwrap();
        forms.push(format!(
            "{weekday}, {day}-{month}-{} {clock} GMT",
            &year[2..]
        ));
    }
    forms
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_obsolete_forms_of_a_date_agree(now in 0..=END, later in 0..=1_500_000_000_u64) {
        let then = (now + later).min(END);
        for form in other_forms(then) {
            let time = httpdate::parse_http_date(&form).unwrap();
            prop_assert_eq!(time, UNIX_EPOCH + Duration::from_secs(then), "{}", form);
            let expected = u32::try_from(then - now).unwrap();
            prop_assert_eq!(seconds(&form, Some(&date(now))), Some(expected), "{}", form);
        }
    }

    #[test]
    fn dates_agree((now, then) in times()) {
        let expected = u32::try_from(then.saturating_sub(now)).unwrap_or(u32::MAX);
        prop_assert_eq!(seconds(&date(then), Some(&date(now))), Some(expected));
    }

    #[test]
    fn dates_with_one_character_changed_agree_if_they_are_dates(
        (now, then) in times(),
        (at, with) in (any::<Index>(), prop_oneof![proptest::char::range('0', '9'), character()]),
    ) {
        let changed = mutated(&date(then), 0, FIXDATE, at, with, false);
        let ours = seconds(&changed, Some(&date(now)));
        if let (FIXDATE, Ok(until)) = (changed.len(), httpdate::parse_http_date(&changed)) {
            let expected = wait(UNIX_EPOCH + Duration::from_secs(now), until);
            prop_assert_eq!(ours, Some(expected), "{}", changed);
        }
    }

    #[test]
    fn numbers_are_seconds(number in any::<u64>(), zeros in 0..30_usize) {
        let header = format!(" {}{number}\t", "0".repeat(zeros));
        prop_assert_eq!(seconds(&header, None), Some(u32::try_from(number).unwrap_or(u32::MAX)));
    }

    #[test]
    fn no_header_causes_a_panic(header in text(40), date in proptest::option::of(text(40))) {
        let read = seconds(&header, date.as_deref());
        let is_number = header.trim().bytes().all(|byte| byte.is_ascii_digit());
        prop_assert!(read.is_none() || is_number, "{:?}", read);
    }
}
