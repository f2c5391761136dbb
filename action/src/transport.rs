//! Sends a request with `wasi:http`. No other module uses it, and this one knows nothing about tokens.
//!
//! If a request has a `Content-Length`, the runtime may close its body as soon as it has that many bytes, so that writing
//! the body fails although the request succeeds. Hence the rule: a failed write is never the result. The response is.
//! `waki::Client` breaks this rule and loses responses, so only waki's bindings are used.

use secrecy::ExposeSecret;

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    self, ErrorCode, Fields, IncomingResponse, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};
use crate::bindings::wasi::io::streams::StreamError;
use crate::error::{Error, Failure, Reason};
use crate::exchange::{Method, Request, Response};
use crate::retry_after::number;

const SECOND: u64 = 1_000_000_000;

/// How long to wait for a connection, in nanoseconds. The limits of the runtime may be shorter. Many have none, or one of
/// ten minutes, and not every runtime limits a call: so these are worth their host calls.
pub const CONNECT_TIMEOUT: u64 = 10 * SECOND;

/// How long to wait for the head of the response, in nanoseconds. Genesys itself gives up after 15 s, with status 504.
pub const FIRST_BYTE_TIMEOUT: u64 = 30 * SECOND;

/// How long the body of a response may pause, in nanoseconds.
pub const BETWEEN_BYTES_TIMEOUT: u64 = 10 * SECOND;

/// How much is read at once, in bytes. A token response fits.
const READ_SIZE: u64 = 4096;

/// How much can be written at once, in bytes (`wasi:io/streams`).
const WRITE_SIZE: usize = 4096;

/// How many reads in a row may give nothing. `wasi:io` forbids them, but a runtime may hand on the empty frames of HTTP/2,
/// of which a server can send any number.
const MAX_EMPTY_READS: u32 = 64;

/// The header `User-Agent` (RFC 9110, section 10.1.5). Firewalls refuse requests without one.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Sends a request and waits for the response, once.
///
/// # Errors
///
/// The matching case if there is no response.
pub fn send(request: &Request) -> Result<Response, Error> {
    exchange(request).map_err(|error| match error {
        Fault::Http(code) => classify(&request.host, &code),
        Fault::Runtime(reason) => Error::Other(Failure::without_answer(&request.host, reason)),
    })
}

/// Why there is no response.
enum Fault {
    /// The error that the runtime reports.
    Http(ErrorCode),
    /// The runtime violates `wasi:http`, which is a bug of the runtime.
    Runtime(Reason),
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::Http(code)
    }
}

fn exchange(request: &Request) -> Result<Response, Fault> {
    let outgoing = OutgoingRequest::new(headers(request)?);
    let method = match request.method {
        Method::Get => types::Method::Get,
        Method::Post => types::Method::Post,
        Method::Head => types::Method::Head,
        Method::Delete => types::Method::Delete,
    };
    let accepted = outgoing.set_method(&method).is_ok()
        && outgoing.set_scheme(Some(&Scheme::Https)).is_ok()
        && outgoing.set_authority(Some(&request.host)).is_ok()
        && outgoing.set_path_with_query(Some(&request.path)).is_ok();
    if !accepted {
        return Err(Fault::Runtime(Reason::RuntimeRequest));
    }
    let options = RequestOptions::new();
    // A runtime that does not support these time-outs uses its own.
    let _ = options.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let _ = options.set_first_byte_timeout(Some(FIRST_BYTE_TIMEOUT));
    let _ = options.set_between_bytes_timeout(Some(BETWEEN_BYTES_TIMEOUT));

    let response = match &request.body {
        Some(content) => {
            let body = outgoing
                .body()
                .map_err(|()| Fault::Runtime(Reason::RuntimeRequest))?;
            let response = outgoing_handler::handle(outgoing, Some(options))?;
            write(body, &content.content);
            response
        }
        None => outgoing_handler::handle(outgoing, Some(options))?,
    };
    response.subscribe().block();
    match response.get() {
        Some(Ok(Ok(response))) => read(&response, request),
        Some(Ok(Err(code))) => Err(code.into()),
        Some(Err(())) | None => Err(Fault::Runtime(Reason::RuntimeAnswer)),
    }
}

