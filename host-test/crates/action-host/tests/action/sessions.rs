//! Sessions with the embedded Genesys Cloud, from authentication to revocation, and what it refuses.

use std::time::Duration;

use action_host::oauth::{OauthError, Session};
use genesys_sim::{DEFAULT_TOKEN_DURATION, OAuthClient, Options, Region};
use secrecy::ExposeSecret;

use crate::component::{Build, test_both_builds};
use crate::embedded::{Embedded, connection};
use crate::outcome::{error_of, of_error};
use crate::scripted::credentials;

test_both_builds![
    client_credentials_open_a_session_that_works_until_it_is_disconnected,
    a_connection_opens_a_session_with_its_own_token,
    disconnecting_an_invalid_token_succeeds,
    a_connection_with_a_token_that_was_never_issued_is_rejected,
    a_connection_with_a_revoked_token_is_rejected,
    a_connection_with_an_expired_token_is_rejected,
    a_connection_with_the_token_of_another_region_is_rejected,
    an_unknown_client_is_rejected,
    a_wrong_secret_is_rejected,
    the_right_secret_in_the_wrong_region_is_rejected_like_a_wrong_one,
    a_disabled_client_is_rejected_and_so_are_its_tokens,
    the_minting_limit_is_throttling,
    the_rate_limit_of_the_api_is_throttling_with_a_time,
    sequential_calls_share_one_connection,
    concurrent_calls_do_not_mix_up_their_clients,
];

fn assert_rejected(error: &OauthError, host: &str, code: &str, description: Option<&str>) {
    let OauthError::Rejected(rejection) = error else {
        panic!("{}", of_error(error));
    };
    assert_eq!(rejection.host, host);
    assert_eq!(rejection.code, code);
    assert_eq!(rejection.description.as_deref(), description);
    let correlation_id = rejection.correlation_id.as_deref().unwrap_or_default();
    assert_eq!(correlation_id.len(), 36, "a UUID: {correlation_id:?}");
}

async fn client_credentials_open_a_session_that_works_until_it_is_disconnected(build: Build) {
    let fixture = Embedded::start(build).await;
    let client = fixture.add_client();
    let session = fixture.open(&client).await.unwrap();
    assert_eq!(session.name, "Default");
    assert_eq!(session.token_type, "Bearer");
    assert_eq!(session.expires_in, Some(DEFAULT_TOKEN_DURATION));
    assert_eq!(session.api_url, "https://api.mypurecloud.de");
    let (status, token) = fixture.get(&session, "/api/v2/tokens/me").await;
    assert_eq!(status, 200);
    assert_eq!(token["OAuthClient"]["id"], client.id.as_str());

    fixture.action.disconnect(&session).await.unwrap();
    assert!(!fixture.is_alive(&session).await);
}

async fn a_connection_opens_a_session_with_its_own_token(build: Build) {
    let fixture = Embedded::start(build).await;
    let of_control_room = fixture.open(&fixture.add_client()).await.unwrap();
    let connection = connection("eu-central-1", &of_control_room);
    let session = fixture
        .action
        .authenticate(&connection, " Shared ")
        .await
        .unwrap();
    assert_eq!(session.name, "Shared");
    assert_eq!(session.token_type, "Bearer");
    assert_eq!(session.expires_in, Some(60));
    assert_eq!(session.api_url, "https://api.mypurecloud.de");
    assert_eq!(
        session.token.expose_secret(),
        of_control_room.token.expose_secret()
    );
    assert_eq!(fixture.cloud.statistics().tokens_issued, 1);
    assert!(fixture.is_alive(&session).await);

    fixture.action.disconnect(&session).await.unwrap();
    assert!(!fixture.is_alive(&session).await);
}

async fn disconnecting_an_invalid_token_succeeds(build: Build) {
    let fixture = Embedded::start(build).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    for _ in 0..2 {
        fixture.action.disconnect(&session).await.unwrap();
        assert!(!fixture.is_alive(&session).await);
    }
}

async fn a_connection_with_a_token_that_was_never_issued_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let made_up = Session {
        name: "Default".into(),
        token: "never-issued".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: "https://api.mypurecloud.de".into(),
    };
    let connection = connection("eu-central-1", &made_up);
    let error = error_of(fixture.authenticate(&connection).await);
    assert_rejected(&error, "api.mypurecloud.de", "invalid_token", None);
}

async fn a_connection_with_a_revoked_token_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    fixture.action.disconnect(&session).await.unwrap();
    let connection = connection("eu-central-1", &session);
    let error = error_of(fixture.authenticate(&connection).await);
    assert_rejected(&error, "api.mypurecloud.de", "invalid_token", None);
}

async fn a_connection_with_an_expired_token_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    let connection = connection("eu-central-1", &session);
    let lifetime = Duration::from_secs(DEFAULT_TOKEN_DURATION.into());
    fixture
        .clock
        .advance(lifetime.saturating_sub(Duration::from_millis(1)));
    fixture.authenticate(&connection).await.unwrap();

    fixture.clock.advance(Duration::from_millis(1));
    let error = error_of(fixture.authenticate(&connection).await);
    assert_rejected(&error, "api.mypurecloud.de", "invalid_token", None);
}

