//! `bot-runner actions` and `schema`: the catalogue of steps, and what is generated from it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::bot_runner;

fn stdout(arguments: &[&str]) -> String {
    let output = bot_runner().args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(arguments)).unwrap()
}

/// The fields of each action, by name.
fn fields(actions: &Value) -> Vec<(String, Vec<String>)> {
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let actions = actions["actions"].as_array().unwrap().iter();
    let fields = |action: &Value| {
        action["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(name)
            .collect()
    };
    actions.map(|it| (name(it), fields(it))).collect()
}

#[test]
fn the_catalogue_has_the_same_fields_in_every_language() {
    let english = json(&["actions", "--json", "--locale", "en"]);
    let german = json(&["actions", "--json", "--locale", "de"]);
    assert_eq!(fields(&english), fields(&german));
    assert_eq!(german["actions"][0]["path"][1], "Authentifizierung");
    let names: Vec<_> = fields(&english).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "genesys/oauth-authenticate",
            "genesys/disconnect",
            "genesys/api-request",
            "log",
            "run-bot",
        ]
    );
}

#[test]
fn the_schema_has_every_field_of_the_catalogue() {
    let schema = json(&["schema"]);
    let steps = schema["properties"]["steps"]["items"]["oneOf"]
        .as_array()
        .unwrap();
    for (action, fields) in fields(&json(&["actions", "--json"])) {
        let step = |step: &&Value| step["properties"]["action"]["const"] == action.as_str();
        let step = steps.iter().find(step).unwrap();
        for field in fields {
            assert!(step["properties"][&field].is_object(), "{action} {field}");
        }
    }
}

#[test]
fn the_schema_allows_a_list_only_in_a_body() {
    let schema = json(&["schema"]);
    let steps = &schema["properties"]["steps"]["items"]["oneOf"];
    let type_of = |action: &str, field: &str| {
        let mut steps = steps.as_array().unwrap().iter();
        let step = steps.find(|it| it["properties"]["action"]["const"] == action);
        step.unwrap()["properties"][field]["type"].clone()
    };
    let list_too = serde_json::json!(["object", "array"]);
    assert_eq!(type_of("genesys/api-request", "body"), list_too);
    assert_eq!(type_of("genesys/api-request", "headers"), "object");
    assert_eq!(type_of("run-bot", "inputs"), "object");
}

#[test]
fn the_reference_of_bot_files_is_generated_from_the_catalogue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bot-file.md");
    let document = fs::read_to_string(&file).unwrap();
    assert!(
        stdout(&["actions", "--markdown"]) == document,
        "{}: bring it up to date with `cargo run -- actions --markdown > host-test/docs/bot-file.md`",
        file.display()
    );
}
