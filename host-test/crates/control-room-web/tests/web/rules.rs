//! What all that is answered keeps to: who gets what, and that nothing is taken which another site has sent.

use serde_json::json;

use crate::client::ControlRoom;
use crate::routes::Of::{Administrators, Anybody, Everybody, Owner};
use crate::routes::{ADDRESSES, Address, FILE, scene};

#[tokio::test]
async fn the_table_has_all_that_is_answered() {
    let room = ControlRoom::empty().await;
    let answered = room.pages.routes().iter();
    let mut answered: Vec<_> = answered
        .map(|(method, at)| format!("{method} {at}"))
        .collect();
    let mut table: Vec<_> = ADDRESSES.iter().map(Address::route).collect();
    answered.sort();
    table.sort();
    assert_eq!(table, answered);
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_the_sign_in() {
    let scene = scene().await;
    let (things, before) = (scene.things(), scene.whole().await);
    let mut nobody = scene.room.visitor();
    nobody.get("/sign-in").await;
    for address in ADDRESSES.iter().filter(|address| address.of != Anybody) {
        let answer = address.ask(&mut nobody, &things).await;
        let leads_to = (answer.status, answer.header("location"));
        assert_eq!(leads_to, (303, Some("/sign-in")), "{}", address.route());
    }
    assert_eq!(scene.whole().await, before);
}

#[tokio::test]
async fn what_is_for_others_is_not_there() {
    let mut scene = scene().await;
    let (things, before) = (scene.things(), scene.whole().await);
    for address in ADDRESSES {
        let other = match address.of {
            Anybody | Everybody => continue,
            Owner => &mut scene.ada,
            Administrators => &mut scene.bob,
        };
        other.get("/bots").await;
        let answer = address.ask(other, &things).await;
        assert_eq!(answer.status, 404, "{}", address.route());
    }
    assert_eq!(scene.whole().await, before);
    // What they get where they may is another thing.
    for address in ADDRESSES.iter().filter(|address| address.is_page()) {
        if address.of != Anybody {
            let answer = address.ask(scene.who_may(address), &things).await;
            assert!(
                answer.status < 400,
                "{}: {}",
                address.route(),
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_taken_without_the_token_of_its_page() {
    let mut scene = scene().await;
    let (things, before) = (scene.things(), scene.whole().await);
    let mut carl = scene.room.visitor();
    carl.get("/sign-in").await;
    let others = carl.form_token;
    for token in ["", "x", &"a".repeat(43), &others] {
        for address in ADDRESSES.iter().filter(|address| !address.is_page()) {
            let visitor = scene.who_may(address);
            visitor.form_token = token.into();
            let answer = address.ask(visitor, &things).await;
            assert_eq!(answer.status, 403, "{} with {token:?}", address.route());
        }
    }
    assert_eq!(scene.whole().await, before);
}

#[tokio::test]
async fn nothing_is_taken_from_another_site_even_with_the_token() {
    let mut scene = scene().await;
    let (things, before) = (scene.things(), scene.whole().await);
    for (header, value) in [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for address in ADDRESSES.iter().filter(|address| !address.is_page()) {
            let visitor = scene.who_may(address);
            visitor.get("/bots").await;
            visitor.with(header, value);
            let answer = address.ask(visitor, &things).await;
            visitor.headers.retain(|(name, _)| *name != header);
            assert_eq!(
                answer.status,
                403,
                "{} with {header}: {value}",
                address.route()
            );
        }
    }
    assert_eq!(scene.whole().await, before);
}

#[tokio::test]
async fn with_its_token_all_that_is_sent_is_taken() {
    let mut scene = scene().await;
    let things = scene.things();
    for address in ADDRESSES.iter().filter(|address| !address.is_page()) {
        let visitor = scene.who_may(address);
        visitor.get("/bots").await;
        let answer = address.ask(visitor, &things).await;
        let taken = match address.at {
            // Somebody can sign in already.
            "/first-run" => answer.status == 404,
            _ => matches!(answer.status, 200 | 303 | 422),
        };
        assert!(taken, "{}: {}", address.route(), answer.status);
    }
}

/// A form of another site can send JSON as text, without asking first.
#[tokio::test]
async fn json_that_is_sent_as_something_else_is_refused() {
    let mut scene = scene().await;
    let (bob, bot) = (&mut scene.bob, &scene.bot);
    bob.get(bot).await;
    bob.with("x-form-token", &bob.form_token.clone());
    let body = json!({ "version": 1, "file": FILE }).to_string();
    for (kind, status) in [("text/plain", 400), ("application/json", 200)] {
        let answer = bob.send("POST", bot, kind, &body).await;
        assert_eq!(answer.status, status, "{kind}");
    }
}