async fn a_connection_with_the_token_of_another_region_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    let connection = connection("eu-west-1", &session);
    let error = error_of(fixture.authenticate(&connection).await);
    assert_rejected(&error, "api.mypurecloud.ie", "invalid_token", None);
}

async fn an_unknown_client_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let unknown = credentials("eu-central-1", "nobody", "secret");
    let error = error_of(fixture.authenticate(&unknown).await);
    let said = Some("client not found");
    assert_rejected(&error, "login.mypurecloud.de", "invalid_client", said);
}

async fn a_wrong_secret_is_rejected(build: Build) {
    let fixture = Embedded::start(build).await;
    let wrong = credentials("eu-central-1", &fixture.add_client().id, "wrong");
    let error = error_of(fixture.authenticate(&wrong).await);
    let said = Some("authentication failed");
    assert_rejected(&error, "login.mypurecloud.de", "invalid_client", said);
}

async fn the_right_secret_in_the_wrong_region_is_rejected_like_a_wrong_one(build: Build) {
    let fixture = Embedded::start(build).await;
    let client = fixture.add_client();
    let error = error_of(fixture.open_at("us-east-1", &client).await);
    let said = Some("authentication failed");
    assert_rejected(&error, "login.mypurecloud.com", "invalid_client", said);
    fixture.open(&client).await.unwrap();
}

async fn a_disabled_client_is_rejected_and_so_are_its_tokens(build: Build) {
    let fixture = Embedded::start(build).await;
    let client = fixture.add_client();
    let session = fixture.open(&client).await.unwrap();
    assert!(fixture.cloud.disable_client(&client.id));

    let error = error_of(fixture.open(&client).await);
    let said = Some("authentication failed");
    assert_rejected(&error, "login.mypurecloud.de", "invalid_client", said);
    let connection = connection("eu-central-1", &session);
    let error = error_of(fixture.authenticate(&connection).await);
    assert_rejected(&error, "api.mypurecloud.de", "invalid_token", None);
    fixture.action.disconnect(&session).await.unwrap();
}

async fn the_minting_limit_is_throttling(build: Build) {
    let options = Options {
        token_requests_per_minute: Some(2),
        ..Options::default()
    };
    let fixture = Embedded::start_with(build, options).await;
    let client = fixture.add_client();
    for _ in 0..2 {
        fixture.open(&client).await.unwrap();
    }
    let error = error_of(fixture.open(&client).await);
    let OauthError::Throttled(throttling) = &error else {
        panic!("{}", of_error(&error));
    };
    assert_eq!(throttling.host, "login.mypurecloud.de");
    // It is in the text of the refusal.
    let wait = throttling.retry_after.unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(throttling.correlation_id.is_some());

    fixture.clock.advance(Duration::from_mins(1));
    fixture.open(&client).await.unwrap();
}

async fn the_rate_limit_of_the_api_is_throttling_with_a_time(build: Build) {
    let options = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let fixture = Embedded::start_with(build, options).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    let connection = connection("eu-central-1", &session);
    fixture.authenticate(&connection).await.unwrap();
    fixture.clock.advance(Duration::from_secs(18));
    for error in [
        error_of(fixture.authenticate(&connection).await),
        error_of(fixture.action.disconnect(&session).await),
    ] {
        let OauthError::Throttled(throttling) = &error else {
            panic!("{}", of_error(&error));
        };
        assert_eq!(throttling.host, "api.mypurecloud.de");
        assert_eq!(throttling.retry_after, Some(42));
        assert!(throttling.correlation_id.is_some());
    }
}

async fn sequential_calls_share_one_connection(build: Build) {
    let fixture = Embedded::start(build).await;
    let client = fixture.add_client();
    let first = fixture.open(&client).await.unwrap();
    let second = fixture.open(&client).await.unwrap();
    assert_ne!(first.token.expose_secret(), second.token.expose_secret());
    assert_eq!(fixture.client.statistics().requests_sent, 2);
    assert_eq!(fixture.client.statistics().connections_opened, 1);
    assert_eq!(fixture.cloud.statistics().https_connections, 1);

    // The API is another host, with a connection of its own.
    for session in [first, second] {
        fixture.action.disconnect(&session).await.unwrap();
    }
    assert_eq!(fixture.client.statistics().requests_sent, 4);
    assert_eq!(fixture.cloud.statistics().https_connections, 2);
}

async fn concurrent_calls_do_not_mix_up_their_clients(build: Build) {
    let fixture = Embedded::start(build).await;
    let clients: Vec<OAuthClient> = Region::ALL
        .iter()
        .map(|region| fixture.add_client_of(region.domain()))
        .collect();
    let mut calls = tokio::task::JoinSet::new();
    for client in &clients {
        let (action, id) = (fixture.action.clone(), client.id.clone());
        let url = client.region.domain();
        let credentials = credentials(url, &id, client.secret.expose_secret());
        calls.spawn(async move { (id.clone(), action.authenticate(&credentials, &id).await) });
    }
    let sessions = calls.join_all().await;
    assert_eq!(sessions.len(), Region::ALL.len());
    for (id, session) in sessions {
        let session = session.unwrap();
        assert_eq!(session.name, id);
        let (_, token) = fixture.get(&session, "/api/v2/tokens/me").await;
        assert_eq!(token["OAuthClient"]["id"], id);
    }
}
