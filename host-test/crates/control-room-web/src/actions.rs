//! The actions that can be dropped into a flow, as the editor draws them: the engine's catalogue.

use std::sync::Arc;

use bot_engine::action::{ActionForm, FieldKind, FormField, Notation, Output, SessionUse};
use serde_json::{Value, json};

use super::learn;

/// The label of an action. That of a component which the operator added ends with the component's name, as its labels may
/// imitate those of others.
pub(super) fn label(form: &ActionForm) -> String {
    let label = form.path.last().map_or(&*form.name, String::as_str);
    let component = form.component.as_ref().map(|it| &*it.component.name);
    match component {
        Some(component) if component != BUILT_IN => format!("{label} ({component})"),
        _ => label.into(),
    }
}

/// The name of the component that every Control Room has.
const BUILT_IN: &str = "genesys";

/// The forms as JSON for the editor's scripts.
pub(super) fn as_json(forms: &[Arc<ActionForm>]) -> Value {
    let field = |field: &FormField| {
        let options = match &field.kind {
            FieldKind::Choice(options) => options.as_slice(),
            _ => &[],
        };
        let options: Vec<_> = options
            .iter()
            .map(|option| json!({ "value": option.value, "label": option.label }))
            .collect();
        let shown_when = field
            .shown_when
            .as_ref()
            .map(|condition| json!({ "field": condition.field, "value": condition.value }));
        json!({
            "name": field.name, "label": field.label, "help": field.help,
            "kind": field.kind.name(), "options": options, "required": field.required,
            "default": field.default, "shownWhen": shown_when, "leftOut": field.omit_if_default,
            "json": field.is_json(),
            "takesPlaceholders": field.takes_placeholders(), "takesSources": field.notation == Notation::Sourced,
        })
    };
    let output = |output: &Output| json!({ "name": output.name, "label": output.label, "kind": output.kind.name() });
    let form = |form: &Arc<ActionForm>| {
        json!({
            "name": *form.name, "path": form.path, "label": label(form), "description": form.description,
            "guide": learn::section(&form.name),
            "fields": form.fields.iter().map(field).collect::<Vec<_>>(),
            "opensSession": form.session == SessionUse::Opens, "closesSession": form.session == SessionUse::Closes,
            "outputs": form.outputs.iter().map(output).collect::<Vec<_>>(),
        })
    };
    forms.iter().map(form).collect()
}
