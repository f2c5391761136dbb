//! `POST /oauth/token` with client credentials, and its errors.

use std::time::Duration;

use genesys_sim::{OAuthClient, Options};
use serde_json::json;

use crate::client::{Answer, Request, Server, region};

fn refusal(answer: &Answer) -> (u16, String) {
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    (answer.status, error)
}

#[tokio::test]
async fn a_client_gets_a_bearer_token_for_its_token_duration_and_nothing_else() {
    let server = Server::start().await;
    let answer = server.send(Request::token(&server.client)).await;
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(answer.status, 200);
    assert!(token.len() >= 43, "256 bits need 43 characters: {token}");
    assert_eq!(
        body,
        json!({ "access_token": token, "token_type": "bearer", "expires_in": 86_400 })
    );
}

#[tokio::test]
async fn the_token_duration_is_that_of_the_client() {
    let server = Server::start().await;
    let client = OAuthClient {
        token_duration: 300,
        ..OAuthClient::new("short", server.client.region)
    };
    let client = server.cloud.add_client(client).unwrap();
    let answer = server.send(Request::token(&client)).await;
    assert_eq!(answer.json()["expires_in"], 300);
}

#[tokio::test]
async fn several_tokens_of_a_client_are_valid_at_once() {
    let server = Server::start().await;
    let tokens = [server.token().await, server.token().await];
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        let answer = server
            .send(Request::api("HEAD", "/api/v2/tokens/me", &token))
            .await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn an_unknown_client_is_not_found() {
    let server = Server::start().await;
    let stranger = OAuthClient::new("stranger", server.client.region);
    let answer = server.send(Request::token(&stranger)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({ "error": "invalid_client", "description": "client not found" })
    );
}

#[tokio::test]
async fn a_wrong_secret_fails_with_both_descriptions() {
    let server = Server::start().await;
    let request = Request::token(&server.client).basic(&server.client.id, "wrong");
    let answer = server.send(request).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.json(),
        json!({
            "error": "invalid_client",
            "description": "authentication failed",
            "error_description": "authentication failed",
        })
    );
}

#[tokio::test]
async fn the_right_secret_in_the_wrong_region_fails_like_a_wrong_one() {
    let server = Server::start().await;
    let wrong_secret = Request::token(&server.client).basic(&server.client.id, "wrong");
    let wrong_region = Request::token(&server.client).host(region("mypurecloud.ie").login_host());
    let (expected, answer) = (
        server.send(wrong_secret).await,
        server.send(wrong_region).await,
    );
    assert_eq!(answer.status, expected.status);
    assert_eq!(answer.json(), expected.json());
}

#[tokio::test]
async fn too_many_tokens_get_a_400_until_the_minute_ends() {
    let server = Server::start_with(Options {
        token_requests_per_minute: Some(2),
        ..Options::default()
    })
    .await;
    server.token().await;
    server.token().await;

    let answer = server.send(Request::token(&server.client)).await;
    assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    let body = answer.json();
    let description = body["error_description"].as_str().unwrap();
    assert!(
        description.starts_with("rate limit exceeded;"),
        "{description}"
    );
    assert_eq!(server.cloud.statistics().tokens_issued, 2);

    server.clock.advance(Duration::from_mins(1));
    server.token().await;
}

#[tokio::test]
async fn the_limit_counts_issued_tokens_of_one_client() {
    let server = Server::start_with(Options {
        token_requests_per_minute: Some(1),
        ..Options::default()
    })
    .await;
    let other = OAuthClient::new("other", server.client.region);
    let other = server.cloud.add_client(other).unwrap();
    let wrong = Request::token(&server.client).basic(&server.client.id, "wrong");
    assert_eq!(server.send(wrong).await.status, 401);
    server.token().await;
    server.token_of(&other).await;
}

#[tokio::test]
async fn a_disabled_client_gets_no_token() {
    let server = Server::start().await;
    assert!(server.cloud.disable_client(&server.client.id));
    let answer = server.send(Request::token(&server.client)).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_client_without_the_grant_is_unauthorized() {
    let server = Server::start().await;
    let client = OAuthClient {
        grant_types: Vec::new(),
        ..OAuthClient::new("no grants", server.client.region)
    };
    let client = server.cloud.add_client(client).unwrap();
    let answer = server.send(Request::token(&client)).await;
    assert_eq!(refusal(&answer), (400, "unauthorized_client".to_owned()));
}

#[tokio::test]
async fn another_grant_type_is_unsupported() {
    let server = Server::start().await;
    for grant_type in ["password", "CLIENT_CREDENTIALS", "implicit"] {
        let request = Request::token(&server.client).body(format!("grant_type={grant_type}"));
        let answer = server.send(request).await;
        assert_eq!(refusal(&answer), (400, "unsupported_grant_type".to_owned()));
    }
}

#[tokio::test]
async fn a_malformed_request_is_an_invalid_request() {
    let server = Server::start().await;
    let good = || Request::token(&server.client);
    let cases = [
        ("no grant type", good().body("")),
        ("empty grant type", good().body("grant_type=")),
        (
            "repeated parameter",
            good().body("grant_type=client_credentials&grant_type=client_credentials"),
        ),
        (
            "credentials in both places",
            good().body("grant_type=client_credentials&client_id=a&client_secret=b"),
        ),
        (
            "JSON",
            good()
                .header("Content-Type", "application/json")
                .body(r#"{"grant_type":"client_credentials"}"#),
        ),
        ("no content type", good().without("Content-Type")),
        ("no credentials", good().without("Authorization")),
        (
            "credentials in the body",
            good()
                .without("Authorization")
                .body("grant_type=client_credentials&client_id=a&client_secret=b"),
        ),
        ("bearer token", good().bearer("token")),
        ("no base64", good().header("Authorization", "Basic ???")),
        ("no colon", good().header("Authorization", "Basic aWQ=")),
    ];
    for (case, request) in cases {
        let answer = server.send(request).await;
        assert_eq!(
            refusal(&answer),
            (400, "invalid_request".to_owned()),
            "{case}"
        );
    }
    assert_eq!(server.cloud.statistics().tokens_issued, 0);
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_rejected() {
    let server = Server::start().await;
    let body = format!("grant_type=client_credentials&x={}", "x".repeat(64 * 1024));
    let answer = server.send(Request::token(&server.client).body(body)).await;
    assert_eq!(refusal(&answer), (413, "invalid_request".to_owned()));
}

#[tokio::test]
async fn credentials_are_accepted_raw_and_form_urlencoded() {
    let server = Server::start().await;
    let client = OAuthClient {
        id: "ö%41+&=".into(),
        secret: "s: %2B+é/".into(),
        ..OAuthClient::new("odd", server.client.region)
    };
    let client = server.cloud.add_client(client).unwrap();
    server.token_of(&client).await;

    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let encoded = Request::token(&client).basic(&encode("ö%41+&="), &encode("s: %2B+é/"));
    assert_eq!(server.send(encoded).await.status, 200);
}
