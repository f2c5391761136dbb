//! The token endpoint and authorization codes: what they give, how often, and to whom.

use std::time::Duration;

use genesys_sim::{CODE_LIFETIME, OAuthClient, Options};
use serde_json::json;

use crate::client::{Answer, Request, Server, region};
use crate::fixture::{
    CALLBACK, Scene, VERIFIER, encode, parameters, refusal, token_request, tokens_in, with,
};

fn assert_invalid_grant(answer: &Answer, case: &str) {
    assert_eq!(refusal(answer), (400, "invalid_grant".to_owned()), "{case}");
    let body = answer.json();
    assert!(body["description"].is_string(), "{case}");
    assert_eq!(body["description"], body["error_description"], "{case}");
}

#[tokio::test]
async fn a_client_with_a_secret_gets_a_refresh_token_too() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.web).await;
    let answer = scene.redeem(&scene.web, &code).await;
    let (access_token, refresh_token) = tokens_in(&answer);
    assert_ne!(access_token, refresh_token);
    assert_eq!(
        answer.json(),
        json!({
            "access_token": access_token,
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": 86_400,
        })
    );
    assert_eq!(scene.check(&access_token).await, 200);
    assert_eq!(scene.check(&refresh_token).await, 401, "it opens no door");
}

#[tokio::test]
async fn a_public_client_gets_no_refresh_token() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.native).await;
    let answer = scene.redeem(&scene.native, &code).await;
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(
        body,
        json!({ "access_token": token, "token_type": "bearer", "expires_in": 86_400 })
    );
    assert_eq!(scene.check(token).await, 200);
}

#[tokio::test]
async fn a_user_is_described_to_their_token() {
    let scene = Scene::start().await;
    let (token, _) = scene.tokens().await;
    let answer = scene
        .send(Request::api("GET", "/api/v2/users/me", &token))
        .await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["id"], scene.user.id);
    assert_eq!(body["username"], "jane@example.com");
    assert_eq!(body["name"], "jane@example.com");
    assert_eq!(body["state"], "active");
    assert_eq!(body["selfUri"], format!("/api/v2/users/{}", scene.user.id));

    let answer = scene
        .send(Request::api("GET", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(answer.json()["OAuthClient"]["id"], scene.web.id);
}

#[tokio::test]
async fn a_code_works_for_a_minute() {
    let scene = Scene::start().await;
    let (early, late) = (scene.code(&scene.web).await, scene.code(&scene.web).await);
    scene
        .clock
        .advance(CODE_LIFETIME - Duration::from_millis(1));
    assert_eq!(scene.redeem(&scene.web, &early).await.status, 200);
    scene.clock.advance(Duration::from_millis(1));
    assert_invalid_grant(&scene.redeem(&scene.web, &late).await, "a minute later");
}

#[tokio::test]
async fn a_code_works_once_and_a_second_use_ends_what_it_gave() {
    let scene = Scene::start().await;
    let (other, _) = scene.tokens().await;
    let code = scene.code(&scene.web).await;
    let (first, refresh_token) = tokens_in(&scene.redeem(&scene.web, &code).await);
    let (second, next) = tokens_in(&scene.refresh(&refresh_token).await);

    assert_invalid_grant(&scene.redeem(&scene.web, &code).await, "again");
    assert_eq!(scene.check(&first).await, 401);
    assert_eq!(scene.check(&second).await, 401);
    assert_invalid_grant(&scene.refresh(&next).await, "its refresh token");
    assert_eq!(scene.check(&other).await, 200, "another sign-in");
}

#[tokio::test]
async fn a_second_use_is_noticed_after_the_minute_too() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.native).await;
    let answer = scene.redeem(&scene.native, &code).await;
    let body = answer.json();
    scene.clock.advance(CODE_LIFETIME * 2);
    assert_invalid_grant(&scene.redeem(&scene.native, &code).await, "again");
    assert_eq!(
        scene.check(body["access_token"].as_str().unwrap()).await,
        401
    );
}

#[tokio::test]
async fn a_code_is_for_its_client_redirect_uri_and_verifier() {
    let scene = Scene::start().await;
    let slash = format!("{CALLBACK}/");
    let upper = CALLBACK.replace("callback", "Callback");
    let other_verifier = VERIFIER.replace('d', "e");
    for change in [
        ("redirect_uri", None),
        ("redirect_uri", Some("https://evil.example/")),
        ("redirect_uri", Some(slash.as_str())),
        ("redirect_uri", Some(upper.as_str())),
        ("code_verifier", None),
        ("code_verifier", Some(other_verifier.as_str())),
        ("code_verifier", Some("short")),
        ("code", Some("unknown")),
    ] {
        for client in [&scene.web, &scene.native] {
            let code = scene.code(client).await;
            let answer = scene.redeem_with(client, &code, Some(change)).await;
            assert_invalid_grant(&answer, &format!("{change:?}"));
        }
    }
}

