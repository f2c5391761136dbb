//! `GET /oauth/authorize`: which requests get a sign-in page, which a redirect with an error, and which an error page.

use genesys_sim::{AddClientError, OAuthClient};

use crate::client::{Answer, region};
use crate::fixture::{
    Browser, CALLBACK, Fixture, error_in_redirect, parameters, redirect_parameters, with,
};

/// An error page, without a redirect.
fn assert_error_page(answer: &Answer, case: &str) {
    assert_eq!(answer.status, 400, "{case}");
    assert_eq!(answer.header("location"), None, "{case}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(answer.body.contains("You cannot sign in"), "{case}");
    assert!(!answer.body.contains("<form"), "{case}");
}

#[tokio::test]
async fn a_sign_in_redirects_with_code_state_and_issuer() {
    let fixture = Fixture::start().await;
    for client in [&fixture.web, &fixture.native] {
        let mut browser = Browser::new(&fixture);
        let page = browser.open(&parameters(client)).await;
        assert_eq!(page.status, 200);
        let mut answer = redirect_parameters(&browser.sign_in(&page).await);
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
async fn without_state_the_redirect_has_none() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(&fixture);
    let request = with(parameters(&fixture.web), "state", None);
    let page = browser.open(&request).await;
    assert!(!redirect_parameters(&browser.sign_in(&page).await).contains_key("state"));
}

#[tokio::test]
async fn a_confidential_client_can_omit_pkce() {
    let fixture = Fixture::start().await;
    let request = with(parameters(&fixture.web), "code_challenge", None);
    let request = with(request, "code_challenge_method", None);
    assert_eq!(fixture.authorize(&request).await.status, 200);
}

#[tokio::test]
async fn an_unknown_client_gets_no_redirect() {
    let fixture = Fixture::start().await;
    let good = || parameters(&fixture.web);
    let mut twice = good();
    twice.push(("client_id", &fixture.web.id));
    for (case, request) in [
        ("unknown", with(good(), "client_id", Some("unknown"))),
        ("missing", with(good(), "client_id", None)),
        ("empty", with(good(), "client_id", Some(""))),
        ("repeated", twice),
        ("nothing at all", Vec::new()),
    ] {
        assert_error_page(&fixture.authorize(&request).await, case);
    }
}

#[tokio::test]
async fn a_client_is_valid_in_its_own_region_only() {
    let fixture = Fixture::start().await;
    let dublin = region("mypurecloud.ie");
    let client = OAuthClient::new("Dublin", dublin).with_redirect_uri(CALLBACK);
    let client = fixture.cloud.add_client(client).unwrap();
    assert_error_page(
        &fixture.authorize(&parameters(&client)).await,
        "another region",
    );
}

#[tokio::test]
async fn the_redirect_uri_must_match_exactly() {
    let fixture = Fixture::start().await;
    let longer = format!("{CALLBACK}/more");
    let good = || parameters(&fixture.web);
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
        let answer = fixture
            .authorize(&with(good(), "redirect_uri", Some(uri)))
            .await;
        assert_error_page(&answer, uri);
        assert!(uri.is_empty() || !answer.body.contains(uri), "{uri}");
    }
    let missing = with(good(), "redirect_uri", None);
    assert_error_page(&fixture.authorize(&missing).await, "missing");
    assert_error_page(&fixture.authorize(&twice).await, "repeated");
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_own_query() {
    let fixture = Fixture::start().await;
    let uri = "http://127.0.0.1:9000/callback?tenant=a%20b";
    let client = OAuthClient::public("query", fixture.client.region).with_redirect_uri(uri);
    let client = fixture.cloud.add_client(client).unwrap();
    let mut browser = Browser::new(&fixture);
    let request = with(parameters(&client), "redirect_uri", Some(uri));
    let page = browser.open(&request).await;
    let answer = browser.sign_in(&page).await;
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
}

#[tokio::test]
async fn an_invalid_request_redirects_with_an_error() {
    let fixture = Fixture::start().await;
    let no_grant = OAuthClient {
        redirect_uris: vec![CALLBACK.into()],
        ..OAuthClient::new("no grant", fixture.client.region)
    };
    let no_grant = fixture.cloud.add_client(no_grant).unwrap();
    let disabled = OAuthClient::new("disabled", fixture.client.region).with_redirect_uri(CALLBACK);
    let disabled = fixture.cloud.add_client(disabled).unwrap();
    fixture.cloud.disable_client(&disabled.id);

    let (web, native) = (|| parameters(&fixture.web), || parameters(&fixture.native));
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
        let answer = fixture.authorize(&request).await;
        assert_eq!(error_in_redirect(&answer), expected, "{case}");
        let response = redirect_parameters(&answer);
        assert_eq!(response["state"], "a state & more", "{case}");
        assert_eq!(response["iss"], "https://login.mypurecloud.de", "{case}");
        assert!(!response["error_description"].is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_repeated_state_is_not_returned() {
    let fixture = Fixture::start().await;
    let mut request = parameters(&fixture.web);
    request.push(("state", "another"));
    let answer = fixture.authorize(&request).await;
    assert_eq!(error_in_redirect(&answer), "invalid_request");
    assert!(!redirect_parameters(&answer).contains_key("state"));
}

#[tokio::test]
async fn a_browser_on_this_machine_signs_in_over_plain_http() {
    let fixture = Fixture::start().await;
    let tokyo = OAuthClient::new("tokyo", region("mypurecloud.jp")).with_redirect_uri(CALLBACK);
    let tokyo = fixture.cloud.add_client(tokyo).unwrap();
    let mut browser = Browser::at_gateway(&fixture);
    let page = browser.open(&parameters(&tokyo)).await;
    let cookie = page.header("set-cookie").unwrap();
    assert!(!cookie.contains("Secure"), "{cookie}");
    let answer = redirect_parameters(&browser.sign_in(&page).await);
    assert_eq!(answer["iss"], "https://login.mypurecloud.jp");
    assert_eq!(fixture.redeem(&tokyo, &answer["code"]).await.status, 200);
}

#[tokio::test]
async fn a_client_is_checked_before_it_is_added() {
    let fixture = Fixture::start().await;
    let add = |client| fixture.cloud.add_client(client).err();
    let region = fixture.client.region;
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
        grant_types: fixture.client.grant_types.clone(),
        ..OAuthClient::public("test", region)
    };
    assert_eq!(add(alone), Some(AddClientError::PublicClientCredentials));
}
