//! Which addresses are on the public internet. Pure: nothing is resolved here.
//!
//! An attacker who controls a name's zone, or spoofs its name server, can point an allowed name at any address. If that were
//! an address of this machine or its network, a request could reach what no outsider can (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not globally reachable: IANA's special-purpose registry (RFC 6890), and multicast.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // unspecified, "this network"
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared (RFC 6598)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and the clouds' metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private (RFC 1918)
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments (RFC 6890)
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation (RFC 5737)
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private (RFC 1918)
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarking (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation (RFC 5737)
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// Global unicast (RFC 4291, section 2.4). Loopback, link-local, unique-local, multicast and discard addresses are
/// outside it.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks within [`GLOBAL_V6`] that are not globally reachable.
const SPECIAL_V6: [(Ipv6Addr, u32); 3] = [
    // Protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether `address` is globally reachable, so that a server on the public internet can have it.
///
/// False for loopback, private, shared, link-local, unique-local, multicast, broadcast, unspecified,
/// documentation, benchmarking and reserved addresses, and for IPv6 addresses that embed such an IPv4 address:
/// mapped, compatible (RFC 4291, section 2.5.5), NAT64 (RFC 6052) and 6to4 (RFC 3056).
///
/// ```
/// use egress::is_public;
///
/// assert!(is_public([1, 1, 1, 1].into()));
/// assert!(!is_public([169, 254, 169, 254].into())); // metadata service of the clouds
/// ```
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(address) => is_public_v4(address),
            None => {
                in_v6(address, GLOBAL_V6)
                    && !SPECIAL_V6.into_iter().any(|block| in_v6(address, block))
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4
        .into_iter()
        .any(|(block, length)| (address.to_bits() ^ block.to_bits()) >> (32 - length) == 0)
}

fn in_v6(address: Ipv6Addr, (block, length): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (128 - length) == 0
}

/// The IPv4 address embedded in `address`, if any: where its packets end up.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]      // compatible, mapped
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]     // NAT64
        | [0x2002, high, low, ..]                   // 6to4
    ) = address.segments() else {
        return None;
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_servers_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:200::1",
            "2a00:1450:4001::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn special_ipv4_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn special_ipv6_addresses_are_not_public() {
        for address in [
            "::",
            "::1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn an_ipv6_address_that_embeds_an_ipv4_address_is_public_if_that_is() {
        for (private, global) in [
            ("::ffff:127.0.0.1", "::ffff:1.1.1.1"),
            ("::10.0.0.1", "::1.1.1.1"),
            ("64:ff9b::169.254.169.254", "64:ff9b::1.1.1.1"),
            ("2002:7f00:1::", "2002:101:101::"),
        ] {
            assert!(!public(private), "{private}");
            assert!(public(global), "{global}");
        }
    }
}
