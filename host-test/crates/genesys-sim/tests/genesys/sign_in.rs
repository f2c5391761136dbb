//! The sign-in page: what it shows, what it lets pass, and what it can not be made to do.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genesys_sim::{LOCKED_OUT, MAX_WRONG_PASSWORDS, OAuthClient, SIGN_IN_TIME};
use sha2::{Digest, Sha256};

use crate::fixture::{
    Browser, CALLBACK, PASSWORD, Scene, USERNAME, encode, error_told, parameters, token_of, with,
};

#[tokio::test]
async fn the_page_asks_for_name_and_password_and_lets_refuse() {
    let scene = Scene::start().await;
    let page = scene.authorize(&parameters(&scene.web)).await;
    for part in [
        "Control Room",
        CALLBACK,
        "<label for=\"username\">",
        "id=\"username\"",
        "<label for=\"password\">",
        "id=\"password\" name=\"password\" type=\"password\"",
        "<button id=\"sign-in\"",
        "<button id=\"refuse\"",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn a_page_loads_nothing_but_its_own_style_and_is_not_framed() {
    let scene = Scene::start().await;
    let page = scene.authorize(&parameters(&scene.web)).await;
    let problem = scene.authorize(&[]).await;
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
async fn texts_of_strangers_stay_text() {
    let scene = Scene::start().await;
    let script = "\"'><script>alert(1)</script>&amp;";
    let client = OAuthClient {
        id: script.into(),
        ..OAuthClient::new(script, scene.client.region).with_redirect_uri(CALLBACK)
    };
    let client = scene.cloud.add_client(client).unwrap();
    let request = with(parameters(&client), "state", Some(script));

    let mut browser = Browser::new(&scene);
    let page = browser.open(&request).await;
    let wrong = browser.type_in(&page, script, script).await;
    let unknown = with(parameters(&scene.web), "client_id", Some("<script>"));
    let unknown = scene.authorize(&unknown).await;
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
async fn who_refuses_is_led_back_without_a_code() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    let answer = browser.submit(&page, &[("choice", "refuse")]).await;
    assert_eq!(error_told(&answer), "access_denied");
    assert!(
        answer
            .header("location")
            .unwrap()
            .contains("state=a+state+%26+more")
    );
    assert_eq!(browser.sign_in(&page).await.status, 400, "it is over");
}

#[tokio::test]
async fn a_wrong_password_is_said_and_keeps_the_request() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    let again = browser.type_in(&page, USERNAME, "wrong").await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("id=\"notice\""));
    assert!(again.body.contains(&format!("value=\"{USERNAME}\"")));
    assert_eq!(browser.sign_in(&again).await.status, 303);
}

#[tokio::test]
async fn it_is_not_said_which_of_name_and_password_is_wrong() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    let wrong_name = browser.type_in(&page, "nobody", PASSWORD).await;
    let wrong_password = browser.type_in(&page, USERNAME, "wrong").await;
    assert_eq!(
        wrong_name.body.replace("nobody", ""),
        wrong_password.body.replace(USERNAME, "")
    );
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_out() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    for _ in 0..MAX_WRONG_PASSWORDS {
        let page = browser.open(&parameters(&scene.web)).await;
        browser.type_in(&page, USERNAME, "wrong").await;
    }
    let page = browser.open(&parameters(&scene.web)).await;
    let answer = browser.sign_in(&page).await;
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains("Try again in 300 seconds"));
    scene.clock.advance(LOCKED_OUT);
    assert_eq!(browser.sign_in(&page).await.status, 303);
}

#[tokio::test]
async fn a_form_counts_only_in_the_browser_that_it_was_given_to() {
    let scene = Scene::start().await;
    let mut attacker = Browser::new(&scene);
    let page = attacker.open(&parameters(&scene.web)).await;

    let mut victim = Browser::new(&scene);
    assert_eq!(victim.sign_in(&page).await.status, 400, "without a cookie");
    victim.open(&parameters(&scene.web)).await;
    assert_eq!(victim.sign_in(&page).await.status, 400, "with its own");
    attacker.forget_cookie();
    assert_eq!(attacker.sign_in(&page).await.status, 400);
}

#[tokio::test]
async fn the_cookie_is_for_this_server_alone() {
    let scene = Scene::start().await;
    let page = scene.authorize(&parameters(&scene.web)).await;
    let cookie = page.header("set-cookie").unwrap();
    for attribute in ["; Path=/oauth;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[tokio::test]
async fn sign_ins_run_side_by_side_in_one_browser() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let one = browser.open(&parameters(&scene.web)).await;
    let other = browser.open(&parameters(&scene.native)).await;
    for page in [one, other] {
        assert_eq!(browser.sign_in(&page).await.status, 303);
        assert_eq!(browser.sign_in(&page).await.status, 400, "once each");
    }
}

#[tokio::test]
async fn a_sign_in_may_take_ten_minutes() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
    scene.clock.advance(SIGN_IN_TIME - Duration::from_millis(1));
    let late = browser.open(&parameters(&scene.web)).await;
    assert_eq!(browser.sign_in(&page).await.status, 303);
    scene.clock.advance(SIGN_IN_TIME);
    assert_eq!(browser.sign_in(&late).await.status, 400);
}

#[tokio::test]
async fn what_is_not_the_form_is_refused() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let page = browser.open(&parameters(&scene.web)).await;
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
    assert_eq!(browser.post(&right).await.status, 303, "as Enter sends it");
}

#[tokio::test]
async fn a_client_that_changed_meanwhile_gets_no_code() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let web = browser.open(&parameters(&scene.web)).await;
    let native = browser.open(&parameters(&scene.native)).await;
    scene.cloud.disable_client(&scene.web.id);
    scene.cloud.remove_client(&scene.native.id);
    assert_eq!(
        error_told(&browser.sign_in(&web).await),
        "unauthorized_client"
    );
    assert_eq!(browser.sign_in(&native).await.status, 400);
}
