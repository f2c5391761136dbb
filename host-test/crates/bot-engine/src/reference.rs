//! The reference of bot files in Markdown. The part about the steps is generated from the catalogue.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::action::{ActionForm, FieldKind, FormField, Notation};
use crate::messages::Language;
use crate::steps::may_change;

/// The reference of bot files whose steps have these forms, which are those of the same language.
pub fn reference(forms: &[Arc<ActionForm>], language: Language) -> String {
    let (beginning, end) = match language {
        Language::English => (
            include_str!("reference/beginning.md"),
            include_str!("reference/end.md"),
        ),
        Language::German => (
            include_str!("reference/beginning.de.md"),
            include_str!("reference/end.de.md"),
        ),
    };
    let mut text = beginning.to_owned();
    for form in forms {
        let (path, description) = (form.path.join(" > "), &form.description);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "## `{}`\n\n*{path}*: {description} {}\n\n{}\n|---|---|---|---|\n",
            form.name,
            changes(form, language),
            texts::head(language)
        );
        for field in &form.fields {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {}: {} |",
                field.name,
                requirement(field, language),
                value(field, language),
                cell(&field.label),
                cell(&field.help)
            );
        }
        text.push('\n');
    }
    text + end
}

/// Whether a run can begin again once a step with this action has begun.
fn changes(form: &ActionForm, language: Language) -> &'static str {
    match may_change(form) {
        Some(false) => texts::changes_nothing(language),
        Some(true) => texts::may_change(language),
        None => texts::may_depend(language),
    }
}

fn requirement(field: &FormField, language: Language) -> String {
    let required = match (field.required, &field.default) {
        (true, None) => texts::yes(language),
        _ => texts::no(language),
    };
    match &field.shown_when {
        None => required.into(),
        Some(condition) => texts::only_if(language, required, &condition.field, &condition.value),
    }
}

fn value(field: &FormField, language: Language) -> String {
    let value = match &field.kind {
        _ if field.notation == Notation::Json => texts::json(language).into(),
        _ if field.notation == Notation::JsonObject => texts::json_object(language).into(),
        FieldKind::Text | FieldKind::Credential if field.notation == Notation::Sourced => {
            texts::value(language).into()
        }
        FieldKind::Text | FieldKind::Credential => texts::text(language).into(),
        FieldKind::Secret => texts::secret(language).into(),
        FieldKind::OauthConnection => "`{\"oauth-connection\": \"name\"}`".into(),
        FieldKind::SessionName => texts::name(language).into(),
        FieldKind::Choice(options) => {
            let options: Vec<_> = options
                .iter()
                .map(|option| format!("`{}` ({})", option.value, cell(&option.label)))
                .collect();
            options.join(texts::or(language))
        }
    };
    match &field.default {
        Some(default) => texts::default(language, &value, default),
        None => value,
    }
}

/// Escapes a text for a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

mod texts {
    crate::messages! {
        head {
            en: "| field | required | value | what it is |",
            de: "| Feld | erforderlich | Wert | was es ist |",
        }
        changes_nothing { en: "This action changes nothing on the server.", de: "Diese Aktion ändert nichts auf dem Server." }
        may_change { en: "This action can change something on the server.", de: "Diese Aktion kann etwas auf dem Server ändern." }
        may_depend {
            en: "Whether this action can change something on the server depends on its fields.",
            de: "Ob diese Aktion etwas auf dem Server ändern kann, hängt von ihren Feldern ab.",
        }
        yes { en: "yes", de: "ja" }
        no { en: "no", de: "nein" }
        only_if(required, field, value) {
            en: "{required}; only if `{field}` is `{value}`",
            de: "{required}; nur wenn `{field}` den Wert `{value}` hat",
        }
        json { en: "JSON: an object or a list", de: "JSON: ein Objekt oder eine Liste" }
        json_object { en: "JSON: an object", de: "JSON: ein Objekt" }
        value { en: "value", de: "Wert" }
        text { en: "text", de: "Text" }
        secret { en: "secret value", de: "geheimer Wert" }
        name { en: "text, at most 100 characters", de: "Text, höchstens 100 Zeichen" }
        or { en: " or ", de: " oder " }
        default(value, default) { en: "{value}; default `{default}`", de: "{value}; Vorgabe `{default}`" }
    }
}
