//! `bot-runner inspect`: shows a component's size, imports, exports and forms.

use std::borrow::Cow;

use action_host::form::{Action as FormAction, Field, FieldKind};
use action_host::{Description, Host, read_component};
use serde_json::{Value, json};

use super::Outcome;
use super::args::Inspect;
use super::output::{self, printable};
use super::setup::locale;

pub(crate) async fn run(args: &Inspect) -> anyhow::Result<Outcome> {
    let host = Host::builder().build()?;
    let bytes = match &args.file {
        Some(file) => Cow::Owned(read_component(file)?),
        None => Cow::Borrowed(built_in_component::BYTES),
    };
    let description = host.describe(&bytes)?;
    // Forms are read without network access.
    let actions = host
        .load(&bytes)?
        .actions(&locale(args.locale.as_deref()))
        .await?;
    if args.json {
        output::object(&as_json(&description, &actions));
    } else {
        output::line(false, &printable(&as_text(&description, &actions)));
    }
    Ok(Outcome::Done)
}

fn as_text(description: &Description, actions: &[FormAction]) -> String {
    let mut text = format!("size     {} bytes\n", description.size);
    for import in &description.imports {
        text += &format!("imports  {import}\n");
    }
    for (name, functions) in &description.exports {
        text += &format!("exports  {name}: {}\n", functions.join(", "));
    }
    for action in actions {
        text += &format!(
            "\n{}  ({})\n  {}\n",
            action.path.join(" > "),
            action.name,
            action.description
        );
        for field in &action.fields {
            text += &field_as_text(field);
        }
    }
    text.trim_end().into()
}

fn field_as_text(field: &Field) -> String {
    let mut text = format!(
        "\n  {}  ({}, {})\n",
        field.label,
        field.name,
        field.kind.name()
    );
    if let Some(condition) = &field.shown_when {
        text += &format!("    when {} is {}\n", condition.field, condition.value);
    }
    if let Some(default) = &field.default {
        text += &format!("    default {default}\n");
    }
    text += &format!("    {}\n", field.help);
    if let FieldKind::Choice(options) = &field.kind {
        for option in options {
            text += &format!("    - {}  ({})\n", option.label, option.value);
        }
    }
    text
}

fn as_json(description: &Description, actions: &[FormAction]) -> Value {
    let field = |field: &Field| {
        let options: Vec<_> = match &field.kind {
            FieldKind::Choice(options) => options
                .iter()
                .map(|it| json!({ "value": it.value, "label": it.label }))
                .collect(),
            _ => Vec::new(),
        };
        json!({
            "name": field.name,
            "label": field.label,
            "help": field.help,
            "kind": field.kind.name(),
            "options": options,
            "required": field.required,
            "default": field.default,
            "shown-when": field
                .shown_when
                .as_ref()
                .map(|condition| json!({ "field": condition.field, "value": condition.value })),
        })
    };
    let action = |action: &FormAction| {
        json!({
            "name": action.name,
            "path": action.path,
            "description": action.description,
            "fields": action.fields.iter().map(field).collect::<Vec<_>>(),
        })
    };
    json!({
        "size": description.size,
        "imports": description.imports,
        "exports": description
            .exports
            .iter()
            .map(|(name, functions)| json!({ "name": name, "functions": functions }))
            .collect::<Vec<_>>(),
        "actions": actions.iter().map(action).collect::<Vec<_>>(),
    })
}
