//! The catalogue of actions: those of components, and the engine's own. Bot files are parsed with it; the editor, the JSON
//! Schema and the reference documentation are made from it.
//!
//! What a component says of its actions is checked here before anybody relies on it: a component may be written by anyone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use action_types::is_unprintable;
use thiserror::Error;

use crate::action::{
    ActionForm, ActionRef, ChoiceOption, Closing, ComponentAction, ComponentInfo, FieldKind,
    FormField, ListError, Notation, SessionUse, form,
};
use crate::fields::{COMMENT, DISABLED, NAME};
use crate::form_fault::{FormFault, MAX_ITEMS, MAX_NAME, MAX_TEXT};
use crate::messages::Language;

/// The token owner. The name in bot files is older than the term.
pub(crate) const TOKEN_OWNER: &str = "token-type";
/// Whether a session is shared.
pub(crate) const SHARING: &str = "session";
/// The name under which later steps find what the action returns.
pub(crate) const OUTPUT: &str = "output";

pub(crate) const SHARED: &str = "shared";
pub(crate) const USER_SPECIFIC: &str = "user-specific";
pub(crate) const OWN: &str = "own";

/// Fields of every step, and those that the engine adds. A component must not use these names.
const RESERVED: [&str; 7] = [
    "action",
    NAME,
    COMMENT,
    DISABLED,
    TOKEN_OWNER,
    SHARING,
    OUTPUT,
];

/// All actions that bots may use, with their forms in every language.
#[derive(Debug)]
pub struct Catalogue {
    forms: [Vec<Arc<ActionForm>>; Language::ALL.len()],
    /// The English forms by name.
    by_name: BTreeMap<Arc<str>, Arc<ActionForm>>,
}

/// Why there is no catalogue. The operator has to remove or replace the component.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum CatalogueError {
    /// A component could not be asked.
    #[error(transparent)]
    Call(#[from] ListError),
    /// What a component says of an action is not valid.
    Invalid {
        /// The component.
        component: Arc<str>,
        /// Where and what.
        fault: FormFault,
    },
}

impl CatalogueError {
    /// Which component it is, and what is wrong with it.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Call(error) => error.message(language),
            Self::Invalid { component, fault } => {
                texts::of_component(language, component, fault.message(language))
            }
        }
    }
}

impl Catalogue {
    /// Checks what a component says of its actions, as [`Catalogue::load`] does.
    ///
    /// # Errors
    ///
    /// Where and what is wrong.
    pub fn check(actions: &[form::Action]) -> Result<(), FormFault> {
        if actions.len() > MAX_ITEMS {
            return Err(FormFault::ActionCount);
        }
        actions.iter().try_for_each(|action| {
            validate(action)
                .map_err(|fault| FormFault::InAction(shortened(&action.name), fault.into()))
        })
    }

    pub(crate) fn new(
        forms: [Vec<Arc<ActionForm>>; Language::ALL.len()],
    ) -> Result<Self, CatalogueError> {
        let [english, german] = &forms;
        let (by_name, german_by_name) = (by_name(english)?, by_name(german)?);
        let expected = english.iter().map(|it| (it, &german_by_name));
        for (form, others) in expected.chain(german.iter().map(|it| (it, &by_name))) {
            let fault = match others.get(&form.name) {
                None => FormFault::NotInEveryLanguage,
                Some(other) if !is_same_but_for_texts(form, other) => FormFault::Differs,
                Some(_) => continue,
            };
            return Err(invalid(form, None, fault));
        }
        Ok(Self { forms, by_name })
    }

    /// The forms in one language, in the order to show them in.
    pub fn forms(&self, language: Language) -> &[Arc<ActionForm>] {
        &self.forms[language as usize]
    }

    /// The form of an action, in English.
    pub fn form(&self, name: &str) -> Option<&Arc<ActionForm>> {
        self.by_name.get(name)
    }

    /// The names of all actions.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.forms[0].iter().map(|form| &*form.name).collect()
    }
}

