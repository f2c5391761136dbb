//! Requests over waki's bindings of `wasi:http`.

use waki::bindings::wasi::http::outgoing_handler;
use waki::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingRequest, Scheme,
    http_error_code,
};
use waki::bindings::wasi::io::streams::StreamError;

/// A request without a body, over https.
pub(crate) struct Request<'a> {
    pub(crate) host: &'a str,
    /// `GET` or another one.
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// The name of a header that it has, if any.
    pub(crate) header: &'a str,
}

/// A pending request.
pub(crate) struct Pending(FutureIncomingResponse);

impl<'a> Request<'a> {
    pub(crate) fn get(host: &'a str) -> Self {
        Self {
            host,
            method: "GET",
            path: "/",
            header: "",
        }
    }

    pub(crate) fn send(self) -> Result<Pending, ErrorCode> {
        let headers = Fields::new();
        if !self.header.is_empty() {
            let set = headers.append(&self.header.into(), &b"x".to_vec());
            assert!(set.is_ok(), "the host does not accept the header");
        }
        let request = OutgoingRequest::new(headers);
        let method = match self.method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "HEAD" => Method::Head,
            "DELETE" => Method::Delete,
            other => Method::Other(other.into()),
        };
        let accepted = request.set_scheme(Some(&Scheme::Https)).is_ok()
            && request.set_authority(Some(self.host)).is_ok()
            && request.set_method(&method).is_ok()
            && request.set_path_with_query(Some(self.path)).is_ok();
        assert!(accepted, "the host does not accept the request");
        outgoing_handler::handle(request, None).map(Pending)
    }
}

impl Pending {
    pub(crate) fn wait(self) -> Result<IncomingResponse, ErrorCode> {
        self.0.subscribe().block();
        match self.0.get() {
            Some(Ok(answer)) => answer,
            _ => Err(ErrorCode::InternalError(Some("no answer".into()))),
        }
    }
}

/// Reads a response to its end, discards it, and returns its size.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`and_then` passes it by value"
)]
pub(crate) fn read(response: IncomingResponse) -> Result<usize, ErrorCode> {
    let body = response
        .consume()
        .map_err(|()| ErrorCode::InternalError(None))?;
    let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
    let mut size = 0;
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => size += piece.len(),
            Err(StreamError::Closed) => return Ok(size),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).unwrap_or(ErrorCode::InternalError(None)));
            }
        }
    }
}

/// The response of the host to a header with this value.
pub(crate) fn header(value: &[u8]) -> String {
    let said = Fields::new().append(&"x-large".into(), &value.to_vec());
    format!("{said:?}")
}
