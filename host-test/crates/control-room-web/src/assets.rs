//! The style sheets and scripts of the pages, embedded in the program. Browsers cache each by its `ETag`.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The path pattern of all assets.
pub(super) const PATH: &str = "/static/{name}";

pub(super) const STYLE: &str = "/static/pages.css";
pub(super) const STYLE_OF_MANAGING: &str = "/static/manage.css";
pub(super) const ICON: &str = "/static/icon.svg";
pub(super) const EDITOR: &str = "/static/editor.js";
pub(super) const IMPORT: &str = "/static/import.js";
pub(super) const COPY: &str = "/static/copy.js";
pub(super) const OUTCOME: &str = "/static/outcome.js";
pub(super) const RUN: &str = "/static/run.js";

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
    ("form.js", SCRIPT_TYPE, include_str!("static/form.js")),
    (
        "connection.js",
        SCRIPT_TYPE,
        include_str!("static/connection.js"),
    ),
    ("source.js", SCRIPT_TYPE, include_str!("static/source.js")),
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
];

/// Answers with an asset, or with 304 if the browser has it (RFC 9110, section 13.1.2).
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some((_, kind, content)) = ASSETS.iter().find(|(other, ..)| *other == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(content.as_bytes()));
    let tag = format!("\"{hash}\"");
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    // Revalidation costs little on the way to this server, and never shows an old script.
    let cache_headers = [(ETAG, tag.as_str()), (CACHE_CONTROL, "no-cache")];
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, cache_headers).into_response();
    }
    (cache_headers, [(CONTENT_TYPE, *kind)], *content).into_response()
}
