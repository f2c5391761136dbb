//! `GET /oauth/authorize`: whom it asks to sign in, whom it tells what is wrong, and whom not.

use genesys_sim::{AddClientError, OAuthClient};

use crate::client::{Answer, region};
use crate::fixture::{Browser, CALLBACK, Scene, answer_to, error_told, parameters, with};

/// A page for the person at the browser, who is led nowhere.
fn assert_problem(answer: &Answer, case: &str) {
    assert_eq!(answer.status, 400, "{case}");
    assert_eq!(answer.header("location"), None, "{case}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(answer.body.contains("You cannot be signed in"), "{case}");
    assert!(!answer.body.contains("<form"), "{case}");
}

#[tokio::test]
async fn who_signs_in_is_led_back_with_code_state_and_issuer() {
    let scene = Scene::start().await;
    for client in [&scene.web, &scene.native] {
        let mut browser = Browser::new(&scene);
        let page = browser.open(&parameters(client)).await;
        assert_eq!(page.status, 200);
        let mut answer = answer_to(&browser.sign_in(&page).await);
        assert!(answer.remove("code").unwrap().len() >= 43);
        assert_eq!(answer.remove("state").unwrap(), "a state & more");
        assert_eq!(
            answer.remove("iss").unwrap(),
            "https://login.mypurecloud.de"
        );
        assert!(answer.is_empty());
    }
}

#[tokio::test]
async fn without_state_none_comes_back() {
    let scene = Scene::start().await;
    let mut browser = Browser::new(&scene);
    let request = with(parameters(&scene.web), "state", None);
    let page = browser.open(&request).await;
    assert!(!answer_to(&browser.sign_in(&page).await).contains_key("state"));
}

#[tokio::test]
async fn a_client_with_a_secret_may_leave_out_pkce() {
    let scene = Scene::start().await;
    let request = with(parameters(&scene.web), "code_challenge", None);
    let request = with(request, "code_challenge_method", None);
    assert_eq!(scene.authorize(&request).await.status, 200);
}

#[tokio::test]
async fn an_unknown_client_is_led_nowhere() {
    let scene = Scene::start().await;
    let good = || parameters(&scene.web);
    let mut twice = good();
    twice.push(("client_id", &scene.web.id));
    for (case, request) in [
        ("unknown", with(good(), "client_id", Some("nobody"))),
        ("missing", with(good(), "client_id", None)),
        ("empty", with(good(), "client_id", Some(""))),
        ("repeated", twice),
        ("nothing at all", Vec::new()),
    ] {
        assert_problem(&scene.authorize(&request).await, case);
    }
}

#[tokio::test]
async fn a_client_is_known_in_its_own_region_only() {
    let scene = Scene::start().await;
    let dublin = region("mypurecloud.ie");
    let client = OAuthClient::new("Dublin", dublin).with_redirect_uri(CALLBACK);
    let client = scene.cloud.add_client(client).unwrap();
    assert_problem(
        &scene.authorize(&parameters(&client)).await,
        "another region",
    );
}

#[tokio::test]
async fn only_the_exact_redirect_uri_is_led_back_to() {
    let scene = Scene::start().await;
    let longer = format!("{CALLBACK}/more");
    let good = || parameters(&scene.web);
    let mut twice = good();
    twice.push(("redirect_uri", "https://evil.example/"));
    for uri in [
        "https://evil.example/callback",
        "https://control-room.example/callback/",
        "https://control-room.example/Callback",
        "https://CONTROL-ROOM.example/callback",
        "https://control-room.example:443/callback",
        "https://control-room.example/callback?x=1",
        "https://control-room.example/callback?",
        "https://control-room.example/callback#x",
        "https://control-room.example/callbac",
        "https://control-room.example/%63allback",
        "https://control-room.example/x/../callback",
        "https://control-room.example.evil.example/callback",
        "http://control-room.example/callback",
        " https://control-room.example/callback",
        &longer,
        "",
    ] {
        let answer = scene
            .authorize(&with(good(), "redirect_uri", Some(uri)))
            .await;
        assert_problem(&answer, uri);
        assert!(uri.is_empty() || !answer.body.contains(uri), "{uri}");
    }
    let missing = with(good(), "redirect_uri", None);
    assert_problem(&scene.authorize(&missing).await, "missing");
    assert_problem(&scene.authorize(&twice).await, "repeated");
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_own_query() {
    let scene = Scene::start().await;
    let uri = "http://127.0.0.1:9000/callback?tenant=a%20b";
    let client = OAuthClient::public("query", scene.client.region).with_redirect_uri(uri);
    let client = scene.cloud.add_client(client).unwrap();
    let mut browser = Browser::new(&scene);
    let request = with(parameters(&client), "redirect_uri", Some(uri));
    let page = browser.open(&request).await;
    let answer = browser.sign_in(&page).await;
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_its_client() {
    let scene = Scene::start().await;
    let no_grant = OAuthClient {
        redirect_uris: vec![CALLBACK.into()],
        ..OAuthClient::new("no grant", scene.client.region)
    };
    let no_grant = scene.cloud.add_client(no_grant).unwrap();
    let disabled = OAuthClient::new("disabled", scene.client.region).with_redirect_uri(CALLBACK);
    let disabled = scene.cloud.add_client(disabled).unwrap();
    scene.cloud.disable_client(&disabled.id);

    let (web, native) = (|| parameters(&scene.web), || parameters(&scene.native));
    let mut repeated = web();
    repeated.push(("scope", "a"));
    repeated.push(("scope", "a"));
    let without_method = with(web(), "code_challenge_method", None);
    let without_pkce = with(native(), "code_challenge", None);
    let without_pkce = with(without_pkce, "code_challenge_method", None);
    for (case, request, expected) in [
        (
            "implicit",
            with(web(), "response_type", Some("token")),
            "unsupported_response_type",
        ),
        (
            "hybrid",
            with(web(), "response_type", Some("code token")),
            "unsupported_response_type",
        ),
        (
            "no type",
            with(web(), "response_type", None),
            "invalid_request",
        ),
        ("no grant", parameters(&no_grant), "unauthorized_client"),
        ("disabled", parameters(&disabled), "unauthorized_client"),
        (
            "plain",
            with(web(), "code_challenge_method", Some("plain")),
            "invalid_request",
        ),
        ("no method", without_method, "invalid_request"),
        (
            "no challenge",
            with(web(), "code_challenge", None),
            "invalid_request",
        ),
        (
            "short challenge",
            with(web(), "code_challenge", Some("abc")),
            "invalid_request",
        ),
        ("public without PKCE", without_pkce, "invalid_request"),
        ("repeated", repeated, "invalid_request"),
    ] {
        let answer = scene.authorize(&request).await;
        assert_eq!(error_told(&answer), expected, "{case}");
        let told = answer_to(&answer);
        assert_eq!(told["state"], "a state & more", "{case}");
        assert_eq!(told["iss"], "https://login.mypurecloud.de", "{case}");
        assert!(!told["error_description"].is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_repeated_state_is_not_chosen_from() {
    let scene = Scene::start().await;
    let mut request = parameters(&scene.web);
    request.push(("state", "another"));
    let answer = scene.authorize(&request).await;
    assert_eq!(error_told(&answer), "invalid_request");
    assert!(!answer_to(&answer).contains_key("state"));
}

#[tokio::test]
async fn a_browser_on_this_machine_signs_in_over_plain_http() {
    let scene = Scene::start().await;
    let tokyo = OAuthClient::new("tokyo", region("mypurecloud.jp")).with_redirect_uri(CALLBACK);
    let tokyo = scene.cloud.add_client(tokyo).unwrap();
    let mut browser = Browser::at_gateway(&scene);
    let page = browser.open(&parameters(&tokyo)).await;
    let cookie = page.header("set-cookie").unwrap();
    assert!(!cookie.contains("Secure"), "{cookie}");
    let answer = answer_to(&browser.sign_in(&page).await);
    assert_eq!(answer["iss"], "https://login.mypurecloud.jp");
    assert_eq!(scene.redeem(&tokyo, &answer["code"]).await.status, 200);
}

#[tokio::test]
async fn a_client_is_checked_before_it_is_added() {
    let scene = Scene::start().await;
    let add = |client| scene.cloud.add_client(client).err();
    let region = scene.client.region;
    for uri in [
        "http://control-room.example/",
        "https://a.example/#b",
        "nonsense",
    ] {
        let client = OAuthClient::new("test", region).with_redirect_uri(uri);
        assert_eq!(add(client), Some(AddClientError::RedirectUri(uri.into())));
    }
    let with_secret = OAuthClient {
        secret: "secret".into(),
        ..OAuthClient::public("test", region)
    };
    assert_eq!(add(with_secret), Some(AddClientError::PublicSecret));
    let alone = OAuthClient {
        grant_types: scene.client.grant_types.clone(),
        ..OAuthClient::public("test", region)
    };
    assert_eq!(add(alone), Some(AddClientError::PublicClientCredentials));
}
