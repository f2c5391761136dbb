//! The variables that a bot declares, and its inputs.

use bot_engine::check::Checker;
use bot_engine::{
    Bot, NoBots, NoSecrets, Problem, RunError, Variable, VariableType, Variables, interruption,
};
use serde_json::{Value as Json, json};

use crate::fakes::{FakeActions, FakeSecrets, authenticate, run, run_with};
use crate::forms::catalogue;

fn file(variables: &Json, steps: &Json) -> Vec<u8> {
    let bot = json!({ "name": "Test", "variables": variables, "steps": steps });
    bot.to_string().into_bytes()
}

fn bot(variables: &Json, steps: &Json) -> Bot {
    Bot::parse(&file(variables, steps), catalogue()).unwrap()
}

fn log(message: &str) -> Json {
    json!({ "action": "log", "message": message })
}

/// The problems of one variable, each with its pointer.
fn problems(variable: &Json) -> Vec<String> {
    let (_, problems) = Bot::draft(&file(&json!([variable]), &json!([log("x")])), catalogue());
    let shown = |it: &Problem| format!("{} {it}", it.pointer());
    problems.iter().map(shown).collect()
}

fn inputs(given: &[(&str, Variable)]) -> Variables {
    let mut inputs = Variables::default();
    for (name, value) in given {
        inputs.set(*name, value.clone());
    }
    inputs
}

fn text(text: &str) -> Variable {
    Variable::Text(text.into())
}

fn credential(secret: &str) -> Variable {
    Variable::Credential(secret.into())
}

