//! What forms of several pages are made of.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Frame, field_error, form_token, page};
use super::lists::place;
use super::messages;
use control_room::Name;
use control_room::name::{Description, MAX_DESCRIPTION, MAX_NAME};

/// What a page is about, in its address.
#[derive(Deserialize)]
pub(super) struct At {
    #[serde(default)]
    pub(super) at: String,
}

/// A name and a description, as typed.
#[derive(Deserialize, Default)]
pub(super) struct Named {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

/// What is wrong with them.
#[derive(Default)]
pub(super) struct NamedWrong {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

impl Named {
    /// What was meant, or what is wrong with it.
    pub(super) fn read(&self, frame: &Frame<'_>) -> Result<(Name, Description), NamedWrong> {
        let language = frame.language;
        match (self.name.parse(), self.description.parse()) {
            (Ok(name), Ok(description)) => Ok((name, description)),
            (name, description) => Err(NamedWrong {
                name: name.is_err().then(|| messages::bad_name(language).into()),
                description: description
                    .is_err()
                    .then(|| messages::bad_description(language).into()),
            }),
        }
    }
}

/// A bar that makes something of a name and a description.
pub(super) fn create_bar(
    frame: &Frame<'_>,
    action: &str,
    label: &str,
    button: &str,
    typed: &Named,
    wrong: &NamedWrong,
) -> Markup {
    html! {
        div.bar.new {
            form.create method="post" action=(action) {
                (form_token(frame))
                div {
                    label for="new-name" { (label) }
                    input #new-name name="name" value=(typed.name) required maxlength=(MAX_NAME) autocapitalize="none"
                        spellcheck="false" autocomplete="off" aria-invalid=[wrong.name.as_ref().map(|_| "true")]
                        aria-describedby=[wrong.name.as_ref().map(|_| "new-error")];
                    (field_error("new-error", wrong.name.as_deref()))
                }
                (description_field(frame, &typed.description, wrong.description.as_deref()))
                button.primary #create { (button) }
            }
        }
    }
}

/// A description, which may be left out.
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

/// A field to copy from. The page needs [`assets::COPY`](super::assets::COPY).
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

/// Boxes to tick below a heading that says the same as `legend`, one for each name; those of `ticked` are.
pub(super) fn choices(legend: &str, field: &str, all: &[Name], ticked: &[Name]) -> Markup {
    described_choices(legend, field, all, ticked, "")
}

/// The same, with the ids of what is said about them.
pub(super) fn described_choices(
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

/// What was ticked of a field's boxes.
pub(super) fn ticked(sent: &[(String, String)], field: &str) -> Vec<Name> {
    sent.iter()
        .filter(|(name, _)| name == field)
        .filter_map(|(_, value)| value.parse().ok())
        .collect()
}

/// What may be removed, and the pages around it.
pub(super) struct Removal<'a> {
    pub(super) question: String,
    pub(super) advice: &'a str,
    /// Which it is, in the addresses of both pages.
    pub(super) at: (&'a str, &'a str),
    pub(super) remove: &'a str,
    pub(super) back: &'a str,
}

/// The page that asks before something is gone.
pub(super) fn ask_removal(frame: &Frame<'_>, removal: &Removal<'_>) -> Markup {
    let language = frame.language;
    let main = html! {
        div.narrow.card {
            h1 { (removal.question) }
            p { (removal.advice) }
            form method="post" action=(place(removal.remove, &[removal.at])) {
                (form_token(frame))
                div.row {
                    button.danger #remove { (messages::remove(language)) }
                    a.button href=(place(removal.back, &[removal.at])) { (messages::cancel(language)) }
                }
            }
        }
    };
    page(frame, &removal.question, main)
}
