//! Parsing of bot files, valid and invalid ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod catalogue;
mod fakes;
mod forms;
mod laws;
mod properties;
mod run_bot;
mod variables;

use std::time::Instant;

use bot_engine::file::{MAX_FILE, MAX_STEPS};
use bot_engine::steps::{FieldValue, Sharing};
use bot_engine::{Bot, Language, Problem, Problems, StepKind, TokenOwner};
use serde_json::{Value, json};

use forms::catalogue;

fn parse(file: &Value) -> Result<Bot, Problems> {
    Bot::parse(file.to_string().as_bytes(), catalogue())
}

fn with_step(step: &Value) -> Result<Bot, Problems> {
    parse(&json!({ "name": "Test", "steps": [{ "action": "log", "message": "x" }, step] }))
}

/// A step with all fields, one of which is replaced, or removed if `value` is null.
fn authenticate(field: &str, value: &Value) -> Result<Bot, Problems> {
    let mut step = json!({
        "action": "genesys/oauth-authenticate",
        "authentication-type": "client-credentials",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "variable": "secret" },
        "session-name": "Mine",
    });
    step[field] = value.clone();
    if value.is_null() {
        step.as_object_mut().unwrap().remove(field);
    }
    with_step(&step)
}

fn problem(result: Result<Bot, Problems>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn fields_accept_all_sources() {
    for source in [
        json!({ "credential": "locker/credential/attribute" }),
        json!({ "variable": "name" }),
        json!({ "insecure-string": "text" }),
    ] {
        for field in ["url", "client-id", "client-secret"] {
            assert!(authenticate(field, &source).is_ok(), "{field} {source}");
        }
    }
    assert!(authenticate("url", &json!("plain")).is_ok());
    assert!(authenticate("client-id", &json!("plain")).is_ok());
}

#[test]
fn omitted_fields_have_the_defaults_of_the_form() {
    for field in ["authentication-type", "session-name"] {
        let bot = authenticate(field, &Value::Null).unwrap();
        let StepKind::Action(step) = &bot.steps[1].kind else {
            panic!("{bot:?}")
        };
        assert!(
            matches!(&step.fields[0], (name, FieldValue::Choice(chosen))
                if name == "authentication-type" && chosen == "client-credentials"),
            "{step:?}"
        );
        assert_eq!(step.fields.len(), 4);
        let session = step.session.as_ref().unwrap();
        assert!(["Default", "Mine"].contains(&session.name.as_str()));
        assert_eq!(step.sharing, Sharing::Shared);
    }
}

#[test]
fn a_bot_and_its_steps_may_be_described() {
    let step = json!({
        "action": "log", "message": "x", "step-name": "Say x", "comment": "for a start",
    });
    let file = json!({
        "$schema": "https://example.com/bot.json", "name": "Test", "description": "what for",
        "steps": [step],
    });
    let bot = Bot::parse(file.to_string().as_bytes(), catalogue()).unwrap();
    assert_eq!(bot.description.as_deref(), Some("what for"));
    assert_eq!(bot.steps[0].name.as_deref(), Some("Say x"));
    for (field, value) in [
        ("step-name", json!("x".repeat(101))),
        ("comment", json!(5)),
        ("disabled", json!("yes")),
    ] {
        let mut wrong = json!({ "action": "log", "message": "x" });
        wrong[field] = value;
        let said = problem(with_step(&wrong));
        assert!(
            said.starts_with(&format!("step 2 (log): {field}: ")),
            "{said}"
        );
    }
}

#[test]
fn plain_text_secrets_are_rejected() {
    let said = problem(authenticate("client-secret", &json!("canary")));
    assert!(
        said.starts_with("step 2 (genesys/oauth-authenticate): client-secret: A secret must not"),
        "{said}"
    );
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn invalid_fields_are_reported_with_step_and_field() {
    for (field, value, expected) in [
        (
            "url",
            Value::Null,
            "url: The field is missing. Expected a text, a credential",
        ),
        (
            "url",
            json!(5),
            "url: Expected a text, a credential, a variable or an insecure string, found a number.",
        ),
        ("url", json!({}), "url: Expected a text"),
        (
            "url",
            json!({ "password": "x" }),
            "url: “password” is not a source of values",
        ),
        (
            "url",
            json!({ "variable": "a", "credential": "b" }),
            "url: Expected a text",
        ),
        ("url", json!({ "variable": 5 }), "url: Expected a text"),
        (
            "client-id",
            json!("x".repeat(10_001)),
            "client-id: The text is longer than 10000 bytes.",
        ),
        (
            "client-secret",
            json!({ "credential": "a/b" }),
            "client-secret: The path of a credential must have",
        ),
        (
            "client-secret",
            Value::Null,
            "client-secret: The field is missing",
        ),
        (
            "authentication-type",
            json!("password"),
            "Expected \"client-credentials\" or \"control-room-connection\"",
        ),
        (
            "session-name",
            json!(" "),
            "session-name: The field is empty.",
        ),
        (
            "session-name",
            json!("a\nb"),
            "session-name: The name contains an invisible character (U+000A)",
        ),
        (
            "session-name",
            json!("x".repeat(101)),
            "session-name: The name must have at most 100 characters",
        ),
        (
            "session",
            json!("private"),
            "session: Expected \"shared\" or \"own\", found \"private\"",
        ),
        (
            "connection",
            json!({ "oauth-connection": "x" }),
            "connection: There is no such field here",
        ),
        (
            "colour",
            json!("red"),
            "colour: There is no such field here. Expected action, authentication-type, url",
        ),
    ] {
        let said = problem(authenticate(field, &value));
        assert!(
            said.starts_with("step 2 (genesys/oauth-authenticate): "),
            "{said}"
        );
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_misspelt_field_is_named_with_the_one_that_was_meant() {
    for (field, meant) in [
        ("clientid", "client-id"),
        ("Client_ID", "client-id"),
        ("cleint-id", "client-id"),
        ("sesion-name", "session-name"),
        ("ulr", "url"),
    ] {
        let result = authenticate(field, &json!("x"));
        let problem = result.unwrap_err().first().clone();
        let said = problem.message(Language::English);
        assert!(said.ends_with(&format!("Did you mean {meant}?")), "{said}");
        let said = problem.message(Language::German);
        assert!(said.ends_with(&format!("Meinten Sie {meant}?")), "{said}");
    }
    // The engine's own actions follow the same rule.
    let said = problem(with_step(
        &json!({ "action": "log", "message": "x", "mesage": "y" }),
    ));
    assert!(said.contains("Did you mean message?"), "{said}");
}

#[test]
fn a_connection_must_be_an_object_with_its_name() {
    let step = |connection: Value| {
        with_step(&json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": connection,
        }))
    };
    assert!(step(json!({ "oauth-connection": "Genesys Cloud" })).is_ok());
    for wrong in [
        json!("Genesys Cloud"),
        json!({ "name": "x" }),
        json!({ "oauth-connection": " " }),
        json!([]),
    ] {
        let said = problem(step(wrong));
        assert!(
            said.contains("connection: Expected {\"oauth-connection\": \"name\"}"),
            "{said}"
        );
    }
}

#[test]
fn the_token_owner_is_shared_or_user_specific() {
    let step = |token_type: Value| {
        let mut step = json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": { "oauth-connection": "Genesys Cloud" },
        });
        if !token_type.is_null() {
            step["token-type"] = token_type;
        }
        with_step(&step)
    };
    for (token_type, expected) in [
        (Value::Null, TokenOwner::Shared),
        (json!("shared"), TokenOwner::Shared),
        (json!("user-specific"), TokenOwner::UserSpecific),
    ] {
        let bot = step(token_type).unwrap();
        let last = bot.steps.last().unwrap();
        let StepKind::Action(action) = &last.kind else {
            panic!("{last:?}");
        };
        let (_, FieldValue::Connection(connection)) = &action.fields[1] else {
            panic!("{last:?}");
        };
        assert_eq!(
            (connection.name.as_str(), connection.owner),
            ("genesys cloud", expected)
        );
        assert!(bot.uses_secrets());
    }
    let said = problem(step(json!("mine")));
    let expected = "token-type: Expected \"shared\" or \"user-specific\", found \"mine\"";
    assert!(said.contains(expected), "{said}");
    let said = problem(authenticate("token-type", &json!("shared")));
    assert!(
        said.contains("token-type: There is no such field here"),
        "{said}"
    );
}

