//! Texts of a component end up in terminals, logs and pages: they arrive shortened and plain. No text of this crate shows a
//! secret of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use action_host::{Argument, BorrowedToken, CallError, Failure, Retry, Session, SessionChange};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use test_support::Log;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::fixture::{Fixture, tight};

/// Control characters, escapes for a terminal, and characters that hide or reorder others.
const ESCAPES: &str =
    "a\u{1b}[31mb\u{1b}]0;title\u{7}c\rd\ne\u{0}f\u{9b}31mg\u{202e}h\u{200b}i\u{2028}j\u{feff}k";

/// The same as it may be shown.
const PLAIN: &str = "a [31mb ]0;title c d e f 31mg h i j k";

async fn failure_of(text: &str) -> Result<Failure, CallError> {
    let fixture = Fixture::start(tight()).await;
    let names = ["code", "field", "message", "detail-name", "detail-value"];
    let arguments = names.map(|name| Argument::text(name, text));
    match fixture.hostile().run("fails as told", &arguments).await {
        Err(CallError::Failed(failure)) => Ok(failure),
        Err(stopped) => Err(stopped),
        Ok(success) => panic!("{success:?}"),
    }
}

/// An argument of each kind that holds a secret.
fn secret_arguments(secret: &str) -> [Argument; 3] {
    let session = Session {
        token: secret.into(),
        token_type: "Bearer".into(),
        base_url: "https://api.mypurecloud.de".into(),
        expires_in: None,
    };
    let token = BorrowedToken {
        url: "eu-central-1".into(),
        access_token: secret.into(),
        token_type: "bearer".into(),
        expires_in: None,
    };
    [
        Argument::secret("secret", secret),
        Argument::session("session-name", session),
        Argument::token("connection", token),
    ]
}

#[tokio::test]
async fn a_failure_has_no_control_characters() {
    let failure = failure_of(ESCAPES).await.unwrap();
    let detail = (PLAIN.to_owned(), PLAIN.to_owned());
    let expected = Failure {
        code: PLAIN.into(),
        field: Some(PLAIN.into()),
        retry: Retry::Never,
        message: PLAIN.into(),
        // The component gave thirty.
        details: vec![detail; 20],
    };
    assert_eq!(failure, expected);
    let error = CallError::Failed(failure);
    assert_eq!(error.to_string(), format!("the action failed: {PLAIN}"));
    assert_eq!(error.kind(), PLAIN);
}

#[tokio::test]
async fn a_long_failure_is_shortened() {
    // All of them and thirty details are less than a call may return.
    let failure = failure_of(&"ü".repeat(8_000)).await.unwrap();
    let length = |text: &str| text.chars().count();
    assert_eq!(length(&failure.code), 200);
    assert_eq!(length(failure.field.as_deref().unwrap()), 200);
    assert_eq!(length(&failure.message), 2000);
    assert!(failure.message.ends_with("ü…"));
    assert_eq!(failure.details.len(), 20);
    for (name, value) in &failure.details {
        assert_eq!((length(name), length(value)), (200, 200));
    }
}

#[tokio::test]
async fn a_failure_of_megabytes_is_not_copied() {
    let error = failure_of(&"x".repeat(64 << 10)).await.unwrap_err();
    assert!(matches!(error, CallError::ResultTooLarge(_)), "{error}");
}

