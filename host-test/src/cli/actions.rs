//! `bot-runner actions` and `bot-runner schema`: the catalogue of steps, and what is generated from it.

use std::fmt::Write as _;
use std::sync::Arc;

use action_host::Host;
use bot_engine::action::{
    ActionForm, ChoiceOption, Condition, FieldKind, FormField, Output, Request,
};
use bot_engine::steps::may_change;
use bot_engine::{Catalogue, Language, reference, schema};
use serde_json::{Value, json};

use super::Outcome;
use super::args::{Actions, Schema};
use super::components;
use super::locale::language;
use super::options::ComponentOptions;
use super::output::{self, printable};

pub(crate) async fn run(args: &Actions) -> anyhow::Result<Outcome> {
    let language = if args.markdown {
        Language::English
    } else {
        language()
    };
    let catalogue = catalogue(&args.components).await?;
    let forms = catalogue.forms(language);
    if args.markdown {
        output::line(false, as_markdown(forms).trim_end());
    } else if args.json {
        let forms: Vec<_> = forms.iter().map(|form| as_json(form)).collect();
        output::object(&json!({ "actions": forms }));
    } else {
        output::line(false, printable(&as_text(forms)).trim_end());
    }
    Ok(Outcome::Done)
}

pub(crate) async fn schema(args: &Schema) -> anyhow::Result<Outcome> {
    let catalogue = catalogue(&args.components).await?;
    let forms = catalogue.forms(language());
    output::object(&schema::json_schema(forms));
    Ok(Outcome::Done)
}

/// The catalogue. Forms are read without network access.
async fn catalogue(options: &ComponentOptions) -> anyhow::Result<Catalogue> {
    let host = Host::builder().build()?;
    Ok(components::load(&host, options).await?.1)
}

/// The reference. What a component says of itself is in it.
fn as_markdown(forms: &[Arc<ActionForm>]) -> String {
    printable(&reference(forms, Language::English))
}

fn as_text(forms: &[Arc<ActionForm>]) -> String {
    let mut text = String::new();
    for form in forms {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}  ({})", form.path.join(" > "), form.name);
        let _ = writeln!(text, "  {}", form.description);
        for field in &form.fields {
            let kind = field.kind.name();
            let _ = writeln!(text, "    {:<20} {kind:<17} {}", field.name, field.label);
        }
        text.push('\n');
    }
    text
}

fn as_json(form: &ActionForm) -> Value {
    json!({
        "name": *form.name, "path": form.path, "description": form.description,
        "fields": form.fields.iter().map(field_as_json).collect::<Vec<_>>(),
        "outputs": form.outputs.iter().map(output_as_json).collect::<Vec<_>>(),
        "requests": form.requests.iter().map(request_as_json).collect::<Vec<_>>(),
        "component": form.component.as_ref().map(|it| &*it.component.name),
        "changes-something": may_change(form),
        "repeatable": form.component.as_ref().map(|it| it.repeatable),
    })
}

pub(super) fn field_as_json(field: &FormField) -> Value {
    let options = match &field.kind {
        FieldKind::Choice(options) => options.as_slice(),
        _ => &[],
    };
    let option = |it: &ChoiceOption| json!({ "value": it.value, "label": it.label });
    let condition = |it: &Condition| json!({ "field": it.field, "value": it.value });
    json!({
        "name": field.name, "label": field.label, "help": field.help, "kind": field.kind.name(),
        "options": options.iter().map(option).collect::<Vec<_>>(),
        "required": field.required, "default": field.default,
        "shown-when": field.shown_when.as_ref().map(condition),
    })
}

pub(super) fn output_as_json(output: &Output) -> Value {
    json!({ "name": output.name, "label": output.label, "help": output.help, "kind": output.kind.name() })
}

pub(super) fn request_as_json(request: &Request) -> Value {
    json!({
        "hosts": request.hosts, "methods": request.methods, "paths": request.paths,
        "headers": request.headers,
    })
}

#[cfg(test)]
mod tests {
    use bot_engine::action::SessionUse;

    use super::*;

    #[test]
    fn the_texts_of_a_component_cannot_control_a_terminal() {
        let form = ActionForm {
            name: "acme/act".into(),
            component: None,
            path: vec!["Acme".into(), "\u{1b}[2JAct".into()],
            description: "\u{202e}tca".into(),
            fields: Vec::new(),
            session: SessionUse::None,
            outputs: Vec::new(),
            requests: Vec::new(),
        };
        let printed = as_markdown(&[form.into()]);
        assert!(printed.contains("acme/act"), "{printed}");
        assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed}");
    }
}
