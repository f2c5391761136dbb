//! The actions that can be dropped into a flow: the component's, by its own description, and those of the
//! harness, which stand for the actions that follow in a real flow.
//!
//! The form of an authentication has two fields more, which the engine answers and the component never sees: whose
//! token of a connection it is, and whether bots share the session.

use serde_json::{Value, json};

use super::messages;
use bot_engine::Language;
use bot_engine::action::{ActionForm, ActionRunner, CallError, ChoiceOption, FieldKind, FormField};

/// What each language's list of actions is.
pub(super) struct Forms {
    english: Vec<ActionForm>,
    german: Vec<ActionForm>,
}

impl Forms {
    /// Asks the component for its forms, once in each language.
    pub(super) async fn of(actions: &dyn ActionRunner) -> Result<Forms, CallError> {
        let in_language = async |language: Language| {
            let mut forms = actions.forms(language.tag()).await?;
            for form in &mut forms {
                if form.name == AUTHENTICATE {
                    add_fields_of_engine(form, language);
                }
            }
            forms.extend(of_harness(language));
            Ok::<_, CallError>(forms)
        };
        Ok(Forms {
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

/// The name of the action that the component's rules for fields are known of.
pub(super) const AUTHENTICATE: &str = "genesys/oauth-authenticate";
pub(super) const DISCONNECT: &str = "genesys/disconnect";
pub(super) const API_REQUEST: &str = "genesys/api-request";
pub(super) const LOG: &str = "log";

pub(super) const TOKEN_TYPE: &str = "token-type";
pub(super) const USER_SPECIFIC: &str = "user-specific";
const SESSION: &str = "session";

fn add_fields_of_engine(form: &mut ActionForm, language: Language) {
    let choice = |name: &str, label: &str, help: &str, options: [(&str, &str); 2]| FormField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        default: Some(options[0].0.into()),
        kind: FieldKind::Choice(
            options
                .map(|(value, label)| ChoiceOption {
                    value: value.into(),
                    label: label.into(),
                })
                .into(),
        ),
        required: true,
        shown_when: None,
    };
    let is_connection = |field: &FormField| matches!(field.kind, FieldKind::OauthConnection);
    if let Some(at) = form.fields.iter().position(is_connection) {
        let token_type = FormField {
            shown_when: form.fields[at].shown_when.clone(),
            ..choice(
                TOKEN_TYPE,
                messages::token_type(language),
                messages::token_type_help(language),
                [
                    ("shared", messages::token_shared(language)),
                    (USER_SPECIFIC, messages::token_user_specific(language)),
                ],
            )
        };
        form.fields.insert(at + 1, token_type);
    }
    form.fields.push(choice(
        SESSION,
        messages::session(language),
        messages::session_help(language),
        [
            ("shared", messages::session_shared(language)),
            ("own", messages::session_own(language)),
        ],
    ));
}

/// Whether a bot file is silent of a field that has its default.
fn is_left_out(field: &FormField) -> bool {
    [TOKEN_TYPE, SESSION].contains(&field.name.as_str())
}

fn of_harness(language: Language) -> [ActionForm; 2] {
    let field = |name: &str, label: &str, help: &str, kind, required| FormField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        kind,
        required,
        default: None,
        shown_when: None,
    };
    let action = |name: &str, path: [&str; 2], description: &str, fields| ActionForm {
        name: name.into(),
        path: path.into_iter().map(Into::into).collect(),
        description: description.into(),
        fields,
    };
    let mut request = action(
        API_REQUEST,
        ["Genesys", messages::api_request(language)],
        messages::api_request_description(language),
        vec![
            field(
                "session-name",
                messages::session_name(language),
                messages::session_name_help(language),
                FieldKind::SessionName,
                true,
            ),
            field(
                "path",
                messages::path(language),
                messages::path_help(language),
                FieldKind::Text,
                true,
            ),
            field(
                "output",
                messages::output(language),
                messages::output_help(language),
                FieldKind::Text,
                false,
            ),
        ],
    );
    request.path.insert(1, messages::api_group(language).into());
    request.fields[0].default = Some("Default".into());
    let message = field(
        "message",
        messages::message(language),
        messages::message_help(language),
        FieldKind::Text,
        true,
    );
    let log = action(
        LOG,
        [messages::messages_group(language), messages::log(language)],
        messages::log_description(language),
        vec![message],
    );
    [request, log]
}

/// Whether a field belongs to a step, by the choices that were made in it.
pub(super) fn is_shown(field: &FormField, form: &ActionForm, step: &Value) -> bool {
    let Some(condition) = &field.shown_when else {
        return true;
    };
    let default = || {
        let field = form.fields.iter().find(|it| it.name == condition.field)?;
        field.default.as_deref()
    };
    let chosen = step
        .get(&condition.field)
        .and_then(Value::as_str)
        .or_else(default);
    chosen == Some(&condition.value)
}

/// As the editor's scripts take it.
pub(super) fn as_json(actions: &[ActionForm]) -> Value {
    let field = |field: &FormField| {
        let (kind, options) = match &field.kind {
            FieldKind::Text => ("text", None),
            FieldKind::Credential => ("credential", None),
            FieldKind::Secret => ("secret", None),
            FieldKind::Choice(options) => ("choice", Some(options)),
            FieldKind::OauthConnection => ("oauth-connection", None),
            FieldKind::SessionName => ("session-name", None),
        };
        let options: Vec<_> = options
            .into_iter()
            .flatten()
            .map(|option| json!({ "value": option.value, "label": option.label }))
            .collect();
        let shown_when = field
            .shown_when
            .as_ref()
            .map(|condition| json!({ "field": condition.field, "value": condition.value }));
        json!({
            "name": field.name, "label": field.label, "help": field.help, "kind": kind,
            "options": options, "required": field.required, "default": field.default,
            "shownWhen": shown_when, "leftOut": is_left_out(field),
        })
    };
    let action = |action: &ActionForm| {
        json!({
            "name": action.name, "path": action.path, "description": action.description,
            "fields": action.fields.iter().map(field).collect::<Vec<_>>(),
        })
    };
    actions.iter().map(action).collect()
}