/// The forms of one language by name. No action takes the name of another, nor of one of the engine's own.
fn by_name(
    forms: &[Arc<ActionForm>],
) -> Result<BTreeMap<Arc<str>, Arc<ActionForm>>, CatalogueError> {
    let mut by_name = BTreeMap::new();
    for form in forms {
        if let Some(former) = by_name.insert(Arc::clone(&form.name), Arc::clone(form)) {
            return Err(invalid(form, Some(&former), FormFault::ActionTaken));
        }
    }
    Ok(by_name)
}

/// The error of an action, or of one of two, that comes from a component.
fn invalid(form: &ActionForm, other: Option<&ActionForm>, fault: FormFault) -> CatalogueError {
    let of_component = |form: &ActionForm| {
        let action = form.component.as_ref()?;
        Some(Arc::clone(&action.component.name))
    };
    let component = of_component(form).or_else(|| of_component(other?));
    CatalogueError::Invalid {
        component: component.unwrap_or_else(|| "engine".into()),
        fault: FormFault::InAction(form.name.to_string(), fault.into()),
    }
}

pub(crate) fn of_component(
    component: &Arc<ComponentInfo>,
    actions: Vec<form::Action>,
    language: Language,
) -> Result<Vec<Arc<ActionForm>>, FormFault> {
    Catalogue::check(&actions)?;
    let reference = |action: &form::Action| ActionRef {
        component: Arc::clone(&component.name),
        action: action.name.as_str().into(),
    };
    // The one that needs nothing but the session.
    let closes = actions
        .iter()
        .find(|it| it.session == SessionUse::Closes && it.fields.len() == 1)
        .map(|it| Closing {
            action: reference(it),
            field: it.fields[0].name.clone(),
        });
    let form = |action: form::Action| {
        let reference = reference(&action);
        let mut fields: Vec<_> = action.fields.into_iter().map(FormField::from).collect();
        add_engine_fields(
            &mut fields,
            action.session,
            !action.outputs.is_empty(),
            language,
        );
        Arc::new(ActionForm {
            name: reference.to_string().into(),
            component: Some(ComponentAction {
                action: reference,
                component: Arc::clone(component),
                repeatable: action.repeatable,
                closes: closes.clone(),
            }),
            path: action.path,
            description: action.description,
            fields,
            session: action.session,
            outputs: action.outputs,
            requests: action.requests,
        })
    };
    Ok(actions.into_iter().map(form).collect())
}

/// Whether two forms of an action, in different languages, mean the same.
fn is_same_but_for_texts(form: &ActionForm, other: &ActionForm) -> bool {
    let kind = |kind: &FieldKind| match kind {
        FieldKind::Choice(options) => options.iter().map(|it| it.value.clone()).collect(),
        other => vec![other.name().to_owned()],
    };
    let fields = |form: &ActionForm| -> Vec<_> {
        let field = |it: &FormField| {
            let condition = it.shown_when.clone();
            (
                it.name.clone(),
                kind(&it.kind),
                it.required,
                it.default.clone(),
                condition,
            )
        };
        form.fields.iter().map(field).collect()
    };
    let outputs = |form: &ActionForm| -> Vec<_> {
        form.outputs
            .iter()
            .map(|it| (it.name.clone(), it.kind))
            .collect()
    };
    let repeatable = |form: &ActionForm| form.component.as_ref().map(|it| it.repeatable);
    fields(form) == fields(other)
        && outputs(form) == outputs(other)
        && form.session == other.session
        && form.requests == other.requests
        && repeatable(form) == repeatable(other)
}

impl FormField {
    /// Whether its value is JSON, with placeholders in its texts.
    pub fn is_json(&self) -> bool {
        matches!(self.notation, Notation::Json | Notation::JsonObject)
    }

    /// Whether its value is a text with placeholders.
    pub fn takes_placeholders(&self) -> bool {
        matches!(self.kind, FieldKind::Text)
            && self.notation != Notation::Sourced
            && self.name != OUTPUT
    }
}