#[test]
fn api_request_paths_must_begin_with_api() {
    let step = |path: &str| with_step(&json!({ "action": "genesys/api-request", "path": path }));
    assert!(step("/api/v2/users/{id}").is_ok());
    for path in [
        "https://evil.example/api/",
        "//evil.example",
        "@evil.example/api/",
        "{host}/api/",
        "api/v2",
        "/oauth/token",
    ] {
        assert!(
            problem(step(path)).contains("path: The path must begin with /api/"),
            "{path}"
        );
    }
}

#[test]
fn a_body_is_json_for_a_method_that_has_one() {
    let step = |method: &str, body: Value| {
        let path = "/api/v2/users";
        with_step(
            &json!({ "action": "genesys/api-request", "method": method, "path": path, "body": body }),
        )
    };
    for method in ["POST", "PUT", "PATCH"] {
        assert!(step(method, json!({ "a": [1, "{b}"] })).is_ok(), "{method}");
    }
    for (method, body, expected) in [
        ("GET", json!({}), "body: A GET request has no body"),
        ("DELETE", json!([]), "body: A DELETE request has no body"),
        (
            "POST",
            json!("{\"a\": [1,]}"),
            "body: This is not JSON: line 1, column 10: it is not valid from here on",
        ),
        (
            "POST",
            json!("7"),
            "body: Expected JSON that is an object or a list",
        ),
        (
            "POST",
            json!(null),
            "body: Expected JSON that is an object or a list",
        ),
        (
            "POST",
            json!(["x".repeat(65_537)]),
            "body: The text is longer than 65536 bytes",
        ),
        ("POST", json!({ "a": ["{"] }), "body: There is a single {"),
        ("HEAD", json!({}), "method: Expected \"GET\" or \"POST\""),
    ] {
        let said = problem(step(method, body));
        assert!(said.contains(expected), "{method}: {said}");
    }
    let paged = json!({ "action": "genesys/api-request", "method": "POST", "path": "/api/v2/x", "pages": "all" });
    assert!(problem(with_step(&paged)).contains("pages: There is no such field here"));
}

