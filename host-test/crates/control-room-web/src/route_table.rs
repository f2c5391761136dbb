//! A router that knows what it answers, so that whoever checks its rules can go through all of it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{get, post};

use super::app::App;

/// What is answered: a method, and an address with `{…}` for what differs.
pub(super) type Address = (Method, &'static str);

#[derive(Default)]
pub(super) struct Addresses {
    router: Router<Arc<App>>,
    known: Vec<Address>,
}

impl Addresses {
    pub(super) fn get<T: 'static>(
        mut self,
        path: &'static str,
        handler: impl Handler<T, Arc<App>>,
    ) -> Self {
        self.known.push((Method::GET, path));
        self.router = self.router.route(path, get(handler));
        self
    }

    pub(super) fn post<T: 'static>(
        mut self,
        path: &'static str,
        handler: impl Handler<T, Arc<App>>,
    ) -> Self {
        self.known.push((Method::POST, path));
        self.router = self.router.route(path, post(handler));
        self
    }

    pub(super) fn merge(mut self, others: Addresses) -> Self {
        self.known.extend(others.known);
        self.router = self.router.merge(others.router);
        self
    }

    /// Limits what is sent to those that are here by now, in bytes.
    pub(super) fn at_most(mut self, bytes: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(bytes));
        self
    }

    pub(super) fn into_parts(self) -> (Router<Arc<App>>, Vec<Address>) {
        (self.router, self.known)
    }
}
