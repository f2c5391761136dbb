//! Counters, by which tests see what a client did.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// TCP connections accepted on the HTTPS address, including those whose TLS handshake failed.
    pub https_connections: u64,
    /// Requests to `POST /oauth/token`, including those that failed.
    pub token_requests: u64,
    /// Token requests with the grant type `client_credentials`.
    pub client_credentials_requests: u64,
    /// Token requests with the grant type `authorization_code`.
    pub authorization_code_requests: u64,
    /// Token requests with the grant type `refresh_token`.
    pub refresh_requests: u64,
    /// Issued access tokens.
    pub tokens_issued: u64,
    /// Requests to a resource of the API, including those that failed.
    pub api_requests: u64,
}

/// The counters behind [`Statistics`].
#[derive(Default)]
pub(super) struct Counters {
    pub(super) https_connections: Counter,
    pub(super) token_requests: Counter,
    pub(super) client_credentials_requests: Counter,
    pub(super) authorization_code_requests: Counter,
    pub(super) refresh_requests: Counter,
    pub(super) tokens_issued: Counter,
    pub(super) api_requests: Counter,
}

#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(super) fn read(&self) -> Statistics {
        Statistics {
            https_connections: self.https_connections.get(),
            token_requests: self.token_requests.get(),
            client_credentials_requests: self.client_credentials_requests.get(),
            authorization_code_requests: self.authorization_code_requests.get(),
            refresh_requests: self.refresh_requests.get(),
            tokens_issued: self.tokens_issued.get(),
            api_requests: self.api_requests.get(),
        }
    }
}
