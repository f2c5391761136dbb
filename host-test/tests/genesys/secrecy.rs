//! No secret and no token in what is printed or logged.

use std::fmt;
use std::sync::{Arc, Mutex};

use host_test::genesys::OAuthClient;
use secrecy::ExposeSecret;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::client::{Request, Server, region};

/// Keeps the text of all events, at all levels.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        *self.0.lock().unwrap() += &format!("{field}={value:?} ");
    }
}

#[tokio::test]
async fn secrets_and_tokens_are_not_logged() {
    let log = Log::default();
    // For all tests of this process: whether an event is of interest is remembered for all threads.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let server = Server::start().await;
    let token = server.token().await;
    for token in [token.as_str(), "unknown-canary"] {
        let request = Request::api("GET", "/api/v2/tokens/me", token);
        server.send(request).await;
    }
    let wrong = Request::token(&server.client).basic(&server.client.id, "wrong-canary");
    server.send(wrong).await;

    let log = log.0.lock().unwrap();
    assert!(log.contains("answered"), "{log}");
    let secret = server.client.secret.expose_secret();
    for canary in [secret, token.as_str(), "unknown-canary", "wrong-canary"] {
        assert!(!log.contains(canary), "{log}");
    }
}

#[test]
fn debug_hides_the_secret() {
    let client = OAuthClient {
        secret: "canary".into(),
        ..OAuthClient::new("test", region("mypurecloud.de"))
    };
    assert!(!format!("{client:?}").contains("canary"));
}
