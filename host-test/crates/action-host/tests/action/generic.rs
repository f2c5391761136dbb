//! The actions by name (`bot:action/run`), for engines that know none of them.

use action_host::oauth::{self, OauthError};
use action_host::{
    Argument, BorrowedToken, CallError, Component, Failure, Grant, Retry, Session, SessionChange,
    Success, form,
};
use egress::Client;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use test_support::scripted::{Script, answers};

use crate::component::{Build, test_both_builds};
use crate::embedded::Embedded;
use crate::outcome::error_of;
use crate::scripted::{API, LOGIN, SECRET, Scripted, URL, credentials, towards};

test_both_builds![
    client_credentials_open_a_session_and_disconnect_closes_it,
    a_borrowed_token_opens_a_session_with_itself,
    a_failure_says_whether_another_call_can_help,
    a_failure_has_the_facts_about_its_error,
    a_failure_has_the_same_message_as_through_the_typed_interface,
    a_check_finds_every_faulty_field_and_sends_nothing,
    an_argument_that_is_missing_or_of_another_kind_is_invalid_input,
    an_action_that_is_unknown_fails,
    the_actions_are_described_in_both_languages,
    the_requests_that_the_actions_ask_for_are_granted,
    neither_debug_nor_errors_show_secrets,
];

pub(crate) const AUTHENTICATE: &str = "oauth-authenticate";
pub(crate) const DISCONNECT: &str = "disconnect";

/// The arguments of [`AUTHENTICATE`] with client credentials.
pub(crate) fn with_client_credentials(url: &str, id: &str, secret: &str) -> Vec<Argument> {
    vec![
        Argument::text("authentication-type", "client-credentials"),
        Argument::text("url", url),
        Argument::secret("client-id", id),
        Argument::secret("client-secret", secret),
        Argument::text("session-name", "Default"),
    ]
}

/// The arguments of [`AUTHENTICATE`] with a borrowed token.
pub(crate) fn with_token(url: &str, access_token: &str) -> Vec<Argument> {
    let token = BorrowedToken {
        url: url.into(),
        access_token: access_token.into(),
        token_type: "bearer".into(),
        expires_in: Some(60),
    };
    vec![
        Argument::text("authentication-type", "control-room-connection"),
        Argument::token("connection", token),
        Argument::text("session-name", "Default"),
    ]
}

/// The argument of [`DISCONNECT`].
pub(crate) fn with_session(base_url: &str, token: &str) -> Vec<Argument> {
    let session = Session {
        token: token.into(),
        token_type: "Bearer".into(),
        base_url: base_url.into(),
        expires_in: None,
    };
    vec![Argument::session("session-name", session)]
}

