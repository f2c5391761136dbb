//! Dispatches a request to its virtual host, and sets the headers of all responses.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

#[cfg(feature = "admin-pages")]
use super::admin_pages;
use super::api_error::ApiError;
use super::call::Call;
use super::cloud::Cloud;
use super::virtual_host::VirtualHost;
use super::{api, authorization_endpoint, random, token_endpoint};

/// The longest request body, in bytes; a longer one is answered with 413.
pub const MAX_BODY: usize = 64 * 1024;

/// The header by which Genesys' support finds a request.
const CORRELATION_ID: HeaderName = HeaderName::from_static("inin-correlation-id");

/// The router of each [`VirtualHost`].
pub(super) struct Routes {
    login: Site,
    api: Site,
    apps: Site,
    gateway: Site,
    unserved: Site,
}

type Site = TowerToHyperService<Router>;

impl Routes {
    pub(super) fn new(cloud: &Arc<Cloud>) -> Self {
        let site = |routes: Router<Arc<Cloud>>| {
            let router = routes
                .fallback(not_found)
                .method_not_allowed_fallback(method_not_allowed)
                .layer(DefaultBodyLimit::max(MAX_BODY))
                .with_state(Arc::clone(cloud));
            TowerToHyperService::new(router)
        };
        let login = || token_endpoint::routes().merge(authorization_endpoint::routes());
        Self {
            login: site(login()),
            api: site(api::routes()),
            apps: site(admin_routes(cloud)),
            gateway: site(login().merge(api::routes()).merge(admin_routes(cloud))),
            unserved: site(Router::new()),
        }
    }

    /// Responds to a request.
    pub(super) async fn respond(&self, mut request: Request<Incoming>) -> Response {
        let host = virtual_host(&request);
        let call = Call {
            correlation_id: random::uuid(),
            region: host.region(),
        };
        let correlation_id = call.correlation_id.clone();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        request.extensions_mut().insert(call);

        let site = match host {
            VirtualHost::Login(_) => &self.login,
            VirtualHost::Api(_) => &self.api,
            VirtualHost::Apps(_) => &self.apps,
            VirtualHost::Gateway => &self.gateway,
            VirtualHost::Unserved => &self.unserved,
        };
        let Ok(mut response) = site.call(request).await;

        let status = response.status().as_u16();
        tracing::debug!(?host, %method, path, status, correlation_id, "answered");
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(correlation_id) = HeaderValue::try_from(correlation_id) {
            headers.insert(CORRELATION_ID, correlation_id);
        }
        response
    }
}

#[cfg(feature = "admin-pages")]
use admin_pages::routes as admin_routes;

#[cfg(not(feature = "admin-pages"))]
fn admin_routes(_: &Arc<Cloud>) -> Router<Arc<Cloud>> {
    Router::new()
}

/// The authority of the request target has precedence over the header (RFC 9112, section 3.2.2).
fn virtual_host(request: &Request<Incoming>) -> VirtualHost {
    let in_target = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    let in_header = || request.headers().get(HOST)?.to_str().ok();
    in_target
        .or_else(in_header)
        .map_or(VirtualHost::Gateway, VirtualHost::from_host)
}

async fn not_found(Extension(call): Extension<Call>) -> Response {
    ApiError::NotFound.response(&call.correlation_id)
}

async fn method_not_allowed(Extension(call): Extension<Call>) -> Response {
    ApiError::MethodNotAllowed.response(&call.correlation_id)
}
