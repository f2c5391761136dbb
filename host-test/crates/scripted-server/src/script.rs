//! What a server does on its connections.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::record::Request;

/// What a server does on each connection.
#[derive(Clone, Debug)]
pub struct Script {
    acts: Vec<Act>,
}

/// One thing that a server does. After the last act, it closes the connection as with [`Act::Close`].
#[derive(Clone)]
pub enum Act {
    /// Waits until the client has sent something, without reading it: before the handshake, the client's hello.
    AwaitBytes,
    /// Does the server's part of the TLS handshake. Without it, the server speaks plain text.
    Handshake,
    /// Waits for a complete request.
    AwaitRequest,
    /// Answers every request with what this returns, until the client closes the connection.
    Answer(Answers),
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one by one, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// Sends bytes again and again, with a pause after each time.
    Repeat(Vec<u8>, Duration),
    /// Does nothing until the client closes the connection.
    Stall,
    /// Closes the connection properly, with TLS's closing alert.
    Close,
    /// Closes the TCP connection without TLS's closing alert.
    Cut,
    /// Resets the TCP connection.
    Reset,
}

/// The answer to each request.
pub type Answers = Arc<dyn Fn(&Request) -> Vec<u8> + Send + Sync>;

impl Script {
    /// The same on each connection.
    pub fn each(acts: impl Into<Vec<Act>>) -> Self {
        Self { acts: acts.into() }
    }

    /// A server over TLS that answers every request with what `answer` returns.
    pub fn answers(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::each([Act::Handshake, Act::Answer(Arc::new(answer))])
    }

    /// A server over TLS that reads a request and then does this.
    pub fn after_request(acts: impl IntoIterator<Item = Act>) -> Self {
        let begin = [Act::Handshake, Act::AwaitRequest];
        Self::each(begin.into_iter().chain(acts).collect::<Vec<_>>())
    }

    pub(super) fn acts(&self) -> &[Act] {
        &self.acts
    }
}

impl Act {
    /// [`Act::Send`] of text or bytes.
    pub fn send(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Send(bytes.into())
    }

    /// A fatal TLS alert in plain text, as a server sends it instead of its part of the handshake (RFC 8446, section 6.2).
    pub fn alert(description: u8) -> Self {
        const ALERT: u8 = 21;
        const FATAL: u8 = 2;
        Self::Send(vec![ALERT, 3, 3, 0, 2, FATAL, description])
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwaitBytes => f.write_str("AwaitBytes"),
            Self::Handshake => f.write_str("Handshake"),
            Self::AwaitRequest => f.write_str("AwaitRequest"),
            Self::Answer(_) => f.write_str("Answer"),
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Drip(bytes, pause) => write!(f, "Drip({} bytes, {pause:?})", bytes.len()),
            Self::Repeat(bytes, pause) => write!(f, "Repeat({} bytes, {pause:?})", bytes.len()),
            Self::Stall => f.write_str("Stall"),
            Self::Close => f.write_str("Close"),
            Self::Cut => f.write_str("Cut"),
            Self::Reset => f.write_str("Reset"),
        }
    }
}

/// A response with a `Content-Length`. `status` is such as `200 OK`; each line of `headers` ends with CR LF.
pub fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}
