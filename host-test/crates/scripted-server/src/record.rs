//! What arrived at a server.

use std::time::Instant;

/// All that arrived at a server.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// One for each TCP connection, in the order in which they were accepted.
    pub connections: Vec<Connection>,
}

/// What arrived on a TCP connection.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// When it was accepted.
    pub accepted: Option<Instant>,
    /// The name in the TLS handshake (SNI), if there was a handshake with one.
    pub server_name: Option<String>,
    /// Whether the TLS handshake was completed.
    pub is_encrypted: bool,
    /// How many bytes arrived beside the handshake: decrypted, if it was completed.
    pub bytes: usize,
    /// The complete requests.
    pub requests: Vec<Request>,
}

/// A request over HTTP/1.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The target, such as `/path?query`.
    pub target: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without its transfer coding.
    pub body: Vec<u8>,
}

impl Record {
    /// All complete requests.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.connections.iter().flat_map(|it| &it.requests)
    }

    /// How many bytes arrived beside TLS handshakes.
    pub fn bytes(&self) -> usize {
        self.connections.iter().map(|it| it.bytes).sum()
    }

    /// The names in the TLS handshakes.
    pub fn server_names(&self) -> impl Iterator<Item = &str> {
        self.connections
            .iter()
            .filter_map(|it| it.server_name.as_deref())
    }
}

impl Request {
    /// The value of the first header with this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }

    /// Takes the first request off `received`, once it is complete.
    pub(super) fn take(received: &mut Vec<u8>) -> Option<Self> {
        let end = find(received, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(received.get(..end)?).into_owned();
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        let mut request = Self {
            method: first.next().unwrap_or_default().into(),
            target: first.next().unwrap_or_default().into(),
            headers: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: Vec::new(),
        };
        let body = received.get(end + 4..)?;
        let is_chunked = request
            .header("transfer-encoding")
            .is_some_and(|it| it.eq_ignore_ascii_case("chunked"));
        let length = if is_chunked {
            let (content, length) = dechunked(body)?;
            request.body = content;
            length
        } else {
            let length = request.header("content-length");
            let length = length.and_then(|it| it.parse().ok()).unwrap_or(0);
            request.body = body.get(..length)?.to_vec();
            length
        };
        received.drain(..end + 4 + length);
        Some(request)
    }
}

/// The content of a chunked body, and how long its encoding is, once it is complete. Trailers are not supported.
fn dechunked(body: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut content, mut at) = (Vec::new(), 0);
    loop {
        let rest = body.get(at..)?;
        let line = find(rest, b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..line)?).ok()?;
        let size = size.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        let begin = line + 2;
        let end = begin.checked_add(size)?;
        content.extend_from_slice(rest.get(begin..end)?);
        rest.get(end..end + 2)?;
        at += end + 2;
        if size == 0 {
            return Some((content, at));
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_request_is_taken_once_it_is_complete() {
        let whole = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc".to_vec();
        for length in 0..whole.len() {
            assert_eq!(Request::take(&mut whole[..length].to_vec()), None);
        }
        let mut received = [whole.as_slice(), b"GET"].concat();
        let request = Request::take(&mut received).unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/a")
        );
        assert_eq!(request.header("host"), Some("h"));
        assert_eq!(request.body, b"abc");
        assert_eq!(received, b"GET");
    }

    #[test]
    fn a_chunked_body_is_decoded() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let whole = format!("{head}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").into_bytes();
        for length in 0..whole.len() {
            assert_eq!(Request::take(&mut whole[..length].to_vec()), None);
        }
        assert_eq!(Request::take(&mut whole.clone()).unwrap().body, b"abcde");
    }
}