/// The failure that the action reported.
pub(crate) fn failure_of(result: Result<Success, CallError>) -> Failure {
    match result {
        Err(CallError::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

fn opened(success: Success) -> Session {
    assert!(success.outputs.is_empty(), "{success:?}");
    match success.session {
        SessionChange::Opened(session) => session,
        other => panic!("{other:?}"),
    }
}

/// The session as the fixture knows it.
fn typed(session: &Session) -> oauth::Session {
    oauth::Session {
        name: "Default".into(),
        token: session.token.clone(),
        token_type: session.token_type.clone(),
        expires_in: session.expires_in,
        api_url: session.base_url.clone(),
    }
}

async fn client_credentials_open_a_session_and_disconnect_closes_it(build: Build) {
    let fixture = Embedded::start(build).await;
    let component = fixture.action.component();
    let client = fixture.add_client();
    let arguments = with_client_credentials(URL, &client.id, client.secret.expose_secret());
    let session = opened(component.run(AUTHENTICATE, &arguments).await.unwrap());
    assert_eq!(session.token_type, "Bearer");
    assert_eq!(session.base_url, "https://api.mypurecloud.de");
    assert_eq!(
        session.expires_in,
        Some(genesys_sim::DEFAULT_TOKEN_DURATION)
    );
    assert!(fixture.is_alive(&typed(&session)).await);

    let arguments = [Argument::session("session-name", session.clone())];
    let closed = component.run(DISCONNECT, &arguments).await.unwrap();
    assert!(matches!(closed.session, SessionChange::Closed));
    assert!(closed.outputs.is_empty());
    assert!(!fixture.is_alive(&typed(&session)).await);
    // Closing it once more is a success as well.
    component.run(DISCONNECT, &arguments).await.unwrap();
}

async fn a_borrowed_token_opens_a_session_with_itself(build: Build) {
    let fixture = Embedded::start(build).await;
    let component = fixture.action.component();
    let of_connection = fixture.open(&fixture.add_client()).await.unwrap();
    let token = of_connection.token.expose_secret();
    let arguments = with_token("eu-central-1", token);
    let session = opened(component.run(AUTHENTICATE, &arguments).await.unwrap());
    assert_eq!(session.token.expose_secret(), token);
    assert_eq!(session.token_type, "Bearer");
    assert_eq!(session.base_url, "https://api.mypurecloud.de");
    assert_eq!(session.expires_in, Some(60));
    assert_eq!(fixture.cloud.statistics().tokens_issued, 1);

    let arguments = [Argument::session("session-name", session)];
    component.run(DISCONNECT, &arguments).await.unwrap();
    assert!(!fixture.is_alive(&of_connection).await);
}

async fn a_failure_says_whether_another_call_can_help(build: Build) {
    let seven = "Retry-After: 7\r\n";
    let limited = r#"{"error":"invalid_request","error_description":"rate limit exceeded"}"#;
    let refused = r#"{"error":"invalid_client"}"#;
    let authenticate = || (AUTHENTICATE, with_client_credentials(URL, "id", SECRET));
    let borrow = || (AUTHENTICATE, with_token(URL, SECRET));
    let disconnect = || (DISCONNECT, with_session(&format!("https://{API}"), SECRET));
    for ((action, arguments), script, code, retry) in [
        (
            authenticate(),
            answers("401 Unauthorized", seven, refused),
            "rejected",
            Retry::Never,
        ),
        (
            authenticate(),
            answers("302 Found", seven, ""),
            "unexpected-response",
            Retry::Never,
        ),
        (
            borrow(),
            answers("403 Forbidden", "", ""),
            "rejected",
            Retry::Never,
        ),
        (
            authenticate(),
            answers("503 Service Unavailable", "", ""),
            "unavailable",
            Retry::Backoff,
        ),
        (
            authenticate(),
            answers("400 Bad Request", "", limited),
            "throttled",
            Retry::Backoff,
        ),
        (
            authenticate(),
            Script::Answer(Vec::new()),
            "unavailable",
            Retry::Backoff,
        ),
        (
            authenticate(),
            answers("503 Service Unavailable", seven, ""),
            "unavailable",
            Retry::After(7),
        ),
        (
            borrow(),
            answers("429 Too Many Requests", seven, ""),
            "throttled",
            Retry::After(7),
        ),
        (
            disconnect(),
            answers("429 Too Many Requests", seven, ""),
            "throttled",
            Retry::After(7),
        ),
        (
            borrow(),
            answers("401 Unauthorized", "", ""),
            "rejected",
            Retry::NewToken,
        ),
    ] {
        let fixture = Scripted::start(build, script.clone()).await;
        let component = fixture.action.component();
        let failure = failure_of(component.run(action, &arguments).await);
        assert_eq!(
            (&*failure.code, failure.retry, &failure.field),
            (code, retry, &None),
            "{action}, {script:?}"
        );
        assert_eq!(fixture.client.statistics().requests_sent, 1);
    }
}

fn details(failure: &Failure) -> Vec<(&str, &str)> {
    let details = failure.details.iter();
    details
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

async fn a_failure_has_the_facts_about_its_error(build: Build) {
    let refused = r#"{"error":"invalid_client","error_description":"client not found"}"#;
    let seven = "Retry-After: 7\r\n";
    for (script, expected) in [
        (
            answers("400 Bad Request", "", refused),
            &[
                ("host", LOGIN),
                ("error", "invalid_client"),
                ("description", "client not found"),
                ("correlation-id", "c-1"),
            ][..],
        ),
        (
            answers("429 Too Many Requests", seven, ""),
            &[
                ("host", LOGIN),
                ("retry-after", "7"),
                ("correlation-id", "c-1"),
            ],
        ),
        (
            answers("503 Service Unavailable", seven, ""),
            &[
                ("host", LOGIN),
                ("reason", "server-error"),
                ("status", "503"),
                ("retry-after", "7"),
                ("correlation-id", "c-1"),
            ],
        ),
        (
            Script::InsteadOfTls(Vec::new()),
            &[("host", LOGIN), ("reason", "tls-failed")],
        ),
    ] {
        let fixture = Scripted::start(build, script).await;
        let failure = failure_of(fixture.run().await);
        assert_eq!(details(&failure), expected);
    }
}

async fn a_failure_has_the_same_message_as_through_the_typed_interface(build: Build) {
    for script in [
        answers("400 Bad Request", "", r#"{"error":"invalid_client"}"#),
        answers("429 Too Many Requests", "Retry-After: 7\r\n", ""),
        answers("503 Service Unavailable", "", ""),
        answers("302 Found", "", ""),
        Script::InsteadOfTls(Vec::new()),
    ] {
        let fixture = Scripted::start(build, script).await;
        let failure = failure_of(fixture.run().await);
        let error = error_of(fixture.authenticate().await);
        for locale in ["en", "de-AT", "fr"] {
            let generic = explain(fixture.action.component(), &failure, locale).await;
            assert_eq!(
                generic,
                fixture.action.explain(&error, locale).await.unwrap()
            );
        }
        // What a log gets is the English message.
        let english = explain(fixture.action.component(), &failure, "en").await;
        assert_eq!(failure.message, english);
        let german = explain(fixture.action.component(), &failure, "de").await;
        assert_ne!(german, english);
    }
}

async fn explain(component: &Component, failure: &Failure, locale: &str) -> String {
    let explained = component.explain(AUTHENTICATE, failure, locale).await;
    explained.unwrap()
}

async fn a_check_finds_every_faulty_field_and_sends_nothing(build: Build) {
    let fixture = Embedded::start(build).await;
    let component = fixture.action.component();
    for (action, arguments) in [
        (AUTHENTICATE, Vec::new()),
        (AUTHENTICATE, with_client_credentials(URL, "id", SECRET)),
        (AUTHENTICATE, with_token(URL, SECRET)),
        (DISCONNECT, Vec::new()),
        (DISCONNECT, with_session(&format!("https://{API}"), SECRET)),
    ] {
        let found = component.check(action, &arguments).await.unwrap();
        assert_eq!(found, [], "{action}");
    }
    let arguments = [
        Argument::text("authentication-type", "password"),
        Argument::text("url", "https://evil.example"),
        Argument::secret("client-id", " "),
        Argument::secret("client-secret", "x".repeat(1025)),
        Argument::text("session-name", "a\nb"),
    ];
    let found = component.check(AUTHENTICATE, &arguments).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|failure| {
            assert_eq!(
                (&*failure.code, failure.retry),
                ("invalid-input", Retry::Never)
            );
            (
                failure.field.as_deref().unwrap_or_default(),
                failure.detail("reason").unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("authentication-type", "not-an-option"),
            ("url", "not-genesys"),
            ("client-id", "empty"),
            ("client-secret", "too-long"),
            ("session-name", "control-characters"),
        ]
    );
    fixture.assert_nothing_sent();
}

async fn an_argument_that_is_missing_or_of_another_kind_is_invalid_input(build: Build) {
    let fixture = Embedded::start(build).await;
    let component = fixture.action.component();
    let without = |name: &str| {
        let mut arguments = with_client_credentials(URL, "id", SECRET);
        arguments.retain(|argument| argument.name != name);
        arguments
    };
    let with = |argument: Argument| {
        let mut arguments = without(&argument.name);
        arguments.push(argument);
        arguments
    };
    let session = with_session(&format!("https://{API}"), SECRET).remove(0);
    for (action, arguments, field, reason) in [
        (AUTHENTICATE, Vec::new(), "session-name", "empty"),
        (AUTHENTICATE, without("url"), "url", "empty"),
        (
            AUTHENTICATE,
            without("client-secret"),
            "client-secret",
            "empty",
        ),
        (AUTHENTICATE, with(session), "session-name", "wrong-kind"),
        (DISCONNECT, Vec::new(), "session-name", "empty"),
        (
            DISCONNECT,
            vec![Argument::text("session-name", "Default")],
            "session-name",
            "wrong-kind",
        ),
        // A faulty member is an error of the field that it came from.
        (
            AUTHENTICATE,
            with_token("https://evil.example", SECRET),
            "connection",
            "not-genesys",
        ),
        (
            AUTHENTICATE,
            with_token(URL, "not a token"),
            "connection",
            "malformed-token",
        ),
        (
            DISCONNECT,
            with_session("https://api.evil.example", SECRET),
            "session-name",
            "not-a-genesys-session",
        ),
    ] {
        let failure = failure_of(component.run(action, &arguments).await);
        assert_eq!(
            (&*failure.code, failure.field.as_deref(), failure.retry),
            ("invalid-input", Some(field), Retry::Never)
        );
        assert_eq!(failure.detail("reason"), Some(reason), "{failure:?}");
        fixture.assert_nothing_sent();
    }
}

async fn an_action_that_is_unknown_fails(build: Build) {
    let fixture = Embedded::start(build).await;
    let component = fixture.action.component();
    for name in ["", "unknown", "OAuth-Authenticate"] {
        let arguments = with_client_credentials(URL, "id", SECRET);
        let failure = failure_of(component.run(name, &arguments).await);
        assert_eq!((&*failure.code, failure.retry), ("other", Retry::Never));
        assert_eq!(failure.detail("reason"), Some("unknown-action"));
        let checked = component.check(name, &arguments).await.unwrap();
        assert_eq!(checked, [failure]);
    }
    fixture.assert_nothing_sent();
}

/// A component that reaches nothing.
fn offline(build: Build) -> Component {
    let client = Client::new(towards(([127, 0, 0, 1], 1).into())).unwrap();
    build.load(&client)
}

async fn the_actions_are_described_in_both_languages(build: Build) {
    let component = offline(build);
    let english = component.actions("en").await.unwrap();
    let german = component.actions("de-AT").await.unwrap();
    for (actions, language) in [(&english, "en"), (&german, "de")] {
        let [authenticate, disconnect] = &actions[..] else {
            panic!("{actions:?}");
        };
        assert_eq!(authenticate.name, AUTHENTICATE);
        assert_eq!(authenticate.session, form::SessionUse::Opens);
        let fields: Vec<_> = authenticate
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.kind.name(), field.required))
            .collect();
        assert_eq!(
            fields,
            [
                ("authentication-type", "choice", true),
                ("url", "text", true),
                ("client-id", "credential", true),
                ("client-secret", "secret", true),
                ("connection", "oauth-connection", true),
                ("session-name", "session-name", true),
            ],
            "{language}"
        );
        assert_eq!(disconnect.name, DISCONNECT);
        assert_eq!(disconnect.session, form::SessionUse::Closes);
        assert_eq!(disconnect.fields.len(), 1);
        for action in actions {
            assert!(action.repeatable, "{language}: {}", action.name);
            assert_eq!(action.path.len(), 3, "{action:?}");
            assert!(!action.description.is_empty());
            assert!(action.outputs.is_empty());
        }
    }
    assert_ne!(english[0].description, german[0].description);
    assert_eq!(component.actions("fr").await.unwrap(), english);
}

/// The grant is compiled into the host, apart from what the component says. If they differ, one of them is wrong.
async fn the_requests_that_the_actions_ask_for_are_granted(build: Build) {
    let grant = Grant::genesys_oauth();
    let mut asked = Vec::new();
    for action in offline(build).actions("en").await.unwrap() {
        for request in action.requests {
            let mut headers = HeaderMap::new();
            for header in &request.headers {
                assert_eq!(header, AUTHORIZATION.as_str());
                headers.insert(AUTHORIZATION, HeaderValue::from_static("x"));
            }
            for (host, method) in request
                .hosts
                .iter()
                .flat_map(|host| request.methods.iter().map(move |method| (host, method)))
            {
                let host = host.replace('*', "itc1");
                for path in &request.paths {
                    let method = method.parse().unwrap();
                    let checked = grant.check(&method, &host, 443, path, &headers);
                    assert_eq!(checked, Ok(()), "{method} {host} {path}");
                    if host.ends_with("mypurecloud.de") {
                        asked.push(format!("{method} {host}{path}"));
                    }
                }
            }
        }
    }
    assert_eq!(
        asked,
        [
            "POST login.mypurecloud.de/oauth/token",
            "HEAD api.mypurecloud.de/api/v2/tokens/me",
            "DELETE api.mypurecloud.de/api/v2/tokens/me",
        ]
    );
}

async fn neither_debug_nor_errors_show_secrets(build: Build) {
    let token = format!(r#"{{"access_token":"{SECRET}-token","token_type":"bearer"}}"#);
    let fixture = Scripted::start(build, answers("200 OK", "", token)).await;
    let success = fixture.run().await.unwrap();
    let shown = format!("{success:?}");
    assert!(!shown.contains(SECRET) && shown.contains(API), "{shown}");
    let typed = fixture.authenticate().await.unwrap();
    assert!(!format!("{typed:?}").contains(SECRET));

    let session = with_session(&format!("https://{API}"), SECRET);
    for (action, arguments) in [
        (AUTHENTICATE, with_client_credentials(URL, SECRET, SECRET)),
        (AUTHENTICATE, with_token(URL, SECRET)),
        (DISCONNECT, session),
        // Faulty, so that nothing is sent.
        (AUTHENTICATE, with_token(URL, &format!("{SECRET} {SECRET}"))),
        (
            AUTHENTICATE,
            with_client_credentials(URL, "id", &SECRET.repeat(100)),
        ),
    ] {
        let shown = format!("{arguments:?}");
        assert!(!shown.contains(SECRET), "{shown}");
        let script = answers("401 Unauthorized", "", r#"{"error":"invalid_client"}"#);
        let fixture = Scripted::start(build, script).await;
        let component = fixture.action.component();
        let mut failures = component.check(action, &arguments).await.unwrap();
        match component.run(action, &arguments).await {
            Ok(success) => assert!(!format!("{success:?}").contains(SECRET)),
            Err(error) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(SECRET), "{shown}");
                failures.push(failure_of(Err(error)));
            }
        }
        for failure in failures {
            let shown = format!("{failure:?}");
            assert!(!shown.contains(SECRET), "{shown}");
            let explained = explain(component, &failure, "de").await;
            assert!(!explained.contains(SECRET), "{explained}");
        }
    }
    let typed = credentials(URL, SECRET, SECRET);
    assert!(!format!("{typed:?}").contains(SECRET));
    let script = answers("401 Unauthorized", "", "");
    let fixture = Scripted::start(build, script).await;
    let error: CallError<OauthError> = fixture.authenticate().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(SECRET), "{shown}");
}
