//! The token endpoint with authorization codes (RFC 6749, section 4.1.3).

use std::time::Duration;

use genesys_sim::{CODE_LIFETIME, OAuthClient, Options};
use serde_json::json;

use crate::client::{Answer, Request, Server, region};
use crate::fixture::{
    CALLBACK, Fixture, VERIFIER, encode, parameters, refusal, token_request, tokens_in, with,
};

fn assert_invalid_grant(answer: &Answer, case: &str) {
    assert_eq!(refusal(answer), (400, "invalid_grant".to_owned()), "{case}");
    let body = answer.json();
    assert!(body["description"].is_string(), "{case}");
    assert_eq!(body["description"], body["error_description"], "{case}");
}

#[tokio::test]
async fn a_client_with_a_secret_gets_a_refresh_token_too() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.web).await;
    let answer = fixture.redeem(&fixture.web, &code).await;
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
    assert_eq!(fixture.check(&access_token).await, 200);
    assert_eq!(
        fixture.check(&refresh_token).await,
        401,
        "a refresh token is not an access token"
    );
}

#[tokio::test]
async fn a_public_client_gets_no_refresh_token() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.native).await;
    let answer = fixture.redeem(&fixture.native, &code).await;
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(
        body,
        json!({ "access_token": token, "token_type": "bearer", "expires_in": 86_400 })
    );
    assert_eq!(fixture.check(token).await, 200);
}

#[tokio::test]
async fn a_token_of_a_user_describes_the_user() {
    let fixture = Fixture::start().await;
    let (token, _) = fixture.tokens().await;
    let answer = fixture
        .send(Request::api("GET", "/api/v2/users/me", &token))
        .await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["id"], fixture.user.id);
    assert_eq!(body["username"], "jane@example.com");
    assert_eq!(body["name"], "jane@example.com");
    assert_eq!(body["state"], "active");
    assert_eq!(
        body["selfUri"],
        format!("/api/v2/users/{}", fixture.user.id)
    );

    let answer = fixture
        .send(Request::api("GET", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(answer.json()["OAuthClient"]["id"], fixture.web.id);
}

#[tokio::test]
async fn a_code_is_valid_for_a_minute() {
    let fixture = Fixture::start().await;
    let (early, late) = (
        fixture.code(&fixture.web).await,
        fixture.code(&fixture.web).await,
    );
    fixture
        .clock
        .advance(CODE_LIFETIME.saturating_sub(Duration::from_millis(1)));
    assert_eq!(fixture.redeem(&fixture.web, &early).await.status, 200);
    fixture.clock.advance(Duration::from_millis(1));
    assert_invalid_grant(&fixture.redeem(&fixture.web, &late).await, "a minute later");
}

#[tokio::test]
async fn replaying_a_code_revokes_the_tokens_of_its_grant() {
    let fixture = Fixture::start().await;
    let (other, _) = fixture.tokens().await;
    let code = fixture.code(&fixture.web).await;
    let (first, refresh_token) = tokens_in(&fixture.redeem(&fixture.web, &code).await);
    let (second, next) = tokens_in(&fixture.refresh(&refresh_token).await);

    assert_invalid_grant(&fixture.redeem(&fixture.web, &code).await, "again");
    assert_eq!(fixture.check(&first).await, 401);
    assert_eq!(fixture.check(&second).await, 401);
    assert_invalid_grant(&fixture.refresh(&next).await, "its refresh token");
    assert_eq!(fixture.check(&other).await, 200, "another sign-in");
}

#[tokio::test]
async fn a_replay_is_noticed_after_the_code_has_expired() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.native).await;
    let answer = fixture.redeem(&fixture.native, &code).await;
    let body = answer.json();
    fixture.clock.advance(CODE_LIFETIME * 2);
    assert_invalid_grant(&fixture.redeem(&fixture.native, &code).await, "again");
    assert_eq!(
        fixture.check(body["access_token"].as_str().unwrap()).await,
        401
    );
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_redirect_uri_and_verifier() {
    let fixture = Fixture::start().await;
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
        for client in [&fixture.web, &fixture.native] {
            let code = fixture.code(client).await;
            let answer = fixture.redeem_with(client, &code, Some(change)).await;
            assert_invalid_grant(&answer, &format!("{change:?}"));
        }
    }
}

#[tokio::test]
async fn a_wrong_verifier_consumes_the_code() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.native).await;
    let guess = Some(("code_verifier", Some("guess")));
    fixture.redeem_with(&fixture.native, &code, guess).await;
    assert_invalid_grant(
        &fixture.redeem(&fixture.native, &code).await,
        "right verifier afterwards",
    );
}

