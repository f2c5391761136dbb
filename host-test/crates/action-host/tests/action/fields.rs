//! The other fields of the form: valid values, and invalid ones, which are refused before a byte is sent.

use action_host::error::ActionError;
use action_host::oauth::{ConnectionToken, Credentials, OauthError, Session};
use genesys_sim::{OAuthClient, Region};
use secrecy::{ExposeSecret, SecretString};

use crate::component::{Build, test_both_builds};
use crate::embedded::Embedded;
use crate::outcome::{error_of, of_error};
use crate::scripted::credentials;

test_both_builds![
    ids_and_secrets_may_hold_any_visible_character,
    an_invisible_character_in_an_id_or_a_secret_is_refused,
    white_space_around_ids_and_secrets_is_ignored,
    ids_and_secrets_may_have_1024_bytes,
    an_empty_or_over_long_id_or_secret_is_refused,
    the_token_of_a_connection_must_be_a_bearer_token,
    a_session_name_has_1_to_100_characters_and_no_control_characters,
    a_session_that_is_not_of_genesys_is_not_disconnected,
    the_first_field_that_is_wrong_is_named,
];

/// The code of a reason, and its words.
type Reason = (&'static str, &'static str);

const EMPTY: Reason = ("empty", "the field is empty");
const TOO_LONG: Reason = ("too-long", "the text is too long");
const CONTROL: Reason = (
    "control-characters",
    "the text contains a control character or an invisible one (U+",
);
const NO_TOKEN: Reason = ("malformed-token", "this is not an access token");
const NOT_BEARER: Reason = ("not-bearer", "only tokens of the type Bearer can be used");

const NO_SESSION: Reason = (
    "not-a-genesys-session",
    "this session is not for Genesys Cloud; use one opened by OAuth authenticate",
);

fn assert_invalid(error: &OauthError, field: &str, (code, words): Reason) {
    let OauthError::InvalidInput(input) = error else {
        panic!("{}", of_error(error));
    };
    assert_eq!((&*input.field, &*input.code), (field, code));
    assert!(input.reason.starts_with(words), "{}", input.reason);
}

fn with_token(access_token: &str, token_type: &str) -> Credentials {
    Credentials::ControlRoomConnection(ConnectionToken {
        url: "eu-central-1".into(),
        access_token: access_token.into(),
        token_type: token_type.into(),
        expires_in: None,
    })
}

async fn ids_and_secrets_may_hold_any_visible_character(build: Build) {
    let fixture = Embedded::start(build).await;
    let ascii: String = (b' '..=b'~').map(char::from).collect();
    let edges = "\u{a1}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}";
    for (number, text) in [
        "plain-id_0.1~",
        "a:b:c",
        ":",
        "a+b c%20d%",
        "%3A",
        "p&q=r;s#t?u/v@w",
        "\"quoted\\\" 'and' <marked>",
        "größe-ñ-ø",
        "ключ-秘密-مفتاح",
        "🦀👩👧 e\u{301}",
        &format!("<{ascii}>"),
        &format!("<{edges}>"),
    ]
    .into_iter()
    .enumerate()
    {
        for (id, secret) in [
            (text.to_owned(), format!("{text}{text}")),
            (format!("{number}"), text.to_owned()),
        ] {
            let client = fixture.cloud.add_client(OAuthClient {
                id: id.clone(),
                secret: secret.clone().into(),
                ..OAuthClient::new("bot", Region::ALL[0])
            });
            let session = fixture.open(&client.unwrap()).await;
            assert!(session.is_ok(), "{id:?}, {secret:?}: {session:?}");
            // The server does check them.
            let wrong = credentials("us-east-1", &id, &format!("{secret}x"));
            let error = error_of(fixture.authenticate(&wrong).await);
            assert_eq!(error.code(), "rejected", "{id:?}");
        }
    }
}

async fn an_invisible_character_in_an_id_or_a_secret_is_refused(build: Build) {
    let fixture = Embedded::start(build).await;
    for character in [
        '\0', '\n', '\u{9b}', '\u{ad}', '\u{200b}', '\u{202e}', '\u{2060}', '\u{feff}',
    ] {
        let text = format!("a{character}b");
        for (id, secret, field) in [
            (&*text, "secret", "client-id"),
            ("id", &*text, "client-secret"),
        ] {
            let credentials = credentials("us-east-1", id, secret);
            let error = fixture.refused_unsent(&credentials, "Default").await;
            assert_invalid(&error, field, CONTROL);
        }
    }
}

async fn white_space_around_ids_and_secrets_is_ignored(build: Build) {
    let fixture = Embedded::start(build).await;
    let client = fixture.cloud.add_client(OAuthClient {
        id: "the id".into(),
        secret: "the secret".into(),
        ..OAuthClient::new("bot", Region::ALL[0])
    });
    let client = client.unwrap();
    for (before, after) in [(" ", ""), ("", "\n"), ("\t\u{a0}", "\r\n\u{2003}")] {
        let id = format!("{before}{}{after}", client.id);
        let secret = format!("{before}the secret{after}");
        let pasted = credentials("us-east-1", &id, &secret);
        assert!(fixture.authenticate(&pasted).await.is_ok(), "{id:?}");
    }
}

