//! The header `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or a date.
//!
//! A date is compared with the `Date` of the same response, so that no clock is needed. Both must have the only form that
//! senders may generate (section 5.6.7). A crate would also read the obsolete forms, and add 10 KB to the component.

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// How long to wait, in seconds, or `None` if the header is unusable. A date that has passed is zero.
pub fn seconds(retry_after: &str, date: Option<&str>) -> Option<u32> {
    let retry_after = retry_after.trim();
    if let Some(seconds) = number(retry_after.as_bytes()) {
        return Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    }
    let wait = timestamp(retry_after)?.saturating_sub(timestamp(date?.trim())?);
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

/// The seconds from the first day of the year 0 to a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn timestamp(date: &str) -> Option<u64> {
    let [_, _, _, b',', b' ', date @ ..] = date.as_bytes() else {
        return None;
    };
    let [
        d1,
        d2,
        b' ',
        m1,
        m2,
        m3,
        b' ',
        y1,
        y2,
        y3,
        y4,
        b' ',
        time @ ..,
    ] = date
    else {
        return None;
    };
    let [h1, h2, b':', n1, n2, b':', s1, s2, b' ', b'G', b'M', b'T'] = time else {
        return None;
    };
    let day = number(&[*d1, *d2]).filter(|day| (1..=31).contains(day))?;
    let month = MONTHS.chunks(3).position(|name| name == [*m1, *m2, *m3])? as u64;
    let year = number(&[*y1, *y2, *y3, *y4])?;
    let hour = number(&[*h1, *h2]).filter(|hour| *hour < 24)?;
    let minute = number(&[*n1, *n2]).filter(|minute| *minute < 60)?;
    // A leap second counts as 60.
    let second = number(&[*s1, *s2]).filter(|second| *second <= 60)?;

    // Years begin in March here, so that a leap day is the last day of a year.
    let (year, month) = if month < 2 {
        (year.checked_sub(1)?, month + 10)
    } else {
        (year, month - 2)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
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
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun, 06 Nov 1994 08:50:37",
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