#[test]
fn a_request_has_only_headers_that_are_allowed_with_values_of_one_line() {
    let step = |headers: Value| {
        with_step(
            &json!({ "action": "genesys/api-request", "path": "/api/v2/users", "headers": headers }),
        )
    };
    let allowed = json!({ "Accept-Language": "de, en;q=0.5", "if-match": "\"{version}\"" });
    assert!(step(allowed).is_ok());
    for name in [
        "Authorization",
        "Host",
        "Content-Length",
        "Cookie",
        "If-None-Match",
        "X-Other",
        "",
    ] {
        let said = problem(step(json!({ name: "x" })));
        let expected = "headers: Expected \"accept-language\" or \"if-match\"";
        assert!(said.contains(expected), "{name}: {said}");
    }
    for value in ["", " ", "a\r\nHost: b", "a\u{0}b", "ä", &"x".repeat(1025)] {
        let said = problem(step(json!({ "If-Match": value })));
        let expected = "headers: The value of a header is one line";
        assert!(said.contains(expected), "{value:?}: {said}");
    }
    let twice = problem(step(json!({ "If-Match": "1", "if-match": "2" })));
    assert!(twice.contains("each header is set once"), "{twice}");
    for other in [json!(["If-Match"]), json!({ "If-Match": 3 })] {
        let said = problem(step(other));
        assert!(
            said.contains("headers: Expected {\"Accept-Language\""),
            "{said}"
        );
    }
}

