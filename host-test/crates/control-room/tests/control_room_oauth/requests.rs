//! Requests to a token endpoint (RFC 6749, sections 2.3 and 3.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control_room::oauth::{
    ClientAuthentication, Grant, Provider, Registration, Scopes, TokenError,
};

use crate::provider::{
    AUTHORIZATION_URL, CLIENT_ID, CLIENT_SECRET, TOKEN, begin, confidential, endpoint, owned,
    pairs, register, request, server, signed_in, token_url,
};

/// The decoded `Basic` credentials in the head of a request.
fn basic(head: &str) -> Option<String> {
    let mut values = head
        .lines()
        .filter_map(|line| line.strip_prefix("authorization: Basic "));
    let value = values.next()?;
    assert!(values.next().is_none());
    Some(String::from_utf8(STANDARD.decode(value).unwrap()).unwrap())
}

#[tokio::test]
async fn token_requests_are_form_posts_with_unique_nonempty_parameters() {
    let server = server("200 OK", "", TOKEN).await;
    let code = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
    signed_in(&code).exchange().await.unwrap();
    code.refresh(&"r3fresh".into()).await.unwrap();
    let client = endpoint(&server, confidential(Grant::ClientCredentials));
    client.client_credentials().await.unwrap();
    let public = register(Grant::AuthorizationCodePkce, CLIENT_ID, None, "");
    signed_in(&endpoint(&server, public))
        .exchange()
        .await
        .unwrap();

    assert_eq!(server.requests().len(), 4);
    for index in 0..4 {
        let (head, form) = request(&server, index);
        assert!(head.starts_with("POST /token HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
        let mut names: Vec<_> = form.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), form.len(), "{form:?}");
        assert!(form.iter().all(|(_, value)| !value.is_empty()), "{form:?}");
    }
}

#[tokio::test]
async fn each_grant_sends_the_parameters_of_its_section() {
    let server = server("200 OK", "", TOKEN).await;
    let code = endpoint(&server, confidential(Grant::AuthorizationCode));
    signed_in(&code).exchange().await.unwrap();
    code.refresh(&"r3fresh &=+".into()).await.unwrap();
    let client = endpoint(&server, confidential(Grant::ClientCredentials));
    client.client_credentials().await.unwrap();

    let callback_url = ("redirect_uri", "http://127.0.0.1:8976/oauth/callback");
    let grant_type = |name| ("grant_type", name);
    for (index, expected) in [
        vec![
            grant_type("authorization_code"),
            ("code", "c0de"),
            callback_url,
        ],
        vec![
            grant_type("refresh_token"),
            ("refresh_token", "r3fresh &=+"),
        ],
        vec![grant_type("client_credentials"), ("scope", "read write")],
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(request(&server, index).1, owned(expected));
    }
}

#[tokio::test]
async fn basic_authentication_form_urlencodes_id_and_secret_separately() {
    let server = server("200 OK", "", TOKEN).await;
    let odd = register(
        Grant::ClientCredentials,
        "i:d +%&= ü",
        Some("s:+%&= ü/"),
        "",
    );
    endpoint(&server, odd).client_credentials().await.unwrap();
    assert_eq!(
        basic(&request(&server, 0).0).as_deref(),
        Some("i%3Ad+%2B%25%26%3D+%C3%BC:s%3A%2B%25%26%3D+%C3%BC%2F")
    );
}

#[tokio::test]
async fn a_client_authenticates_by_one_method_only() {
    let server = server("200 OK", "", TOKEN).await;
    let with_secret = endpoint(&server, confidential(Grant::AuthorizationCodePkce));
    signed_in(&with_secret).exchange().await.unwrap();
    with_secret.refresh(&"r".into()).await.unwrap();
    let public = register(Grant::AuthorizationCodePkce, CLIENT_ID, None, "");
    let public = endpoint(&server, public);
    signed_in(&public).exchange().await.unwrap();
    public.refresh(&"r".into()).await.unwrap();

    for index in 0..4 {
        let (head, form) = request(&server, index);
        let in_form: Vec<_> = form
            .iter()
            .filter(|(name, _)| name == "client_id" || name == "client_secret")
            .collect();
        if index < 2 {
            let expected = format!("{CLIENT_ID}:{CLIENT_SECRET}");
            assert_eq!(basic(&head), Some(expected));
            assert!(in_form.is_empty(), "{form:?}");
        } else {
            assert_eq!(basic(&head), None);
            assert_eq!(in_form, [&("client_id".into(), CLIENT_ID.into())]);
        }
    }
}

