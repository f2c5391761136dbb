//! The file with further CA certificates: whether it can be read, and how long its certificates are valid.

use std::path::Path;

use egress::{AllowList, Client, Options, Trust, read_ca_file};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Validity;

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
    let checks = certificates.iter().filter_map(|certificate| {
        let Some((from, until)) = validity(certificate) else {
            let check = found("the validity of a certificate cannot be read".into());
            return Some(check.warning("look at it with `openssl x509 -text`"));
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
