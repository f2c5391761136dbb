//! The file with further CA certificates: whether it can be read, and how long its certificates are valid.

use std::path::Path;

use egress::{AllowList, Client, Options, Trust, read_ca_file};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Validity;

use super::{Check, Report, messages};
use crate::cli::locale::{language, locale};

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
            let check = found(error.localized(locale()));
            report.add(check.failed(messages::name_a_ca_file(language())));
            return None;
        }
    };
    let now = OffsetDateTime::now_utc();
    let checks = certificates.iter().filter_map(|certificate| {
        let Some((from, until)) = validity(certificate) else {
            let check = found(messages::unreadable_validity(language()).into());
            return Some(check.warning(messages::look_with_openssl(language())));
        };
        judge(from, until, now, &subject)
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
        let check = found(error.localized(locale()));
        report.add(check.failed(messages::name_a_ca_file(language())));
        return None;
    }
    report.add(wrong.unwrap_or_else(|| match count {
        1 => found(messages::one_certificate(language()).into()),
        _ => found(messages::certificates(language(), count)),
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
        let check = check(messages::expired(language(), last));
        Some(check.failed(messages::ask_for_new(language())))
    } else if now < from {
        let check = check(messages::not_yet_valid(language(), first));
        Some(check.failed(messages::check_clock(language())))
    } else if until - now < SOON {
        let check = check(messages::expires(language(), last));
        Some(check.warning(messages::ask_for_next(language())))
    } else {
        None
    }
}

/// From when until when a certificate is valid (RFC 5280, section 4.1.2.5).
fn validity(certificate: &[u8]) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let Validity {
        not_before,
        not_after,
        ..
    } = certificate.tbs_certificate().validity();
    let moment =
        |time: &x509_cert::time::Time| OffsetDateTime::UNIX_EPOCH + time.to_unix_duration();
    Some((moment(not_before), moment(not_after)))
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
    fn what_is_not_valid_now_is_reported() {
        let (from, until) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        let status = |now| judge(from, until, now, "ca.pem").map(|check| check.status);
        assert_eq!(status(date_time_ymd(2025, 12, 31)), Some(Status::Failed));
        assert_eq!(status(date_time_ymd(2026, 6, 1)), None);
        assert_eq!(status(date_time_ymd(2026, 12, 15)), Some(Status::Warning));
        assert_eq!(status(date_time_ymd(2027, 1, 2)), Some(Status::Failed));
    }
}
