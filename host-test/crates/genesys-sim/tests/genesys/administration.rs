//! What an administrator changes at run time.

use genesys_sim::{AddUserError, User};

use crate::client::Request;
use crate::fixture::{Browser, Fixture, PASSWORD, USERNAME, parameters, refusal, tokens_in};

/// Whether an access token and a refresh token still work.
async fn live(fixture: &Fixture, (token, refresh_token): &(String, String)) -> (bool, bool) {
    let access = fixture.check(token).await == 200;
    (access, fixture.refresh(refresh_token).await.status == 200)
}

#[tokio::test]
async fn clients_are_listed_and_removed() {
    let fixture = Fixture::start().await;
    let names = || {
        let clients = fixture.cloud.clients();
        clients
            .into_iter()
            .map(|client| client.app_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Control Room", "Desktop", "test bot"]);

    let tokens = fixture.tokens().await;
    assert!(fixture.cloud.remove_client(&fixture.web.id));
    assert!(!fixture.cloud.remove_client(&fixture.web.id));
    assert_eq!(names(), ["Desktop", "test bot"]);
    assert_eq!(fixture.check(&tokens.0).await, 401);
    let answer = fixture.refresh(&tokens.1).await;
    assert_eq!(refusal(&answer), (400, "invalid_client".to_owned()));

    fixture.cloud.add_client(fixture.web.clone()).unwrap();
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    fixture.tokens().await;
}

#[tokio::test]
async fn a_client_is_enabled_again_and_its_tokens_stay_revoked() {
    let fixture = Fixture::start().await;
    let tokens = fixture.tokens().await;
    let code = fixture.code(&fixture.web).await;
    fixture.cloud.disable_client(&fixture.web.id);
    let answer = fixture.refresh(&tokens.1).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));

    assert!(fixture.cloud.enable_client(&fixture.web.id));
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    let answer = fixture.redeem(&fixture.web, &code).await;
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
    fixture.tokens().await;
}

#[tokio::test]
async fn the_tokens_of_a_client_are_revoked() {
    let fixture = Fixture::start().await;
    let (tokens, spared) = (fixture.tokens().await, fixture.token().await);
    assert!(fixture.cloud.revoke_client_tokens(&fixture.web.id));
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    assert_eq!(fixture.check(&spared).await, 200);
}

#[tokio::test]
async fn the_access_tokens_of_a_client_expire_on_request() {
    let fixture = Fixture::start().await;
    let (token, refresh_token) = fixture.tokens().await;
    assert!(fixture.cloud.expire_client_tokens(&fixture.web.id));
    let answer = fixture
        .send(Request::api("GET", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(answer.api_error(), (401, "credentials.expired".to_owned()));
    let (token, _) = tokens_in(&fixture.refresh(&refresh_token).await);
    assert_eq!(fixture.check(&token).await, 200);
}

#[tokio::test]
async fn valid_access_tokens_of_a_client_are_counted() {
    let fixture = Fixture::start().await;
    let id = &fixture.web.id;
    assert_eq!(fixture.cloud.valid_tokens(id), 0);
    fixture.tokens().await;
    assert_eq!(fixture.cloud.valid_tokens(id), 1);
    fixture.cloud.expire_client_tokens(id);
    assert_eq!(fixture.cloud.valid_tokens(id), 0);
    assert_eq!(fixture.cloud.valid_tokens("unknown"), 0);
}

#[tokio::test]
async fn the_tokens_of_a_user_are_revoked() {
    let fixture = Fixture::start().await;
    let (tokens, spared) = (fixture.tokens().await, fixture.token().await);
    assert!(fixture.cloud.revoke_user_tokens(USERNAME));
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    assert_eq!(fixture.check(&spared).await, 200);
}

#[tokio::test]
async fn a_removed_user_cannot_sign_in_and_their_tokens_are_revoked() {
    let fixture = Fixture::start().await;
    let tokens = fixture.tokens().await;
    let code = fixture.code(&fixture.web).await;
    assert!(fixture.cloud.remove_user(USERNAME));
    assert!(fixture.cloud.users().is_empty());
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    assert_eq!(fixture.redeem(&fixture.web, &code).await.status, 400);
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    assert_eq!(browser.sign_in(&page).await.status, 200);
}

#[tokio::test]
async fn a_new_password_revokes_tokens_and_replaces_the_old_one() {
    let fixture = Fixture::start().await;
    let tokens = fixture.tokens().await;
    assert_eq!(
        fixture.cloud.change_password(USERNAME, "new".into()),
        Ok(true)
    );
    assert_eq!(live(&fixture, &tokens).await, (false, false));
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    assert_eq!(browser.type_in(&page, USERNAME, PASSWORD).await.status, 200);
    assert_eq!(browser.type_in(&page, USERNAME, "new").await.status, 303);
    assert_eq!(fixture.cloud.users()[0].id, fixture.user.id);
}

#[tokio::test]
async fn a_user_must_be_valid() {
    let fixture = Fixture::start().await;
    let add = |name: &str, password: &str| {
        let added = fixture.cloud.add_user(User::new(name, password.into()));
        added.err()
    };
    assert_eq!(add("", "x"), Some(AddUserError::EmptyUsername));
    assert_eq!(add("john", ""), Some(AddUserError::EmptyPassword));
    let taken = AddUserError::UsernameTaken(USERNAME.into());
    assert_eq!(add(USERNAME, "x"), Some(taken));
    assert_eq!(add("john", "x"), None);
    let refused = fixture.cloud.change_password(USERNAME, "".into());
    assert_eq!(refused, Err(AddUserError::EmptyPassword));
}

#[tokio::test]
async fn changing_an_unknown_client_or_user_returns_false() {
    let fixture = Fixture::start().await;
    let cloud = &fixture.cloud;
    assert!(!cloud.enable_client("unknown"));
    assert!(!cloud.remove_client("unknown"));
    assert!(!cloud.revoke_client_tokens("unknown"));
    assert!(!cloud.expire_client_tokens("unknown"));
    assert!(!cloud.remove_user("unknown"));
    assert!(!cloud.revoke_user_tokens("unknown"));
    assert_eq!(cloud.change_password("unknown", "x".into()), Ok(false));
}
