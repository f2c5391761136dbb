//! The embedded simulation of Genesys Cloud, if bots and connections use it in place of the real one: the link to its
//! admin pages, and the address of its sign-in pages.

use std::net::SocketAddr;

/// The page that redirects to the simulation's admin pages.
pub(super) const LINK: &str = "/genesys";

/// A simulation of Genesys Cloud on this machine.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Its address of plain HTTP, where browsers on this machine reach all its hosts.
    pub http_addr: SocketAddr,
    /// The path of its *Admin > Integrations > OAuth*.
    pub admin_path: &'static str,
    /// The hosts of Genesys whose sign-in pages it serves.
    pub login_hosts: Vec<String>,
}

impl Simulation {
    /// The address of a sign-in page for browsers on this machine: by its own name, they would reach the real one.
    pub(super) fn reachable(&self, page: &str) -> String {
        let path = self.login_hosts.iter().find_map(|host| {
            let rest = page.strip_prefix("https://")?.strip_prefix(host.as_str())?;
            rest.starts_with('/').then_some(rest)
        });
        match path {
            Some(path) => format!("http://{}{path}", self.http_addr),
            None => page.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_genesys_sign_in_pages_are_redirected_to_the_simulation() {
        let simulation = Simulation {
            http_addr: ([127, 0, 0, 1], 9000).into(),
            admin_path: "/admin",
            login_hosts: vec!["login.mypurecloud.de".into()],
        };
        for (page, expected) in [
            (
                "https://login.mypurecloud.de/oauth/authorize?a=b",
                "http://127.0.0.1:9000/oauth/authorize?a=b",
            ),
            (
                "https://login.example.com/authorize",
                "https://login.example.com/authorize",
            ),
            (
                "https://login.mypurecloud.de.example.com/",
                "https://login.mypurecloud.de.example.com/",
            ),
        ] {
            assert_eq!(simulation.reachable(page), expected);
        }
    }
}
