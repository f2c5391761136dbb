//! The host of the servers.

/// The host that requests go to, through a gateway.
pub const HOST: &str = "api.example.com";

/// A URL of this host.
pub const URL: &str = "https://api.example.com/path?query";
