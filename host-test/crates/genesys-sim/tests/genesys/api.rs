//! The platform API: what a token gives access to, and when it is rejected.

use std::time::Duration;

use genesys_sim::{OAuthClient, Options};
use serde_json::json;

use crate::client::{Request, Server, region};

const TOKEN: &str = "/api/v2/tokens/me";
const ORGANIZATION: &str = "/api/v2/organizations/me";
const RESOURCES: [(&str, &str); 5] = [
    ("HEAD", TOKEN),
    ("GET", TOKEN),
    ("DELETE", TOKEN),
    ("GET", ORGANIZATION),
    ("GET", "/api/v2/users/me"),
];

#[tokio::test]
async fn head_checks_a_token_without_a_body() {
    let server = Server::start().await;
    let token = server.token().await;
    let mut connection = server.connect("api.mypurecloud.de").await;
    for _ in 0..2 {
        let answer = connection.send(Request::api("HEAD", TOKEN, &token)).await;
        assert_eq!(answer.status, 200, "the next answer follows the head");
    }
}

#[tokio::test]
async fn a_token_is_described_with_its_client_and_organization() {
    let server = Server::start().await;
    let token = server.token().await;
    let organization = server.send(Request::api("GET", ORGANIZATION, &token)).await;
    let path = format!("{TOKEN}?preserveIdleTTL=true");
    let answer = server.send(Request::api("GET", &path, &token)).await;

    let organization = organization.json();
    let organization = json!({ "id": organization["id"], "name": organization["name"] });
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({
            "organization": organization,
            "homeOrganization": organization,
            "authorizedScope": [],
            "OAuthClient": {
                "id": server.client.id,
                "name": "test bot",
                "organization": organization,
            },
        })
    );
}

#[tokio::test]
async fn the_organization_is_described() {
    let server = Server::start().await;
    let token = server.token().await;
    let answer = server.send(Request::api("GET", ORGANIZATION, &token)).await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(body["name"], "Example Company");
    assert_eq!(body["state"], "active");
    let id = body["id"].as_str().unwrap();
    assert_eq!(body["selfUri"], format!("/api/v2/organizations/{id}"));
}

#[tokio::test]
async fn a_client_credentials_token_has_no_user() {
    let server = Server::start().await;
    let token = server.token().await;
    let answer = server
        .send(Request::api("GET", "/api/v2/users/me", &token))
        .await;
    assert_eq!(answer.api_error(), (400, "bad.request".to_owned()));
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("This request requires a user context."));
}

#[tokio::test]
async fn deleting_a_token_revokes_it_and_no_other() {
    let server = Server::start().await;
    let (token, other) = (server.token().await, server.token().await);
    let answer = server.send(Request::api("DELETE", TOKEN, &token)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));

    let answer = server.send(Request::api("GET", TOKEN, &token)).await;
    assert_eq!(answer.api_error(), (401, "bad.credentials".to_owned()));
    let answer = server.send(Request::api("GET", TOKEN, &other)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn without_a_bearer_token_authentication_is_required() {
    let server = Server::start().await;
    let token = server.token().await;
    for (method, path) in RESOURCES {
        let nothing = Request::new(method, "api.mypurecloud.de", path);
        assert_eq!(server.send(nothing).await.status, 401, "{method} {path}");
    }
    for other in ["Basic aWQ6cw==".to_owned(), "Bearer".to_owned(), token] {
        let request =
            Request::new("GET", "api.mypurecloud.de", TOKEN).header("Authorization", other);
        let answer = server.send(request).await;
        assert_eq!(
            answer.api_error(),
            (401, "authentication.required".to_owned())
        );
    }
}

#[tokio::test]
async fn an_unknown_token_is_a_bad_credential_everywhere() {
    let server = Server::start().await;
    let mut forged = server.token().await;
    let last = if forged.ends_with('A') { "Q" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    for token in [forged.as_str(), "x", "näh"] {
        let answer = server.send(Request::api("GET", TOKEN, token)).await;
        assert_eq!(answer.api_error().0, 401, "{token}");
    }
    for (method, path) in RESOURCES {
        let answer = server.send(Request::api(method, path, &forged)).await;
        assert_eq!(answer.status, 401, "{method} {path}");
    }
    let answer = server.send(Request::api("GET", TOKEN, &forged)).await;
    assert_eq!(answer.api_error().1, "bad.credentials");
}

#[tokio::test]
async fn a_token_expires_after_its_duration() {
    let server = Server::start().await;
    let token = server.token().await;
    server.clock.advance(Duration::from_secs(86_399));
    let answer = server.send(Request::api("GET", TOKEN, &token)).await;
    assert_eq!(answer.status, 200);

    server.clock.advance(Duration::from_secs(1));
    let answer = server.send(Request::api("GET", TOKEN, &token)).await;
    assert_eq!(answer.api_error(), (401, "credentials.expired".to_owned()));
}

#[tokio::test]
async fn the_scheme_is_case_insensitive() {
    let server = Server::start().await;
    let token = server.token().await;
    let request = Request::new("GET", "api.mypurecloud.de", TOKEN)
        .header("Authorization", format!("bearer {token}"));
    assert_eq!(server.send(request).await.status, 200);
}

#[tokio::test]
async fn a_token_is_valid_in_its_own_region_only() {
    let server = Server::start().await;
    let token = server.token().await;
    let elsewhere = Request::api("GET", TOKEN, &token).host(region("mypurecloud.com").api_host());
    let answer = server.send(elsewhere).await;
    assert_eq!(answer.api_error(), (401, "bad.credentials".to_owned()));
}

#[tokio::test]
async fn disabling_a_client_revokes_its_tokens_and_no_others() {
    let server = Server::start().await;
    let other = OAuthClient::new("other", server.client.region);
    let other = server.cloud.add_client(other).unwrap();
    let (token, spared) = (server.token().await, server.token_of(&other).await);
    server.cloud.disable_client(&server.client.id);

    let answer = server.send(Request::api("GET", TOKEN, &token)).await;
    assert_eq!(answer.api_error(), (401, "bad.credentials".to_owned()));
    let answer = server.send(Request::api("GET", TOKEN, &spared)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn too_many_requests_with_a_token_get_a_429_with_retry_after() {
    let server = Server::start_with(Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    })
    .await;
    let (token, other) = (server.token().await, server.token().await);
    let get = |token: &str| server.send(Request::api("GET", TOKEN, token));
    assert_eq!(get(&token).await.status, 200);

    server.clock.advance(Duration::from_secs(18));
    let answer = get(&token).await;
    assert_eq!(
        answer.api_error(),
        (429, "too.many.requests.retry.after".to_owned())
    );
    assert_eq!(answer.header("retry-after"), Some("42"));
    assert_eq!(
        answer.json()["message"],
        "Rate limit exceeded the maximum. Retry the request in [42] seconds"
    );
    assert_eq!(
        get(&other).await.status,
        200,
        "each token has its own limit"
    );

    server.clock.advance(Duration::from_secs(42));
    assert_eq!(get(&token).await.status, 200);
}
