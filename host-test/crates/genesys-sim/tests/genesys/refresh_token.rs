//! Refresh tokens: rotation, and revocation after a replay.

use std::time::Duration;

use genesys_sim::OAuthClient;

use crate::client::{Answer, Request};
use crate::fixture::{CALLBACK, Fixture, refusal, token_request, tokens_in};

fn assert_invalid_grant(answer: &Answer) {
    assert_eq!(refusal(answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_the_old_access_token_stays_valid() {
    let fixture = Fixture::start().await;
    let (first, refresh_token) = fixture.tokens().await;
    let (second, next) = tokens_in(&fixture.refresh(&refresh_token).await);
    assert_ne!((&first, &refresh_token), (&second, &next));
    for token in [&first, &second] {
        assert_eq!(fixture.check(token).await, 200);
    }
    let answer = fixture
        .send(Request::api("GET", "/api/v2/users/me", &second))
        .await;
    assert_eq!(answer.json()["id"], fixture.user.id);
}

#[tokio::test]
async fn a_refresh_token_outlives_its_access_token() {
    let fixture = Fixture::start().await;
    let (token, refresh_token) = fixture.tokens().await;
    fixture.clock.advance(Duration::from_hours(24));
    assert_eq!(fixture.check(&token).await, 401);
    let (token, _) = tokens_in(&fixture.refresh(&refresh_token).await);
    assert_eq!(fixture.check(&token).await, 200);
}

#[tokio::test]
async fn a_replayed_refresh_token_revokes_its_family_and_no_other() {
    let fixture = Fixture::start().await;
    let (other, other_refresh) = fixture.tokens().await;
    let (first, one) = fixture.tokens().await;
    let (second, two) = tokens_in(&fixture.refresh(&one).await);
    let (third, three) = tokens_in(&fixture.refresh(&two).await);

    assert_invalid_grant(&fixture.refresh(&one).await);
    for token in [&first, &second, &third] {
        assert_eq!(fixture.check(token).await, 401);
    }
    for refresh_token in [&one, &two, &three] {
        assert_invalid_grant(&fixture.refresh(refresh_token).await);
    }
    assert_eq!(fixture.check(&other).await, 200);
    tokens_in(&fixture.refresh(&other_refresh).await);
}

#[tokio::test]
async fn another_client_neither_uses_nor_revokes_a_refresh_token() {
    let fixture = Fixture::start().await;
    let (_, refresh_token) = fixture.tokens().await;
    let other = OAuthClient::new("other", fixture.client.region).with_redirect_uri(CALLBACK);
    let other = fixture.cloud.add_client(other).unwrap();
    for client in [&other, &fixture.native] {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
        ];
        assert_invalid_grant(&fixture.send(token_request(client, form)).await);
    }
    tokens_in(&fixture.refresh(&refresh_token).await);
}

#[tokio::test]
async fn other_tokens_are_rejected_as_refresh_tokens() {
    let fixture = Fixture::start().await;
    let (access_token, _) = fixture.tokens().await;
    let code = fixture.code(&fixture.web).await;
    for other in ["x", &access_token, &code] {
        assert_invalid_grant(&fixture.refresh(other).await);
    }
    let empty = fixture.refresh("").await;
    assert_eq!(refusal(&empty), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn deleting_a_token_revokes_its_refresh_token() {
    let fixture = Fixture::start().await;
    let (token, refresh_token) = fixture.tokens().await;
    let (_, spared) = fixture.tokens().await;
    fixture
        .send(Request::api("DELETE", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(fixture.check(&token).await, 401);
    assert_invalid_grant(&fixture.refresh(&refresh_token).await);
    tokens_in(&fixture.refresh(&spared).await);
}

#[tokio::test]
async fn token_requests_are_counted_by_grant() {
    let fixture = Fixture::start().await;
    let (_, refresh_token) = fixture.tokens().await;
    for _ in 0..2 {
        fixture.refresh(&refresh_token).await;
    }
    for _ in 0..3 {
        fixture.token().await;
    }
    let statistics = fixture.cloud.statistics();
    assert_eq!(statistics.authorization_code_requests, 1);
    assert_eq!(statistics.refresh_requests, 2);
    assert_eq!(statistics.client_credentials_requests, 3);
    assert_eq!(statistics.token_requests, 6);
    assert_eq!(statistics.tokens_issued, 5);
}
