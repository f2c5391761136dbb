//! Neither secrets nor tokens appear in logs or in `Debug`.

use std::fmt;
use std::sync::{Arc, Mutex};

use genesys_sim::{OAuthClient, User};
use secrecy::ExposeSecret;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::client::{Request, Server, region};
use crate::fixture::{
    Browser, Fixture, PASSWORD, USERNAME, VERIFIER, parameters, redirect_parameters, token_of,
    tokens_in, with,
};

/// Collects the text of all events, at all levels.
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
    // Global, as tracing caches for all threads whether an event is enabled.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let server = Server::start().await;
    let token = server.token().await;
    for token in [token.as_str(), "unknown-canary"] {
        let request = Request::api("GET", "/api/v2/tokens/me", token);
        server.send(request).await;
    }
    let wrong = Request::token(&server.client).basic(&server.client.id, "wrong-canary");
    server.send(wrong).await;

    let fixture = Fixture::on(server);
    let mut browser = Browser::new(&fixture);
    let request = with(parameters(&fixture.web), "state", Some("state-canary"));
    let page = browser.open(&request).await;
    browser.type_in(&page, USERNAME, "typed-canary").await;
    let code = redirect_parameters(&browser.sign_in(&page).await)
        .remove("code")
        .unwrap();
    let (access_token, first) = tokens_in(&fixture.redeem(&fixture.web, &code).await);
    let (_, second) = tokens_in(&fixture.refresh(&first).await);
    for _ in 0..2 {
        fixture.refresh(&first).await;
        fixture.redeem(&fixture.web, &code).await;
    }

    let log = log.0.lock().unwrap();
    assert!(log.contains("answered"), "{log}");
    for canary in [
        fixture.client.secret.expose_secret(),
        fixture.web.secret.expose_secret(),
        token.as_str(),
        "unknown-canary",
        "wrong-canary",
        "state-canary",
        "typed-canary",
        PASSWORD,
        VERIFIER,
        &token_of(&page),
        &code,
        &access_token,
        &first,
        &second,
    ] {
        assert!(!log.contains(canary), "{log}");
    }
}

#[test]
fn debug_hides_secret_and_password() {
    let client = OAuthClient {
        secret: "canary".into(),
        ..OAuthClient::new("test", region("mypurecloud.de"))
    };
    assert!(!format!("{client:?}").contains("canary"));
    let user = User::new("jane", "canary".into());
    assert!(!format!("{user:?}").contains("canary"));
}
