//! Which hosts requests may go to: patterns, parsed once. Pure: nothing is resolved here.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The port of https, and of every pattern without a port.
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

/// Where future regions are expected: one label below one of these.
const GENESYS_FUTURE_DOMAINS: [&str; 3] =
    ["*.pure.cloud", "*.us-gov-pure.cloud", "*.eusc-pure.cloud"];

/// The hosts of each region.
const GENESYS_HOSTS: [&str; 3] = ["login", "api", "apps"];

/// The hosts and ports that requests may go to. The default is an empty list, which allows nothing.
///
/// | pattern | allows |
/// |---|---|
/// | `api.example.com` | that host, port 443 |
/// | `*.example.com` | exactly one label in place of `*`: `a.example.com`, but neither `example.com` nor `a.b.example.com`, as in a certificate (RFC 6125, section 6.4.3) |
/// | `login.*.example.com` | the same in the middle |
/// | `api.example.com:8443`, `*.example.com:8443` | port 8443 only |
/// | `192.0.2.1`, `[2001:db8::1]`, with or without a port | that address, if the URL has it literally; it must also be public, see [`is_public`](crate::is_public) |
///
/// Case does not matter. `*` alone, `*` as part of a label and `*` among the last two labels are errors: each would
/// allow more than it seems to.
///
/// ```
/// use egress::AllowList;
///
/// let list = AllowList::parse(["api.example.com", "*.example.com:8443"])?;
/// assert!(list.allows("API.example.com", 443));
/// assert!(list.allows("a.example.com", 8443));
/// assert!(!list.allows("a.b.example.com", 8443));
/// assert!(AllowList::parse(["*.com"]).is_err());
///
/// let with_genesys = list.clone().and(AllowList::genesys());
/// assert!(with_genesys.covers(&list) && !list.covers(&with_genesys));
/// # Ok::<(), egress::PatternError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    patterns: Vec<Pattern>,
}

impl AllowList {
    /// A list of the given patterns.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for the first invalid pattern.
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

    /// The `login`, `api` and `apps` hosts of Genesys Cloud, in all current regions and where future ones are expected.
    pub fn genesys() -> Self {
        Self::genesys_hosts(&GENESYS_HOSTS)
    }

    /// Some of those hosts, such as `login`.
    pub(crate) fn genesys_hosts(hosts: &[&str]) -> Self {
        let domains = GENESYS_DOMAINS.into_iter().chain(GENESYS_FUTURE_DOMAINS);
        let patterns = domains
            .flat_map(|domain| hosts.iter().map(move |host| format!("{host}.{domain}")))
            .map(|name| Pattern {
                host: Host::named(name),
                port: HTTPS,
            })
            .collect();
        Self { patterns }
    }

    /// A list that allows what either list allows.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.patterns.extend(other.patterns);
        self
    }

    /// Whether this list allows all that the other one allows.
    pub fn covers(&self, other: &Self) -> bool {
        let is_covered = |wanted: &Pattern| self.patterns.iter().any(|it| it.covers(wanted));
        other.patterns.iter().all(is_covered)
    }

    /// Whether it allows nothing.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether requests may go to `host` on `port`. An IPv6 address is in brackets, as in a URL.
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

/// Why a pattern is not valid. The text is the whole pattern.
///
/// ```
/// use egress::{AllowList, PatternError};
///
/// let typed = ["api.example.com", "*.com"];
/// assert_eq!(AllowList::parse(typed).err(), Some(PatternError::TooBroad("*.com".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Its host is missing, or has an empty label or a character that host names cannot have.
    #[error("{0:?} is not a host name, an address or a pattern of one")]
    Malformed(String),
    /// A `*` is only part of a label, as in `lo*.example.com`.
    #[error("{0:?}: * must be a whole label")]
    PartialWildcard(String),
    /// A `*` is among the last two labels, as in `*.com`.
    #[error("{0:?}: the last two labels must not be *")]
    TooBroad(String),
    /// What follows the last colon is not a port from 1 to 65535.
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
    /// A name, or a pattern. Most are names, which are cheaper to compare.
    fn named(pattern: String) -> Self {
        if pattern.contains('*') {
            Self::Wildcard(pattern)
        } else {
            Self::Name(pattern)
        }
    }
}

impl Pattern {
    fn covers(&self, other: &Self) -> bool {
        let host = match (&self.host, &other.host) {
            (Host::Name(name), Host::Name(other)) => name.eq_ignore_ascii_case(other),
            (Host::Wildcard(pattern), Host::Name(name)) => matches(pattern, name),
            (Host::Wildcard(pattern), Host::Wildcard(other)) => {
                let (ours, theirs) = (pattern.split('.'), other.split('.'));
                ours.clone().count() == theirs.clone().count()
                    && ours
                        .zip(theirs)
                        .all(|(our, their)| our == "*" || our.eq_ignore_ascii_case(their))
            }
            (Host::Address(address), Host::Address(other)) => address == other,
            _ => false,
        };
        host && self.port == other.port
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

/// The address, if a URL's host is one (RFC 3986, section 3.2.2).
pub(super) fn parse_address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok().filter(IpAddr::is_ipv4),
    }
}

/// Whether the labels of `host` match those of `pattern`, in which `*` matches any one label.
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

/// Whether `label` is a valid label of a host name (RFC 1123, section 2.1), or has an underscore as some have in practice.
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
    fn an_invalid_pattern_is_an_error() {
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
    fn genesys_hosts_are_allowed_in_current_and_future_regions() {
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
    fn a_list_covers_what_it_allows_and_no_more() {
        for (list, other, covers) in [
            ("a.example.com", "A.example.com", true),
            ("a.example.com", "b.example.com", false),
            ("*.example.com", "b.example.com", true),
            ("*.example.com", "*.example.com", true),
            ("*.*.example.com", "a.*.example.com", true),
            ("a.*.example.com", "*.*.example.com", false),
            ("*.example.com", "*.b.example.com", false),
            ("b.example.com", "*.example.com", false),
            ("*.example.com", "a.example.com:8443", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let covered = self::list(list).covers(&self::list(other));
            assert_eq!(covered, covers, "{list} {other}");
        }
        assert!(list("a.example.com").covers(&AllowList::default()));
        assert!(AllowList::default().is_empty() && !AllowList::genesys().is_empty());
    }

    #[test]
    fn lists_can_be_joined() {
        let list = AllowList::genesys().and(list("localhost.example.com:1"));
        assert!(list.allows("api.mypurecloud.ie", 443));
        assert!(list.allows("localhost.example.com", 1));
    }
}
