//! Whatever a designer types, a secret can go only to Genesys.

use oauth_authentication::environment::Environment;
use oauth_authentication::error::Reason;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::laws::environment::{ALONE, COMMON, assert_safe};
use crate::{character, config, mutated, text};

/// A Genesys domain, without the label of a host.
fn domain() -> impl Strategy<Value = String> {
    let label = "[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?";
    let with_label =
        (label, select(&COMMON[..])).prop_filter_map("no region", |(label, parent)| {
            let is_host = ["login", "api", "apps"].contains(&label.as_str());
            (!is_host).then(|| label + parent)
        });
    prop_oneof![select(&ALONE[..]).prop_map(str::to_owned), with_label]
}

/// A Genesys address, as the parts before the authority, the authority, and after it.
fn address() -> impl Strategy<Value = (String, String, String)> {
    let scheme = select(&["", "https://", "HTTPS://"][..]);
    let host = select(&["", "login.", "api.", "apps."][..]);
    let path = prop_oneof![Just(String::new()), "[/?#][a-zA-Z0-9/?#@:.%=&-]{0,20}",];
    (scheme, host, domain(), path)
        .prop_map(|(scheme, host, domain, path)| (scheme.into(), format!("{host}{domain}"), path))
}

/// Parts of addresses in any order.
fn almost_address() -> impl Strategy<Value = String> {
    let parts = [
        "https://",
        "http://",
        "//",
        "login.",
        "api.",
        "mypurecloud.de",
        "usw2",
        ".pure.cloud",
        "eu-central-1",
        "evil.example",
        "xn--",
        "@",
        ":443",
        ":",
        ".",
        "/",
        "?",
        "#",
        "\\",
        "[::1]",
        "0x7f.1",
        "。",
        " ",
        "%2e",
        "-",
        "\u{ad}",
    ];
    prop::collection::vec(select(parts.to_vec()), 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_rejected_or_a_genesys_host(text in prop_oneof![text(60), almost_address()]) {
        assert_safe(&text);
    }

    #[test]
    fn genesys_addresses_are_parsed_to_their_domain(
        (domain, host) in (domain(), select(&["", "login.", "api.", "apps."][..])),
        (scheme, before, after) in (select(&["", "https://"][..]), "[ \t\r\n\u{2003}]{0,3}", "[ \t\r\n\u{2003}]{0,3}"),
        upper in any::<bool>(),
    ) {
        let mut address = format!("{scheme}{host}{domain}/path?query#fragment");
        if upper {
            address.make_ascii_uppercase();
        }
        let environment = Environment::parse(&format!("{before}{address}{after}")).unwrap();
        prop_assert_eq!(environment.login_host(), format!("login.{domain}"));
        assert_safe(&address);
    }

    #[test]
    fn a_label_is_accepted_if_and_only_if_a_region_could_have_it(
        label in "(xn--|-)?[a-z0-9_.-]{0,6}-?|[a-z]{60,66}|login|api|apps",
        parent in select(&COMMON[..]),
    ) {
        let first_and_last = [label.chars().next(), label.chars().last()];
        let is_label = label.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
            && (1..=63).contains(&label.len())
            && !first_and_last.contains(&Some('-'))
            && !label.starts_with("xn--")
            && !["login", "api", "apps"].contains(&label.as_str());
        let address = format!("https://login.{label}{parent}");
        prop_assert_eq!(Environment::parse(&address).is_ok(), is_label, "{}", address);
    }

    #[test]
    fn only_https_is_accepted(
        scheme in prop_oneof![Just("http".to_owned()), "[a-zA-Z][a-zA-Z0-9+.-]{0,8}"],
        (_, authority, path) in address(),
    ) {
        prop_assume!(!scheme.eq_ignore_ascii_case("https"));
        let address = format!("{scheme}://{authority}{path}");
        prop_assert_eq!(Environment::parse(&address), Err(Reason::NotHttps), "{}", address);
    }

    #[test]
    fn edited_addresses_stay_within_genesys(
        (before, authority, path) in address(),
        (at, with, insert) in (any::<Index>(), character(), any::<bool>()),
    ) {
        let (from, to) = (before.len(), before.len() + authority.len());
        let address = before + &authority + &path;
        assert_safe(&mutated(&address, from, to, at, with, insert));
    }

    #[test]
    fn an_address_with_user_information_is_refused(
        (before, authority, path) in address(),
        at in any::<Index>(),
    ) {
        let (from, to) = (before.len(), before.len() + authority.len());
        let address = mutated(&(before + &authority + &path), from, to, at, '@', true);
        prop_assert_eq!(Environment::parse(&address), Err(Reason::UserInfo), "{}", address);
    }

    #[test]
    fn no_user_information_makes_another_host_acceptable(
        (user, host) in ("[^/?#\\p{Cc}]{0,20}", "[^/?#\\p{Cc}]{0,20}"),
        (_, authority, path) in address(),
    ) {
        for address in [
            format!("https://{user}@{authority}{path}"),
            format!("https://{authority}@{host}{path}"),
            format!("https://{user}@{host}@{authority}{path}"),
        ] {
            prop_assert!(Environment::parse(&address).is_err(), "{}", address);
        }
    }
}