#[tokio::test]
async fn another_client_neither_redeems_nor_consumes_a_code() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.web).await;
    assert_invalid_grant(
        &fixture.redeem(&fixture.native, &code).await,
        "another client",
    );
    assert_eq!(fixture.redeem(&fixture.web, &code).await.status, 200);
}

#[tokio::test]
async fn without_a_challenge_a_verifier_is_rejected() {
    let fixture = Fixture::start().await;
    let request = with(parameters(&fixture.web), "code_challenge", None);
    let request = with(request, "code_challenge_method", None);
    let code = fixture.code_for(&request).await;
    let without = Some(("code_verifier", None));
    assert_eq!(
        fixture
            .redeem_with(&fixture.web, &code, without)
            .await
            .status,
        200
    );

    let code = fixture.code_for(&request).await;
    assert_invalid_grant(&fixture.redeem(&fixture.web, &code).await, "downgrade");
}

#[tokio::test]
async fn a_confidential_client_must_send_its_secret_and_a_public_one_must_not() {
    let fixture = Fixture::start().await;
    let code = fixture.code(&fixture.web).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let id_only = [&form[..], &[("client_id", fixture.web.id.as_str())]].concat();
    let login = || Request::token(&fixture.web);
    let requests = [
        login().without("Authorization").body(encode(&id_only)),
        login().basic(&fixture.web.id, "wrong").body(encode(&form)),
        login().basic(&fixture.native.id, "").body(encode(&form)),
        login()
            .basic(&fixture.native.id, "guess")
            .body(encode(&form)),
    ];
    for request in requests {
        let answer = fixture.send(request).await;
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
    }
    let mismatch = [&form[..], &[("client_id", fixture.native.id.as_str())]].concat();
    let answer = fixture.send(login().body(encode(&mismatch))).await;
    assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    assert_eq!(fixture.redeem(&fixture.web, &code).await.status, 200);
}

#[tokio::test]
async fn a_public_client_is_identified_by_its_id() {
    let fixture = Fixture::start().await;
    let form = || vec![("grant_type", "authorization_code"), ("code", "x")];
    let stranger = OAuthClient::public("stranger", fixture.client.region);
    let answer = fixture.send(token_request(&stranger, form())).await;
    assert_eq!(refusal(&answer), (400, "invalid_client".to_owned()));
    let elsewhere =
        token_request(&fixture.native, form()).host(region("mypurecloud.ie").login_host());
    let answer = fixture.send(elsewhere).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_client_can_use_its_own_grants_only() {
    let fixture = Fixture::start().await;
    let cases = [
        (&fixture.client, "authorization_code"),
        (&fixture.client, "refresh_token"),
        (&fixture.native, "client_credentials"),
    ];
    for (client, grant_type) in cases {
        let form = vec![
            ("grant_type", grant_type),
            ("code", "x"),
            ("refresh_token", "x"),
        ];
        let answer = fixture.send(token_request(client, form)).await;
        assert_eq!(refusal(&answer), (400, "unauthorized_client".to_owned()));
    }
    let both = fixture.send(Request::token(&fixture.web)).await;
    assert_eq!(both.status, 200);
}

#[tokio::test]
async fn a_code_is_required() {
    let fixture = Fixture::start().await;
    for value in [None, Some("")] {
        let answer = fixture
            .redeem_with(&fixture.web, "", Some(("code", value)))
            .await;
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    }
}

#[tokio::test]
async fn the_rate_limit_consumes_neither_code_nor_refresh_token() {
    let options = Options {
        token_requests_per_minute: Some(1),
        ..Options::default()
    };
    let fixture = Fixture::on(Server::start_with(options).await);
    let (_, refresh_token) = fixture.tokens().await;
    fixture.clock.advance(Duration::from_secs(30));
    let code = fixture.code(&fixture.web).await;
    for answer in [
        fixture.redeem(&fixture.web, &code).await,
        fixture.refresh(&refresh_token).await,
    ] {
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
        assert!(answer.body.contains("rate limit exceeded;"));
    }
    fixture.clock.advance(Duration::from_secs(30));
    assert_eq!(fixture.redeem(&fixture.web, &code).await.status, 200);
    fixture.clock.advance(Duration::from_mins(1));
    assert_eq!(fixture.refresh(&refresh_token).await.status, 200);
}

#[tokio::test]
async fn rejected_codes_do_not_count_against_the_limit() {
    let options = Options {
        token_requests_per_minute: Some(1),
        ..Options::default()
    };
    let fixture = Fixture::on(Server::start_with(options).await);
    assert_invalid_grant(&fixture.redeem(&fixture.web, "unknown").await, "unknown");
    fixture.tokens().await;
}
