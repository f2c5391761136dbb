//! Turns what a designer typed into the hosts of a Genesys Cloud environment.
//!
//! This module decides where a secret may be sent: it returns only names under Genesys' own domains, and every host
//! that the action connects to comes from here. It knows nothing about tokens or HTTP.

use crate::characters::{is_invisible, is_visible_ascii};
use crate::error::Reason;

/// The longest accepted input, in bytes. A host name has at most 253, but an address pasted from a browser also has a
/// path.
const MAX_INPUT: usize = 2048;

/// The longest label of a host name, in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// The regions of Genesys Cloud and their domains, as of November 2026.
const REGIONS: [(&str, &str); 18] = [
    ("us-east-1", "mypurecloud.com"),
    ("us-east-2", "use2.us-gov-pure.cloud"),
    ("us-west-2", "usw2.pure.cloud"),
    ("ca-central-1", "cac1.pure.cloud"),
    ("mx-central-1", "mxc1.pure.cloud"),
    ("sa-east-1", "sae1.pure.cloud"),
    ("eu-west-1", "mypurecloud.ie"),
    ("eu-west-2", "euw2.pure.cloud"),
    ("eu-central-1", "mypurecloud.de"),
    ("eu-central-2", "euc2.pure.cloud"),
    ("me-central-1", "mec1.pure.cloud"),
    ("ap-south-1", "aps1.pure.cloud"),
    ("ap-southeast-1", "apse1.pure.cloud"),
    ("ap-southeast-2", "mypurecloud.com.au"),
    ("ap-northeast-1", "mypurecloud.jp"),
    ("ap-northeast-2", "apne2.pure.cloud"),
    ("ap-northeast-3", "apne3.pure.cloud"),
    ("eusc-de-east-1", "edee1.eusc-pure.cloud"),
];

/// Domains under which Genesys opens new regions: the domain of a region has one more label in front.
const REGION_PARENTS: [&str; 3] = ["pure.cloud", "us-gov-pure.cloud", "eusc-pure.cloud"];

/// The hosts of a region, and so the labels that an address may have before the region's domain. The components use the
/// first two; a browser that signs in uses the third.
pub const HOSTS: [&str; 3] = ["login", "api", "apps"];

/// A Genesys Cloud environment: a domain that belongs to Genesys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    domain: String,
}

impl Environment {
    /// Parses the name of a region, its domain, or the address of its `login.`, `api.` or `apps.` host, with or without
    /// `https://` and a path. Upper and lower case are the same; white space around it is ignored.
    ///
    /// # Errors
    ///
    /// The most helpful reason why the input is rejected.
    pub fn parse(input: &str) -> Result<Self, Reason> {
        let input = input.trim();
        if input.is_empty() {
            return Err(Reason::Empty);
        }
        if input.len() > MAX_INPUT {
            return Err(Reason::TooLong);
        }
        if !is_visible_ascii(input) && input.chars().any(is_invisible) {
            return Err(Reason::ControlCharacters);
        }
        if let Some((_, domain)) = REGIONS
            .iter()
            .find(|(region, _)| input.eq_ignore_ascii_case(region))
        {
            return Ok(Self {
                domain: (*domain).into(),
            });
        }
        let host = host_of(input)?.to_ascii_lowercase();
        let domain = HOSTS
            .iter()
            .find_map(|name| host.strip_prefix(name)?.strip_prefix("."))
            .unwrap_or(&host);
        if is_genesys_domain(domain) {
            Ok(Self {
                domain: domain.into(),
            })
        } else if looks_like_a_region(input) {
            Err(Reason::UnknownRegion)
        } else {
            Err(Reason::NotGenesys)
        }
    }

    /// The host of the token endpoint.
    pub fn login_host(&self) -> String {
        ["login.", &self.domain].concat()
    }

    /// The host of the API.
    pub fn api_host(&self) -> String {
        ["api.", &self.domain].concat()
    }

    /// The base URL for the requests of later actions.
    pub fn api_url(&self) -> String {
        ["https://api.", &self.domain].concat()
    }
}

/// Whether this is a name such as `eu-central-9`, and not an address.
fn looks_like_a_region(input: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    input.contains('-') && input.chars().all(is_of_name)
}

/// The names of a host in all regions, also in those that Genesys may open: `login` becomes `login.mypurecloud.com`, …,
/// `login.*.pure.cloud`, ….
pub fn hosts(label: &str) -> impl Iterator<Item = String> {
    let known = REGIONS
        .iter()
        .map(move |(_, domain)| format!("{label}.{domain}"));
    let future = REGION_PARENTS
        .iter()
        .map(move |parent| format!("{label}.*.{parent}"));
    known.chain(future)
}

/// The names of the known regions with their environments, in Genesys' order.
pub fn regions() -> impl Iterator<Item = (&'static str, Environment)> {
    REGIONS.iter().map(|(region, domain)| {
        let domain = (*domain).into();
        (*region, Environment { domain })
    })
}

