//! Properties that hold for any address, with a second, independent definition of Genesys' domains. The fuzz target
//! `environment` includes this file.

use oauth_authentication::environment::Environment;

/// The domains of the regions that share no parent domain.
pub(crate) const ALONE: [&str; 5] = [
    "mypurecloud.com",
    "mypurecloud.ie",
    "mypurecloud.de",
    "mypurecloud.com.au",
    "mypurecloud.jp",
];

/// The parent domains of all other regions.
pub(crate) const COMMON: [&str; 3] = [".pure.cloud", ".us-gov-pure.cloud", ".eusc-pure.cloud"];

/// Whether a domain belongs to Genesys.
pub(crate) fn belongs_to_genesys(domain: &str) -> bool {
    ALONE.contains(&domain)
        || COMMON
            .iter()
            .filter_map(|parent| domain.strip_suffix(parent))
            .any(|label| {
                (1..=63).contains(&label.len())
                    && label
                        .chars()
                        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
            })
}

/// Any text is rejected, or parsed to a host of Genesys.
pub(crate) fn assert_safe(text: &str) {
    let Ok(environment) = Environment::parse(text) else {
        return;
    };
    let (login, api) = (environment.login_host(), environment.api_host());
    let domain = login.strip_prefix("login.").expect("a login host");
    assert!(belongs_to_genesys(domain), "{text:?} leads to {domain:?}");
    assert_eq!(api, format!("api.{domain}"));
    assert_eq!(environment.api_url(), format!("https://api.{domain}"));

    for again in [login.as_str(), &api, &environment.api_url(), domain] {
        assert_eq!(
            Environment::parse(again).as_ref(),
            Ok(&environment),
            "{again}"
        );
    }
    for same in [
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        format!("\u{2003}\t{text}\r\n"),
    ] {
        assert_eq!(
            Environment::parse(&same).as_ref(),
            Ok(&environment),
            "{same:?}"
        );
    }
    if let Some(authority) = authority(text) {
        assert!(!authority.contains(['@', ':', '\\']), "{text:?}");
    }
}

/// The authority that a browser would find in an address with a scheme (RFC 3986, section 3.2).
fn authority(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = !scheme.contains(['/', '?', '#']);
    rest.split(['/', '?', '#']).next().filter(|_| is_scheme)
}
