//! The actions that can be dropped into a flow, as the editor draws them: the engine's catalogue.

use bot_engine::action::{ActionForm, ActionRunner, CallError, FieldKind, FormField};
use bot_engine::{Language, steps};
use serde_json::{Value, json};

/// The catalogue in each language.
pub(super) struct Forms {
    english: Vec<ActionForm>,
    german: Vec<ActionForm>,
}

impl Forms {
    /// Requests the component's forms, once in each language.
    pub(super) async fn of(actions: &dyn ActionRunner) -> Result<Self, CallError> {
        let in_language = async |language: Language| {
            let of_component = actions.forms(language.tag()).await?;
            Ok::<_, CallError>(steps::forms(of_component, language))
        };
        Ok(Self {
            english: in_language(Language::English).await?,
            german: in_language(Language::German).await?,
        })
    }

    pub(super) fn in_language(&self, language: Language) -> &[ActionForm] {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}

/// The forms as JSON for the editor's scripts.
pub(super) fn as_json(forms: &[ActionForm]) -> Value {
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
        })
    };
    let form = |form: &ActionForm| {
        json!({
            "name": form.name, "path": form.path, "description": form.description,
            "fields": form.fields.iter().map(field).collect::<Vec<_>>(),
        })
    };
    forms.iter().map(form).collect()
}