/// The region of a host for people: `eu-central-1 (mypurecloud.de)`, or only the domain if the region has no known
/// name.
pub fn region_label(host: &str) -> String {
    let domain = host.split_once('.').map_or(host, |(_, domain)| domain);
    match REGIONS.iter().find(|(_, known)| *known == domain) {
        Some((region, _)) => format!("{region} ({domain})"),
        None => domain.into(),
    }
}

/// The host name in an address, or the reason why it has no usable one.
fn host_of(address: &str) -> Result<&str, Reason> {
    let is_end = |c: char| matches!(c, '/' | '?' | '#');
    let before_end = |text: &'_ str| text.find(is_end).unwrap_or(text.len());
    let (before, after) = address
        .split_at_checked(before_end(address))
        .unwrap_or_default();
    let authority = match (before.strip_suffix(":"), after.strip_prefix("//")) {
        (Some(scheme), Some(rest)) if scheme.eq_ignore_ascii_case("https") => {
            rest.get(..before_end(rest)).unwrap_or_default()
        }
        (Some(_), Some(_)) => return Err(Reason::NotHttps),
        _ => before,
    };
    if authority.contains('@') {
        Err(Reason::UserInfo)
    } else if is_ip_address(authority) {
        Err(Reason::IpAddress)
    } else if let Some((_, port)) = authority.split_once(':') {
        // Otherwise the colon ends a scheme: `mailto:x`, `https:x`, `https://https://x`.
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        Err(if is_port {
            Reason::Port
        } else {
            Reason::NotHttps
        })
    } else if !authority.is_ascii() {
        Err(Reason::NotAscii)
    } else {
        Ok(authority)
    }
}

/// Whether this is an IP address, with or without a port: `10.0.0.1:443`, `[::1]`, `0x7f.1`.
fn is_ip_address(authority: &str) -> bool {
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        return true;
    }
    // A resolver takes a host name whose last label is a number for an IPv4 address (WHATWG URL, section 3.5).
    let (host, _) = authority.split_once(':').unwrap_or((authority, ""));
    let host = host.strip_suffix(".").unwrap_or(host);
    let (_, last) = host.rsplit_once('.').unwrap_or(("", host));
    let digits = last.strip_prefix("0x").unwrap_or(last).as_bytes();
    last.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(u8::is_ascii_hexdigit)
}

fn is_genesys_domain(domain: &str) -> bool {
    REGIONS.iter().any(|(_, known)| *known == domain)
        || domain.split_once('.').is_some_and(|(label, parent)| {
            REGION_PARENTS.contains(&parent) && is_region_label(label)
        })
}

