//! What to do after the demonstration, and how to connect to a served simulation: commands to copy.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::locale::language;
use super::messages;
use super::output::{self, BOLD};

/// Says that the demonstration was a simulation, and what to do next.
pub(crate) fn after_demonstration() {
    let language = language();
    let program = program();
    let serve = if cfg!(feature = "web") {
        "serve --genesys embedded"
    } else {
        "genesys"
    };
    let commands = [
        (serve, messages::next_pages(language)),
        ("init", messages::next_bot(language)),
        ("doctor --url REGION", messages::next_cloud(language)),
    ];
    let mut text = format!("\n{}\n", messages::simulated(language));
    for (command, what) in commands {
        text += &format!("\n  {BOLD}{program} {command}{BOLD:#}\n      {what}");
    }
    output::progress(false, &text);
}

/// The name by which this program was started: cargo tells the programs that it runs.
pub(crate) fn program() -> &'static str {
    match env::var_os("CARGO") {
        Some(_) => "cargo run --",
        None => "bot-runner",
    }
}

/// How to connect to the simulation that `bot-runner genesys` serves.
pub(crate) struct Connect<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) ca_file: Option<&'a Path>,
    pub(crate) region: &'a str,
    pub(crate) client_id: &'a str,
    /// The file with the client's secret, if there is one.
    pub(crate) secret_file: Option<&'a Path>,
}

impl Connect<'_> {
    /// Prints the command to standard error: standard output is one line of JSON.
    pub(crate) fn print(&self) {
        let language = language();
        let Some(ca_file) = self.ca_file else {
            return output::aside(messages::connect_without_ca(language));
        };
        let secret_file = self.secret_file.unwrap_or(Path::new("-"));
        let (secret_file, ca_file) = (quoted(secret_file), quoted(ca_file));
        output::aside(&format!(
            "{}\n  {} authenticate --url {} --client-id {} --client-secret-file {secret_file} --gateway {} --ca-file {ca_file}",
            messages::connect_with(language),
            program(),
            self.region,
            quoted(Path::new(self.client_id)),
            reachable(self.address),
        ));
    }
}

/// An address that can be connected to: one that means all of this machine's cannot everywhere.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// A path or name as an argument in a shell.
pub(crate) fn quoted(path: &Path) -> String {
    let text = output::one_line(&path.display().to_string());
    let plain = if cfg!(windows) {
        "-_./:\\~@+="
    } else {
        "-_./:@+="
    };
    let is_plain = |c: char| c.is_alphanumeric() || plain.contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else if cfg!(windows) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn an_argument_is_quoted_if_a_shell_would_split_or_change_it() {
        for (path, expected) in [
            ("ca.pem", "ca.pem"),
            ("my ca.pem", "'my ca.pem'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            (r"a\b", r"'a\b'"),
            ("~x", "'~x'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }

    #[test]
    fn an_address_of_all_interfaces_is_reached_at_loopback() {
        for (address, expected) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("192.0.2.1:1", "192.0.2.1:1"),
        ] {
            assert_eq!(reachable(address.parse().unwrap()).to_string(), expected);
        }
    }
}
