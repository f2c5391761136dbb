//! Responses that browsers save as a file.

use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The header by which browsers save a response under a name (RFC 6266, section 4.3): percent-encoded UTF-8, which any
/// name can be put into.
pub(super) fn attachment(stem: &str, extension: &str) -> [(HeaderName, HeaderValue); 1] {
    let stem = utf8_percent_encode(stem, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename*=UTF-8''{stem}.{extension}");
    let plain = HeaderValue::from_static("attachment");
    let disposition = HeaderValue::try_from(disposition).unwrap_or(plain);
    [(CONTENT_DISPOSITION, disposition)]
}
