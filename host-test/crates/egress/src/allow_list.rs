//! Which hosts may be asked at all: patterns, parsed once. Pure; the forms are in the module's comment.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The port of https, and of every pattern that names none.
const HTTPS: u16 = 443;

/// The domains of the 18 regions of Genesys Cloud.
const GENESYS_DOMAINS: [&str; 18] = [
    "mypurecloud.com",
    "use2.us-gov-pure.cloud",
    "usw2.pure.cloud",
    "cac1.pure.cloud",
    "mxc1.pure.cloud",
    "sae1.pure.cloud",
    "mypurecloud.ie",
    "euw2.pure.cloud",
    "mypurecloud.de",
    "euc2.pure.cloud",
    "mec1.pure.cloud",
    "aps1.pure.cloud",
    "apse1.pure.cloud",
    "mypurecloud.com.au",
    "mypurecloud.jp",
    "apne2.pure.cloud",
    "apne3.pure.cloud",
    "edee1.eusc-pure.cloud",
];

/// Where the domains of future regions will be: always one label below one of these.
const GENESYS_FUTURE_DOMAINS: [&str; 3] =
    ["*.pure.cloud", "*.us-gov-pure.cloud", "*.eusc-pure.cloud"];

/// The hosts that each region has.
const GENESYS_HOSTS: [&str; 3] = ["login", "api", "apps"];

/// The hosts and ports that requests may go to. Empty, as by default, it allows none.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    patterns: Vec<Pattern>,
}

impl AllowList {
    /// A list of the given patterns.
    ///
    /// # Errors
    ///
    /// The first pattern that is of none of the forms in the module's comment.
    pub fn parse<I>(patterns: I) -> Result<Self, PatternError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let patterns = patterns
            .into_iter()
            .map(|pattern| pattern.as_ref().parse())
            .collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// The `login`, `api` and `apps` hosts of Genesys Cloud, in every region there is and in those to
    /// come.
    pub fn genesys() -> Self {
        let domains = GENESYS_DOMAINS.into_iter().chain(GENESYS_FUTURE_DOMAINS);
        let patterns = domains
            .flat_map(|domain| GENESYS_HOSTS.map(|host| format!("{host}.{domain}")))
            .map(|name| Pattern {
                host: Host::named(name),
                port: HTTPS,
            })
            .collect();
        Self { patterns }
    }

    /// This list and `other` in one.
    pub fn and(mut self, other: Self) -> Self {
        self.patterns.extend(other.patterns);
        self
    }

    /// Whether `host`, as it stands in a URL, may be asked on `port`.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        let address = parse_address(host);
        self.patterns.iter().any(|pattern| {
            pattern.port == port
                && match (&pattern.host, address) {
                    (Host::Name(name), None) => name.eq_ignore_ascii_case(host),
                    (Host::Wildcard(pattern), None) => matches(pattern, host),
                    (Host::Address(allowed), Some(address)) => *allowed == address,
                    _ => false,
                }
        })
    }
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It has no host, an empty label, or characters that no host name has.
    #[error("{0:?} is not a host name, an address or a pattern of one")]
    Malformed(String),
    /// A `*` that is only a part of a label, as in `lo*.example.com`.
    #[error("{0:?}: * stands for a whole label")]
    PartialWildcard(String),
    /// A `*` among the last two labels, as in `*.com`.
    #[error("{0:?}: the last two labels must be written out")]
    TooBroad(String),
    /// What follows the last colon is no port from 1 to 65535.
    #[error("{0:?}: the port is not a number from 1 to 65535")]
    Port(String),
}

#[derive(Clone, Debug)]
struct Pattern {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug)]
enum Host {
    Name(String),
    /// Labels between dots, some of them `*`.
    Wildcard(String),
    Address(IpAddr),
}

impl Host {
    /// A name, or a pattern of one. Most are names, which cost less to compare.
    fn named(pattern: String) -> Self {
        match pattern.contains('*') {
            true => Self::Wildcard(pattern),
            false => Self::Name(pattern),
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, parse_port(text, port)?),
            _ => (text, HTTPS),
        };
        if let Some(address) = parse_address(host) {
            let host = Host::Address(address);
            return Ok(Self { host, port });
        }
        let labels: Vec<_> = host.split('.').collect();
        if labels.iter().any(|l| *l != "*" && l.contains('*')) {
            return Err(PatternError::PartialWildcard(text.to_owned()));
        }
        if !labels.iter().all(|l| *l == "*" || is_label(l)) {
            return Err(PatternError::Malformed(text.to_owned()));
        }
        if labels.iter().rev().take(2).any(|l| *l == "*") {
            return Err(PatternError::TooBroad(text.to_owned()));
        }
        let host = Host::named(host.to_owned());
        Ok(Self { host, port })
    }
}

fn parse_port(pattern: &str, port: &str) -> Result<u16, PatternError> {
    match port.parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(PatternError::Port(pattern.to_owned())),
    }
}

/// The address that a host in a URL is, where it is one (RFC 3986, section 3.2.2).
pub(super) fn parse_address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok().filter(IpAddr::is_ipv4),
    }
}

/// Whether the labels of `host` are those of `pattern`, where `*` is any one label.
fn matches(pattern: &str, host: &str) -> bool {
    let (mut pattern, mut host) = (pattern.split('.'), host.split('.'));
    loop {
        match (pattern.next(), host.next()) {
            (None, None) => return true,
            (Some("*"), Some(label)) if is_label(label) => {}
            (Some(expected), Some(label)) if expected.eq_ignore_ascii_case(label) => {}
            _ => return false,
        }
    }
}

