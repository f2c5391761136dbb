//! The regions of Genesys Cloud and the names of their hosts.
//!
//! This table is deliberately not shared with the clients under test, so that a mistake in theirs shows here.

use std::fmt;

/// A region of Genesys Cloud. An organization belongs to one region.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    name: &'static str,
    domain: &'static str,
}

impl Region {
    /// All regions known at the time of writing; Genesys adds some every year.
    pub const ALL: [Self; 18] = [
        Self::new("us-east-1", "mypurecloud.com"),
        Self::new("us-east-2", "use2.us-gov-pure.cloud"),
        Self::new("us-west-2", "usw2.pure.cloud"),
        Self::new("ca-central-1", "cac1.pure.cloud"),
        Self::new("mx-central-1", "mxc1.pure.cloud"),
        Self::new("sa-east-1", "sae1.pure.cloud"),
        Self::new("eu-west-1", "mypurecloud.ie"),
        Self::new("eu-west-2", "euw2.pure.cloud"),
        Self::new("eu-central-1", "mypurecloud.de"),
        Self::new("eu-central-2", "euc2.pure.cloud"),
        Self::new("me-central-1", "mec1.pure.cloud"),
        Self::new("ap-south-1", "aps1.pure.cloud"),
        Self::new("ap-southeast-1", "apse1.pure.cloud"),
        Self::new("ap-southeast-2", "mypurecloud.com.au"),
        Self::new("ap-northeast-1", "mypurecloud.jp"),
        Self::new("ap-northeast-2", "apne2.pure.cloud"),
        Self::new("ap-northeast-3", "apne3.pure.cloud"),
        Self::new("eusc-de-east-1", "edee1.eusc-pure.cloud"),
    ];

    const fn new(name: &'static str, domain: &'static str) -> Self {
        Self { name, domain }
    }

    /// The region called `name`, such as `eu-central-1`; `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.name == name)
    }

    /// The region whose hosts are under `domain`, such as `mypurecloud.de`; `None` if there is none.
    pub fn with_domain(domain: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.domain == domain)
    }

    /// Its name, such as `eu-central-1`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The domain of its hosts, such as `mypurecloud.de`.
    pub fn domain(self) -> &'static str {
        self.domain
    }

    /// The host of sign-in and token endpoint, such as `login.mypurecloud.de`.
    pub fn login_host(self) -> String {
        format!("login.{}", self.domain)
    }

    /// The host of the platform API, such as `api.mypurecloud.de`.
    pub fn api_host(self) -> String {
        format!("api.{}", self.domain)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_found_by_its_name_and_by_its_domain() {
        for region in Region::ALL {
            assert_eq!(Region::named(region.name()), Some(region));
            assert_eq!(Region::with_domain(region.domain()), Some(region));
        }
    }

    #[test]
    fn unknown_names_and_domains_are_rejected() {
        assert_eq!(Region::named("eu-central-9"), None);
        assert_eq!(Region::with_domain("pure.cloud"), None);
    }
}
