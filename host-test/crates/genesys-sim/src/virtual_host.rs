//! Which part of the simulation a `Host` stands for.
//!
//! One listener serves every host of every region, so the name that a client asks for decides what
//! it meets. This module knows names only, not what is served under them.

use super::region::Region;

/// The part of Genesys Cloud that a request has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// `login.<domain>`: people sign in, and tokens are handed out.
    Login(Region),
    /// `api.<domain>`: the platform API.
    Api(Region),
    /// A name that is not Genesys', such as `127.0.0.1`: what a client meets that was pointed at a
    /// "gateway". It stands in front of both hosts of every region.
    Gateway,
    /// A Genesys name that is not simulated, such as `apps.<domain>`.
    Nothing,
}

impl Front {
    /// Reads a `Host` header or the authority of a request target (RFC 9110, section 7.2). Its port
    /// and its case do not matter.
    pub(super) fn of_host(host: &str) -> Front {
        let name = host.split(':').next().unwrap_or_default();
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        for region in Region::ALL {
            match name.strip_suffix(region.domain()) {
                Some("login.") => return Front::Login(region),
                Some("api.") => return Front::Api(region),
                Some(labels) if labels.is_empty() || labels.ends_with('.') => {
                    return Front::Nothing;
                }
                _ => {}
            }
        }
        Front::Gateway
    }

    /// The region whose clients and tokens count; none where those of every region do.
    pub(super) fn region(self) -> Option<Region> {
        match self {
            Front::Login(region) | Front::Api(region) => Some(region),
            Front::Gateway | Front::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_and_api_hosts_of_every_region_are_told_apart() {
        for region in Region::ALL {
            assert_eq!(Front::of_host(&region.login_host()), Front::Login(region));
            assert_eq!(Front::of_host(&region.api_host()), Front::Api(region));
        }
    }

    #[test]
    fn port_case_and_trailing_dot_do_not_matter() {
        let frankfurt = Region::with_domain("mypurecloud.de").unwrap();
        for host in [
            "LOGIN.MyPureCloud.de",
            "login.mypurecloud.de:8443",
            "login.mypurecloud.de.",
        ] {
            assert_eq!(Front::of_host(host), Front::Login(frankfurt), "{host}");
        }
    }

    #[test]
    fn other_genesys_names_serve_nothing() {
        for host in [
            "apps.mypurecloud.de",
            "mypurecloud.de",
            "login.eu.mypurecloud.de",
        ] {
            assert_eq!(Front::of_host(host), Front::Nothing, "{host}");
        }
    }

    #[test]
    fn names_that_only_resemble_genesys_are_a_gateway() {
        for host in [
            "127.0.0.1:9000",
            "[::1]:9000",
            "localhost",
            "login.evil-mypurecloud.de",
            "login.mypurecloud.de.example",
            "",
        ] {
            assert_eq!(Front::of_host(host), Front::Gateway, "{host}");
        }
    }
}
