//! Signing in: state, PKCE, issuer (RFC 6749, section 10.12; RFC 7636; RFC 9207).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_room::oauth::{
    Callback, CallbackError, CallbackHost, CallbackUrl, Grant, Provider, Refused, Registration,
    SignIn, TokenEndpoint, TokenError,
};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use test_support::https::Server;
use test_support::options;

use crate::provider::{
    AUTHORIZATION_URL, TOKEN, begin, callback, confidential, endpoint, parameter, request, server,
    state, token_url,
};

async fn idle() -> Server {
    server("200 OK", "", TOKEN).await
}

fn challenge_of(verifier: &str) -> String {
    let verifier = PkceCodeVerifier::new(verifier.to_owned());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    challenge.as_str().to_owned()
}

#[test]
fn the_challenge_matches_rfc_7636_appendix_b() {
    assert_eq!(
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[tokio::test]
async fn the_pkce_verifier_has_256_random_bits_and_uses_s256() {
    let server = idle().await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
    let mut verifiers = Vec::new();
    for index in 0..2 {
        let mut sign_in = begin(&endpoint);
        let challenge = parameter(&sign_in, "code_challenge").unwrap();
        let method = parameter(&sign_in, "code_challenge_method");
        assert_eq!(method.as_deref(), Some("S256"));
        let callback = callback(&sign_in, "code=c0de");
        sign_in.accept(callback).unwrap().exchange().await.unwrap();
        let (_, form) = request(&server, index);
        let verifier = form.into_iter().find(|(name, _)| name == "code_verifier");
        let (_, verifier) = verifier.unwrap();
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        assert!((43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved));
        assert!(URL_SAFE_NO_PAD.decode(&verifier).unwrap().len() >= 32);
        assert_eq!(challenge_of(&verifier), challenge);
        verifiers.push(verifier);
    }
    assert_ne!(verifiers[0], verifiers[1]);
}

#[tokio::test]
async fn without_pkce_no_challenge_or_verifier_is_sent() {
    let server = idle().await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCode));
    let mut sign_in = begin(&endpoint);
    assert_eq!(parameter(&sign_in, "code_challenge"), None);
    let callback = callback(&sign_in, "code=c0de");
    sign_in.accept(callback).unwrap().exchange().await.unwrap();
    assert!(!server.requests()[0].contains("code_verifier"));
}

#[tokio::test]
async fn the_authorization_url_has_the_required_parameters() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    let sign_in = begin(&endpoint);
    assert!(sign_in.authorization_url().starts_with(AUTHORIZATION_URL));
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "the-id"),
        ("redirect_uri", "http://127.0.0.1:8976/oauth/callback"),
        ("scope", "read write"),
    ] {
        assert_eq!(parameter(&sign_in, name).as_deref(), Some(value));
    }
}

#[tokio::test]
async fn the_token_request_repeats_the_redirect_uri_exactly() {
    let server = idle().await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
    let mut sign_in = begin(&endpoint);
    let requested = parameter(&sign_in, "redirect_uri").unwrap();
    let callback = callback(&sign_in, "code=c0de");
    sign_in.accept(callback).unwrap().exchange().await.unwrap();
    let (_, form) = request(&server, 0);
    assert!(
        form.contains(&("redirect_uri".into(), requested)),
        "{form:?}"
    );
}

#[tokio::test]
async fn the_state_is_random_and_must_match() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    let (mut sign_in, other) = (begin(&endpoint), begin(&endpoint));
    assert_ne!(state(&sign_in), state(&other));
    assert!(URL_SAFE_NO_PAD.decode(state(&sign_in)).unwrap().len() >= 16);

    let prefix = state(&sign_in)[..10].to_owned();
    let wrong = [state(&other), prefix, state(&sign_in) + "x", String::new()];
    for wrong in wrong {
        let callback = Callback::parse(&format!("code=c&state={wrong}")).unwrap();
        assert_eq!(
            sign_in.accept(callback).unwrap_err(),
            CallbackError::WrongState
        );
    }
    let without = Callback::parse("code=c").unwrap();
    assert_eq!(
        sign_in.accept(without).unwrap_err(),
        CallbackError::WrongState
    );
    // Callbacks with a wrong state do not end the sign-in.
    let own = callback(&sign_in, "code=c");
    sign_in.accept(own).unwrap();
}

