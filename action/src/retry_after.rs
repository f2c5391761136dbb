//! How long a server asks to wait: the header `Retry-After` (RFC 9110, section 10.2.3), a number of seconds or a date, and
//! the text of a refusal.
//!
//! A date is compared with the `Date` of the same response, so that no clock is needed. It may have any of the three forms
//! of section 5.6.7. A crate would add 10 KB to the component.

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// How long to wait, in seconds, or `None` if the header is unusable. A date that has passed is zero.
pub fn seconds(retry_after: &str, date: Option<&str>) -> Option<u32> {
    let retry_after = retry_after.trim();
    if let Some(seconds) = number(retry_after.as_bytes()) {
        return Some(saturated(seconds));
    }
    let now = Timestamp::parse(date?)?;
    let then = Timestamp::parse(retry_after)?;
    Some(saturated(
        then.seconds(now.full_year(PRESENT))?
            .saturating_sub(now.seconds(PRESENT)?),
    ))
}

/// How long to wait, in seconds, as a text says it, such as `retry in 60 seconds` or `in [42] seconds`.
pub fn seconds_in_text(text: &str) -> Option<u32> {
    let text = text.to_ascii_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut before = None;
    for word in words.filter(|word| !word.is_empty()) {
        let unit = match word {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "min" | "mins" | "minute" | "minutes" => 60,
            _ => 0,
        };
        if let (Some(number), 1..) = (before, unit) {
            return Some(saturated(u64::saturating_mul(number, unit)));
        }
        before = number(word.as_bytes());
    }
    None
}

