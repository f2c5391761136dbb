//! Puts canaries into secrets and searches all output for them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use control_room::oauth::{
    After, Callback, CallbackUrl, Grant, Loopback, SignIn, Subject, TokenEndpoint,
};
use secrecy::ExposeSecret;
use serde_json::json;
use test_support::Log;
use test_support::https::{Reply, Server};

use crate::provider::{answer, endpoint, parameter, register, request, server_with, state};

const CANARY: &str = "canary";

fn canary_endpoint(server: &Server) -> TokenEndpoint {
    let grant = Grant::AuthorizationCodePkce;
    endpoint(server, register(grant, "the-id", Some("s-canary"), ""))
}

/// Asserts that none of `secrets` is in any of `texts`.
fn assert_hidden(texts: &[String], secrets: &[String]) {
    for text in texts {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn sign_in_and_refresh_leak_no_secrets_into_logs_or_debug() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = server_with(&[
        (
            "200 OK",
            r#"{"access_token":"a-canary","token_type":"bearer","refresh_token":"r-canary"}"#,
        ),
        (
            "200 OK",
            r#"{"access_token":"b-canary","token_type":"bearer"}"#,
        ),
    ])
    .await;
    let endpoint = canary_endpoint(&server);
    let loopback = Loopback::default();
    let mut sign_in = SignIn::start(&endpoint, CallbackUrl::on_free_port()).unwrap();
    let state = state(&sign_in);
    let mut shown = format!("{endpoint:?} {loopback:?} {sign_in:?}");

    let wrong = Callback::parse("code=c-canary&state=x-canary").unwrap();
    write!(shown, "{wrong:?} {:?}", sign_in.accept(wrong_again())).unwrap();
    let right = Callback::parse(&format!("code=c-canary&state={state}")).unwrap();
    write!(shown, "{right:?}").unwrap();

    // The same through the loopback listener, which logs rejected callbacks.
    let subject = Subject {
        connection: "prod".parse().unwrap(),
        user: None,
    };
    let expected = loopback.expect(sign_in, subject, After::Outcome).await;
    let url = expected.callback_url();
    let visit = async {
        let address = url.as_str().trim_start_matches("http://");
        let (address, path) = address.split_once('/').unwrap();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET /{path}?code=c-canary&state=x-canary HTTP/1.1\r\nHost: x\r\n\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .unwrap();
        let mut page = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut page)
            .await
            .unwrap();
        page
    };
    shown += &visit.await;
    assert!(
        log.text().contains("a callback was not accepted"),
        "{}",
        log.text()
    );

    let code = expected.paste(&format!("code=c-canary&state={state}"));
    let code = code.unwrap();
    write!(shown, "{code:?} {expected:?}").unwrap();
    let tokens = code.exchange().await.unwrap();
    let refreshed = endpoint
        .refresh(tokens.refresh_token.as_ref().unwrap())
        .await;
    write!(shown, "{tokens:?} {refreshed:?} {:?}", tokens.refresh_token).unwrap();

    let (head, form) = request(&server, 0);
    assert!(
        head.contains("authorization: Basic "),
        "the secret was sent to the token endpoint"
    );
    let verifier = form.iter().find(|(name, _)| name == "code_verifier");
    let verifier = verifier.unwrap().1.clone();
    let encoded = head.split("Basic ").nth(1).unwrap().lines().next().unwrap();
    assert_hidden(
        &[shown, log.text()],
        &[CANARY.into(), state, verifier, encoded.into()],
    );
}

fn wrong_again() -> Callback {
    Callback::parse("code=c-canary&state=x-canary&error_description=canary").unwrap()
}

