//! The rules of all routes: their audience, and the rejection of cross-site requests.

use control_room::audit_events::{Action, Event, EventFilter};
use serde_json::json;

use crate::client::{ControlRoom, name};
use crate::routes::Audience::{Administrators, Anybody, Everybody, Owner};
use crate::routes::{FILE, ROUTES, Route, fixture};

#[tokio::test]
async fn the_table_lists_all_routes() {
    let room = ControlRoom::empty().await;
    let answered = room.pages.routes().iter();
    let mut answered: Vec<_> = answered
        .map(|(method, at)| format!("{method} {at}"))
        .collect();
    let mut table: Vec<_> = ROUTES.iter().map(Route::route).collect();
    answered.sort();
    table.sort();
    assert_eq!(table, answered);
}

#[tokio::test]
async fn unauthenticated_requests_are_redirected_to_the_sign_in() {
    let fixture = fixture().await;
    let (ids, before) = (fixture.ids(), fixture.snapshot().await);
    let mut nobody = fixture.room.client();
    nobody.get("/sign-in").await;
    for route in ROUTES.iter().filter(|route| route.of != Anybody) {
        let answer = route.ask(&mut nobody, &ids).await;
        let leads_to = answer.header("location").unwrap_or_default();
        let (path, _) = leads_to.split_once('?').unwrap_or((leads_to, ""));
        assert_eq!(
            (answer.status, path),
            (303, "/sign-in"),
            "{}",
            route.route()
        );
    }
    assert_eq!(fixture.snapshot().await, before);
}

#[tokio::test]
async fn routes_without_permission_are_not_found() {
    let mut fixture = fixture().await;
    let (ids, before) = (fixture.ids(), fixture.snapshot().await);
    for route in ROUTES {
        let other = match route.of {
            Anybody | Everybody => continue,
            Owner => &mut fixture.ada,
            Administrators => &mut fixture.bob,
        };
        other.get("/bots").await;
        let answer = route.ask(other, &ids).await;
        assert_eq!(answer.status, 404, "{}", route.route());
    }
    assert_eq!(fixture.snapshot().await, before);
    // The audience can open the pages.
    for route in ROUTES.iter().filter(|route| route.is_page()) {
        if route.of != Anybody {
            let answer = route.ask(fixture.client_for(route), &ids).await;
            assert!(answer.status < 400, "{}: {}", route.route(), answer.status);
        }
    }
}

#[tokio::test]
async fn requests_without_a_valid_form_token_are_rejected() {
    let mut fixture = fixture().await;
    let (ids, before) = (fixture.ids(), fixture.snapshot().await);
    let mut carl = fixture.room.client();
    carl.get("/sign-in").await;
    let others = carl.form_token;
    for token in ["", "x", &"a".repeat(43), &others] {
        for route in ROUTES.iter().filter(|route| !route.is_page()) {
            let client = fixture.client_for(route);
            client.form_token = token.into();
            let answer = route.ask(client, &ids).await;
            assert_eq!(answer.status, 403, "{} with {token:?}", route.route());
        }
    }
    assert_eq!(fixture.snapshot().await, before);
}

#[tokio::test]
async fn cross_site_requests_are_rejected_even_with_a_token() {
    let mut fixture = fixture().await;
    let (ids, before) = (fixture.ids(), fixture.snapshot().await);
    for (header, value) in [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for route in ROUTES.iter().filter(|route| !route.is_page()) {
            let client = fixture.client_for(route);
            client.get("/bots").await;
            client.with(header, value);
            let answer = route.ask(client, &ids).await;
            client.headers.retain(|(name, _)| *name != header);
            assert_eq!(
                answer.status,
                403,
                "{} with {header}: {value}",
                route.route()
            );
        }
    }
    assert_eq!(fixture.snapshot().await, before);
}

#[tokio::test]
async fn requests_with_a_valid_form_token_are_accepted() {
    let mut fixture = fixture().await;
    let ids = fixture.ids();
    for route in ROUTES.iter().filter(|route| !route.is_page()) {
        let client = fixture.client_for(route);
        client.get("/bots").await;
        let answer = route.ask(client, &ids).await;
        let is_accepted = matches!(answer.status, 200 | 303 | 422);
        assert!(is_accepted, "{}: {}", route.route(), answer.status);
    }
}

/// A form of another site can send JSON as text without a CORS preflight.
#[tokio::test]
async fn json_with_another_content_type_is_rejected() {
    let mut fixture = fixture().await;
    let (bob, bot) = (&mut fixture.bob, &fixture.bot);
    bob.get(bot).await;
    bob.with("x-form-token", &bob.form_token.clone());
    let body = json!({ "version": 1, "file": FILE }).to_string();
    for (kind, status) in [("text/plain", 400), ("application/json", 200)] {
        let answer = bob.send("POST", bot, kind, &body).await;
        assert_eq!(answer.status, status, "{kind}");
    }
}

/// Of all forms that change the Control Room; bots belong to their users, and have versions.
#[tokio::test]
async fn changes_are_audited_with_the_user_who_made_them() {
    let mut fixture = fixture().await;
    let ids = fixture.ids();
    let audit = fixture.room.store.audit();
    let everything = EventFilter::default();
    let before = audit.events(&everything, None, 1).await.unwrap();
    let mut last = before.first().map_or(0, |event| event.number);
    for route in ROUTES.iter().filter(|route| !route.is_page()) {
        let client = fixture.client_for(route);
        client.get("/bots").await;
        let answer = route.ask(client, &ids).await;
        let events = audit.events(&everything, None, 10).await.unwrap();
        let is_new = |event: &&Event| event.number > last && event.action != Action::Run;
        let new: Vec<_> = events.iter().filter(is_new).collect();
        last = events.first().map_or(last, |event| event.number);
        // A form with errors changes nothing, and neither does a test of a connection.
        let path = route.at.split('?').next().unwrap();
        let changes = route.of == Administrators
            && matches!(answer.status, 200 | 303)
            && !["/connections/test", "/connections/paste"].contains(&path);
        let expected = match path {
            // The credential, its attribute, and the value of that.
            "/vault/credentials" | "/credentials/new" => 3,
            // Recorded as refused: the connection uses client credentials, and needs no sign-in.
            "/connections/sign-in" => 1,
            _ if path.contains("/schedule") => 1,
            _ => usize::from(changes || path == "/sign-in"),
        };
        assert_eq!(new.len(), expected, "{}", route.at);
        for event in new {
            let actor = if route.of == Owner { "bob" } else { "ada" };
            assert_eq!(event.actor, Some(name(actor)), "{}", route.at);
        }
    }
}