#[tokio::test]
async fn steps_use_the_variables_of_the_bot() {
    let variables = json!([
        { "name": "region", "default": "eu-central-1" },
        { "name": "count", "type": "number", "default": 25 },
        { "name": "live", "type": "boolean", "default": false },
        { "name": "secret", "type": "credential", "default": { "credential": "open/client/secret" } },
    ]);
    let mut open = authenticate("open");
    open["url"] = json!({ "variable": "region" });
    open["client-secret"] = json!({ "variable": "secret" });
    let bot = bot(&variables, &json!([open, log("{count} {live} {region}")]));
    assert!(bot.uses_secrets());
    let (calls, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    let sign_in =
        "genesys/oauth-authenticate client-credentials eu-central-1 id from the fake Default";
    assert_eq!(calls[0], sign_in);
    assert_eq!(steps.0[1], "25 false eu-central-1");
}

#[tokio::test]
async fn a_variable_of_the_bot_takes_the_place_of_one_of_the_host() {
    let host = inputs(&[("region", credential("canary")), ("other", text("host"))]);
    let bot = bot(
        &json!([{ "name": "region", "default": "mine" }]),
        &json!([log("{region} {other}")]),
    );
    let interrupt = interruption().1;
    let (_, steps, result) = run_with(host, FakeActions::default(), &bot, interrupt).await;
    result.unwrap();
    assert_eq!(steps.0, ["mine host"]);
}

#[tokio::test]
async fn an_input_is_read_as_its_type_and_has_its_default_otherwise() {
    let variables = json!([
        { "name": "region", "input": true, "default": "eu-central-1" },
        { "name": "count", "type": "number", "input": true },
        { "name": "live", "type": "boolean", "input": true },
        { "name": "secret", "type": "credential", "input": true },
    ]);
    let given = inputs(&[
        ("count", text(" 2.5 ")),
        ("live", text("true")),
        ("secret", credential("typed")),
        ("of another bot", text("x")),
    ]);
    let mut open = authenticate("open");
    open["client-secret"] = json!({ "variable": "secret" });
    let bot = bot(&variables, &json!([open, log("{count} {live} {region}")]));
    let bot = bot.with_inputs(&given).unwrap();
    let (calls, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert!(calls[0].contains("id typed Default"), "{calls:?}");
    assert_eq!(steps.0[1], "2.5 true eu-central-1");
}

#[tokio::test]
async fn a_bot_does_not_run_without_its_inputs() {
    let bot = bot(
        &json!([{ "name": "count", "type": "number", "input": true }]),
        &json!([log("{count}")]),
    );
    let host = inputs(&[("count", text("1"))]);
    let (_, _, result) = run_with(host, FakeActions::default(), &bot, interruption().1).await;
    let Err(RunError::Invalid(problems)) = result else {
        panic!("{result:?}");
    };
    let said = problems.first().to_string();
    assert!(
        said.starts_with("variable 1: The input “count” has no value."),
        "{said}"
    );
}

#[test]
fn wrong_inputs_are_reported_all_at_once_without_the_value() {
    let types = VariableType::ALL.map(|(name, _)| name);
    let variable = |name: &str| json!({ "name": name, "type": name, "input": true });
    let mut variables: Vec<_> = types.into_iter().map(variable).collect();
    variables.push(json!({ "name": "fixed", "default": "x" }));
    variables.push(json!({ "name": "missing", "type": "credential", "input": true }));
    variables.push(json!({ "name": "long", "input": true }));
    variables.push(json!({ "name": "invisible", "type": "credential", "input": true }));
    variables.push(json!({ "name": "secret", "type": "number", "input": true }));
    let given = inputs(&[
        ("text", credential("canary")),
        ("number", text("canary")),
        ("long", text(&"canary".repeat(2_000))),
        ("invisible", credential("canary\u{202e}")),
        ("secret", credential("canary")),
        ("boolean", text("yes")),
        ("credential", text("canary")),
        ("fixed", text("canary")),
    ]);
    let bot = bot(&variables.into(), &json!([log("x")]));
    let error = bot.with_inputs(&given).unwrap_err().to_string();
    let expected = [
        "variable 1: The input “text” is not a secret.",
        "variable 2: The input “number” must be a number",
        "variable 3: The input “boolean” must be true or false.",
        "variable 4: The input “credential” is a secret.",
        "variable 5: “fixed” is not an input of the bot.",
        "variable 6: The secret input “missing” has no value.",
        "variable 7: The text is longer than 10000 bytes.",
        "variable 8: The value of “invisible” contains an invisible character (U+202E).",
        "variable 9: The input “secret” is not a secret.",
    ];
    assert_eq!(error.lines().count(), expected.len(), "{error}");
    for (line, expected) in error.lines().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
}

#[test]
fn invalid_variables_are_reported_with_their_place() {
    for (variable, expected) in [
        (
            json!("x"),
            "/variables/0 variable 1: Expected an object, found a text.",
        ),
        (
            json!({ "default": "x" }),
            "/variables/0/name variable 1: name: The field is missing.",
        ),
        (
            json!({ "name": "a.b", "default": "x" }),
            "/variables/0/name variable 1: name: A name must not contain braces, brackets or dots.",
        ),
        (
            json!({ "name": "x".repeat(101), "default": "x" }),
            "/variables/0/name variable 1: name: The name must have at most 100 characters",
        ),
        (
            json!({ "name": "a" }),
            "/variables/0/default variable 1: default: The field is missing.",
        ),
        (
            json!({ "name": "a", "type": "number", "default": "5" }),
            "/variables/0/default variable 1: default: Expected a number, found a text.",
        ),
        (
            json!({ "name": "a", "type": "date", "default": "5" }),
            "/variables/0/type variable 1: type: Expected \"text\" or",
        ),
        (
            json!({ "name": "a", "type": "credential", "default": { "insecure-string": "x" } }),
            "/variables/0/default variable 1: default: Expected {\"credential\":",
        ),
        (
            json!({ "name": "a", "type": "credential", "default": "x" }),
            "/variables/0/default variable 1: default: A secret must not be plain text.",
        ),
        (
            json!({ "name": "a", "default": "x", "value": 1 }),
            "/variables/0/value variable 1: value: There is no such field here.",
        ),
    ] {
        let found = problems(&variable);
        assert!(
            found.len() == 1 && found[0].starts_with(expected),
            "{variable}: {found:?}"
        );
    }
}

#[test]
fn names_of_variables_are_unique_and_their_number_is_limited() {
    let variable = |name: &str| json!({ "name": name, "default": "" });
    let twice = file(&json!([variable("a"), variable(" a ")]), &json!([log("x")]));
    let error = Bot::parse(&twice, catalogue()).unwrap_err().to_string();
    assert_eq!(
        error,
        "variable 2: name: The bot already has a variable “a”. Choose another name."
    );
    let many: Vec<_> = (0..101).map(|at| variable(&at.to_string())).collect();
    let error = Bot::parse(&file(&many.into(), &json!([log("x")])), catalogue()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variables: Expected at most 100 variables, found 101."
    );
}

async fn checked(secrets: bool, variables: &Json, steps: &Json) -> Vec<String> {
    let host = Variables::default();
    let checker = Checker {
        secrets: if secrets { &FakeSecrets } else { &NoSecrets },
        variables: &host,
        actions: None,
        locale: "en",
    };
    let checked = checker
        .check_file(&file(variables, steps), catalogue(), &NoBots)
        .await;
    let warnings = checked
        .warnings
        .iter()
        .map(|it| format!("warning: {}", it.field));
    let problems = checked.problems.iter().map(ToString::to_string);
    problems.chain(warnings).collect()
}

#[tokio::test]
async fn inputs_may_be_missing_when_a_bot_is_checked() {
    let variables = json!([{ "name": "secret", "type": "credential", "input": true }]);
    let mut open = authenticate("open");
    open["client-secret"] = json!({ "variable": "secret" });
    let found = checked(true, &variables, &json!([open])).await;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn the_credential_of_a_variable_must_be_usable_and_its_value_is_never_part_of_a_text() {
    let credential = |locker: &str| {
        let path = format!("{locker}/client/secret");
        json!([{ "name": "secret", "type": "credential", "default": { "credential": path } }])
    };
    let found = checked(true, &credential("closed"), &json!([log("x")])).await;
    assert!(
        found.len() == 1 && found[0].starts_with("variable 1: default: "),
        "{found:?}"
    );
    let found = checked(true, &credential("open"), &json!([log("{secret}")])).await;
    let expected = "step 1 (log): message: {secret} is a credential variable";
    assert!(
        found.len() == 1 && found[0].starts_with(expected),
        "{found:?}"
    );
    assert_eq!(
        checked(false, &credential("open"), &json!([log("x")]))
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn problems_have_the_numbers_of_the_file_also_after_invalid_variables() {
    let credential = json!({ "credential": "closed/client/secret" });
    let variables = json!([
        { "name": "a.b", "default": "x" },
        { "name": "secret", "type": "credential", "default": credential },
    ]);
    let found = checked(true, &variables, &json!([log("x")])).await;
    assert!(found[0].starts_with("variable 1: name: "), "{found:?}");
    assert!(found[1].starts_with("variable 2: default: "), "{found:?}");
}

#[tokio::test]
async fn a_variable_has_no_members() {
    let variables = json!([{ "name": "region", "default": "x" }]);
    let found = checked(true, &variables, &json!([log("{region} {region.name}")])).await;
    assert!(
        found.len() == 1 && found[0].contains("region.name"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_field_has_one_problem_and_a_message_lists_few_names() {
    let name = |at: usize| format!("{at:03}{}", "x".repeat(90));
    let variables: Vec<_> = (0..100)
        .map(|at| json!({ "name": name(at), "default": "" }))
        .collect();
    let body = vec!["{nothing}"; 7_000];
    let request = json!({ "action": "genesys/api-request", "method": "POST", "path": "/api/v2/users", "body": body });
    let found = checked(
        true,
        &variables.into(),
        &json!([authenticate("open"), request]),
    )
    .await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].len() < 2_000, "{}", found[0]);
}

#[tokio::test]
async fn a_secret_in_a_variable_that_may_be_shown_is_a_warning() {
    let mut open = authenticate("open");
    open["client-secret"] = json!({ "variable": "secret" });
    let variables = json!([{ "name": "secret", "default": "canary" }]);
    let found = checked(true, &variables, &json!([open])).await;
    assert_eq!(found, ["warning: client-secret"]);
}

#[tokio::test]
async fn an_output_must_not_have_the_name_of_a_variable_of_the_bot() {
    let create = json!({ "action": "acme/create-user", "name": "Ada", "output": "user" });
    let variables = json!([{ "name": "user", "default": "x" }]);
    let steps = json!([authenticate("open"), create, log("{user}")]);
    let found = checked(true, &variables, &steps).await;
    assert!(
        found.len() == 1 && found[0].starts_with("step 2 (acme/create-user): output: "),
        "{found:?}"
    );
}