#[tokio::test]
async fn a_state_is_accepted_once() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    for parameters in ["code=c", "error=access_denied", "x=y"] {
        let mut sign_in = begin(&endpoint);
        let (first, second) = (callback(&sign_in, parameters), callback(&sign_in, "code=c"));
        let _ = sign_in.accept(first);
        assert!(sign_in.is_over());
        assert_eq!(sign_in.accept(second).unwrap_err(), CallbackError::Over);
    }
}

#[tokio::test]
async fn a_sign_in_expires() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    tokio::time::pause();
    let mut sign_in = begin(&endpoint);
    tokio::time::advance(SignIn::LIFETIME).await;
    assert!(sign_in.is_over());
    let late = callback(&sign_in, "code=c");
    assert_eq!(sign_in.accept(late).unwrap_err(), CallbackError::Expired);
}

#[tokio::test]
async fn a_refused_sign_in_is_an_error_and_requests_no_token() {
    let server = idle().await;
    let endpoint = endpoint(&server, confidential(Grant::AuthorizationCode));
    let mut sign_in = begin(&endpoint);
    let refused = callback(&sign_in, "error=access_denied&error_description=Not+now%0A");
    let expected = Refused {
        code: "access_denied".into(),
        description: Some("Not now".into()),
    };
    let error = sign_in.accept(refused).unwrap_err();
    assert_eq!(error, CallbackError::Refused(expected));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_callback_must_have_either_a_code_or_an_error() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    for parameters in ["", "code=", "code=c&error=access_denied"] {
        let mut sign_in = begin(&endpoint);
        let odd = callback(&sign_in, parameters);
        assert_eq!(sign_in.accept(odd).unwrap_err(), CallbackError::NoCode);
    }
}

#[tokio::test]
async fn the_issuer_is_checked_if_present() {
    let server = idle().await;
    let known = "https://id.example.com/tenant";
    let provider = |issuer| Provider::custom(AUTHORIZATION_URL, &token_url(), issuer).unwrap();
    let genesys = Provider::genesys("eu-central-1").unwrap();
    for (provider, iss, is_accepted) in [
        (provider(None), "https://id.example.com", true),
        (provider(None), known, true),
        (provider(None), "https://evil.example", false),
        (provider(Some(known)), known, true),
        (provider(Some(known)), "https://id.example.com", false),
        (
            provider(Some(known)),
            "https://id.example.com/tenant/",
            false,
        ),
        (genesys.clone(), "https://login.mypurecloud.de", true),
        (genesys, "https://login.mypurecloud.ie", false),
    ] {
        let grant = Grant::AuthorizationCodePkce;
        let client = Registration::new(provider, grant, "id", None, Default::default()).unwrap();
        let endpoint = TokenEndpoint::new(client, options(&server)).unwrap();
        // The issuer of a refusal is checked as well.
        for parameters in ["code=c", "error=access_denied"] {
            let mut sign_in = begin(&endpoint);
            let callback = callback(&sign_in, &format!("{parameters}&iss={iss}"));
            let is_wrong = matches!(sign_in.accept(callback), Err(CallbackError::WrongIssuer));
            assert_eq!(is_wrong, !is_accepted, "{iss}");
        }
    }
}

#[tokio::test]
async fn pasted_callbacks_are_checked_like_requests() {
    let endpoint = endpoint(&idle().await, confidential(Grant::AuthorizationCode));
    let mut sign_in = begin(&endpoint);
    let url = sign_in.callback_url().clone();
    let paste = |text: &str| Callback::pasted(text, &url);
    let wrong = paste(&format!("{url}?code=c&state=wrong")).unwrap();
    assert_eq!(
        sign_in.accept(wrong).unwrap_err(),
        CallbackError::WrongState
    );
    // The authorization URL contains the right state, but is not a callback.
    let page = paste(sign_in.authorization_url());
    assert_eq!(page.unwrap_err(), CallbackError::NotACallback);
    let twice = paste(&format!("{url}?code=c&code=d&state={}", state(&sign_in)));
    assert_eq!(twice.unwrap_err(), CallbackError::Repeated("code"));
    let text = format!("\n {url}?code=c&state={}\r\n", state(&sign_in));
    sign_in.accept(paste(&text).unwrap()).unwrap();
}

#[tokio::test]
async fn client_credentials_allow_no_sign_in() {
    let endpoint = endpoint(&idle().await, confidential(Grant::ClientCredentials));
    let started = SignIn::start(
        &endpoint,
        CallbackUrl::on_loopback(CallbackHost::Address, 8976),
    );
    assert_eq!(started.unwrap_err(), TokenError::WrongGrant);
}
