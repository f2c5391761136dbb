//! The way to Genesys Cloud, and the clock of this machine. Everything is found out from one request to each host, which
//! has no credentials.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use egress::{
    AllowList, CertificateProblem, Client, Error, Gateway, Options, Route, Step, Timeouts, Trust,
};
use http::header::DATE;
use http::{HeaderMap, Request};
use http_body_util::Empty;
use oauth_authentication::environment::Environment;
use tokio::time::timeout;

use super::{Check, LIMIT, Report, messages};
use crate::cli::locale::{language, locale};

/// How far the clock may be off: a token's expiry counts in minutes.
const MAX_SKEW: Duration = Duration::from_mins(1);

const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(10),
    between_bytes: Duration::from_secs(5),
};

/// What a request to a host has shown.
struct Answer {
    route: Route,
    host: String,
    /// The headers, and how long it took.
    result: Result<(HeaderMap, Duration), Error>,
}

pub(super) async fn check(
    gateway: Option<Gateway>,
    trust: Trust,
    environment: &Environment,
    report: &mut Report,
) -> anyhow::Result<()> {
    let client = Client::new(Options {
        gateway,
        trust,
        ..Options::new(AllowList::genesys())
    })?;
    let (login, api) = (environment.login_host(), environment.api_host());
    let (login, api) = match (client.route(&login), client.route(&api)) {
        (Ok(to_login), Ok(to_api)) => {
            tokio::join!(ask(&client, to_login, login), ask(&client, to_api, api))
        }
        (Err(error), _) | (_, Err(error)) => {
            let check = Check::new("proxy", "", error.localized(locale()));
            report.add(check.failed(advice(&Route::Direct, &error)));
            return Ok(());
        }
    };
    report.add(hop(&login));
    if api.route != login.route || api.failed_at(Part::Hop) != login.failed_at(Part::Hop) {
        report.add(hop(&api));
    }
    let checks = [
        name(&login),
        name(&api),
        connection(&login),
        connection(&api),
    ];
    for check in checks.into_iter().flatten() {
        report.add(check);
    }
    let answered = [&login, &api].map(|answer| answer.result.as_ref().ok());
    let mut answered = answered.into_iter().flatten();
    let date = answered.find_map(|(headers, _)| headers.get(DATE)?.to_str().ok());
    report.add(clock(date, SystemTime::now()));
    Ok(())
}

async fn ask(client: &Client, route: Route, host: String) -> Answer {
    let started = Instant::now();
    let request = Request::head(format!("https://{host}/")).body(Empty::<Bytes>::new());
    let result = match request {
        Err(_) => Err(Error::InvalidRequest("the URL has no valid host")),
        Ok(request) => match timeout(LIMIT, client.send(request, TIMEOUTS)).await {
            Ok(Ok(response)) => Ok((response.headers().clone(), started.elapsed())),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::TimedOut {
                host: host.clone(),
                step: Step::FirstByte,
            }),
        },
    };
    Answer {
        route,
        host,
        result,
    }
}

/// Where a request failed. Each failure belongs to one part, and so to one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The proxy or gateway.
    Hop,
    /// The name of the host.
    Name,
    /// The connection to the host.
    Host,
}

impl Answer {
    /// Why the request failed, if it failed in this part.
    fn failed_at(&self, part: Part) -> Option<&Error> {
        let error = self.result.as_ref().err()?;
        (part_of(&self.route, error) == part).then_some(error)
    }
}

fn part_of(route: &Route, error: &Error) -> Part {
    let is_direct = *route == Route::Direct;
    match error {
        Error::GatewayNotFound { .. }
        | Error::GatewayConnect { .. }
        | Error::ProxyNotFound { .. }
        | Error::ProxyConnect { .. }
        | Error::ProxyRefused { .. }
        | Error::TimedOut {
            step: Step::ProxyTunnel,
            ..
        } => Part::Hop,
        Error::TimedOut {
            step: Step::NameResolution | Step::Connect,
            ..
        } if !is_direct => Part::Hop,
        Error::NameNotResolved { .. }
        | Error::AddressNotAllowed { .. }
        | Error::TimedOut {
            step: Step::NameResolution,
            ..
        } if is_direct => Part::Name,
        _ => Part::Host,
    }
}

/// Whether the proxy or the gateway can be reached and connects to the host, if there is one.
fn hop(answer: &Answer) -> Check {
    let (name, address) = match &answer.route {
        Route::Direct => return Check::new("proxy", "", messages::direct(language())),
        Route::Gateway(address) => ("gateway", address),
        Route::Proxy(address) => ("proxy", address),
    };
    match answer.failed_at(Part::Hop) {
        Some(error) => {
            let found = messages::reached_for(language(), error.localized(locale()), &answer.host);
            Check::new(name, address, found).failed(advice(&answer.route, error))
        }
        None => Check::new(name, address, messages::connected(language())),
    }
}

