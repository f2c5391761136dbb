//! Property tests of bot files and templates. Every run uses the same seed; for other and more cases:
//!
//! ```text
//! PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=10000 cargo test -p host-test --test bot properties
//! ```

use bot_engine::{Bot, Problems};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};

use crate::forms::catalogue;
use crate::laws::{
    assert_presentable, assert_safe, assert_secrets_not_in_messages, assert_template,
};

/// The same inputs in every run, unless the environment names another seed.
fn config() -> Config {
    let from_environment = Config::default();
    Config {
        rng_seed: match from_environment.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            chosen @ RngSeed::Fixed(_) => chosen,
        },
        ..from_environment
    }
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9äß_-]{1,20}( [A-Za-z0-9äß_-]{1,20})?"
}

/// Any text, including control characters.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

/// A text with placeholders, which is never blank.
fn template() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[^{}\\p{Cc}]{1,10}",
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        "\\{ ?[a-z]{1,8}(\\.[a-z]{1,8}){0,2} ?\\}",
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| format!("x{}", parts.concat()))
}

/// `{"credential": …}`, `{"variable": …}` or `{"insecure-string": …}`.
fn source() -> impl Strategy<Value = Value> {
    let path = (name(), name(), name());
    prop_oneof![
        path.prop_map(|(a, b, c)| json!({ "credential": format!("{a}/{b}/{c}") })),
        name().prop_map(|name| json!({ "variable": name })),
        text().prop_map(|text| json!({ "insecure-string": text })),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![source(), text().prop_map(Value::from)]
}

fn session() -> impl Strategy<Value = Option<String>> {
    prop::option::of(name())
}

/// A valid step.
fn step() -> impl Strategy<Value = Value> {
    let with_client =
        (value(), value(), source(), any::<bool>()).prop_map(|(url, id, secret, named)| {
            let mut step = json!({
                "action": "genesys/oauth-authenticate",
                "url": url,
                "client-id": id,
                "client-secret": secret,
            });
            if named {
                step["authentication-type"] = "client-credentials".into();
            }
            step
        });
    let with_connection = name().prop_map(|connection| {
        json!({
            "action": "genesys/oauth-authenticate",
            "authentication-type": "control-room-connection",
            "connection": { "oauth-connection": connection },
        })
    });
    let request = (template(), prop::option::of(name())).prop_map(|(path, output)| {
        // Any text may be part of a query, except for what begins a fragment.
        let path = format!("/api/v2/x?q={}", path.replace('#', "%23"));
        let mut step = json!({ "action": "genesys/api-request", "path": path });
        if let Some(output) = output {
            step["output"] = output.into();
        }
        step
    });
    let log = template().prop_map(|message| json!({ "action": "log", "message": message }));
    let of_session = prop_oneof![
        with_client,
        with_connection,
        request,
        Just(json!({ "action": "genesys/disconnect" })),
    ];
    let of_session = (of_session, session()).prop_map(|(mut step, session)| {
        if let Some(session) = session {
            step["session-name"] = session.into();
        }
        step
    });
    prop_oneof![4 => of_session, 1 => log]
}

/// A valid variable without a name.
fn variable() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(|text| json!({ "default": text })),
        any::<i32>().prop_map(|number| json!({ "type": "number", "default": number })),
        any::<bool>()
            .prop_map(|value| json!({ "type": "boolean", "default": value, "input": true })),
        Just(json!({ "type": "credential", "default": { "credential": "a/b/c" } })),
        Just(json!({ "type": "credential", "input": true })),
    ]
}

/// A valid bot.
fn bot() -> impl Strategy<Value = Value> {
    let variables = prop::collection::vec(variable(), 0..3);
    let steps = prop::collection::vec(step(), 1..6);
    (name(), variables, steps).prop_map(|(name, mut variables, steps)| {
        for (variable, number) in variables.iter_mut().zip(1..) {
            variable["name"] = format!("variable {number}").into();
        }
        json!({ "name": name, "variables": variables, "steps": steps })
    })
}

/// A value that may not be valid where it is used.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec![
            json!(null),
            json!(true),
            json!(-1.5),
            json!(""),
            json!(" "),
            json!("{"),
            json!([]),
            json!({}),
            json!({ "": "" }),
            json!({ "variable": 5 }),
            json!("x".repeat(10_001)),
        ]),
        text().prop_map(Value::from),
        text().prop_map(|name| Value::from(format!("{{{name}}}"))),
        text().prop_map(|name| Value::from(format!("{{{name}.}}"))),
        value(),
    ]
}