impl From<form::Field> for FormField {
    fn from(field: form::Field) -> Self {
        Self {
            notation: match field.kind {
                FieldKind::Text | FieldKind::Credential => Notation::Sourced,
                _ => Notation::OfKind,
            },
            name: field.name,
            label: field.label,
            help: field.help,
            kind: field.kind,
            required: field.required,
            default: field.default,
            shown_when: field.shown_when,
            omit_if_default: false,
        }
    }
}

/// Adds the fields that the engine answers and the component never sees.
fn add_engine_fields(
    fields: &mut Vec<FormField>,
    session: SessionUse,
    has_outputs: bool,
    language: Language,
) {
    let is_connection = |field: &FormField| matches!(field.kind, FieldKind::OauthConnection);
    if let Some(at) = fields.iter().position(is_connection) {
        let owner = FormField {
            shown_when: fields[at].shown_when.clone(),
            ..choice(
                TOKEN_OWNER,
                texts::token_owner(language),
                texts::token_owner_help(language),
                &[
                    (SHARED, texts::token_shared(language)),
                    (USER_SPECIFIC, texts::token_user_specific(language)),
                ],
            )
        };
        fields.insert(at + 1, owner);
    }
    if session == SessionUse::Opens {
        fields.push(choice(
            SHARING,
            texts::sharing(language),
            texts::sharing_help(language),
            &[
                (SHARED, texts::session_shared(language)),
                (OWN, texts::session_own(language)),
            ],
        ));
    }
    if has_outputs {
        fields.push(output(language));
    }
}

/// A field of the engine's own, which must be filled in.
pub(crate) fn field(name: &str, label: &str, help: &str, kind: FieldKind) -> FormField {
    FormField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        kind,
        required: true,
        default: None,
        shown_when: None,
        omit_if_default: false,
        notation: Notation::OfKind,
    }
}

/// The field with the name of an output.
pub(crate) fn output(language: Language) -> FormField {
    FormField {
        required: false,
        ..field(
            OUTPUT,
            texts::output(language),
            texts::output_help(language),
            FieldKind::Text,
        )
    }
}

/// A choice whose first option is the default.
pub(crate) fn choice(name: &str, label: &str, help: &str, options: &[(&str, &str)]) -> FormField {
    let option = |(value, label): &(&str, &str)| ChoiceOption {
        value: (*value).into(),
        label: (*label).into(),
    };
    let kind = FieldKind::Choice(options.iter().map(option).collect());
    FormField {
        default: options.first().map(|(value, _)| (*value).into()),
        omit_if_default: true,
        ..field(name, label, help, kind)
    }
}

fn validate(action: &form::Action) -> Result<(), FormFault> {
    name(&action.name)?;
    let items = [
        action.path.len(),
        action.fields.len(),
        action.outputs.len(),
        action.requests.len(),
    ];
    let of_requests = action
        .requests
        .iter()
        .flat_map(|it| [&it.hosts, &it.methods, &it.paths, &it.headers].map(Vec::len));
    if items
        .into_iter()
        .chain(of_requests)
        .any(|count| count > MAX_ITEMS)
    {
        return Err(FormFault::ItemCount);
    }
    if action.path.is_empty() {
        return Err(FormFault::NoPath);
    }
    for label in &action.path {
        text(label)?;
    }
    text(&action.description)?;
    let mut names = BTreeSet::new();
    for (number, field) in action.fields.iter().enumerate() {
        let of_field = |fault: FormFault| FormFault::InField(shortened(&field.name), fault.into());
        if !names.insert(&field.name) || RESERVED.contains(&field.name.as_str()) {
            return Err(of_field(FormFault::NameTaken));
        }
        validate_field(field, &action.fields[..number]).map_err(of_field)?;
    }
    let mut names = BTreeSet::new();
    for output in &action.outputs {
        let of_output =
            |fault: FormFault| FormFault::InOutput(shortened(&output.name), fault.into());
        if !names.insert(&output.name) {
            return Err(of_output(FormFault::NameTaken));
        }
        for check in [name(&output.name), text(&output.label), text(&output.help)] {
            check.map_err(of_output)?;
        }
    }
    let count = |kind: fn(&FieldKind) -> bool| {
        let fields = action.fields.iter();
        fields.filter(|field| kind(&field.kind)).count()
    };
    let sessions = count(|kind| matches!(kind, FieldKind::SessionName));
    if sessions != usize::from(action.session != SessionUse::None) {
        return Err(FormFault::SessionFields(sessions));
    }
    if count(|kind| matches!(kind, FieldKind::OauthConnection)) > 1 {
        return Err(FormFault::Connections);
    }
    Ok(())
}

