//! The sign-in page: its content, its form, and its protection against other sites.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genesys_sim::{LOCKOUT, MAX_WRONG_PASSWORDS, OAuthClient, SIGN_IN_TIMEOUT};
use sha2::{Digest, Sha256};

use crate::fixture::{
    Browser, CALLBACK, Fixture, PASSWORD, USERNAME, encode, error_in_redirect, parameters,
    token_of, with,
};

#[tokio::test]
async fn the_page_asks_for_username_and_password_or_refusal() {
    let fixture = Fixture::start().await;
    let page = fixture.authorize(&parameters(&fixture.web)).await;
    for part in [
        "Control Room",
        CALLBACK,
        "<label for=\"username\">",
        "id=\"username\"",
        "<label for=\"password\">",
        "id=\"password\" name=\"password\" type=\"password\"",
        "<button id=\"sign-in\"",
        "<button id=\"sample\"",
        "<button id=\"refuse\"",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn a_page_loads_nothing_but_its_own_style_and_is_not_framed() {
    let fixture = Fixture::start().await;
    let page = fixture.authorize(&parameters(&fixture.web)).await;
    let problem = fixture.authorize(&[]).await;
    for (answer, form_action) in [(&page, "'self' https:"), (&problem, "'none'")] {
        let (_, rest) = answer.body.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; \
             frame-ancestors 'none'; form-action {form_action}"
        );
        let header = |name| answer.header(name);
        assert_eq!(header("content-security-policy"), Some(policy.as_str()));
        assert_eq!(header("x-frame-options"), Some("DENY"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("referrer-policy"), Some("no-referrer"));
        assert_eq!(header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn untrusted_texts_are_escaped() {
    let fixture = Fixture::start().await;
    let script = "\"'><script>alert(1)</script>&amp;";
    let client = OAuthClient {
        id: script.into(),
        ..OAuthClient::new(script, fixture.client.region).with_redirect_uri(CALLBACK)
    };
    let client = fixture.cloud.add_client(client).unwrap();
    let request = with(parameters(&client), "state", Some(script));

    let mut browser = Browser::new(&fixture);
    let page = browser.open(&request).await;
    let wrong = browser.type_in(&page, script, script).await;
    let unknown = with(parameters(&fixture.web), "client_id", Some("<script>"));
    let unknown = fixture.authorize(&unknown).await;
    for answer in [&page, &wrong, &unknown] {
        assert!(answer.body.starts_with("<!doctype html>"));
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        assert!(!answer.body.contains("alert(1)</script>"));
    }
    let escaped = "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;";
    assert!(
        page.body
            .contains(&format!("<strong id=\"app-name\">{escaped}</strong>"))
    );
    assert!(wrong.body.contains(&format!("value=\"{escaped}\"")));
}

#[tokio::test]
async fn refusing_redirects_with_access_denied() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    let answer = browser.submit(&page, &[("choice", "refuse")]).await;
    assert_eq!(error_in_redirect(&answer), "access_denied");
    assert!(
        answer
            .header("location")
            .unwrap()
            .contains("state=a+state+%26+more")
    );
    assert_eq!(
        browser.sign_in(&page).await.status,
        400,
        "the sign-in has ended"
    );
}

#[tokio::test]
async fn nobody_has_to_be_added_before_a_sign_in() {
    let fixture = Fixture::start().await;
    for _ in 0..2 {
        let mut browser = Browser::new(&fixture);
        let page = browser.open(&parameters(&fixture.web)).await;
        let answer = browser.submit(&page, &[("choice", "sample")]).await;
        let callback = answer.header("location").unwrap();
        assert!(callback.contains("code="), "{callback}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_reported_and_the_sign_in_goes_on() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    let again = browser.type_in(&page, USERNAME, "wrong").await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("id=\"notice\""));
    assert!(again.body.contains(&format!("value=\"{USERNAME}\"")));
    assert_eq!(browser.sign_in(&again).await.status, 303);
}

#[tokio::test]
async fn a_wrong_username_and_a_wrong_password_look_the_same() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    let wrong_name = browser.type_in(&page, "unknown", PASSWORD).await;
    let wrong_password = browser.type_in(&page, USERNAME, "wrong").await;
    assert_eq!(
        wrong_name.body.replace("unknown", ""),
        wrong_password.body.replace(USERNAME, "")
    );
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_out() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    for _ in 0..MAX_WRONG_PASSWORDS {
        let page = browser.open(&parameters(&fixture.web)).await;
        browser.type_in(&page, USERNAME, "wrong").await;
    }
    let page = browser.open(&parameters(&fixture.web)).await;
    let answer = browser.sign_in(&page).await;
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains("Try again in 300 seconds"));
    fixture.clock.advance(LOCKOUT);
    assert_eq!(browser.sign_in(&page).await.status, 303);
}

#[tokio::test]
async fn a_form_is_valid_only_in_the_browser_that_loaded_it() {
    let fixture = Fixture::start().await;
    let mut attacker = Browser::new(&fixture);
    let page = attacker.open(&parameters(&fixture.web)).await;

    let mut victim = Browser::new(&fixture);
    assert_eq!(victim.sign_in(&page).await.status, 400, "without a cookie");
    victim.open(&parameters(&fixture.web)).await;
    assert_eq!(victim.sign_in(&page).await.status, 400, "with its own");
    attacker.clear_cookie();
    assert_eq!(attacker.sign_in(&page).await.status, 400);
}

#[tokio::test]
async fn the_cookie_is_restricted_to_this_server() {
    let fixture = Fixture::start().await;
    let page = fixture.authorize(&parameters(&fixture.web)).await;
    let cookie = page.header("set-cookie").unwrap();
    for attribute in ["; Path=/oauth;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[tokio::test]
async fn one_browser_can_have_concurrent_sign_ins() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let one = browser.open(&parameters(&fixture.web)).await;
    let other = browser.open(&parameters(&fixture.native)).await;
    for page in [one, other] {
        assert_eq!(browser.sign_in(&page).await.status, 303);
        assert_eq!(browser.sign_in(&page).await.status, 400, "once each");
    }
}

#[tokio::test]
async fn a_sign_in_can_take_ten_minutes() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    fixture
        .clock
        .advance(SIGN_IN_TIMEOUT.saturating_sub(Duration::from_millis(1)));
    let late = browser.open(&parameters(&fixture.web)).await;
    assert_eq!(browser.sign_in(&page).await.status, 303);
    fixture.clock.advance(SIGN_IN_TIMEOUT);
    assert_eq!(browser.sign_in(&late).await.status, 400);
}

#[tokio::test]
async fn other_bodies_than_the_form_are_rejected() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let page = browser.open(&parameters(&fixture.web)).await;
    let token = token_of(&page);
    let right = encode(&[
        ("sign-in", token.as_str()),
        ("username", USERNAME),
        ("password", PASSWORD),
    ]);
    for body in [
        "",
        "sign-in=",
        "sign-in=forged",
        &format!("{right}&password=x"),
    ] {
        assert_eq!(browser.post(body).await.status, 400, "{body}");
    }
    assert_eq!(
        browser.post(&right).await.status,
        303,
        "as submitted by the Enter key"
    );
}

#[tokio::test]
async fn a_client_that_was_disabled_or_removed_meanwhile_gets_no_code() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let web = browser.open(&parameters(&fixture.web)).await;
    let native = browser.open(&parameters(&fixture.native)).await;
    fixture.cloud.disable_client(&fixture.web.id);
    fixture.cloud.remove_client(&fixture.native.id);
    assert_eq!(
        error_in_redirect(&browser.sign_in(&web).await),
        "unauthorized_client"
    );
    assert_eq!(browser.sign_in(&native).await.status, 400);
}
