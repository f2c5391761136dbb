//! The token request, and how its responses are read.

use base64ct::{Base64, Encoding};
use oauth_authentication::characters::is_invisible;
use oauth_authentication::error::Error;
use oauth_authentication::exchange::{Method, Response};
use oauth_authentication::{refusal, token};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::laws::answer::{HOST, assert_safe};
use crate::{character, config, mutated, text};

/// The longest client id or secret, in bytes.
const MAX_CREDENTIAL: usize = 1024;

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![
        select(&[200, 204, 302, 400, 401, 403, 408, 429, 500, 503][..]),
        any::<u16>(),
    ]
}

/// A realistic body: an object with the members that the action reads.
fn members() -> impl Strategy<Value = String> {
    let name = select(
        &[
            "access_token",
            "token_type",
            "expires_in",
            "error",
            "error_description",
            "description",
            "message",
            "code",
            "x",
        ][..],
    );
    let value = prop_oneof![
        text(300).prop_map(|text| json!(text).to_string()),
        select(
            &[
                "\"bearer\"",
                "\"invalid_client\"",
                "\"invalid_request\"",
                "\"rate limit exceeded\"",
                "3600",
                "-1",
                "null",
                "{}"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        members().prop_map(String::into_bytes),
        (members(), any::<Index>(), character(), any::<bool>()).prop_map(
            |(body, at, with, insert)| {
                mutated(&body, 0, body.len(), at, with, insert).into_bytes()
            }
        ),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    let content_type = prop_oneof![Just("application/json".to_owned()), text(20)];
    let header = || option::of(text(100));
    (
        status(),
        option::of(content_type),
        header(),
        header(),
        header(),
        header(),
        option::of(body()),
    )
        .prop_map(
            |(status, content_type, retry_after, date, correlation_id, www_authenticate, body)| {
                Response {
                    status,
                    content_type,
                    retry_after,
                    date,
                    correlation_id,
                    www_authenticate,
                    body,
                }
            },
        )
}

fn answer(status: u16, body: &serde_json::Value) -> Response {
    Response {
        status,
        content_type: Some("application/json".into()),
        body: Some(body.to_string().into_bytes()),
        ..Response::default()
    }
}

/// The client id and secret in the header `Authorization` (RFC 6749, section 2.3.1).
fn decoded(authorization: &str) -> (String, String) {
    let encoded = authorization.strip_prefix("Basic ").unwrap();
    let pair = String::from_utf8(Base64::decode_vec(encoded).unwrap()).unwrap();
    let (id, secret) = pair.split_once(':').unwrap();
    let form_decoded = |text: &str| {
        let form = format!("x={text}");
        let decoded: Vec<_> = form_urlencoded::parse(form.as_bytes()).collect();
        assert_eq!(decoded.len(), 1, "{form}");
        decoded[0].1.clone().into_owned()
    };
    (form_decoded(id), form_decoded(secret))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_header_has_the_exact_id_and_secret(id in text(60), secret in text(60)) {
        let usable = |text: &str| {
            let text = text.trim();
            !text.is_empty() && !text.chars().any(is_invisible)
        };
        match token::request(HOST.into(), &id, &secret) {
            Ok(request) => {
                let sent = decoded(request.authorization.expose_secret());
                prop_assert_eq!(sent, (id.trim().to_owned(), secret.trim().to_owned()));
            }
            Err(_) => prop_assert!(!usable(&id) || !usable(&secret)),
        }
    }

    #[test]
    fn the_length_of_a_secret_is_limited_in_bytes(over in 0..20_usize, filler in select(&['x', 'ü', '😀'][..])) {
        let secret = String::from_iter(vec![filler; (MAX_CREDENTIAL - 10 + over) / filler.len_utf8()]);
        let request = token::request(HOST.into(), "id", &secret);
        prop_assert_eq!(request.is_ok(), secret.len() <= MAX_CREDENTIAL);
    }

    #[test]
    fn a_secret_is_only_in_the_header(id in "[a-z]{1,9}", secret in "[A-Z0-9]{12,60}") {
        let request = token::request(HOST.into(), &id, &secret).unwrap();
        prop_assert_eq!(request.method, Method::Post);
        prop_assert_eq!((request.host.as_str(), &*request.path), (HOST, "/oauth/token"));
        prop_assert_eq!(&*request.body.as_ref().unwrap().content, "grant_type=client_credentials");
        let shown = format!("{request:?}");
        let encoded = &request.authorization.expose_secret()["Basic ".len()..];
        prop_assert!(!shown.contains(&secret) && !shown.contains(encoded), "{}", shown);

        let error = token::request(HOST.into(), "", &secret).unwrap_err();
        let shown = format!("{error:?}");
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }

    #[test]
    fn any_response_is_a_usable_token_or_an_error_that_is_safe_to_display(response in response()) {
        assert_safe(&response);
    }

    #[test]
    fn tokens_are_returned_unchanged(access_token in "[!-~]{1,80}", expires_in in any::<u64>()) {
        let body = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": expires_in });
        let token = token::read(HOST, &answer(200, &body)).unwrap();
        prop_assert_eq!(token.access_token.expose_secret(), &access_token);
        prop_assert_eq!(token.expires_in, Some(u32::try_from(expires_in).unwrap_or(u32::MAX)));
    }

    #[test]
    fn a_token_with_any_other_character_is_refused(
        token in "[!-~]{1,20}",
        at in any::<Index>(),
        with in any::<char>().prop_filter("usable", |with| !with.is_ascii_graphic()),
    ) {
        let access_token = mutated(&token, 0, token.len(), at, with, true);
        let body = json!({ "access_token": access_token, "token_type": "Bearer" });
        prop_assert!(token::read(HOST, &answer(200, &body)).is_err());
        prop_assert!(!token::is_usable(&access_token));
    }

    #[test]
    fn printable_refusals_are_returned_unchanged(
        code in "[a-z_.]{1,64}",
        words in "[a-zA-Z0-9äß“”.,-]{1,20}( [a-zA-Z0-9äß“”.,-]{1,20}){0,8}",
        id in "[0-9a-f-]{1,64}",
    ) {
        let body = json!({ "error": code, "error_description": words });
        let response = Response { correlation_id: Some(format!(" {id} ")), ..answer(400, &body) };
        match refusal::read(HOST, &response) {
            Error::Rejected(rejection) => {
                prop_assert_eq!(rejection.code, code);
                prop_assert_eq!(rejection.description, Some(words));
                prop_assert_eq!(rejection.correlation_id, Some(id));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