async fn ids_and_secrets_may_have_1024_bytes(build: Build) {
    let fixture = Embedded::start(build).await;
    // Each byte of these takes three in the request.
    let client = fixture.cloud.add_client(OAuthClient {
        id: "ü".repeat(512),
        secret: SecretString::from("%".repeat(1024)),
        ..OAuthClient::new("bot", Region::ALL[0])
    });
    fixture.open(&client.unwrap()).await.unwrap();
}

async fn an_empty_or_over_long_id_or_secret_is_refused(build: Build) {
    let fixture = Embedded::start(build).await;
    let long = "ü".repeat(512) + "x";
    for (id, secret, field, reason) in [
        ("", "secret", "client-id", EMPTY),
        (" \n", "secret", "client-id", EMPTY),
        ("id", "", "client-secret", EMPTY),
        ("id", "\u{2003}\t", "client-secret", EMPTY),
        (&*long, "secret", "client-id", TOO_LONG),
        ("id", &*long, "client-secret", TOO_LONG),
    ] {
        let authentication = credentials("eu-central-1", id, secret);
        let error = fixture.refused_unsent(&authentication, "Default").await;
        assert_invalid(&error, field, reason);
    }
}

async fn the_token_of_a_connection_must_be_a_bearer_token(build: Build) {
    let fixture = Embedded::start(build).await;
    let long = "t".repeat(4097);
    for (token, token_type, field, reason) in [
        ("", "bearer", "access-token", NO_TOKEN),
        (" t0ken", "bearer", "access-token", NO_TOKEN),
        ("t0\r\nX-Evil: yes", "bearer", "access-token", NO_TOKEN),
        ("tökén", "bearer", "access-token", NO_TOKEN),
        (&*long, "bearer", "access-token", NO_TOKEN),
        ("t0ken", "MAC", "token-type", NOT_BEARER),
        ("t0ken", "", "token-type", NOT_BEARER),
        ("t0ken", "Bearer ", "token-type", NOT_BEARER),
    ] {
        let authentication = with_token(token, token_type);
        let error = fixture.refused_unsent(&authentication, "Default").await;
        assert_invalid(&error, field, reason);
    }
}

async fn a_session_name_has_1_to_100_characters_and_no_control_characters(build: Build) {
    let fixture = Embedded::start(build).await;
    let (longest, too_long) = ("ü".repeat(100), "x".repeat(101));
    for authentication in [
        credentials("eu-central-1", "id", "secret"),
        with_token("t0ken", "bearer"),
    ] {
        for (name, reason) in [
            ("", EMPTY),
            (" \t\n", EMPTY),
            (&*too_long, TOO_LONG),
            ("a\nb", CONTROL),
            ("a\u{1b}[31m", CONTROL),
            ("a\u{9b}31m", CONTROL),
        ] {
            let error = fixture.refused_unsent(&authentication, name).await;
            assert_invalid(&error, "session-name", reason);
        }
    }
    let client = fixture.add_client();
    let client = credentials("eu-central-1", &client.id, client.secret.expose_secret());
    for (name, expected) in [
        ("x", "x"),
        (&*longest, &*longest),
        (" \tMy session\n", "My session"),
    ] {
        let session = fixture.action.authenticate(&client, name).await.unwrap();
        assert_eq!(session.name, expected);
    }
}

async fn a_session_that_is_not_of_genesys_is_not_disconnected(build: Build) {
    let fixture = Embedded::start(build).await;
    for (api_url, token, field, reason) in [
        (
            "https://api.mypurecloud.de.evil.example",
            "t0ken",
            "api-url",
            NO_SESSION,
        ),
        ("https://api.mypurecloud.de", "t0\nken", "token", NO_TOKEN),
    ] {
        let session = Session {
            name: "Default".into(),
            token: token.into(),
            token_type: "Bearer".into(),
            expires_in: None,
            api_url: api_url.into(),
        };
        let error = error_of(fixture.action.disconnect(&session).await);
        assert_invalid(&error, field, reason);
        fixture.assert_nothing_sent();
    }
}

async fn the_first_field_that_is_wrong_is_named(build: Build) {
    let fixture = Embedded::start(build).await;
    let (wrong_url, id, secret, name) = ("https://evil.example", "", "", "");
    for (authentication, name, field) in [
        (credentials(wrong_url, id, secret), name, "url"),
        (credentials("eu-central-1", id, secret), name, "client-id"),
        (
            credentials("eu-central-1", "id", secret),
            name,
            "client-secret",
        ),
        (
            credentials("eu-central-1", "id", "secret"),
            name,
            "session-name",
        ),
    ] {
        let error = fixture.refused_unsent(&authentication, name).await;
        let OauthError::InvalidInput(input) = &error else {
            panic!("{}", of_error(&error));
        };
        assert_eq!(input.field, field);
    }
}
