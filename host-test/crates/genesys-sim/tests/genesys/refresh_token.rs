//! Refresh tokens: they change with each use, and one used twice ends its family.

use std::time::Duration;

use genesys_sim::OAuthClient;

use crate::client::{Answer, Request};
use crate::fixture::{CALLBACK, Scene, refusal, token_request, tokens_in};

fn assert_invalid_grant(answer: &Answer) {
    assert_eq!(refusal(answer), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_leaves_the_access_token_alone() {
    let scene = Scene::start().await;
    let (first, refresh_token) = scene.tokens().await;
    let (second, next) = tokens_in(&scene.refresh(&refresh_token).await);
    assert_ne!((&first, &refresh_token), (&second, &next));
    for token in [&first, &second] {
        assert_eq!(scene.check(token).await, 200);
    }
    let answer = scene
        .send(Request::api("GET", "/api/v2/users/me", &second))
        .await;
    assert_eq!(answer.json()["id"], scene.user.id);
}

#[tokio::test]
async fn a_refresh_token_outlives_its_access_token() {
    let scene = Scene::start().await;
    let (token, refresh_token) = scene.tokens().await;
    scene.clock.advance(Duration::from_secs(86_400));
    assert_eq!(scene.check(&token).await, 401);
    let (token, _) = tokens_in(&scene.refresh(&refresh_token).await);
    assert_eq!(scene.check(&token).await, 200);
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_its_family_and_no_other() {
    let scene = Scene::start().await;
    let (other, other_refresh) = scene.tokens().await;
    let (first, one) = scene.tokens().await;
    let (second, two) = tokens_in(&scene.refresh(&one).await);
    let (third, three) = tokens_in(&scene.refresh(&two).await);

    assert_invalid_grant(&scene.refresh(&one).await);
    for token in [&first, &second, &third] {
        assert_eq!(scene.check(token).await, 401);
    }
    for refresh_token in [&one, &two, &three] {
        assert_invalid_grant(&scene.refresh(refresh_token).await);
    }
    assert_eq!(scene.check(&other).await, 200);
    tokens_in(&scene.refresh(&other_refresh).await);
}

#[tokio::test]
async fn another_client_neither_uses_a_refresh_token_nor_ends_it() {
    let scene = Scene::start().await;
    let (_, refresh_token) = scene.tokens().await;
    let other = OAuthClient::new("other", scene.client.region).with_redirect_uri(CALLBACK);
    let other = scene.cloud.add_client(other).unwrap();
    for client in [&other, &scene.native] {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
        ];
        assert_invalid_grant(&scene.send(token_request(client, form)).await);
    }
    tokens_in(&scene.refresh(&refresh_token).await);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let scene = Scene::start().await;
    let (access_token, _) = scene.tokens().await;
    let code = scene.code(&scene.web).await;
    for other in ["x", &access_token, &code] {
        assert_invalid_grant(&scene.refresh(other).await);
    }
    let empty = scene.refresh("").await;
    assert_eq!(refusal(&empty), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn deleting_a_token_ends_its_refresh_token_too() {
    let scene = Scene::start().await;
    let (token, refresh_token) = scene.tokens().await;
    let (_, spared) = scene.tokens().await;
    scene
        .send(Request::api("DELETE", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(scene.check(&token).await, 401);
    assert_invalid_grant(&scene.refresh(&refresh_token).await);
    tokens_in(&scene.refresh(&spared).await);
}

#[tokio::test]
async fn token_requests_are_counted_by_grant() {
    let scene = Scene::start().await;
    let (_, refresh_token) = scene.tokens().await;
    for _ in 0..2 {
        scene.refresh(&refresh_token).await;
    }
    for _ in 0..3 {
        scene.token().await;
    }
    let statistics = scene.cloud.statistics();
    assert_eq!(statistics.authorization_code_requests, 1);
    assert_eq!(statistics.refresh_requests, 2);
    assert_eq!(statistics.client_credentials_requests, 3);
    assert_eq!(statistics.token_requests, 6);
    assert_eq!(statistics.tokens_issued, 5);
}