/// A change of a step: a field is removed, added or replaced.
#[derive(Debug, Clone)]
enum Change {
    Without(Index),
    Another(Index, Value),
    Added(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let field = prop_oneof![name(), text()];
    prop_oneof![
        any::<Index>().prop_map(Change::Without),
        (any::<Index>(), anything()).prop_map(|(at, value)| Change::Another(at, value)),
        (field, anything()).prop_map(|(field, value)| Change::Added(field, value)),
    ]
}

impl Change {
    fn apply(self, step: &mut Value) {
        let members = step.as_object_mut().unwrap();
        let name = |at: Index| members.keys().nth(at.index(members.len())).unwrap().clone();
        match self {
            Self::Without(at) => {
                let name = name(at);
                members.remove(&name);
            }
            Self::Another(at, value) => {
                let name = name(at);
                members.insert(name, value);
            }
            Self::Added(name, value) => {
                members.insert(name, value);
            }
        }
    }
}

fn parse(bot: &Value) -> Result<Bot, Problems> {
    Bot::parse(bot.to_string().as_bytes(), catalogue())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_parsed_or_rejected_with_a_message(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_safe(&bytes);
    }

    #[test]
    fn valid_bots_are_parsed(bot in bot()) {
        let read = parse(&bot);
        prop_assert!(read.is_ok(), "{:?}", read);
        let (steps, written) = (read.unwrap().steps, bot["steps"].as_array().unwrap());
        prop_assert_eq!(steps.len(), written.len());
        for (step, written) in steps.iter().zip(written) {
            prop_assert_eq!(step.kind.action(), written["action"].as_str().unwrap());
        }
        assert_safe(bot.to_string().as_bytes());
    }

    #[test]
    fn problems_in_a_step_name_the_step((mut bot, at, change) in (bot(), any::<Index>(), change())) {
        let steps = bot["steps"].as_array_mut().unwrap();
        let at = at.index(steps.len());
        change.apply(&mut steps[at]);
        if let Err(error) = parse(&bot) {
            prop_assert_eq!(error.first().step, Some(at + 1));
            error.all().iter().for_each(assert_presentable);
        }
        assert_safe(bot.to_string().as_bytes());
    }

    #[test]
    fn problems_outside_the_steps_name_no_step((mut bot, change) in (bot(), change())) {
        change.apply(&mut bot);
        match parse(&bot) {
            Err(error) if bot["steps"].get(0).is_none_or(|step| !step.is_object()) => error.all().iter().for_each(assert_presentable),
            Err(error) => prop_assert_eq!(error.first().step, None),
            Ok(_) => {}
        }
        assert_safe(bot.to_string().as_bytes());
    }

    #[test]
    fn files_with_one_changed_byte_do_not_panic(
        (bot, at) in (bot(), any::<Index>()),
        with in prop_oneof![select(b"{}[]\",:\\u0 ".to_vec()), any::<u8>()],
        insert in any::<bool>(),
    ) {
        let mut file = bot.to_string().into_bytes();
        let at = at.index(file.len());
        if insert {
            file.insert(at, with);
        } else {
            file[at] = with;
        }
        assert_safe(&file);
    }

    #[test]
    fn messages_do_not_contain_secrets(
        (bot, at, change) in (bot(), any::<Index>(), change()),
        secret in select(vec![
            json!("s"), json!(["s"]), json!({ "insecure-string": ["s"] }),
            json!({ "insecure-string": "s" }), json!({ "password": "s" }), json!({ "credential": "s" }),
            json!({ "insecure-string": "s", "variable": "s" }),
        ]),
    ) {
        let mut bot = bot;
        let steps = bot["steps"].as_array_mut().unwrap();
        for step in steps.iter_mut().filter(|step| step.get("client-secret").is_some()) {
            step["client-secret"] = secret.clone();
        }
        assert_secrets_not_in_messages(bot.clone());
        let steps = bot["steps"].as_array_mut().unwrap();
        let at = at.index(steps.len());
        change.apply(&mut steps[at]);
        assert_secrets_not_in_messages(bot);
    }

    #[test]
    fn the_path_of_a_request_cannot_change_the_host(
        parts in prop::collection::vec(
            select(vec!["/", "/api/", "api", "v2", "{a}", "{{", "@", ":", ".", "..", "\\", " ", "evil.example", "https://"]),
            1..6,
        ),
    ) {
        let step = json!({ "action": "genesys/api-request", "path": parts.concat() });
        let read = parse(&json!({ "name": "x", "steps": [step] }));
        let path = parts.concat();
        let stays = path.starts_with("/api/") && path.split('/').all(|it| it != "." && it != "..");
        prop_assert!(read.is_err() || stays, "{:?}", read);
    }

    #[test]
    fn any_text_is_a_template_or_an_error(
        text in prop_oneof![text(), "[{}. vosecrtabcd\\p{Cc}]{0,20}", template()],
    ) {
        assert_template(&text);
    }
}
