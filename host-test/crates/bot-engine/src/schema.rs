//! The JSON Schema of bot files, generated from the catalogue of steps.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::action::{ActionForm, FieldKind, FormField, Notation};
use crate::bot_variables::DEFAULT;
use crate::fields::{COMMENT, DISABLED, NAME};
use crate::problem::MAX_STEPS;
use crate::variables::{MAX_VARIABLES, VARIABLES, VariableType};

/// The JSON Schema (draft 2020-12) of a bot file whose steps have these forms.
pub fn json_schema(forms: &[Arc<ActionForm>]) -> Value {
    let mut steps: Vec<_> = forms.iter().map(|form| step_schema(form)).collect();
    steps.push(disabled_step());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bot",
        "type": "object",
        "properties": {
            "$schema": { "type": "string" },
            "name": { "type": "string", "minLength": 1, "maxLength": 100 },
            "description": { "type": "string", "description": "what the bot is for" },
            VARIABLES: { "type": "array", "maxItems": MAX_VARIABLES, "items": variable_schema() },
            "steps": { "type": "array", "minItems": 1, "maxItems": MAX_STEPS, "items": { "oneOf": steps } },
        },
        "required": ["name", "steps"],
        "additionalProperties": false,
        "$defs": {
            "credential": source("credential", "locker/credential/attribute"),
            "variable": source("variable", "the variable's name"),
            "insecure-string": source("insecure-string", "plain text that everyone who can open the bot can read"),
            "oauth-connection": source("oauth-connection", "the connection's name"),
        },
    })
}

/// A variable of the bot. Each type has a value of its own, which only an input may lack.
fn variable_schema() -> Value {
    let value = |variable_type| match variable_type {
        VariableType::Text => json!({ "type": "string" }),
        VariableType::Number => json!({ "type": "number" }),
        VariableType::Boolean => json!({ "type": "boolean" }),
        VariableType::Credential => json!({ "$ref": "#/$defs/credential" }),
    };
    let of_type = |(name, variable_type): (&str, VariableType)| {
        let mut chosen = json!({ "properties": { "type": { "const": name } } });
        if variable_type != VariableType::Text {
            chosen["required"] = json!(["type"]);
        }
        json!({ "if": chosen, "then": { "properties": { DEFAULT: value(variable_type) } } })
    };
    let mut conditions: Vec<_> = VariableType::ALL.map(of_type).into();
    let input = json!({ "properties": { "input": { "const": true } }, "required": ["input"] });
    conditions.push(json!({ "if": input, "else": { "required": [DEFAULT] } }));
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[^{}\\[\\].]+$" },
            "description": { "type": "string", "minLength": 1, "description": "what the variable is for" },
            "type": { "enum": VariableType::ALL.map(|(name, _)| name), "default": "text" },
            "input": {
                "type": "boolean",
                "default": false,
                "description": "whether a value is asked for when the bot starts",
            },
            DEFAULT: { "description": "the value; that of an input if none is given" },
        },
        "required": ["name"],
        "additionalProperties": false,
        "allOf": conditions,
    })
}

fn source(name: &str, description: &str) -> Value {
    json!({
        "type": "object",
        "properties": { name: { "type": "string", "description": description } },
        "required": [name],
        "additionalProperties": false,
    })
}

/// The members that a step of any kind may have, besides [`DISABLED`].
fn of_every_step() -> [(&'static str, Value); 2] {
    let text =
        |description| json!({ "type": "string", "minLength": 1, "description": description });
    let mut name = text("a name for people");
    name["maxLength"] = 100.into();
    [(NAME, name), (COMMENT, text("a remark"))]
}

/// A step that is left out when the bot runs. It may be unfinished.
fn disabled_step() -> Value {
    let [(name, name_schema), (comment, comment_schema)] = of_every_step();
    json!({
        "title": "Disabled",
        "type": "object",
        "properties": {
            "action": { "type": "string", "minLength": 1 },
            DISABLED: { "const": true },
            name: name_schema,
            comment: comment_schema,
        },
        "required": ["action", DISABLED],
    })
}

/// The schema of a step. `if`, `then` and `else` allow a conditional field only if its condition holds.
fn step_schema(form: &ActionForm) -> Value {
    let mut properties = Map::new();
    properties.insert("action".into(), json!({ "const": *form.name }));
    for (name, schema) in of_every_step() {
        properties.insert(name.into(), schema);
    }
    properties.insert(DISABLED.into(), json!({ "const": false }));
    let mut required = vec!["action"];
    let mut conditions = Vec::new();
    for field in &form.fields {
        properties.insert(field.name.clone(), field_schema(field));
        let is_mandatory = field.required && field.default.is_none();
        match &field.shown_when {
            None if is_mandatory => required.push(&field.name),
            None => {}
            Some(condition) => {
                let chosen =
                    json!({ "properties": { &condition.field: { "const": condition.value } } });
                let is_default = form.fields.iter().any(|other| {
                    other.name == condition.field
                        && other.default.as_ref() == Some(&condition.value)
                });
                let chosen = if is_default {
                    chosen
                } else {
                    json!({ "properties": chosen["properties"], "required": [condition.field] })
                };
                let then = if is_mandatory {
                    json!({ "required": [field.name] })
                } else {
                    json!({})
                };
                let otherwise = json!({ "properties": { &field.name: false } });
                conditions.push(json!({ "if": chosen, "then": then, "else": otherwise }));
            }
        }
    }
    let mut schema = json!({
        "title": form.path.join(" > "),
        "description": form.description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if !conditions.is_empty() {
        schema["allOf"] = conditions.into();
    }
    schema
}

fn field_schema(field: &FormField) -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let sources = || ["credential", "variable", "insecure-string"].map(reference);
    let mut schema = match &field.kind {
        _ if field.notation == Notation::Json => json!({ "type": ["object", "array"] }),
        _ if field.notation == Notation::JsonObject => json!({ "type": "object" }),
        FieldKind::Text | FieldKind::Credential if field.notation == Notation::Sourced => {
            let mut values = vec![json!({ "type": "string" })];
            values.extend(sources());
            json!({ "oneOf": values })
        }
        FieldKind::Text | FieldKind::Credential => json!({ "type": "string", "minLength": 1 }),
        FieldKind::SessionName => json!({ "type": "string", "minLength": 1, "maxLength": 100 }),
        FieldKind::Choice(options) => {
            let values: Vec<_> = options.iter().map(|option| &option.value).collect();
            json!({ "enum": values })
        }
        FieldKind::OauthConnection => reference("oauth-connection"),
        FieldKind::Secret => json!({ "oneOf": sources() }),
    };
    schema["title"] = field.label.as_str().into();
    schema["description"] = field.help.as_str().into();
    if let Some(default) = &field.default {
        schema["default"] = default.as_str().into();
    }
    schema
}