fn headers(request: &Request) -> Result<Fields, Fault> {
    // waki's bindings take references to owned values.
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let mut headers = vec![
        header("authorization", request.authorization.expose_secret()),
        header("accept", "application/json"),
        // Without it a server may compress its answer (RFC 9110, section 12.5.3).
        header("accept-encoding", "identity"),
        header("user-agent", USER_AGENT),
    ];
    if let Some(body) = &request.body {
        headers.push(header("content-type", body.content_type));
        headers.push(header("content-length", &body.content.len().to_string()));
    }
    Fields::from_list(&headers).map_err(|_| Fault::Runtime(Reason::RuntimeRequest))
}

/// Writes the body of a request. The module's documentation says why errors are ignored.
fn write(body: OutgoingBody, content: &str) {
    if let Ok(stream) = body.write() {
        let mut parts = content.as_bytes().chunks(WRITE_SIZE);
        let _ = parts.try_for_each(|part| stream.blocking_write_and_flush(part));
    }
    let _ = OutgoingBody::finish(body, None);
}

fn read(response: &IncomingResponse, request: &Request) -> Result<Response, Fault> {
    let mut head = Response {
        status: response.status(),
        ..Response::default()
    };
    let (mut length, mut encoding) = (None, None);
    for (mut name, value) in response.headers().entries() {
        name.make_ascii_lowercase();
        let header = match name.as_str() {
            "content-type" => &mut head.content_type,
            "retry-after" => &mut head.retry_after,
            "date" => &mut head.date,
            "inin-correlation-id" => &mut head.correlation_id,
            "www-authenticate" => &mut head.www_authenticate,
            "content-length" => &mut length,
            "content-encoding" => &mut encoding,
            _ => continue,
        };
        if header.is_none() {
            *header = String::from_utf8(value).ok();
        }
    }
    let length = length.and_then(|length| number(length.as_bytes()));
    // The runtime may abort a body that is larger than its own limit, so this must not be read.
    let too_large = length > Some(request.max_response as u64);
    // The status alone classifies these, even if the body is slow or breaks off.
    let body_is_irrelevant = matches!(head.status, 300..=399 | 429 | 500..);
    head.body = if body_is_irrelevant || too_large {
        None
    } else if request.method == Method::Head || head.status == 204 {
        // These have no body (RFC 9110, sections 9.3.2 and 15.3.5), whatever their length says.
        Some(Vec::new())
    } else {
        // A runtime that decodes the body leaves the length as it was.
        let length = length.filter(|_| encoding.is_none());
        read_body(response, length, request.max_response)?
    };
    Ok(head)
}

/// The body, or `None` if it is larger than `max` bytes.
fn read_body(
    response: &IncomingResponse,
    length: Option<u64>,
    max: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let no_body = |()| Fault::Runtime(Reason::RuntimeAnswer);
    let body = response.consume().map_err(no_body)?;
    let stream = body.stream().map_err(no_body)?;
    collect(|| stream.blocking_read(READ_SIZE), length, max)
}

/// All that `read` gives, up to the announced length, or `None` if it is more than `max` bytes.
fn collect(
    mut read: impl FnMut() -> Result<Vec<u8>, StreamError>,
    length: Option<u64>,
    max: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut content = Vec::new();
    let mut empty_reads = 0;
    // A further read would only say that the stream is closed.
    while length.is_none_or(|length| (content.len() as u64) < length) {
        match read() {
            Ok(bytes) if bytes.is_empty() => {
                empty_reads += 1;
                if empty_reads > MAX_EMPTY_READS {
                    return Err(ErrorCode::HttpResponseIncomplete.into());
                }
            }
            Ok(bytes) => {
                empty_reads = 0;
                if content.is_empty() {
                    content = bytes;
                } else {
                    content.extend_from_slice(&bytes);
                }
            }
            Err(StreamError::Closed) => break,
            // The cause makes no difference to the caller.
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(ErrorCode::HttpResponseIncomplete.into());
            }
        }
        if content.len() > max {
            return Ok(None);
        }
    }
    Ok(Some(content))
}