/// Whether a region can have this label: letters, digits and inner hyphens, but no punycode and not the label of a
/// host.
fn is_region_label(label: &str) -> bool {
    label.len() <= MAX_LABEL
        && label
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !label.is_empty()
        && !label.starts_with("xn--")
        && !HOSTS.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Locale;

    #[test]
    fn the_message_of_an_unknown_region_lists_all_regions_in_every_language() {
        for tag in ["en", "de"] {
            let message = Locale::matching(tag).text(Reason::UnknownRegion.text());
            let (_, listed) = message
                .rsplit_once(" are ")
                .or_else(|| message.rsplit_once(" sind "))
                .unwrap();
            let regions: Vec<_> = REGIONS.iter().map(|(region, _)| *region).collect();
            assert_eq!(listed, regions.join(", "), "{tag}");
        }
    }

    fn domain(input: &str) -> Result<String, Reason> {
        Environment::parse(input).map(|environment| environment.domain)
    }

    #[test]
    fn every_region_is_accepted_in_every_spelling() {
        for (region, domain) in REGIONS {
            let expected = Environment {
                domain: domain.into(),
            };
            let mut spellings = vec![region.to_string(), domain.to_string()];
            for host in HOSTS {
                spellings.extend([
                    format!("{host}.{domain}"),
                    format!("https://{host}.{domain}"),
                    format!("https://{host}.{domain}/"),
                    format!("https://{host}.{domain}/directory/#/engage?x=https://y"),
                    format!("{host}.{domain}/oauth/token?next=http://x"),
                ]);
            }
            for spelling in spellings {
                for variant in [
                    spelling.clone(),
                    spelling.to_uppercase(),
                    format!(" \t{spelling}\u{a0}\n"),
                ] {
                    assert_eq!(
                        Environment::parse(&variant),
                        Ok(expected.clone()),
                        "{variant:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn future_regions_are_accepted_by_their_pattern() {
        for (input, expected) in [
            ("https://apps.itc1.pure.cloud", "itc1.pure.cloud"),
            ("usw1.us-gov-pure.cloud", "usw1.us-gov-pure.cloud"),
            ("login.fr-2.eusc-pure.cloud", "fr-2.eusc-pure.cloud"),
        ] {
            assert_eq!(domain(input).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn hosts_follow_from_the_domain() {
        let environment = Environment {
            domain: "mypurecloud.de".into(),
        };
        assert_eq!(environment.login_host(), "login.mypurecloud.de");
        assert_eq!(environment.api_host(), "api.mypurecloud.de");
        assert_eq!(environment.api_url(), "https://api.mypurecloud.de");
    }

    #[test]
    fn an_address_outside_genesys_is_refused_with_its_reason() {
        let too_long = format!("https://apps.mypurecloud.de/{}", "a".repeat(MAX_INPUT));
        let long_label = format!("{}.pure.cloud", "a".repeat(MAX_LABEL + 1));
        for (input, reason) in [
            ("", Reason::Empty),
            (" \t\r\n", Reason::Empty),
            (&too_long, Reason::TooLong),
            (
                "login.mypurecloud.de\r\nHost: evil.example",
                Reason::ControlCharacters,
            ),
            ("https://apps.my\0purecloud.de", Reason::ControlCharacters),
            (
                "https://apps.mypurecloud.de/\u{1b}[31m",
                Reason::ControlCharacters,
            ),
            ("http://login.mypurecloud.de", Reason::NotHttps),
            ("ftp://login.mypurecloud.de", Reason::NotHttps),
            (
                "javascript://login.mypurecloud.de/%0aalert(1)",
                Reason::NotHttps,
            ),
            ("://login.mypurecloud.de", Reason::NotHttps),
            (
                "https://login.mypurecloud.de@evil.example",
                Reason::UserInfo,
            ),
            (
                "https://login.mypurecloud.de:443@evil.example/",
                Reason::UserInfo,
            ),
            ("user@login.mypurecloud.de", Reason::UserInfo),
            ("https://login.mypurecloud.de:8443", Reason::Port),
            ("login.mypurecloud.de:443", Reason::Port),
            ("https:login.mypurecloud.de", Reason::NotHttps),
            ("127.0.0.1", Reason::IpAddress),
            ("https://10.0.0.1:443/", Reason::IpAddress),
            ("https://[::1]/", Reason::IpAddress),
            ("::ffff:10.0.0.1", Reason::IpAddress),
            ("0x7f.1", Reason::IpAddress),
            ("2130706433", Reason::IpAddress),
            ("login.mypurecloud.de。", Reason::NotAscii),
            ("ｌｏｇｉｎ.mypurecloud.de", Reason::NotAscii),
            ("login.mypureсloud.de", Reason::NotAscii),
            (
                "https://evil.example／login.mypurecloud.de",
                Reason::NotAscii,
            ),
            ("eu-central-9", Reason::UnknownRegion),
            ("US_EAST-1", Reason::UnknownRegion),
            ("localhost", Reason::NotGenesys),
            ("xn--mypurecoud-7ib.de", Reason::NotGenesys),
            ("login.xn--abc.pure.cloud", Reason::NotGenesys),
            ("mypurecloud.de.evil.example", Reason::NotGenesys),
            (
                "https://login.mypurecloud.de.evil.example/",
                Reason::NotGenesys,
            ),
            ("evil-mypurecloud.de", Reason::NotGenesys),
            ("evil.mypurecloud.de", Reason::NotGenesys),
            ("login.login.mypurecloud.de", Reason::NotGenesys),
            ("evil-pure.cloud", Reason::NotGenesys),
            ("a.b.pure.cloud", Reason::NotGenesys),
            ("pure.cloud", Reason::NotGenesys),
            ("login.pure.cloud", Reason::NotGenesys),
            ("login.api.pure.cloud", Reason::NotGenesys),
            (".pure.cloud", Reason::NotGenesys),
            ("-a.pure.cloud", Reason::NotGenesys),
            ("a-.pure.cloud", Reason::NotGenesys),
            ("a_b.pure.cloud", Reason::NotGenesys),
            (&long_label, Reason::NotGenesys),
            ("login.mypurecloud.de.", Reason::NotGenesys),
            ("login..mypurecloud.de", Reason::NotGenesys),
            (
                "https://evil.example\\@login.mypurecloud.de/",
                Reason::UserInfo,
            ),
            ("https://evil.example\\.mypurecloud.de", Reason::NotGenesys),
            (
                "https://evil.example/login.mypurecloud.de",
                Reason::NotGenesys,
            ),
            (
                "https://evil.example#login.mypurecloud.de",
                Reason::NotGenesys,
            ),
            (
                "https://evil.example?login.mypurecloud.de",
                Reason::NotGenesys,
            ),
            ("/login.mypurecloud.de", Reason::NotGenesys),
            ("https:///login.mypurecloud.de", Reason::NotGenesys),
            ("https://https://login.mypurecloud.de", Reason::NotHttps),
            ("login mypurecloud.de", Reason::NotGenesys),
            ("login.%6dypurecloud.de", Reason::NotGenesys),
            ("https://eu-central-1", Reason::NotGenesys),
        ] {
            assert_eq!(domain(input), Err(reason), "{input:?}");
        }
    }

    #[test]
    fn a_known_region_is_shown_with_its_name() {
        assert_eq!(
            region_label("login.mypurecloud.de"),
            "eu-central-1 (mypurecloud.de)"
        );
        assert_eq!(region_label("api.itc1.pure.cloud"), "itc1.pure.cloud");
    }
}