fn saturated(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// A year of this century, to complete a year of two digits in a `Date`.
const PRESENT: u64 = 2020;

/// A point in time. Its year may have two digits.
struct Timestamp {
    year: u64,
    has_century: bool,
    month: u64,
    day: u64,
    second_of_day: u64,
}

impl Timestamp {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    fn parse(date: &str) -> Option<Self> {
        let mut fields = date
            .split([' ', ',', '-', '\t'])
            .filter(|field| !field.is_empty());
        let mut next = || fields.next();
        let (_, first, second, third, fourth) = (next()?, next()?, next()?, next()?, next()?);
        let (day, month, year, time) = match next() {
            Some("GMT") => (first, second, third, fourth),
            None => (second, first, fourth, third),
            Some(_) => return None,
        };
        if next().is_some() {
            return None;
        }
        let within = |text: &str, max: u64| {
            number(text.as_bytes()).filter(|number| text.len() <= 2 && *number <= max)
        };
        let mut time = time.split(':');
        let mut part = |max| within(time.next()?, max);
        // A leap second counts as 60.
        let (hour, minute, second) = (part(23)?, part(59)?, part(60)?);
        if time.next().is_some() {
            return None;
        }
        Some(Self {
            year: number(year.as_bytes()).filter(|_| matches!(year.len(), 2 | 4))?,
            has_century: year.len() == 4,
            month: MONTHS.chunks(3).position(|name| name == month.as_bytes())? as u64,
            day: within(day, 31).filter(|day| *day > 0)?,
            second_of_day: (hour * 60 + minute) * 60 + second,
        })
    }

    /// The full year. A two-digit year is resolved near the year `near`: a date that would otherwise be
    /// more than 50 years in the future is taken to be in the past (RFC 9110, section 5.6.7).
    fn full_year(&self, near: u64) -> u64 {
        if self.has_century {
            return self.year;
        }
        let first = near.saturating_sub(49);
        first + (self.year + 100 - first % 100) % 100
    }

    /// The seconds from the first day of the year 0, with a year as [`Self::full_year`] has it.
    fn seconds(&self, near: u64) -> Option<u64> {
        let year = self.full_year(near);
        // Years begin in March here, so that a leap day is the last day of a year.
        let (year, month) = if self.month < 2 {
            (year.checked_sub(1)?, self.month + 10)
        } else {
            (year, self.month - 2)
        };
        let leap_days = year / 4 - year / 100 + year / 400;
        let days = year * 365 + leap_days + (month * 153 + 2) / 5 + self.day;
        Some(days * 24 * 60 * 60 + self.second_of_day)
    }
}

/// A number that consists only of digits. A number that does not fit is the largest that does.
pub fn number(digits: &[u8]) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| {
        digits.iter().fold(0_u64, |number, digit| {
            number
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn between(earlier: &str, later: &str) -> Option<u32> {
        seconds(later, Some(earlier))
    }

    #[test]
    fn a_number_is_seconds() {
        for (header, expected) in [
            ("0", 0),
            ("42", 42),
            (" 42 ", 42),
            ("99999999999999999999999", u32::MAX),
        ] {
            assert_eq!(seconds(header, None), Some(expected), "{header:?}");
        }
    }

    #[test]
    fn a_date_is_relative_to_the_date_header() {
        assert_eq!(between(DATE, "Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(between(DATE, "Mon, 07 Nov 1994 08:49:37 GMT"), Some(86_400));
        assert_eq!(between(DATE, DATE), Some(0));
        assert_eq!(between(DATE, "Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(
            between(DATE, "Fri, 31 Dec 9999 23:59:60 GMT"),
            Some(u32::MAX)
        );
    }

    #[test]
    fn a_date_may_have_any_of_the_three_forms() {
        let forms = [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
        ];
        for date in forms {
            assert_eq!(between(DATE, date), Some(60), "{date}");
            for same in forms {
                assert_eq!(between(date, same), Some(0), "{date}, {same}");
            }
        }
        // A `Date` without a century has one all the same.
        let rfc_850 = "Sunday, 06-Nov-94 08:49:37 GMT";
        for date in forms {
            assert_eq!(between(rfc_850, date), Some(60), "{date}");
        }
        assert_eq!(
            between("Wed Nov 16 08:49:37 1994", "Wed Nov 16 08:49:38 1994"),
            Some(1)
        );
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_50_years_in_the_future() {
        let from_2026 = |date| between("Sun, 29 Nov 2026 00:00:00 GMT", date);
        assert_eq!(from_2026("Sunday, 29-Nov-26 00:01:00 GMT"), Some(60));
        let fifty_years = (50 * 365 + 13) * 86_400;
        assert_eq!(
            from_2026("Sunday, 29-Nov-76 00:00:00 GMT"),
            Some(fifty_years)
        );
        assert_eq!(from_2026("Tuesday, 29-Nov-77 00:00:00 GMT"), Some(0));
        let new_year = "Thu, 31 Dec 2099 23:59:59 GMT";
        assert_eq!(between(new_year, "Friday, 01-Jan-00 00:00:00 GMT"), Some(1));
    }

    #[test]
    fn a_text_may_say_how_long_to_wait() {
        for (text, expected) in [
            ("rate limit exceeded; retry in 60 seconds", Some(60)),
            ("Retry the request in [42] seconds", Some(42)),
            ("try again after 1 second.", Some(1)),
            ("Wait 2 minutes", Some(120)),
            ("300 requests a minute; retry in 5 s", Some(5)),
            ("in 99999999999999999999999 minutes", Some(u32::MAX)),
            ("rate limit exceeded; try later", None),
            ("retry in -x seconds", None),
            ("60", None),
            ("seconds", None),
        ] {
            assert_eq!(seconds_in_text(text), expected, "{text}");
        }
    }

    #[test]
    fn the_calendar_is_gregorian() {
        let day = Some(86_400);
        assert_eq!(
            between(
                "Sun, 28 Feb 2027 00:00:00 GMT",
                "Mon, 01 Mar 2027 00:00:00 GMT"
            ),
            day
        );
        assert_eq!(
            between(
                "Tue, 29 Feb 2028 00:00:00 GMT",
                "Wed, 01 Mar 2028 00:00:00 GMT"
            ),
            day
        );
        assert_eq!(
            between(
                "Mon, 28 Feb 2000 00:00:00 GMT",
                "Tue, 29 Feb 2000 00:00:00 GMT"
            ),
            day
        );
        assert_eq!(
            between(
                "Sun, 28 Feb 2100 00:00:00 GMT",
                "Mon, 01 Mar 2100 00:00:00 GMT"
            ),
            day
        );
        assert_eq!(
            between(
                "Thu, 31 Dec 2026 23:59:59 GMT",
                "Fri, 01 Jan 2027 00:00:00 GMT"
            ),
            Some(1)
        );
        // `date --date=@2000000000` shows the same date.
        let (epoch, end) = (
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Wed, 18 May 2033 03:33:20 GMT",
        );
        assert_eq!(between(epoch, end), Some(2_000_000_000));
    }

    #[test]
    fn an_unusable_header_is_ignored() {
        for header in [
            "",
            "-1",
            "+1",
            "1.5",
            "soon",
            "42 s",
            "٤٢",
            "Sun, 06 Nov 1994 08:50:37",
            "Sun, 06 Nov 1994 08:50:37 GMT x",
            "Sun, 06 Nov 994 08:50:37 GMT",
            "Sun, 006 Nov 1994 08:50:37 GMT",
            "Sun, 06 Nov 1994 08:50 GMT",
            "Sun, 06 Nov 1994 08:50:37:00 GMT",
            "Sun, 06 Nov 1994 08:50:37 CET",
            "Sun, 00 Nov 1994 08:50:37 GMT",
            "Sun, 06 Nvo 1994 08:50:37 GMT",
            "Sun, 06 Nov 1994 24:50:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sat, 01 Jan 0000 00:00:00 GMT",
        ] {
            assert_eq!(seconds(header, Some(DATE)), None, "{header:?}");
        }
        assert_eq!(seconds(DATE, None), None);
        assert_eq!(seconds(DATE, Some("now")), None);
    }
}