#[tokio::test]
async fn an_explanation_is_shortened_and_has_no_control_characters() {
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    let failure = failure_of("x").await.unwrap();
    // The component says what it gets as the locale.
    let said = hostile.explain("any", &failure, ESCAPES).await.unwrap();
    assert_eq!(said, PLAIN);
    // With one byte more, the call is stopped.
    let megabyte = "x".repeat(1 << 20);
    let said = hostile.explain("any", &failure, &megabyte).await.unwrap();
    assert_eq!(said, "x".repeat(1999) + "…");
    let error = hostile.explain("any", &failure, &(megabyte + "x")).await;
    assert!(
        matches!(error, Err(CallError::ResultTooLarge(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_error_shows_no_secret_of_its_call() {
    const CANARY: &str = "c4nary";
    let limits = action_host::Limits {
        deadline: Duration::from_millis(500),
        ..tight()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    let arguments = secret_arguments(CANARY);
    assert!(!format!("{arguments:?}").contains(CANARY));
    for mode in [
        "never returns",
        "waits",
        "eats memory",
        "recurses",
        "keeps a thousand requests",
        "connects elsewhere",
        "returns 4 MiB",
        "sends a header of 4 MiB",
        "traps",
        "panics",
        "exits",
    ] {
        let error = hostile.run(mode, &arguments).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", error.kind());
        assert!(!shown.contains(CANARY), "{mode}: {shown}");
    }
}

#[test]
fn the_error_for_a_component_that_is_not_loaded_has_no_control_characters() {
    let host = action_host::Host::builder().build().unwrap();
    let long = "x".repeat(100_000);
    for name in ["\\1b[31mred", "\\c2\\9b31mred", "a\\0ab", &long] {
        for text in [
            format!(r#"(component (import "{name}" (func)))"#),
            format!(r#"(component (import "a:b/{name}" (instance)))"#),
            format!(r#"(component (import "wasi:cli/exit@0.2.{name}" (instance)))"#),
            format!(
                r#"(component (import "wasi:cli/exit@0.2.2" (instance (export "{name}" (func)))))"#
            ),
            format!(r#"(component (import "f" (func $f)) (export "{name}" (func $f)))"#),
        ] {
            let Ok(bytes) = wat::parse_str(&text) else {
                panic!("{text}")
            };
            let Err(refusal) = host.load(&bytes) else {
                panic!("{text} is loaded")
            };
            let said = refusal.to_string();
            println!("{said:.200}");
            assert!(!said.contains(char::is_control), "{said:?}");
            assert!(said.chars().count() < 3000, "{said}");
        }
    }
}

/// A secret with characters that encodings change, and what a server or a hostile component may make of it.
fn echoes(secret: &str) -> Vec<String> {
    let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut echoes = vec![secret.to_owned(), serde_json::json!(secret).to_string()];
    for text in [secret, &in_form] {
        for before in ["", "id:", "the-id:"] {
            let text = [before, text].concat();
            echoes.push(STANDARD.encode(&text));
            echoes.push(URL_SAFE_NO_PAD.encode(&text));
        }
    }
    echoes.push(in_form);
    echoes
}

#[tokio::test]
async fn a_failure_does_not_repeat_what_the_component_was_given() {
    const CANARY: &str = "c4nary \"+/&=\\ü";
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    for given in secret_arguments(CANARY) {
        for echo in echoes(CANARY) {
            // A text that is shortened does not end with a part of it either.
            for padding in [0, 190, 1990] {
                let text = ["x".repeat(padding), format!(" {echo}")].concat();
                let names = ["code", "field", "message", "detail-name", "detail-value"];
                let mut arguments: Vec<_> = names.map(|name| Argument::text(name, &text)).into();
                arguments.push(given.clone());
                let failed = hostile.run("fails as told", &arguments).await;
                let shown = format!("{:?}", failed.unwrap_err());
                assert!(shown.contains("***") || padding > 0, "{echo}: {shown}");
                let part: String = echo.chars().take(6).collect();
                for part in ["c4nary", part.trim_matches(['"', ' '])] {
                    assert!(!shown.contains(part), "{echo}: {shown}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_success_does_not_show_what_the_component_was_given() {
    const CANARY: &str = "c4nary \"+/&=\\ü";
    const TOKEN: &str = "its-own-token";
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    for given in secret_arguments(CANARY) {
        for echo in echoes(CANARY).into_iter().chain(echoes(TOKEN)) {
            let texts = ["token-type", "base-url"];
            let mut arguments: Vec<_> = texts.map(|name| Argument::text(name, &echo)).into();
            arguments.push(Argument::text("token", TOKEN));
            arguments.push(given.clone());
            let expected = echo.replace(echo.trim_matches('"'), "***");
            for mode in ["opens as told", "replaces as told"] {
                let success = hostile.run(mode, &arguments).await.unwrap();
                let session = match (mode, success.session) {
                    ("opens as told", SessionChange::Opened(session))
                    | ("replaces as told", SessionChange::Replaced(session)) => session,
                    (_, other) => panic!("{mode}: {other:?}"),
                };
                assert_eq!(
                    (&session.token_type, &session.base_url),
                    (&expected, &expected)
                );
                assert_eq!(session.token.expose_secret(), TOKEN);
            }
        }
    }
}

#[tokio::test]
async fn the_beginning_of_a_secret_before_a_cut_of_the_component_is_not_shown() {
    let fixture = Fixture::start(tight()).await;
    let arguments = [
        Argument::text("message", "refused with c4nary-of-th… (c-1)"),
        Argument::secret("secret", "c4nary-of-the-test"),
    ];
    let failed = fixture.hostile().run("fails as told", &arguments).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.message, "refused with ***… (c-1)");
}

#[tokio::test]
async fn a_secret_in_the_name_of_a_host_is_neither_looked_up_nor_logged() {
    const CANARY: &str = "c4nary";
    let log = Ours::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    let request = |host: &str| {
        [
            Argument::secret("secret", CANARY),
            Argument::text("host", host),
            Argument::text("method", "GET"),
            Argument::text("path", format!("/{CANARY}?{CANARY}")),
        ]
    };
    for host in [
        "c4nary.evil.example",
        "c4nary.mypurecloud.de",
        "evil.example",
    ] {
        let failed = hostile.run("requests", &request(host)).await;
        let Err(CallError::Failed(failure)) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(failure.code, "not-permitted", "{host}");
    }
    let text = log.log.text();
    assert!(text.contains("evil.example"), "{text}");
    assert!(!text.contains(CANARY), "{text}");
}

#[tokio::test]
async fn a_refused_host_is_a_warning_once() {
    let log = Ours::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    for _ in 0..3 {
        hostile.run("connects elsewhere", &[]).await.unwrap_err();
    }
    assert_eq!(log.warnings.load(Ordering::Relaxed), 1);
}

/// Records everything but what wasmtime traces of the calls of components: the command does not log that.
#[derive(Clone, Default)]
struct Ours {
    log: Log,
    warnings: Arc<AtomicUsize>,
}

impl Subscriber for Ours {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !metadata.target().starts_with("wasmtime")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.log.new_span(attributes)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.log.record(span, values);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            self.warnings.fetch_add(1, Ordering::Relaxed);
        }
        self.log.event(event);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