#[test]
fn invalid_files_are_rejected_with_the_reason() {
    for (file, expected) in [
        (json!({ "steps": [] }), "name: The field is missing"),
        (
            json!({ "name": "x" }),
            "steps: The field is missing. Expected a list.",
        ),
        (
            json!({ "name": "x", "steps": {} }),
            "steps: Expected a list, found an object",
        ),
        (
            json!({ "name": "x", "steps": ["log"] }),
            "step 1: Expected an object, found a text",
        ),
        (
            json!({ "name": "x", "steps": [{}] }),
            "step 1: action: The field is missing",
        ),
        (
            json!({ "name": "x", "steps": [{ "action": "log", "message": "{" }] }),
            "step 1 (log): message: There is a single {",
        ),
        (
            json!({ "name": "x", "version": 1, "steps": [{ "action": "log", "message": "x" }] }),
            "version: There is no such field here. Expected name, steps, description, variables, $schema",
        ),
    ] {
        let said = problem(parse(&file));
        assert!(said.starts_with(expected), "{said}");
    }
    assert!(
        problem(Bot::parse(b"{\"name\": \"\xff\"}", catalogue())).contains("not UTF-8: byte 11")
    );
    let said = problem(Bot::parse(b"{\n  \"name\": 'x'\n}", catalogue()));
    assert!(said.contains("line 2, column 11"), "{said}");
    let twice = br#"{"name": "x", "steps": [{"action": "log", "message": "a", "message": "b"}]}"#;
    assert!(problem(Bot::parse(twice, catalogue())).contains("duplicate member \"message\""));
}

#[test]
fn all_problems_are_reported_with_their_json_pointers() {
    let file = json!({ "name": "x", "steps": [
        { "action": "genesys/oauth-authenticate", "url": 5, "client-secret": "plain" },
        { "action": "nonsense" },
        { "action": "log", "message": "{", "colour": "red" },
    ]});
    let problems = parse(&file).unwrap_err();
    let pointers: Vec<_> = problems.all().iter().map(Problem::pointer).collect();
    assert_eq!(
        pointers,
        [
            "/steps/0/url",
            "/steps/0/client-id",
            "/steps/0/client-secret",
            "/steps/1/action",
            "/steps/2/message",
            "/steps/2/colour",
        ]
    );
    assert_eq!(problems.to_string().lines().count(), 6);
}

#[test]
fn an_invalid_authentication_type_is_one_problem() {
    let problems = with_step(&json!({
        "action": "genesys/oauth-authenticate",
        "authentication-type": "control-room-conection",
        "connection": { "oauth-connection": "Genesys Cloud" },
    }))
    .unwrap_err();
    assert_eq!(problems.all().len(), 1, "{problems}");
}

#[test]
fn problems_are_localized() {
    let german =
        |result: Result<Bot, Problems>| result.unwrap_err().first().message(Language::German);
    assert_eq!(
        german(authenticate("session", &json!("private"))),
        "Erwartet wird \"shared\" oder \"own\", gefunden wurde \"private\"."
    );
    assert_eq!(
        german(parse(&json!({ "name": "x", "steps": 5 }))),
        "Erwartet wird eine Liste, gefunden wurde: eine Zahl."
    );
}

#[test]
fn size_and_depth_are_limited() {
    let log = json!({ "action": "log", "message": "x" });
    let steps = |count| parse(&json!({ "name": "x", "steps": vec![log.clone(); count] }));
    assert_eq!(steps(MAX_STEPS).unwrap().steps.len(), MAX_STEPS);
    assert!(problem(steps(MAX_STEPS + 1)).contains("Expected 1 to 1000 steps, found 1001"));
    assert!(
        problem(Bot::parse(&vec![b' '; MAX_FILE + 1], catalogue()))
            .contains("larger than 1024 KiB")
    );
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    assert!(problem(Bot::parse(deep.as_bytes(), catalogue())).contains("not valid from here on"));
}

#[test]
fn parsing_takes_linear_time() {
    let duration = |count: u32| {
        let members: Vec<_> = (0..count).map(|n| format!("\"{n}\":0")).collect();
        let file = format!("{{{}}}", members.join(","));
        let start = Instant::now();
        let parsed = Bot::parse(file.as_bytes(), catalogue());
        let elapsed = start.elapsed();
        assert!(problem(parsed).contains("name: The field is missing"));
        elapsed
    };
    // Twenty times as long a file would take a quadratic algorithm 400 times as long. What else the machine does may
    // spoil a comparison, not all of them.
    let is_linear = |_| duration(60_000) < duration(3_000) * 100;
    assert!((0..5).any(is_linear));
}
