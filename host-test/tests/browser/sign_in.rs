//! A user signs in to a connection.

use control_room::oauth::CallbackError;
use fantoccini::key::Key;
use genesys_sim::ClientType;
use test_peers::{Test, tests};

use crate::connection_fixture::{ConnectionFixture, PASSWORD, USERNAME, finish};

async fn a_confidential_client_signs_in_and_refreshes() {
    let (fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Confidential).await;
    let page = sign_in.authorization_url();
    assert!(!page.contains("code_challenge"));
    let person = async {
        browser.sign_in(&page, USERNAME, PASSWORD).await;
        browser.text("signed-in").await
    };
    let (tokens, shown) = tokio::join!(finish(&mut sign_in), person);
    assert!(shown.contains("Signed in"), "{shown}");
    let refresh_token = tokens.unwrap().refresh_token.unwrap();
    fixture.endpoint.refresh(&refresh_token).await.unwrap();
}

async fn a_public_client_signs_in_with_pkce_and_the_keyboard_alone() {
    let (_fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Public).await;
    let page = sign_in.authorization_url();
    assert!(page.contains("code_challenge_method=S256"));
    let person = async {
        browser.go(&page).await;
        assert_eq!(browser.focus().await, "username");
        browser.keys(USERNAME).await;
        for stop in ["password", "sign-in", "sample", "refuse"] {
            browser.keys(&char::from(Key::Tab).to_string()).await;
            assert_eq!(browser.focus().await, stop);
        }
        browser.find("password").await.send_keys(PASSWORD).await;
        browser.keys(&char::from(Key::Enter).to_string()).await;
        browser.text("signed-in").await
    };
    let (tokens, shown) = tokio::join!(finish(&mut sign_in), person);
    assert!(shown.contains("Signed in"), "{shown}");
    assert_eq!(tokens.unwrap().expires_in, Some(86_400));
}

async fn a_wrong_password_is_shown_and_can_be_corrected() {
    let (_fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Confidential).await;
    let page = sign_in.authorization_url();
    let person = async {
        browser.sign_in(&page, USERNAME, "wrong").await;
        let notice = browser.text("notice").await;
        assert_eq!(notice, "The username or the password is not right.");
        let field = browser.find("password").await;
        let described_by = field.attr("aria-describedby").await;
        assert_eq!(described_by.as_deref(), Some("notice"));
        let invalid = field.attr("aria-invalid").await;
        assert_eq!(invalid.as_deref(), Some("true"));
        assert_eq!(browser.focus().await, "password");
        let username = browser.find("username").await.prop("value").await;
        assert_eq!(username.as_deref(), Some(USERNAME));
        browser.fill("password", PASSWORD).await;
        browser.press("sign-in").await;
        browser.text("signed-in").await
    };
    let (tokens, _) = tokio::join!(finish(&mut sign_in), person);
    tokens.unwrap();
}

async fn a_refused_sign_in_is_shown_and_issues_no_token() {
    let (_fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Confidential).await;
    let page = sign_in.authorization_url();
    let person = async {
        browser.go(&page).await;
        browser.press("refuse").await;
        browser.text("refused").await
    };
    let (result, shown) = tokio::join!(finish(&mut sign_in), person);
    assert!(shown.contains("Sign-in refused"), "{shown}");
    let Err(CallbackError::Refused(refused)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(refused.code, "access_denied");
}

pub(crate) const TESTS: &[Test] = tests![
    a_confidential_client_signs_in_and_refreshes,
    a_public_client_signs_in_with_pkce_and_the_keyboard_alone,
    a_wrong_password_is_shown_and_can_be_corrected,
    a_refused_sign_in_is_shown_and_issues_no_token,
];