/// Whether the name of a host is found here. A proxy or gateway finds it elsewhere.
fn name(answer: &Answer) -> Option<Check> {
    if answer.route != Route::Direct {
        return None;
    }
    Some(match answer.failed_at(Part::Name) {
        Some(error) => Check::new("dns", &answer.host, error.localized(locale()))
            .failed(advice(&answer.route, error)),
        None => Check::new("dns", &answer.host, messages::found(language())),
    })
}

/// Whether a TLS connection to the host can be made. `None` if another check has said why not.
fn connection(answer: &Answer) -> Option<Check> {
    if let Ok((_, elapsed)) = &answer.result {
        let found = messages::answered(language(), elapsed.as_millis());
        return Some(Check::new("tls", &answer.host, found));
    }
    let error = answer.failed_at(Part::Host)?;
    Some(
        Check::new("tls", &answer.host, error.localized(locale()))
            .failed(advice(&answer.route, error)),
    )
}

/// The clock of this machine, compared with the date of a response (RFC 9110, section 6.6.1).
fn clock(date: Option<&str>, now: SystemTime) -> Check {
    let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        let check = Check::new("clock", "", messages::no_time(language()));
        return check.warning(messages::compare(language()));
    };
    let (skew, found) = match now.duration_since(date) {
        Ok(ahead) => (ahead, messages::ahead(language(), ahead.as_secs())),
        Err(error) => {
            let behind = error.duration();
            (behind, messages::behind(language(), behind.as_secs()))
        }
    };
    if skew <= MAX_SKEW {
        return Check::new("clock", "", messages::right_time(language()));
    }
    Check::new("clock", "", found).warning(messages::set_clock(language()))
}

/// What to do about it.
fn advice(route: &Route, error: &Error) -> String {
    let language = language();
    if let (Route::Gateway(_), Part::Hop) = (route, part_of(route, error)) {
        return messages::correct(language, "--gateway");
    }
    let advice = match error {
        Error::ProxySetting { setting } => return messages::correct(language, setting),
        Error::NameNotResolved { host } => return messages::check_name_server_of(language, host),
        Error::Connect { host, .. } => return messages::let_connect(language, host),
        Error::ProxyNotSupported { .. } => messages::name_http_proxy,
        Error::ProxyNotFound { .. } | Error::ProxyConnect { .. } => messages::correct_proxy,
        Error::ProxyRefused { status, .. } => match status.as_u16() {
            407 => messages::proxy_password,
            _ => messages::allow_hosts,
        },
        Error::AddressNotAllowed { .. } => messages::correct_name_server,
        Error::Certificate { problem, .. } => match problem {
            CertificateProblem::UnknownIssuer => messages::name_ca_of_firewall,
            CertificateProblem::Expired => messages::check_clock,
            _ => messages::ask_who_answers,
        },
        Error::Tls { .. } | Error::Protocol { .. } => messages::something_answers,
        Error::TimedOut { step, .. } => match step {
            Step::NameResolution => messages::check_name_server,
            Step::ProxyTunnel => messages::ask_proxy,
            _ => messages::let_connect_there,
        },
        _ => messages::try_again,
    };
    advice(language).into()
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_name_that_is_not_found_fails_the_check_of_names_alone() {
        let host = "login.mypurecloud.de".to_owned();
        let answer = |route, result| Answer {
            route,
            host: host.clone(),
            result: Err(result),
        };
        let not_found = || Error::NameNotResolved { host: host.clone() };
        let failed = answer(Route::Direct, not_found());
        let check = name(&failed).unwrap();
        assert_eq!((check.name, check.status), ("dns", Status::Failed));
        assert!(check.advice.contains(&host), "{}", check.advice);
        assert!(connection(&failed).is_none());

        let connect = Error::Connect {
            host: host.clone(),
            kind: std::io::ErrorKind::ConnectionRefused,
        };
        let refused = answer(Route::Direct, connect);
        assert_eq!(name(&refused).unwrap().status, Status::Ok);
        assert_eq!(connection(&refused).unwrap().status, Status::Failed);

        // A proxy finds names elsewhere.
        let through = answer(Route::Proxy("proxy:8080".into()), not_found());
        assert!(name(&through).is_none());
    }

    #[test]
    fn a_clock_that_is_more_than_a_minute_off_is_a_warning() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let check = |seconds: i64| {
            let offset = Duration::from_secs(seconds.unsigned_abs());
            let now = if seconds < 0 {
                now - offset
            } else {
                now + offset
            };
            clock(Some(date), now)
        };
        for seconds in [-60, 0, 60] {
            assert_eq!(check(seconds).status, Status::Ok, "{seconds}");
        }
        for (seconds, found) in [(-61, "61 s behind"), (3600, "3600 s ahead of")] {
            let check = check(seconds);
            assert_eq!(check.status, Status::Warning, "{seconds}");
            assert!(check.found.starts_with(found), "{}", check.found);
        }
        assert_eq!(clock(None, now).status, Status::Warning);
        assert_eq!(clock(Some("soon"), now).status, Status::Warning);
    }
}
