//! Virtual hosts: one listener serves the hosts of all regions, and the name in the request selects one (RFC 9110,
//! section 7.2).

use super::region::Region;

/// The virtual host of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VirtualHost {
    /// `login.<domain>`: sign-in and token endpoint.
    Login(Region),
    /// `api.<domain>`: the platform API.
    Api(Region),
    /// A name that is not Genesys', such as `127.0.0.1`: what the SDKs call a gateway. It serves all hosts of all
    /// regions.
    Gateway,
    /// `apps.<domain>`: the admin pages, with the feature `admin-pages`.
    Apps(Region),
    /// A Genesys name that is not simulated.
    Unserved,
}

impl VirtualHost {
    /// The virtual host for a `Host` header or the authority of a request target (RFC 9110, section 7.2), whatever its
    /// port and case.
    pub(super) fn from_host(host: &str) -> Self {
        let name = host.split(':').next().unwrap_or_default();
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        for region in Region::ALL {
            match name.strip_suffix(region.domain()) {
                Some("login.") => return Self::Login(region),
                Some("api.") => return Self::Api(region),
                Some("apps.") => return Self::Apps(region),
                Some(labels) if labels.is_empty() || labels.ends_with('.') => {
                    return Self::Unserved;
                }
                _ => {}
            }
        }
        Self::Gateway
    }

    /// The region whose clients and tokens are valid; `None` if those of all regions are.
    pub(super) fn region(self) -> Option<Region> {
        match self {
            Self::Login(region) | Self::Api(region) | Self::Apps(region) => Some(region),
            Self::Gateway | Self::Unserved => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_every_region_are_distinguished() {
        for region in Region::ALL {
            assert_eq!(
                VirtualHost::from_host(&region.login_host()),
                VirtualHost::Login(region)
            );
            assert_eq!(
                VirtualHost::from_host(&region.api_host()),
                VirtualHost::Api(region)
            );
            let apps_host = format!("apps.{}", region.domain());
            assert_eq!(
                VirtualHost::from_host(&apps_host),
                VirtualHost::Apps(region)
            );
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
            assert_eq!(
                VirtualHost::from_host(host),
                VirtualHost::Login(frankfurt),
                "{host}"
            );
        }
    }

    #[test]
    fn other_genesys_names_are_not_served() {
        for host in [
            "www.mypurecloud.de",
            "mypurecloud.de",
            "login.eu.mypurecloud.de",
        ] {
            assert_eq!(
                VirtualHost::from_host(host),
                VirtualHost::Unserved,
                "{host}"
            );
        }
    }

    #[test]
    fn names_that_only_resemble_genesys_are_gateways() {
        for host in [
            "127.0.0.1:9000",
            "[::1]:9000",
            "localhost",
            "login.evil-mypurecloud.de",
            "login.mypurecloud.de.example",
            "",
        ] {
            assert_eq!(VirtualHost::from_host(host), VirtualHost::Gateway, "{host}");
        }
    }
}
