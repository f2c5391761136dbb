//! From a request to its answer: which host is meant, what is served there, and the headers that
//! all answers have.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::api_error::ApiError;
use super::cloud::Cloud;
use super::region::Region;
use super::virtual_host::Front;
use super::{api, authorization_endpoint, random, token_endpoint};

/// The longest request body that is read, in bytes; with a longer one the answer is 413.
pub const MAX_BODY: usize = 64 * 1024;

/// The header by which Genesys' support finds a request again.
const CORRELATION_ID: HeaderName = HeaderName::from_static("inin-correlation-id");

/// What the handlers know about a request beside its own content.
#[derive(Clone)]
pub(super) struct Call {
    /// A UUID, the same in the header of the answer and in an error's body.
    pub(super) correlation_id: String,
    /// The region whose host was asked; none at a gateway.
    pub(super) region: Option<Region>,
}

/// What is served at each [`Front`].
pub(super) struct Routes {
    login: Site,
    api: Site,
    gateway: Site,
    nothing: Site,
}

type Site = TowerToHyperService<Router>;

impl Routes {
    pub(super) fn new(cloud: &Arc<Cloud>) -> Routes {
        let site = |routes: Router<Arc<Cloud>>| {
            let router = routes
                .fallback(not_found)
                .method_not_allowed_fallback(method_not_allowed)
                .layer(DefaultBodyLimit::max(MAX_BODY))
                .with_state(Arc::clone(cloud));
            TowerToHyperService::new(router)
        };
        let login = || token_endpoint::routes().merge(authorization_endpoint::routes());
        Routes {
            login: site(login()),
            api: site(api::routes()),
            gateway: site(login().merge(api::routes())),
            nothing: site(Router::new()),
        }
    }

    /// Answers a request, whatever it is.
    pub(super) async fn answer(&self, mut request: Request<Incoming>) -> Response {
        let front = front_of(&request);
        let call = Call {
            correlation_id: random::uuid(),
            region: front.region(),
        };
        let correlation_id = call.correlation_id.clone();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        request.extensions_mut().insert(call);

        let site = match front {
            Front::Login(_) => &self.login,
            Front::Api(_) => &self.api,
            Front::Gateway => &self.gateway,
            Front::Nothing => &self.nothing,
        };
        let Ok(mut response) = site.call(request).await;

        let status = response.status().as_u16();
        tracing::debug!(?front, %method, path, status, correlation_id, "answered");
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(correlation_id) = HeaderValue::try_from(correlation_id) {
            headers.insert(CORRELATION_ID, correlation_id);
        }
        response
    }
}

/// The target's own authority wins over the header (RFC 9112, section 3.2.2).
fn front_of(request: &Request<Incoming>) -> Front {
    let in_target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let in_header = || request.headers().get(HOST)?.to_str().ok();
    in_target
        .or_else(in_header)
        .map_or(Front::Gateway, Front::of_host)
}

async fn not_found(Extension(call): Extension<Call>) -> Response {
    ApiError::NotFound.answer(&call.correlation_id)
}

async fn method_not_allowed(Extension(call): Extension<Call>) -> Response {
    ApiError::MethodNotAllowed.answer(&call.correlation_id)
}
