//! `NO_PROXY`: hosts to connect to directly, with the meaning that it has in curl 7.88.

use std::net::IpAddr;

use super::allow_list::parse_address;

/// Whether a connection to `host` is direct. An IPv6 address is in brackets, as in a URL.
///
/// | entry | direct |
/// |---|---|
/// | `example.com`, `.example.com`, `example.com.` | that name and those that end in `.example.com` |
/// | `192.0.2.1`, `2001:db8::1` | that address, if the URL has it literally |
/// | `192.0.2.0/24`, `2001:db8::/32` | addresses of that network |
/// | `*`, if it is the whole setting | every host |
///
/// Entries are separated by commas or blanks. Case does not matter, nor does a dot at the end of a name. Names with `*` or a
/// port match nothing.
pub(super) fn is_direct(no_proxy: &str, host: &str) -> bool {
    if no_proxy == "*" {
        return true;
    }
    let address = parse_address(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut entries = no_proxy
        .split([',', ' ', '\t'])
        .filter(|entry| !entry.is_empty());
    entries.any(|entry| match address {
        Some(address) => has_address(entry, address),
        None => has_name(entry, host),
    })
}

fn has_name(entry: &str, host: &str) -> bool {
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let Some(start) = host.len().checked_sub(entry.len()) else {
        return false;
    };
    let (before, end) = (host.get(..start), host.get(start..));
    !entry.is_empty()
        && end.is_some_and(|end| end.eq_ignore_ascii_case(entry))
        && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn has_address(entry: &str, address: IpAddr) -> bool {
    // As in curl, no bits, or none that can be read, are all bits.
    let (network, bits) = entry.split_once('/').unwrap_or((entry, "0"));
    let bits = bits.parse().unwrap_or(0);
    let Ok(network) = network.parse::<IpAddr>() else {
        return false;
    };
    let (differing, length) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            (u128::from(differing), u32::BITS)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits(), u128::BITS)
        }
        _ => return false,
    };
    match bits {
        0 => differing == 0,
        1.. => length
            .checked_sub(bits)
            .is_some_and(|rest| differing.checked_shr(rest).unwrap_or(0) == 0),
    }
}

#[cfg(test)]
mod tests {
    use super::is_direct;

    /// What curl 7.88.1 does with each of these was tried.
    #[test]
    fn entries_are_read_as_curl_reads_them() {
        const HOST: &str = "login.mypurecloud.de";
        for no_proxy in [
            "*",
            "mypurecloud.de",
            ".mypurecloud.de",
            "mypurecloud.de.",
            ".mypurecloud.de.",
            "MYPURECLOUD.DE",
            "login.mypurecloud.de",
            "de",
            "example.com,mypurecloud.de",
            "example.com, mypurecloud.de",
            "example.com mypurecloud.de",
            "example.com\tmypurecloud.de",
            "example.com,,mypurecloud.de",
            " mypurecloud.de ",
            "mypurecloud.de,example.com",
        ] {
            assert!(is_direct(no_proxy, HOST), "{no_proxy:?}");
        }
        for no_proxy in [
            "",
            ",",
            ".",
            "..",
            "example.com,*",
            "*,example.com",
            " *",
            "* ",
            "*.mypurecloud.de",
            "purecloud.de",
            "mypurecloud.de:443",
            "a.login.mypurecloud.de",
            "mypurecloud.de/8",
            "..mypurecloud.de",
            "example.com;mypurecloud.de",
        ] {
            assert!(!is_direct(no_proxy, HOST), "{no_proxy:?}");
        }
    }

    #[test]
    fn addresses_and_networks_are_for_addresses() {
        for (no_proxy, host) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.0/24", "192.0.2.255"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("192.0.2.1/0", "192.0.2.1"),
            ("192.0.2.1/x", "192.0.2.1"),
            ("a.example 192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "[2001:db8::1]"),
            // Networks of IPv6 match in other versions of curl than 7.88.
            ("2001:DB8::/32", "[2001:db8:ffff::1]"),
            ("2001:db8::1/128", "[2001:db8::1]"),
        ] {
            assert!(is_direct(no_proxy, host), "{no_proxy} {host}");
        }
        for (no_proxy, host) in [
            ("192.0.2.0/24", "192.0.3.0"),
            ("192.0.2.1/31", "192.0.2.2"),
            ("192.0.2.0/33", "192.0.2.0"),
            ("192.0.2.0/0", "192.0.2.1"),
            ("2", "192.0.2.2"),
            ("192.0.2.1", "a.192.0.2.1.example"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("2001:db8::/129", "[2001:db8::]"),
            ("2001:db8::/32", "192.0.2.1"),
        ] {
            assert!(!is_direct(no_proxy, host), "{no_proxy} {host}");
        }
    }
}
