//! What an administrator changes while the simulation runs.

use genesys_sim::{AddUserError, User};

use crate::client::Request;
use crate::fixture::{Browser, PASSWORD, Scene, USERNAME, parameters, refusal, tokens_in};

/// Whether an access token and a refresh token still work.
async fn live(scene: &Scene, (token, refresh_token): &(String, String)) -> (bool, bool) {
    let access = scene.check(token).await == 200;
    (access, scene.refresh(refresh_token).await.status == 200)
}

#[tokio::test]
async fn clients_are_listed_and_removed() {
    let scene = Scene::start().await;
    let names = || {
        let clients = scene.cloud.clients();
        clients
            .into_iter()
            .map(|client| client.app_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Control Room", "Desktop", "test bot"]);

    let tokens = scene.tokens().await;
    assert!(scene.cloud.remove_client(&scene.web.id));
    assert!(!scene.cloud.remove_client(&scene.web.id));
    assert_eq!(names(), ["Desktop", "test bot"]);
    assert_eq!(scene.check(&tokens.0).await, 401);
    let answer = scene.refresh(&tokens.1).await;
    assert_eq!(refusal(&answer), (400, "invalid_client".to_owned()));

    scene.cloud.add_client(scene.web.clone()).unwrap();
    assert_eq!(live(&scene, &tokens).await, (false, false));
    scene.tokens().await;
}

#[tokio::test]
async fn a_disabled_client_can_be_enabled_and_its_tokens_stay_dead() {
    let scene = Scene::start().await;
    let tokens = scene.tokens().await;
    let code = scene.code(&scene.web).await;
    scene.cloud.disable_client(&scene.web.id);
    let answer = scene.refresh(&tokens.1).await;
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));

    assert!(scene.cloud.enable_client(&scene.web.id));
    assert_eq!(live(&scene, &tokens).await, (false, false));
    let answer = scene.redeem(&scene.web, &code).await;
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
    scene.tokens().await;
}

#[tokio::test]
async fn the_tokens_of_a_client_are_revoked() {
    let scene = Scene::start().await;
    let (tokens, spared) = (scene.tokens().await, scene.token().await);
    assert!(scene.cloud.revoke_client_tokens(&scene.web.id));
    assert_eq!(live(&scene, &tokens).await, (false, false));
    assert_eq!(scene.check(&spared).await, 200);
}

#[tokio::test]
async fn the_access_tokens_of_a_client_expire_on_demand() {
    let scene = Scene::start().await;
    let (token, refresh_token) = scene.tokens().await;
    assert!(scene.cloud.expire_client_tokens(&scene.web.id));
    let answer = scene
        .send(Request::api("GET", "/api/v2/tokens/me", &token))
        .await;
    assert_eq!(answer.api_error(), (401, "credentials.expired".to_owned()));
    let (token, _) = tokens_in(&scene.refresh(&refresh_token).await);
    assert_eq!(scene.check(&token).await, 200);
}

#[tokio::test]
async fn the_tokens_of_a_user_are_revoked() {
    let scene = Scene::start().await;
    let (tokens, spared) = (scene.tokens().await, scene.token().await);
    assert!(scene.cloud.revoke_user_tokens(USERNAME));
    assert_eq!(live(&scene, &tokens).await, (false, false));
    assert_eq!(scene.check(&spared).await, 200);
}

#[tokio::test]
async fn a_removed_user_cannot_sign_in_and_their_tokens_end() {
    let scene = Scene::start().await;
    let tokens = scene.tokens().await;
    let code = scene.code(&scene.web).await;
    assert!(scene.cloud.remove_user(USERNAME));
    assert!(scene.cloud.users().is_empty());
    assert_eq!(live(&scene, &tokens).await, (false, false));
    assert_eq!(scene.redeem(&scene.web, &code).await.status, 400);
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    assert_eq!(browser.sign_in(&page).await.status, 200);
}

#[tokio::test]
async fn a_changed_password_ends_tokens_and_only_the_new_one_counts() {
    let scene = Scene::start().await;
    let tokens = scene.tokens().await;
    assert_eq!(
        scene.cloud.change_password(USERNAME, "new".into()),
        Ok(true)
    );
    assert_eq!(live(&scene, &tokens).await, (false, false));
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    assert_eq!(browser.type_in(&page, USERNAME, PASSWORD).await.status, 200);
    assert_eq!(browser.type_in(&page, USERNAME, "new").await.status, 303);
    assert_eq!(scene.cloud.users()[0].id, scene.user.id);
}

#[tokio::test]
async fn a_user_must_be_valid() {
    let scene = Scene::start().await;
    let add = |name: &str, password: &str| {
        let added = scene.cloud.add_user(User::new(name, password.into()));
        added.err()
    };
    assert_eq!(add("", "x"), Some(AddUserError::EmptyUsername));
    assert_eq!(add("john", ""), Some(AddUserError::EmptyPassword));
    let taken = AddUserError::UsernameTaken(USERNAME.into());
    assert_eq!(add(USERNAME, "x"), Some(taken));
    assert_eq!(add("john", "x"), None);
    let refused = scene.cloud.change_password(USERNAME, "".into());
    assert_eq!(refused, Err(AddUserError::EmptyPassword));
}

#[tokio::test]
async fn changing_nobody_is_told() {
    let scene = Scene::start().await;
    let cloud = &scene.cloud;
    assert!(!cloud.enable_client("nobody"));
    assert!(!cloud.remove_client("nobody"));
    assert!(!cloud.revoke_client_tokens("nobody"));
    assert!(!cloud.expire_client_tokens("nobody"));
    assert!(!cloud.remove_user("nobody"));
    assert!(!cloud.revoke_user_tokens("nobody"));
    assert_eq!(cloud.change_password("nobody", "x".into()), Ok(false));
}
