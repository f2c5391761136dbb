//! The file with further CA certificates: whether it can be read, and how long its certificates are valid.

use std::path::Path;

use egress::{AllowList, Client, Options, Trust, read_ca_file};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::{Check, Report};

/// How long before its end a certificate is worth a warning.
const SOON: Duration = Duration::days(30);

/// Checks the file, if one is named. Returns what is to be trusted, unless the file is not usable.
pub(super) fn check(file: Option<&Path>, report: &mut Report) -> Option<Trust> {
    let Some(file) = file else {
        return Some(Trust::default());
    };
    let subject = file.display().to_string();
    let found = |found: String| Check::new("ca-file", &subject, found);
    let certificates = match read_ca_file(file) {
        Ok(certificates) => certificates,
        Err(error) => {
            let check = found(error.to_string());
            report.add(check.failed("name a PEM file with the CA's certificate"));
            return None;
        }
    };
    let now = OffsetDateTime::now_utc();
    let checks = certificates
        .iter()
        .filter_map(|certificate| match validity(certificate) {
            Some((from, until)) => judge(from, until, now, &subject),
            None => {
                let check = found("the validity of a certificate cannot be read".into());
                Some(check.warning("look at it with `openssl x509 -text`"))
            }
        });
    let wrong = checks.max_by_key(|check| check.status);
    let count = certificates.len();
    let trust = Trust::Platform {
        extra: certificates,
    };
    let is_usable = Client::new(Options {
        trust: trust.clone(),
        ..Options::new(AllowList::default())
    });
    if let Err(error) = is_usable {
        report.add(found(error.to_string()).failed("name a PEM file with the CA's certificate"));
        return None;
    }
    report.add(wrong.unwrap_or_else(|| match count {
        1 => found("1 certificate, valid".into()),
        _ => found(format!("{count} certificates, all valid")),
    }));
    Some(trust)
}

/// What is wrong with the validity of a certificate.
fn judge(
    from: OffsetDateTime,
    until: OffsetDateTime,
    now: OffsetDateTime,
    subject: &str,
) -> Option<Check> {
    let check = |found: String| Check::new("ca-file", subject, found);
    let (first, last) = (from.date(), until.date());
    if now > until {
        let check = check(format!("a certificate expired on {last}"));
        Some(check.failed("ask those who run the CA for the new one"))
    } else if now < from {
        let check = check(format!("a certificate is not valid until {first}"));
        Some(check.failed("check the clock of this machine"))
    } else if until - now < SOON {
        let check = check(format!("a certificate expires on {last}"));
        Some(check.warning("ask those who run the CA for the next one"))
    } else {
        None
    }
}

/// The validity of a certificate (RFC 5280, section 4.1): the fifth element of what is signed, or the fourth if the
/// version is left out.
fn validity(certificate: &[u8]) -> Option<(OffsetDateTime, OffsetDateTime)> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = element(certificate)?;
    let (_, mut signed, _) = element(certificate)?;
    if signed.first() == Some(&VERSION) {
        (_, _, signed) = element(signed)?;
    }
    // The serial number, the algorithm and the issuer.
    for _ in 0..3 {
        (_, _, signed) = element(signed)?;
    }
    let (tag, validity, _) = element(signed)?;
    if tag != SEQUENCE {
        return None;
    }
    let (first, from, rest) = element(validity)?;
    let (second, until, _) = element(rest)?;
    Some((moment(first, from)?, moment(second, until)?))
}

/// The first element in DER: its tag, its content, and what follows (X.690, section 8.1).
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        let length = bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// A time in either of its two forms (RFC 5280, section 4.1.2.5). Two digits of a year are of 1950 to 2049.
fn moment(tag: u8, content: &[u8]) -> Option<OffsetDateTime> {
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;
    let text = str::from_utf8(content).ok()?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i32 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<u8>().ok();
    let month = Month::try_from(part(0)?).ok()?;
    let date = Date::from_calendar_date(year, month, part(2)?).ok()?;
    let time = Time::from_hms(part(4)?, part(6)?, part(8)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::super::Status;
    use super::*;

    #[test]
    fn the_validity_of_a_certificate_is_found() {
        for (from, until) in [(1999, 2049), (2026, 2050), (2050, 2999)] {
            let mut params = CertificateParams::new(vec!["a".repeat(200)]).unwrap();
            params.not_before = date_time_ymd(from, 1, 2);
            params.not_after = date_time_ymd(until, 12, 31);
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let found = validity(certificate.der());
            assert_eq!(found, Some((params.not_before, params.not_after)));
            // What is cut short is not a certificate.
            for end in 0..80 {
                assert_eq!(validity(&certificate.der()[..end]), None);
            }
        }
    }

    #[test]
    fn what_is_not_valid_now_is_told() {
        let (from, until) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        let status = |now| judge(from, until, now, "ca.pem").map(|check| check.status);
        assert_eq!(status(date_time_ymd(2025, 12, 31)), Some(Status::Failed));
        assert_eq!(status(date_time_ymd(2026, 6, 1)), None);
        assert_eq!(status(date_time_ymd(2026, 12, 15)), Some(Status::Warning));
        assert_eq!(status(date_time_ymd(2027, 1, 2)), Some(Status::Failed));
    }
}