#[tokio::test]
async fn a_wrong_verifier_uses_the_code_up() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.native).await;
    let guess = Some(("code_verifier", Some("guess")));
    scene.redeem_with(&scene.native, &code, guess).await;
    assert_invalid_grant(
        &scene.redeem(&scene.native, &code).await,
        "then the right one",
    );
}

#[tokio::test]
async fn another_client_neither_redeems_a_code_nor_uses_it_up() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.web).await;
    assert_invalid_grant(&scene.redeem(&scene.native, &code).await, "another client");
    assert_eq!(scene.redeem(&scene.web, &code).await.status, 200);
}

#[tokio::test]
async fn without_a_challenge_there_is_no_verifier() {
    let scene = Scene::start().await;
    let request = with(parameters(&scene.web), "code_challenge", None);
    let request = with(request, "code_challenge_method", None);
    let code = scene.code_for(&request).await;
    let without = Some(("code_verifier", None));
    assert_eq!(
        scene.redeem_with(&scene.web, &code, without).await.status,
        200
    );

    let code = scene.code_for(&request).await;
    assert_invalid_grant(&scene.redeem(&scene.web, &code).await, "downgrade");
}

#[tokio::test]
async fn a_client_with_a_secret_must_show_it_and_one_without_must_not() {
    let scene = Scene::start().await;
    let code = scene.code(&scene.web).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let id_only = [&form[..], &[("client_id", scene.web.id.as_str())]].concat();
    let login = || Request::token(&scene.web);
    let requests = [
        login().without("Authorization").body(encode(&id_only)),
        login().basic(&scene.web.id, "wrong").body(encode(&form)),
        login().basic(&scene.native.id, "").body(encode(&form)),
        login().basic(&scene.native.id, "guess").body(encode(&form)),
    ];
    for request in requests {
        let answer = scene.send(request).await;
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
    }
    let mismatch = [&form[..], &[("client_id", scene.native.id.as_str())]].concat();
    let answer = scene.send(login().body(encode(&mismatch))).await;
    assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    assert_eq!(scene.redeem(&scene.web, &code).await.status, 200);
}

#[tokio::test]
async fn a_public_client_is_known_by_its_id() {
    let scene = Scene::start().await;
    let form = || vec![("grant_type", "authorization_code"), ("code", "x")];
    let stranger = OAuthClient::public("stranger", scene.client.region);
    let answer = scene.send(token_request(&stranger, form())).await;
    assert_eq!(refusal(&answer), (400, "invalid_client".to_owned()));
    let elsewhere =
        token_request(&scene.native, form()).host(region("mypurecloud.ie").login_host());
    let answer = scene.send(elsewhere).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn each_grant_is_for_clients_that_have_it() {
    let scene = Scene::start().await;
    let cases = [
        (&scene.client, "authorization_code"),
        (&scene.client, "refresh_token"),
        (&scene.native, "client_credentials"),
    ];
    for (client, grant_type) in cases {
        let form = vec![
            ("grant_type", grant_type),
            ("code", "x"),
            ("refresh_token", "x"),
        ];
        let answer = scene.send(token_request(client, form)).await;
        assert_eq!(refusal(&answer), (400, "unauthorized_client".to_owned()));
    }
    let both = scene.send(Request::token(&scene.web)).await;
    assert_eq!(both.status, 200);
}

#[tokio::test]
async fn a_code_is_required() {
    let scene = Scene::start().await;
    for value in [None, Some("")] {
        let answer = scene
            .redeem_with(&scene.web, "", Some(("code", value)))
            .await;
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    }
}

#[tokio::test]
async fn being_throttled_uses_up_neither_code_nor_refresh_token() {
    let options = Options {
        token_requests_per_minute: Some(1),
        ..Options::default()
    };
    let scene = Scene::on(Server::start_with(options).await);
    let (_, refresh_token) = scene.tokens().await;
    scene.clock.advance(Duration::from_secs(30));
    let code = scene.code(&scene.web).await;
    for answer in [
        scene.redeem(&scene.web, &code).await,
        scene.refresh(&refresh_token).await,
    ] {
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
        assert!(answer.body.contains("rate limit exceeded;"));
    }
    scene.clock.advance(Duration::from_secs(30));
    assert_eq!(scene.redeem(&scene.web, &code).await.status, 200);
    scene.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.refresh(&refresh_token).await.status, 200);
}

#[tokio::test]
async fn refused_codes_count_against_no_limit() {
    let options = Options {
        token_requests_per_minute: Some(1),
        ..Options::default()
    };
    let scene = Scene::on(Server::start_with(options).await);
    assert_invalid_grant(&scene.redeem(&scene.web, "unknown").await, "unknown");
    scene.tokens().await;
}
