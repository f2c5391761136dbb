//! Compares a request with the grant.

use http::Request;
use serde_json::Value;

/// Whether a rule of the grant names the host, the method, the path and each header.
pub(crate) fn allows<B>(grant: &Value, request: &Request<B>) -> bool {
    let uri = request.uri();
    let is_https = uri.scheme_str() == Some("https") && uri.port_u16().is_none_or(|it| it == 443);
    let has_user = uri.authority().is_none_or(|it| it.as_str().contains('@'));
    let host = uri.host().unwrap_or_default();
    let path = uri.path().to_ascii_lowercase();
    let is_plain = !path
        .split('/')
        .any(|it| matches!(it.replace("%2e", ".").as_str(), "." | ".."))
        && !path.contains("%2f");
    let names = |rule: &Value, part: &str, is: &dyn Fn(&str) -> bool| {
        rule[part]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| is(it.as_str().unwrap()))
    };
    is_https
        && !has_user
        && is_plain
        && grant.as_array().unwrap().iter().any(|rule| {
            names(rule, "hosts", &|it| {
                !it.rsplit('.').take(2).any(|label| label == "*") && matches(it, host, '.')
            }) && names(rule, "methods", &|it| it == request.method().as_str())
                && names(rule, "paths", &|it| matches(it, uri.path(), '/'))
                && request.headers().keys().all(|header| {
                    matches!(
                        header.as_str(),
                        "accept"
                            | "accept-encoding"
                            | "content-type"
                            | "content-length"
                            | "host"
                            | "user-agent"
                    ) || names(rule, "headers", &|it| it == header.as_str())
                })
        })
}

/// `*` stands for one part.
fn matches(pattern: &str, text: &str, separator: char) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (
        pattern.split(separator).collect(),
        text.split(separator).collect(),
    );
    let is_same =
        |(pattern, text): (&&str, &&str)| pattern == text || (*pattern == "*" && !text.is_empty());
    pattern.len() == text.len() && pattern.iter().zip(&text).all(is_same)
}
