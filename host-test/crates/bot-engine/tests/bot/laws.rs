//! Properties that hold for any bot file and any template. The fuzz target `bot_file` includes this file.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bot_engine::check::Checker;
use bot_engine::file::MAX_STEPS;
use bot_engine::outputs::Outputs;
use bot_engine::template::Template;
use bot_engine::{Bot, Language, NoSecrets, Problem, StepKind, Variable, Variables};
use serde_json::{Value as Json, json};

use crate::forms::catalogue;

/// Replaces secrets.
pub(crate) const CANARY: &str = "CaNaRy-0fA8";

/// Any bytes are a valid bot, or have problems that can be presented.
pub(crate) fn assert_safe(file: &[u8]) {
    match Bot::parse(file, catalogue()) {
        Ok(bot) => assert_usable(&bot),
        Err(problems) => problems.all().iter().for_each(assert_presentable),
    }
    if let Ok(json) = serde_json::from_slice(file) {
        assert_secrets_not_in_messages(json);
    }
}

fn assert_usable(bot: &Bot) {
    assert!(!bot.name.is_empty() && !bot.name.contains(char::is_control));
    assert!((1..=MAX_STEPS).contains(&bot.steps.len()));
    for (step, number) in bot.steps.iter().zip(1..) {
        assert_eq!(step.number, number);
        if let StepKind::ApiRequest(request) = &step.kind {
            let path = &request.path;
            assert!(path.beginning().starts_with("/api/"), "{path:?}");
        }
    }
    // Without secrets, the check does not wait for anything.
    let variables = Variables::default();
    let checker = Checker {
        secrets: &NoSecrets,
        variables: &variables,
        actions: None,
        locale: "en",
    };
    let checked = pin!(checker.check(bot)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(checked) = checked else {
        panic!("it waits for something");
    };
    assert!(checked.provider_failed.is_none());
    for problem in &checked.problems {
        let in_step = problem.step.is_some() && problem.action.is_some();
        assert!(in_step != problem.variable.is_some() && problem.field.is_some());
        assert_presentable(problem);
    }
}

/// The message of a problem has one line and names the problem's location.
pub(crate) fn assert_presentable(error: &Problem) {
    let said = error.to_string();
    for language in Language::ALL {
        assert!(!error.message(language).trim().is_empty());
    }
    assert!(!said.contains(char::is_control), "{said:?}");
    if let Some(step) = error.step {
        assert!(said.starts_with(&format!("step {step}")), "{said}");
    }
    if let Some(variable) = error.variable {
        assert!(
            said.starts_with(&format!("variable {variable}: ")),
            "{said}"
        );
    }
    if let Some(action) = &error.action {
        assert!(
            error.step.is_some() && said.contains(action.as_str()),
            "{said}"
        );
    }
}

/// No message contains the value of a secret field, whatever it is.
pub(crate) fn assert_secrets_not_in_messages(mut json: Json) {
    if json.to_string().contains(CANARY) {
        return;
    }
    let steps = json.get_mut("steps").and_then(Json::as_array_mut);
    let secrets: Vec<_> = steps
        .into_iter()
        .flatten()
        .filter_map(|step| step.get_mut("client-secret"))
        .collect();
    let mut is_insecure_string = true;
    for secret in secrets {
        is_insecure_string &=
            matches!(&*secret, Json::Object(source) if source.contains_key("insecure-string"));
        hide(secret);
    }
    match Bot::parse(json.to_string().as_bytes(), catalogue()) {
        Ok(bot) if is_insecure_string => assert!(!format!("{bot:?}").contains(CANARY), "{bot:?}"),
        Ok(_) => {}
        Err(error) => assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}"),
    }
}

/// Replaces every text by the canary.
fn hide(json: &mut Json) {
    match json {
        Json::String(text) => CANARY.clone_into(text),
        Json::Array(values) => values.iter_mut().for_each(hide),
        Json::Object(members) => members.values_mut().for_each(hide),
        _ => {}
    }
}

/// Any text is a template that can be filled in, or an error without secrets. With its braces doubled, it is a template of
/// itself.
pub(crate) fn assert_template(text: &str) {
    let mut variables = Variables::default();
    variables.set("v", Variable::Text("{v}".into()));
    variables.set("secret", Variable::Credential(CANARY.into()));
    let mut outputs = Outputs::default();
    let output = json!({ "a": "}}", "b": [1], "c": { "d": null } });
    outputs.set("o", output, BTreeMap::new()).unwrap();
    let fill = |template: &Template| template.fill(&variables, &outputs, str::to_owned);

    match Template::parse(text) {
        Ok(template)
            if template
                .paths()
                .any(|path| path[0].is_empty() || path[0].contains(['{', '}'])) =>
        {
            panic!("{template:?}")
        }
        Ok(template) => match fill(&template) {
            Ok(filled) => {
                assert!(filled.starts_with(template.beginning()));
                if template.paths().next().is_none() {
                    assert_eq!(filled, template.beginning());
                    assert_eq!(filled, text.replace("{{", "{").replace("}}", "}"));
                }
                assert!(!filled.contains(CANARY) || text.contains(CANARY));
            }
            Err(error) => assert!(!error.to_string().contains(CANARY) || text.contains(CANARY)),
        },
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error}"),
    }
    let doubled = text.replace('{', "{{").replace('}', "}}");
    let template = Template::parse(&doubled).expect("doubled braces");
    assert_eq!(template.paths().count(), 0);
    assert_eq!(fill(&template).as_deref(), Ok(text));
}