fn validate_field(field: &form::Field, before: &[form::Field]) -> Result<(), FormFault> {
    name(&field.name)?;
    text(&field.label)?;
    text(&field.help)?;
    if let Some(default) = &field.default {
        text(default)?;
        if matches!(field.kind, FieldKind::Secret | FieldKind::OauthConnection) {
            return Err(FormFault::Default);
        }
    }
    if let FieldKind::Choice(options) = &field.kind {
        if options.is_empty() || options.len() > MAX_ITEMS {
            return Err(FormFault::OptionCount);
        }
        for option in options {
            name(&option.value)?;
            text(&option.label)?;
        }
        let is_option = |value: &String| options.iter().any(|it| it.value == *value);
        if !field.default.as_ref().is_none_or(is_option) {
            return Err(FormFault::DefaultOption);
        }
    }
    let Some(condition) = &field.shown_when else {
        return Ok(());
    };
    if matches!(field.kind, FieldKind::SessionName) {
        return Err(FormFault::HiddenSession);
    }
    let is_met = |other: &form::Field| {
        other.name == condition.field
            && matches!(&other.kind, FieldKind::Choice(options)
                if options.iter().any(|it| it.value == condition.value))
    };
    if before.iter().any(is_met) {
        Ok(())
    } else {
        Err(FormFault::Condition)
    }
}

/// A name in kebab case, which needs no escaping anywhere.
fn name(name: &str) -> Result<(), FormFault> {
    let is_valid = name.len() <= MAX_NAME
        && name.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        });
    if is_valid {
        Ok(())
    } else {
        Err(FormFault::Name(shortened(name)))
    }
}

/// What of an untrusted name is shown.
fn shortened(name: &str) -> String {
    let plain = |c: char| if is_unprintable(c) { ' ' } else { c };
    name.chars().map(plain).take(MAX_NAME).collect()
}

fn text(text: &str) -> Result<(), FormFault> {
    if text.chars().any(is_unprintable) || text.chars().nth(MAX_TEXT).is_some() {
        return Err(FormFault::Text);
    }
    Ok(())
}

mod texts {
    crate::messages! {
        of_component(component, fault) {
            en: "component {component}: {fault}",
            de: "Komponente {component}: {fault}",
        }
        token_owner { en: "Token", de: "Token" }
        token_owner_help { en: "The token that all users of the connection share, or that of the user on whose behalf the bot runs.", de: "Das aller, die die Verbindung verwenden dürfen, oder das des Benutzers, für den der Bot läuft." }
        token_shared { en: "Shared", de: "Gemeinsames" }
        token_user_specific { en: "User-specific", de: "Benutzerspezifisches" }
        sharing { en: "Session", de: "Sitzung" }
        sharing_help { en: "Bots with the same authentication can share a session, which saves requests to the server. The bot's own session is closed when the bot ends.", de: "Bots mit derselben Authentifizierung können sich eine Sitzung teilen, was Anfragen an den Server spart. Eine eigene endet mit dem Bot." }
        session_shared { en: "Shared with other bots", de: "Mit anderen Bots geteilt" }
        session_own { en: "The bot's own", de: "Eigene des Bots" }
        output { en: "Output", de: "Ausgabe" }
        output_help { en: "The name under which later steps find the answer.", de: "Der Name, unter dem spätere Schritte die Antwort finden." }
    }
}
