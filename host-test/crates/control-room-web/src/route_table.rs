//! A router that can list its routes, so that a test can check a rule for each of them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{get, post};

use super::app::App;

/// A method and a path pattern with `{…}` for its parameters.
pub(super) type Route = (Method, &'static str);

/// A router under construction and the list of its routes.
#[derive(Default)]
pub(super) struct RouteTable {
    router: Router<Arc<App>>,
    routes: Vec<Route>,
}

impl RouteTable {
    pub(super) fn get<T: 'static>(
        mut self,
        path: &'static str,
        handler: impl Handler<T, Arc<App>>,
    ) -> Self {
        self.routes.push((Method::GET, path));
        self.router = self.router.route(path, get(handler));
        self
    }

    pub(super) fn post<T: 'static>(
        mut self,
        path: &'static str,
        handler: impl Handler<T, Arc<App>>,
    ) -> Self {
        self.routes.push((Method::POST, path));
        self.router = self.router.route(path, post(handler));
        self
    }

    pub(super) fn merge(mut self, others: Self) -> Self {
        self.routes.extend(others.routes);
        self.router = self.router.merge(others.router);
        self
    }

    /// Limits the request bodies of the routes added so far, in bytes.
    pub(super) fn at_most(mut self, bytes: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(bytes));
        self
    }

    pub(super) fn into_parts(self) -> (Router<Arc<App>>, Vec<Route>) {
        (self.router, self.routes)
    }
}