#[tokio::test]
async fn a_client_authenticates_in_the_form_alone_if_its_provider_requires_that() {
    let server = server("200 OK", "", TOKEN).await;
    let in_form = |registration: Registration| {
        let registration = registration.with_client_authentication(ClientAuthentication::Form);
        endpoint(&server, registration)
    };
    let code = in_form(confidential(Grant::AuthorizationCodePkce));
    signed_in(&code).exchange().await.unwrap();
    code.refresh(&"r".into()).await.unwrap();
    let client = in_form(confidential(Grant::ClientCredentials));
    client.client_credentials().await.unwrap();
    let public = register(Grant::AuthorizationCodePkce, CLIENT_ID, None, "");
    in_form(public).refresh(&"r".into()).await.unwrap();

    for index in 0..4 {
        let (head, form) = request(&server, index);
        assert_eq!(basic(&head), None);
        let value = |name| {
            form.iter()
                .find(|(it, _)| it == name)
                .map(|(_, it)| it.as_str())
        };
        assert_eq!(value("client_id"), Some(CLIENT_ID));
        assert_eq!(value("client_secret"), (index < 3).then_some(CLIENT_SECRET));
    }
}

#[tokio::test]
async fn audience_and_resource_of_the_token_url_are_sent_in_the_form_only() {
    let server = server("200 OK", "", TOKEN).await;
    let of_url = [
        ("audience", "https://api.example/?a=b&c"),
        ("resource", "urn:one"),
        ("resource", "urn:two"),
    ];
    let query = form_urlencoded::Serializer::new("v=1%202".to_owned())
        .extend_pairs(of_url)
        .finish();
    let url = format!("{}?{query}&tenant", token_url());
    for grant in [Grant::AuthorizationCode, Grant::ClientCredentials] {
        let provider = Provider::custom(AUTHORIZATION_URL, &url, None).unwrap();
        let secret = CLIENT_SECRET.into();
        let registration =
            Registration::new(provider, grant, CLIENT_ID, Some(&secret), Scopes::default());
        let endpoint = endpoint(&server, registration.unwrap());
        if grant == Grant::ClientCredentials {
            endpoint.client_credentials().await.unwrap();
        } else {
            signed_in(&endpoint).exchange().await.unwrap();
            endpoint.refresh(&"r".into()).await.unwrap();
        }
    }
    for index in 0..3 {
        let (head, form) = request(&server, index);
        assert!(
            head.starts_with("POST /token?v=1%202&tenant HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(form.ends_with(&owned(&of_url)), "{form:?}");
    }
}

#[tokio::test]
async fn only_requested_scopes_are_sent_and_none_by_default() {
    let server = server("200 OK", "", TOKEN).await;
    let none = register(Grant::ClientCredentials, CLIENT_ID, Some("s"), "");
    endpoint(&server, none).client_credentials().await.unwrap();
    let (_, form) = request(&server, 0);
    assert!(!form.iter().any(|(name, _)| name == "scope"), "{form:?}");

    for (scopes, expected) in [("", None), ("read, write", Some("read write"))] {
        let client = register(Grant::AuthorizationCode, CLIENT_ID, Some("s"), scopes);
        let sign_in = begin(&endpoint(&server, client));
        let (_, query) = sign_in.authorization_url().split_once('?').unwrap();
        let scope = pairs(query).into_iter().find(|(name, _)| name == "scope");
        assert_eq!(scope.map(|(_, value)| value).as_deref(), expected);
    }
}

#[tokio::test]
async fn the_password_and_implicit_grants_are_never_used() {
    let server = server("200 OK", "", TOKEN).await;
    for grant in [Grant::AuthorizationCode, Grant::AuthorizationCodePkce] {
        let endpoint = endpoint(&server, confidential(grant));
        let response_type = crate::provider::parameter(&begin(&endpoint), "response_type");
        assert_eq!(response_type.as_deref(), Some("code"));
        let error = endpoint.client_credentials().await.unwrap_err();
        assert_eq!(error, TokenError::WrongGrant);
    }
    let client = endpoint(&server, confidential(Grant::ClientCredentials));
    let error = client.refresh(&"r".into()).await.unwrap_err();
    assert_eq!(error, TokenError::WrongGrant);
    assert!(server.requests().is_empty());
}