/// The case of [`Error`] for each error code of `wasi:http`.
fn classify(host: &str, code: &ErrorCode) -> Error {
    use ErrorCode as Code;
    let (case, reason): (fn(Failure) -> Error, _) = match code {
        Code::DnsTimeout | Code::DnsError(_) | Code::DestinationNotFound => {
            (Error::Unavailable, Reason::NameNotResolved)
        }
        Code::ConnectionRefused => (Error::Unavailable, Reason::ConnectionRefused),
        Code::DestinationUnavailable | Code::DestinationIpUnroutable => {
            (Error::Unavailable, Reason::ConnectionFailed)
        }
        Code::ConnectionTimeout => (Error::Unavailable, Reason::ConnectTimeout),
        Code::ConnectionTerminated | Code::HttpResponseIncomplete => {
            (Error::Unavailable, Reason::ConnectionLost)
        }
        Code::ConnectionReadTimeout | Code::ConnectionWriteTimeout | Code::HttpResponseTimeout => {
            (Error::Unavailable, Reason::AnswerTimeout)
        }
        Code::ConnectionLimitReached => (Error::Unavailable, Reason::Busy),
        // An alert is what the server says, so it is no verdict of the runtime on the server's certificate.
        Code::TlsProtocolError | Code::TlsAlertReceived(_) => {
            (Error::Unavailable, Reason::TlsFailed)
        }
        Code::TlsCertificateError => (Error::UntrustedServer, Reason::CertificateInvalid),
        Code::HttpRequestDenied => (Error::NotPermitted, Reason::HostNotAllowed),
        Code::DestinationIpProhibited => (Error::NotPermitted, Reason::AddressNotAllowed),
        Code::HttpResponseHeaderSectionSize(_)
        | Code::HttpResponseHeaderSize(_)
        | Code::HttpResponseBodySize(_)
        | Code::HttpResponseTrailerSectionSize(_)
        | Code::HttpResponseTrailerSize(_) => (Error::UnexpectedResponse, Reason::TooLarge),
        Code::HttpResponseTransferCoding(_)
        | Code::HttpResponseContentCoding(_)
        | Code::HttpUpgradeFailed => (Error::UnexpectedResponse, Reason::NotHttp),
        // Runtimes report any connection that breaks before the head of the response is complete as the first of these,
        // and many other faults of the network as the second.
        Code::HttpProtocolError => (Error::Unavailable, Reason::NotHttp),
        Code::InternalError(_) => (Error::Unavailable, Reason::RuntimeError),
        Code::LoopDetected => (Error::UnexpectedResponse, Reason::Redirected),
        // Requests differ only in host and secrets, so the fault is the runtime's. Its message may quote the request, so
        // it is not included.
        _ => (Error::Other, Reason::RuntimeError),
    };
    case(Failure::without_answer(host, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::wasi::http::types::{
        DnsErrorPayload, FieldSizePayload, TlsAlertReceivedPayload,
    };

    const HOST: &str = "login.mypurecloud.de";

    fn alert(id: Option<u8>) -> ErrorCode {
        ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id: id,
            alert_message: None,
        })
    }

    #[test]
    fn transient_failures_are_unavailable() {
        for (code, reason) in [
            (ErrorCode::DnsTimeout, Reason::NameNotResolved),
            (
                ErrorCode::DnsError(DnsErrorPayload {
                    rcode: None,
                    info_code: None,
                }),
                Reason::NameNotResolved,
            ),
            (ErrorCode::DestinationNotFound, Reason::NameNotResolved),
            (ErrorCode::ConnectionRefused, Reason::ConnectionRefused),
            (ErrorCode::DestinationUnavailable, Reason::ConnectionFailed),
            (ErrorCode::DestinationIpUnroutable, Reason::ConnectionFailed),
            (ErrorCode::ConnectionTimeout, Reason::ConnectTimeout),
            (ErrorCode::ConnectionTerminated, Reason::ConnectionLost),
            (ErrorCode::HttpResponseIncomplete, Reason::ConnectionLost),
            (ErrorCode::ConnectionReadTimeout, Reason::AnswerTimeout),
            (ErrorCode::ConnectionWriteTimeout, Reason::AnswerTimeout),
            (ErrorCode::HttpResponseTimeout, Reason::AnswerTimeout),
            (ErrorCode::ConnectionLimitReached, Reason::Busy),
            (ErrorCode::TlsProtocolError, Reason::TlsFailed),
            (alert(None), Reason::TlsFailed),
            (alert(Some(40)), Reason::TlsFailed),
            (alert(Some(48)), Reason::TlsFailed),
            (ErrorCode::HttpProtocolError, Reason::NotHttp),
        ] {
            let expected = Error::Unavailable(Failure::without_answer(HOST, reason));
            assert_eq!(classify(HOST, &code), expected);
        }
    }

    #[test]
    fn a_certificate_that_the_runtime_refuses_is_not_trusted() {
        let reason = Reason::CertificateInvalid;
        assert_eq!(
            classify(HOST, &ErrorCode::TlsCertificateError),
            Error::UntrustedServer(Failure::without_answer(HOST, reason))
        );
    }

    #[test]
    fn a_body_may_come_in_any_number_of_pieces() {
        let pieces = ["{", "", "}", ""];
        let mut pieces = pieces.into_iter();
        let read = || {
            let piece = pieces.next();
            piece.map(Into::into).ok_or(StreamError::Closed)
        };
        assert!(matches!(collect(read, None, 2), Ok(Some(body)) if body == b"{}"));
        let mut left = 3;
        let read = || {
            left -= 1;
            if left >= 0 {
                Ok(vec![b' '; 10])
            } else {
                Err(StreamError::Closed)
            }
        };
        assert!(matches!(collect(read, None, 29), Ok(None)));
    }

    #[test]
    fn a_body_is_read_up_to_its_announced_length() {
        let mut reads = 0;
        let body = collect(
            || {
                reads += 1;
                Ok(vec![b' '; 10])
            },
            Some(20),
            100,
        );
        assert!(matches!(body, Ok(Some(body)) if body.len() == 20));
        assert_eq!(reads, 2);
        let mut pieces = [b"{}".to_vec()].into_iter();
        let read = || pieces.next().ok_or(StreamError::Closed);
        assert!(matches!(collect(read, Some(20), 100), Ok(Some(body)) if body == b"{}"));
    }

    #[test]
    fn a_body_of_empty_pieces_ends() {
        assert!(matches!(
            collect(|| Ok(Vec::new()), None, 100),
            Err(Fault::Http(ErrorCode::HttpResponseIncomplete))
        ));
    }

    #[test]
    fn requests_that_the_runtime_forbids_are_not_permitted() {
        for (code, reason) in [
            (ErrorCode::HttpRequestDenied, Reason::HostNotAllowed),
            (
                ErrorCode::DestinationIpProhibited,
                Reason::AddressNotAllowed,
            ),
        ] {
            let expected = Error::NotPermitted(Failure::without_answer(HOST, reason));
            assert_eq!(classify(HOST, &code), expected);
        }
    }

    #[test]
    fn unusable_responses_are_unexpected() {
        let field = || FieldSizePayload {
            field_name: None,
            field_size: None,
        };
        for (code, reason) in [
            (
                ErrorCode::HttpResponseHeaderSectionSize(None),
                Reason::TooLarge,
            ),
            (ErrorCode::HttpResponseHeaderSize(field()), Reason::TooLarge),
            (ErrorCode::HttpResponseBodySize(None), Reason::TooLarge),
            (
                ErrorCode::HttpResponseTrailerSectionSize(None),
                Reason::TooLarge,
            ),
            (
                ErrorCode::HttpResponseTrailerSize(field()),
                Reason::TooLarge,
            ),
            (ErrorCode::HttpResponseTransferCoding(None), Reason::NotHttp),
            (ErrorCode::HttpResponseContentCoding(None), Reason::NotHttp),
            (ErrorCode::HttpUpgradeFailed, Reason::NotHttp),
            (ErrorCode::LoopDetected, Reason::Redirected),
        ] {
            let expected = Error::UnexpectedResponse(Failure::without_answer(HOST, reason));
            assert_eq!(classify(HOST, &code), expected);
        }
    }

    #[test]
    fn messages_of_the_runtime_are_not_included() {
        let failure = || Failure::without_answer(HOST, Reason::RuntimeError);
        let internal = ErrorCode::InternalError(Some("Basic canary".into()));
        assert_eq!(classify(HOST, &internal), Error::Unavailable(failure()));
        for code in [
            ErrorCode::ConfigurationError,
            ErrorCode::HttpRequestUriTooLong,
        ] {
            assert_eq!(classify(HOST, &code), Error::Other(failure()));
        }
    }
}
