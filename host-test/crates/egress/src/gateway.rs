//! The gateway: where the operator routes all connections to, such as a forwarder inside a closed network or the embedded
//! Genesys Cloud.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use http::uri::Authority;

/// `HOST:PORT` to connect to instead of every allowed host.
///
/// Only the TCP connection goes there: the name in TLS (SNI and certificate) and the Host header stay those of the URL.
/// No proxy is used, and the gateway's addresses need not be public, because the operator chose them.
///
/// ```
/// let gateway: egress::Gateway = "127.0.0.1:8443".parse()?;
/// assert_eq!((gateway.host(), gateway.port()), ("127.0.0.1", 8443));
/// # Ok::<(), egress::GatewayError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    authority: Authority,
    port: u16,
}

impl Gateway {
    /// The host name or address. An IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.authority.fmt(f)
    }
}

/// The text is not a valid `HOST:PORT`.
///
/// ```
/// use egress::{Gateway, GatewayError};
///
/// let without_port = "gateway.example.com".parse::<Gateway>();
/// assert_eq!(without_port, Err(GatewayError));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a gateway must be HOST:PORT, such as 127.0.0.1:8443, [::1]:8443 or gateway.example.com:443"
)]
pub struct GatewayError;

impl FromStr for Gateway {
    type Err = GatewayError;

    fn from_str(text: &str) -> Result<Self, GatewayError> {
        let authority: Authority = text.parse().map_err(|_| GatewayError)?;
        match authority.port_u16() {
            Some(port) if port != 0 && !authority.host().is_empty() && !text.contains('@') => {
                Ok(Self { authority, port })
            }
            _ => Err(GatewayError),
        }
    }
}

impl TryFrom<SocketAddr> for Gateway {
    type Error = GatewayError;

    /// # Errors
    ///
    /// [`GatewayError`] for port 0.
    fn try_from(address: SocketAddr) -> Result<Self, GatewayError> {
        address.to_string().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::{Gateway, GatewayError};

    #[test]
    fn a_gateway_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("127.0.0.1:8443", "127.0.0.1", 8443),
            ("[::1]:1", "[::1]", 1),
            ("gateway.example.com:443", "gateway.example.com", 443),
        ] {
            let gateway: Gateway = text.parse().unwrap();
            assert_eq!((gateway.host(), gateway.port()), (host, port));
            assert_eq!(gateway.to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_not_a_gateway() {
        for text in [
            "",
            "gateway",
            ":443",
            "gateway:",
            "gateway:0",
            "gateway:65536",
            "user@gateway:443",
            "https://gateway:443",
            "gateway:443/",
            "::1:443",
        ] {
            assert_eq!(text.parse::<Gateway>(), Err(GatewayError), "{text}");
        }
    }
}
