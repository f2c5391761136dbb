//! Form components that several pages share.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Frame, field_error, form_token, page};
use super::lists::url;
use super::messages;
use control_room::Name;
use control_room::name::{Description, MAX_DESCRIPTION, MAX_NAME};

/// What a page is about: its name or path, in the query parameter `at`.
#[derive(Deserialize)]
pub(super) struct Subject {
    #[serde(default, rename = "at")]
    pub(super) name: String,
}

/// The hidden field with the id of the secrets that are kept for the form.
pub(super) const KEPT: &str = "kept";

/// The `autocomplete` of a field for a value. Browsers ignore `off` at passwords, and fill in a stored one.
pub(super) fn autocomplete(input_type: &str) -> &'static str {
    match input_type {
        "password" => "new-password",
        _ => "off",
    }
}

/// The form data of a name and a description.
#[derive(Deserialize, Default)]
pub(super) struct NameForm {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

/// The errors of the two fields.
#[derive(Default)]
pub(super) struct NameErrors {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

impl NameForm {
    /// The validated values, or their errors.
    pub(super) fn read(&self, frame: &Frame<'_>) -> Result<(Name, Description), NameErrors> {
        let language = frame.language;
        match (self.name.parse(), self.description.parse()) {
            (Ok(name), Ok(description)) => Ok((name, description)),
            (name, description) => Err(NameErrors {
                name: name.is_err().then(|| messages::bad_name(language).into()),
                description: description
                    .is_err()
                    .then(|| messages::bad_description(language).into()),
            }),
        }
    }
}

/// The form that creates something with a name and a description.
pub(super) fn create_bar(
    frame: &Frame<'_>,
    action: &str,
    label: &str,
    button: &str,
    typed: &NameForm,
    errors: &NameErrors,
) -> Markup {
    html! {
        div.bar.new {
            form.create method="post" action=(action) {
                (form_token(frame))
                div {
                    label for="new-name" { (label) }
                    input #new-name name="name" value=(typed.name) required maxlength=(MAX_NAME) autocapitalize="none"
                        spellcheck="false" autocomplete="off" aria-invalid=[errors.name.as_ref().map(|_| "true")]
                        aria-describedby=[errors.name.as_ref().map(|_| "new-error")];
                    (field_error("new-error", errors.name.as_deref()))
                }
                (description_field(frame, &typed.description, errors.description.as_deref()))
                button.primary #create { (button) }
            }
        }
    }
}

/// The field of an optional description.
pub(super) fn description_field(frame: &Frame<'_>, value: &str, error: Option<&str>) -> Markup {
    let language = frame.language;
    html! {
        div {
            label for="description" {
                (messages::description(language)) " " span.optional { "(" (messages::optional(language)) ")" }
            }
            input #description name="description" value=(value) maxlength=(MAX_DESCRIPTION) autocomplete="off"
                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "description-error")];
            (field_error("description-error", error))
        }
    }
}

/// A read-only field with a copy button. The page needs [`assets::COPY`](super::assets::COPY).
pub(super) fn copy_field(frame: &Frame<'_>, id: &str, label: &str, value: &str) -> Markup {
    let language = frame.language;
    html! {
        label for=(id) { (label) }
        div.copy {
            input id=(id) value=(value) readonly spellcheck="false";
            button type="button" data-copy=(id) data-copied=(messages::copied(language))
                aria-label={ (messages::copy(language)) ": " (label) } {
                (messages::copy(language))
            }
        }
    }
}

/// A check box for each name below a visible heading with the text of `legend`; those in `ticked` are checked.
pub(super) fn checkboxes(legend: &str, field: &str, all: &[Name], ticked: &[Name]) -> Markup {
    described_checkboxes(legend, field, all, ticked, "")
}

/// The same, with `described`, the ids of the texts that describe them.
pub(super) fn described_checkboxes(
    legend: &str,
    field: &str,
    all: &[Name],
    ticked: &[Name],
    described_by: &str,
) -> Markup {
    html! {
        fieldset.choices aria-describedby=[(!described_by.is_empty()).then_some(described_by)] {
            legend.hidden { (legend) }
            @for name in all {
                label.choice {
                    input type="checkbox" name=(field) value=(name) checked[ticked.contains(name)];
                    " " (name)
                }
            }
        }
    }
}

/// The names of the checked boxes of a field.
pub(super) fn checked_names(fields: &[(String, String)], field: &str) -> Vec<Name> {
    fields
        .iter()
        .filter(|(name, _)| name == field)
        .filter_map(|(_, value)| value.parse().ok())
        .collect()
}

/// The question before a removal.
pub(super) struct Removal<'a> {
    pub(super) question: String,
    pub(super) advice: &'a str,
    /// The query parameter that names the item, on both pages.
    pub(super) at: (&'a str, &'a str),
    pub(super) remove: &'a str,
    pub(super) back: &'a str,
    /// What else the form contains: what uses the item, or hidden fields.
    pub(super) more: Markup,
}

/// The page that asks for confirmation.
pub(super) fn ask_removal(frame: &Frame<'_>, removal: &Removal<'_>) -> Markup {
    let language = frame.language;
    let main = html! {
        div.narrow.card {
            h1 { (removal.question) }
            p { (removal.advice) }
            form method="post" action=(url(removal.remove, &[removal.at])) {
                (form_token(frame))
                (removal.more)
                div.row {
                    button.danger #remove { (messages::remove(language)) }
                    a.button href=(url(removal.back, &[removal.at])) { (messages::cancel(language)) }
                }
            }
        }
    };
    page(frame, &removal.question, main)
}
