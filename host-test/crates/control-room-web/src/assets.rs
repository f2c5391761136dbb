//! The style sheets and scripts of the pages, embedded in the program.
//!
//! Their addresses contain a hash of all of them, so that a browser keeps each for ever and still never shows an old one.
//! They are the only responses that are compressed: they contain nothing secret (BREACH).

use std::io::Write;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The path pattern of all assets.
pub(super) const PATH: &str = "/static/{version}/{name}";

pub(super) const STYLE: &str = "pages.css";
pub(super) const STYLE_OF_MANAGING: &str = "manage.css";
pub(super) const ICON: &str = "icon.svg";
pub(super) const EDITOR: &str = "editor.js";
pub(super) const IMPORT: &str = "import.js";
pub(super) const COPY: &str = "copy.js";
pub(super) const OUTCOME: &str = "outcome.js";
pub(super) const RUN: &str = "run.js";
pub(super) const RUNS: &str = "runs.js";
pub(super) const SCHEDULE: &str = "schedule.js";
pub(super) const TIMES: &str = "times.js";
pub(super) const SESSION: &str = "session.js";

const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";

const ASSETS: &[(&str, &str, &str)] = &[
    (
        "pages.css",
        "text/css; charset=utf-8",
        include_str!("static/pages.css"),
    ),
    (
        "manage.css",
        "text/css; charset=utf-8",
        include_str!("static/manage.css"),
    ),
    ("icon.svg", "image/svg+xml", include_str!("static/icon.svg")),
    ("editor.js", SCRIPT_TYPE, include_str!("static/editor.js")),
    ("element.js", SCRIPT_TYPE, include_str!("static/element.js")),
    ("history.js", SCRIPT_TYPE, include_str!("static/history.js")),
    (
        "clipboard.js",
        SCRIPT_TYPE,
        include_str!("static/clipboard.js"),
    ),
    ("name.js", SCRIPT_TYPE, include_str!("static/name.js")),
    ("flow.js", SCRIPT_TYPE, include_str!("static/flow.js")),
    ("drag.js", SCRIPT_TYPE, include_str!("static/drag.js")),
    ("field.js", SCRIPT_TYPE, include_str!("static/field.js")),
    ("form.js", SCRIPT_TYPE, include_str!("static/form.js")),
    (
        "connection.js",
        SCRIPT_TYPE,
        include_str!("static/connection.js"),
    ),
    ("source.js", SCRIPT_TYPE, include_str!("static/source.js")),
    ("dialog.js", SCRIPT_TYPE, include_str!("static/dialog.js")),
    (
        "new-credential.js",
        SCRIPT_TYPE,
        include_str!("static/new-credential.js"),
    ),
    (
        "new-connection.js",
        SCRIPT_TYPE,
        include_str!("static/new-connection.js"),
    ),
    ("server.js", SCRIPT_TYPE, include_str!("static/server.js")),
    (
        "conflict.js",
        SCRIPT_TYPE,
        include_str!("static/conflict.js"),
    ),
    ("saving.js", SCRIPT_TYPE, include_str!("static/saving.js")),
    ("draft.js", SCRIPT_TYPE, include_str!("static/draft.js")),
    ("import.js", SCRIPT_TYPE, include_str!("static/import.js")),
    ("copy.js", SCRIPT_TYPE, include_str!("static/copy.js")),
    ("outcome.js", SCRIPT_TYPE, include_str!("static/outcome.js")),
    ("run.js", SCRIPT_TYPE, include_str!("static/run.js")),
    ("runs.js", SCRIPT_TYPE, include_str!("static/runs.js")),
    ("follow.js", SCRIPT_TYPE, include_str!("static/follow.js")),
    ("runner.js", SCRIPT_TYPE, include_str!("static/runner.js")),
    ("tree.js", SCRIPT_TYPE, include_str!("static/tree.js")),
    ("inputs.js", SCRIPT_TYPE, include_str!("static/inputs.js")),
    (
        "references.js",
        SCRIPT_TYPE,
        include_str!("static/references.js"),
    ),
    (
        "variables.js",
        SCRIPT_TYPE,
        include_str!("static/variables.js"),
    ),
    ("pointer.js", SCRIPT_TYPE, include_str!("static/pointer.js")),
    ("picker.js", SCRIPT_TYPE, include_str!("static/picker.js")),
    (
        "connection-notice.js",
        SCRIPT_TYPE,
        include_str!("static/connection-notice.js"),
    ),
    (
        "schedule.js",
        SCRIPT_TYPE,
        include_str!("static/schedule.js"),
    ),
    ("times.js", SCRIPT_TYPE, include_str!("static/times.js")),
    ("session.js", SCRIPT_TYPE, include_str!("static/session.js")),
];

/// A hash of all assets.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, _, content) in ASSETS {
        for part in [name, content] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
});

/// The compressed contents, in the order of [`ASSETS`].
static COMPRESSED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let compressed = |(_, _, content): &(_, _, &str)| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail.
        let _ = gzip.write_all(content.as_bytes());
        gzip.finish().unwrap_or_default()
    };
    ASSETS.iter().map(compressed).collect()
});

/// The address of an asset.
pub(super) fn url(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

/// Answers with an asset, compressed if the browser takes that (RFC 9110, section 12.5.3).
pub(super) async fn asset(
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(at) = ASSETS.iter().position(|(other, ..)| *other == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (_, kind, content) = ASSETS[at];
    // A page from before an update of the program gets the asset of now, once.
    let cache_control = if version == *VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers_of_all = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, cache_control),
        (VARY, "accept-encoding"),
    ];
    let compressed = &COMPRESSED[at];
    if takes_gzip(&headers) && !compressed.is_empty() {
        let gzip = [(CONTENT_ENCODING, "gzip")];
        return (headers_of_all, gzip, compressed.as_slice()).into_response();
    }
    (headers_of_all, content).into_response()
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter();
    let accepted = accepted.filter_map(|it| it.to_str().ok());
    accepted.flat_map(|it| it.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = quality.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip")
            && quality.parse::<f32>().is_ok_and(|quality| quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_browser_that_takes_gzip_gets_it() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("identity", false),
            ("gzip;q=0, identity", false),
            ("gzip;q=0.000", false),
            ("x-gzipped", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(takes_gzip(&headers), expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn compressed_assets_take_less_than_half() {
        let plain: usize = ASSETS.iter().map(|(_, _, content)| content.len()).sum();
        let compressed: usize = COMPRESSED.iter().map(Vec::len).sum();
        println!("{plain} bytes, compressed {compressed}");
        assert!(compressed * 2 < plain, "{compressed} of {plain}");
    }
}
