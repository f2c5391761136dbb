//! Checks a request, and turns it into the form in which it is sent.

use std::error::Error as StdError;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, COOKIE, Entry, HOST, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, Version};
use http_body_util::BodyExt as _;

use super::connection::RequestBody;
use super::error::Error;
use super::grant::Grant;

/// The header `User-Agent` of requests that have none (RFC 9110, section 10.1.5). Firewalls refuse requests without one.
const PRODUCT: HeaderValue =
    HeaderValue::from_static(concat!("bot-runner/", env!("CARGO_PKG_VERSION")));

/// Checks `request` and gives it the origin form (RFC 9112, section 3.2.1). Returns its origin as well.
///
/// The Host header is always set to that of the URL: a different one could reach a virtual host that is not on the
/// allow-list. Headers with secrets are marked as sensitive, so that `Debug` does not show them.
pub(super) fn prepare<B>(
    request: Request<B>,
    grant: &Grant,
) -> Result<(Authority, Request<RequestBody>), Error>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (mut head, body) = request.into_parts();
    let origin = check(&head.method, &head.uri, &head.headers, grant)?;
    let host = HeaderValue::from_str(origin.as_str())
        .map_err(|_| Error::InvalidRequest("the URL has no valid host"))?;
    head.headers.insert(HOST, host);
    head.headers.entry(USER_AGENT).or_insert(PRODUCT);
    // Bodies are not decoded, and without this header a server may encode them (RFC 9110, section 12.5.3).
    let identity = HeaderValue::from_static("identity");
    head.headers.entry(ACCEPT_ENCODING).or_insert(identity);
    mark_sensitive(&mut head.headers);
    let path = head.uri.path_and_query().cloned();
    head.uri = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
    head.version = Version::HTTP_11;
    let body = body.map_err(Into::into).boxed_unsync();
    Ok((origin, Request::from_parts(head, body)))
}

/// The origin of `uri`, if requests may go there.
fn check(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    grant: &Grant,
) -> Result<Authority, Error> {
    if uri.scheme() != Some(&Scheme::HTTPS) {
        return Err(Error::NotHttps);
    }
    let origin = uri
        .authority()
        .ok_or(Error::InvalidRequest("the URL has no host"))?;
    if origin.as_str().contains('@') {
        return Err(Error::InvalidRequest("the URL contains user info"));
    }
    let port = match origin.port_u16() {
        Some(port) => port,
        None if origin.as_str().len() == origin.host().len() => 443,
        None => return Err(Error::InvalidRequest("the URL has no valid port")),
    };
    if method == Method::CONNECT {
        return Err(Error::InvalidRequest("the method is CONNECT"));
    }
    grant.check(method, origin.host(), port, uri.path(), headers)?;
    Ok(origin.clone())
}

fn mark_sensitive(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
        if let Entry::Occupied(mut values) = headers.entry(name) {
            values
                .iter_mut()
                .for_each(|value| value.set_sensitive(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use http_body_util::Empty;

    use super::prepare;
    use crate::{AllowList, Grant};

    #[test]
    fn debug_does_not_show_headers_with_secrets() {
        let request = Request::get("https://api.mypurecloud.de/")
            .header("authorization", "Bearer canary")
            .header("authorization", "Basic canary")
            .header("proxy-authorization", "Basic canary")
            .header("cookie", "session=canary")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let (_, request) = prepare(request, &Grant::any_request_to(AllowList::genesys())).unwrap();
        assert_eq!(request.headers().get_all("authorization").iter().count(), 2);
        assert!(!format!("{request:?}").contains("canary"));
    }

    #[test]
    fn a_request_says_who_sends_it_and_that_bodies_are_not_decoded() {
        let prepared = |request: http::request::Builder| {
            let request = request
                .uri("https://api.mypurecloud.de/")
                .body(Empty::<Bytes>::new())
                .unwrap();
            let grant = Grant::any_request_to(AllowList::genesys());
            prepare(request, &grant).unwrap().1.headers().clone()
        };
        let headers = prepared(Request::builder());
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(headers["user-agent"], format!("bot-runner/{version}"));
        assert_eq!(headers["accept-encoding"], "identity");
        let own = Request::builder().header("user-agent", "component/1");
        let headers = prepared(own.header("accept-encoding", "gzip"));
        assert_eq!(headers["user-agent"], "component/1");
        assert_eq!(headers["accept-encoding"], "gzip");
    }

    #[test]
    fn a_request_is_sent_in_origin_form() {
        for (url, path) in [
            ("https://api.mypurecloud.de", "/"),
            ("https://api.mypurecloud.de?a=b", "/?a=b"),
            ("https://api.mypurecloud.de:443/a?b#c", "/a?b"),
        ] {
            let request = Request::get(url).body(Empty::<Bytes>::new()).unwrap();
            let (origin, request) =
                prepare(request, &Grant::any_request_to(AllowList::genesys())).unwrap();
            assert_eq!(request.uri(), path);
            assert_eq!(request.headers()["host"], origin.as_str());
        }
    }
}