/// Whether `label` can stand between the dots of a host name (RFC 1123, section 2.1; the underscore
/// occurs in practice).
fn is_label(label: &str) -> bool {
    matches!(label.len(), 1..=63)
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::{AllowList, PatternError};

    fn list(pattern: &str) -> AllowList {
        AllowList::parse([pattern]).unwrap()
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        assert!(!AllowList::default().allows("api.mypurecloud.de", 443));
    }

    #[test]
    fn a_name_allows_itself_on_the_https_port_only() {
        let list = list("api.example.com");
        assert!(list.allows("api.example.com", 443));
        for (host, port) in [
            ("api.example.com", 8443),
            ("example.com", 443),
            ("x.api.example.com", 443),
            ("api.example.com.evil.net", 443),
            ("evilapi.example.com", 443),
            ("api.example.com.", 443),
            ("", 443),
        ] {
            assert!(!list.allows(host, port), "{host}:{port}");
        }
    }

    #[test]
    fn a_star_is_exactly_one_label() {
        let list = list("*.example.com");
        assert!(list.allows("a.example.com", 443));
        for host in [
            "example.com",
            ".example.com",
            "a.b.example.com",
            "a.example.com.net",
            "%2e.example.com",
        ] {
            assert!(!list.allows(host, 443), "{host}");
        }
    }

    #[test]
    fn a_star_may_be_in_the_middle() {
        let list = list("login.*.example.com");
        assert!(list.allows("login.eu1.example.com", 443));
        assert!(!list.allows("login.example.com", 443));
        assert!(!list.allows("evil.eu1.example.com", 443));
    }

    #[test]
    fn a_port_replaces_the_https_port() {
        for (pattern, host) in [
            ("api.example.com:8443", "api.example.com"),
            ("*.example.com:8443", "a.example.com"),
            ("192.0.2.1:8443", "192.0.2.1"),
            ("[2001:db8::1]:8443", "[2001:db8::1]"),
        ] {
            assert!(list(pattern).allows(host, 8443), "{pattern}");
            assert!(!list(pattern).allows(host, 443), "{pattern}");
        }
    }

    #[test]
    fn an_address_is_allowed_only_as_itself() {
        assert!(list("192.0.2.1").allows("192.0.2.1", 443));
        assert!(!list("192.0.2.1").allows("192.0.2.2", 443));
        assert!(list("[2001:db8::1]").allows("[2001:DB8:0::1]", 443));
        assert!(!list("[2001:db8::1]").allows("[2001:db8::2]", 443));
        assert!(!list("*.0.2.1").allows("192.0.2.1", 443));
    }

    #[test]
    fn letter_case_does_not_matter() {
        assert!(list("API.Example.com").allows("api.eXample.COM", 443));
        assert!(list("*.Example.com").allows("A.example.com", 443));
    }

    #[test]
    fn a_mistake_in_a_pattern_is_told() {
        let error = |pattern: &str| AllowList::parse([pattern]).unwrap_err();
        for pattern in [
            "",
            "a..b",
            ".example.com",
            "a b.com",
            "https://a.com",
            "::1",
        ] {
            let error = error(pattern);
            assert!(
                matches!(error, PatternError::Malformed(_) | PatternError::Port(_)),
                "{pattern}: {error}"
            );
        }
        for pattern in ["lo*.example.com", "**.example.com"] {
            assert_eq!(
                error(pattern),
                PatternError::PartialWildcard(pattern.into())
            );
        }
        for pattern in ["*", "*.com", "a.*", "a.*.com"] {
            assert_eq!(error(pattern), PatternError::TooBroad(pattern.into()));
        }
        for pattern in ["a.example.com:", "a.example.com:0", "a.example.com:65536"] {
            assert_eq!(error(pattern), PatternError::Port(pattern.into()));
        }
    }

    #[test]
    fn genesys_hosts_are_allowed_in_regions_known_and_future() {
        let list = AllowList::genesys();
        for host in [
            "login.mypurecloud.com",
            "api.mypurecloud.com.au",
            "apps.use2.us-gov-pure.cloud",
            "login.edee1.eusc-pure.cloud",
            "api.next1.pure.cloud",
            "login.next1.us-gov-pure.cloud",
            "apps.next1.eusc-pure.cloud",
        ] {
            assert!(list.allows(host, 443), "{host}");
        }
    }

    #[test]
    fn lookalikes_of_genesys_hosts_are_not_allowed() {
        let list = AllowList::genesys();
        for host in [
            "mypurecloud.com",
            "www.mypurecloud.com",
            "login.pure.cloud",
            "login.a.b.pure.cloud",
            "login.mypurecloud.com.evil.net",
            "login.evilpure.cloud",
            "login.mypurecloud.evil",
            "login-mypurecloud.com",
            "login.next1.mypurecloud.com",
        ] {
            assert!(!list.allows(host, 443), "{host}");
        }
        assert!(!list.allows("login.mypurecloud.com", 8443));
    }

    #[test]
    fn lists_can_be_joined() {
        let list = AllowList::genesys().and(list("localhost.example.com:1"));
        assert!(list.allows("api.mypurecloud.ie", 443));
        assert!(list.allows("localhost.example.com", 1));
    }
}