#[tokio::test]
async fn errors_contain_no_secret_even_if_the_provider_echoes_it() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let repeats = |form: &str| {
        let (_, form) = form.split_once("\r\n\r\n").unwrap();
        form.replace(['"', '\\'], "")
    };
    let replies: [fn(&str) -> Reply; 6] = [
        |form| {
            let body = format!(
                r#"{{"error":"invalid_grant","error_description":"what is {form} and s-canary?"}}"#
            );
            answer("400 Bad Request", "", &body)
        },
        |form| answer("400 Bad Request", "", form),
        |form| answer("200 OK", "", form),
        |form| {
            answer(
                "200 OK",
                "",
                &format!(r#"{{"access_token":5,"x":"{form}"}}"#),
            )
        },
        |form| {
            let token = r#""access_token":"a-canary","refresh_token":"r-canary""#;
            answer(
                "200 OK",
                "",
                &format!(r#"{{{token},"token_type":"mac","x":"{form}"}}"#),
            )
        },
        |form| answer("503 Service Unavailable", "", form),
    ];
    for reply in replies {
        let server = Server::with(move |request| reply(&repeats(request))).await;
        let endpoint = canary_endpoint(&server);
        let mut sign_in = crate::provider::begin(&endpoint);
        let challenge = parameter(&sign_in, "code_challenge").unwrap();
        let callback = crate::provider::callback(&sign_in, "code=c-canary");
        let exchange = sign_in.accept(callback).unwrap().exchange().await;
        let refresh = endpoint.refresh(&"r-canary".into()).await;
        let mut shown = String::new();
        for error in [exchange.unwrap_err(), refresh.unwrap_err()] {
            write!(shown, "{error} {error:?} ").unwrap();
        }
        let (_, form) = request(&server, 0);
        let verifier = form.iter().find(|(name, _)| name == "code_verifier");
        let verifier = verifier.unwrap().1.clone();
        assert!(!verifier.is_empty() && !challenge.is_empty());
        assert_hidden(&[shown, log.text()], &[CANARY.into(), verifier]);
    }
}

/// A secret as it is sent, and as a server may repeat it. Of a form, the secret itself was percent-encoded.
fn echoes(secret: &str) -> Vec<String> {
    let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = |secret: &str| {
        let bytes = secret.bytes().map(|byte| format!("%{byte:02X}"));
        bytes.collect::<String>()
    };
    let escaped = |secret: &str| {
        let units = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        units.collect::<String>()
    };
    vec![
        secret.to_owned(),
        percent(secret),
        escaped(secret),
        STANDARD.encode(secret),
        STANDARD.encode(format!("the-id:{secret}")),
        URL_SAFE_NO_PAD.encode(format!("the-id:{in_form}")),
        in_form,
    ]
}

#[tokio::test]
async fn secrets_that_a_refusal_repeats_are_redacted_in_every_encoding_and_before_it_is_cut() {
    // Each is presented with a refresh: in the header, and in the form.
    for secret in ["s-canary:/+&= ~1", "r-canary:/+&= ~2"] {
        for echo in echoes(secret) {
            // A text of this length that is cut in the echo.
            let kept = echo.len().min(40) - 2;
            let cut = |length: usize| ["x".repeat(length - kept), echo.clone()].concat();
            for (code, description, id) in [
                (&*echo, "x", "c-1"),
                ("invalid_grant", &*format!("what is {echo}?"), "c-1"),
                ("invalid_client", "x", &*echo),
                (&*cut(64), "x", "c-1"),
                ("x", &*cut(200), "c-1"),
                ("x", "x", &*cut(64)),
            ] {
                let body = json!({ "error": code, "error_description": description });
                let body = body.to_string();
                let reply = test_support::scripted::answer("400 Bad Request", "", &body);
                let reply = String::from_utf8(reply).unwrap();
                let reply = reply.replace("c-1", id);
                let server = Server::start(Reply::keep(reply)).await;
                let secret = Some("s-canary:/+&= ~1");
                let registration = register(Grant::AuthorizationCode, "the-id", secret, "");
                let endpoint = endpoint(&server, registration);
                let refresh = endpoint.refresh(&"r-canary:/+&= ~2".into()).await;
                let error = refresh.unwrap_err();
                let shown = format!("{error} {error:?}");
                assert!(shown.contains("***"), "{echo}: {shown}");
                let beginning: String = echo.chars().take(9).collect();
                assert_hidden(&[shown], &[beginning, CANARY.into()]);
                assert_eq!(error.ends_sign_in(), code == "invalid_grant");
            }
        }
    }
}

#[tokio::test]
async fn secrets_are_redacted_in_granted_scopes() {
    for secret in ["s-canary+/", "c-canary+/", "a-canary", "n-canary"] {
        for echo in echoes(secret) {
            let tokens = format!(
                r#"{{"access_token":"a-canary","token_type":"bearer","refresh_token":"n-canary","scope":"one {echo} two"}}"#
            );
            let server = Server::start(answer("200 OK", "", &tokens)).await;
            let registration = register(Grant::AuthorizationCode, "the-id", Some("s-canary+/"), "");
            let endpoint = endpoint(&server, registration);
            let mut sign_in = crate::provider::begin(&endpoint);
            let callback = crate::provider::callback(&sign_in, "code=c-canary%2B%2F");
            let tokens = sign_in.accept(callback).unwrap().exchange().await.unwrap();
            let granted = tokens.granted.unwrap().to_string();
            assert_eq!(granted, "one *** two", "{echo}");
            assert_eq!(tokens.access_token.expose_secret(), "a-canary");
        }
    }
}
