//! The options of an attribute: form data and fields, for a new attribute and an existing one.

use maud::{Markup, html};
use serde::Deserialize;

use super::messages;
use crate::form_components::description_field;
use crate::layout::Frame;
use control_room::vault::{Attribute, AttributeOptions, Kind};

const STANDARD: &str = "standard";
const USER_PROVIDED: &str = "user-provided";

/// The form data of an attribute's options; for a new attribute with its name.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OptionsForm {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    kind: String,
    masked: Option<String>,
    password_only: Option<String>,
}

impl OptionsForm {
    /// The options; `None` if the description is not valid.
    pub(super) fn read(&self) -> Option<AttributeOptions> {
        Some(AttributeOptions {
            description: self.description.parse().ok()?,
            kind: if self.kind == USER_PROVIDED {
                Kind::UserProvided
            } else {
                Kind::Standard
            },
            masked: self.masked.is_some(),
            password_only: self.password_only.is_some(),
        })
    }

    /// The form of an existing attribute.
    pub(super) fn of(attribute: &Attribute) -> Self {
        let checked = |is: bool| is.then(|| "on".to_owned());
        Self {
            name: String::new(),
            description: attribute.description.clone(),
            kind: kind_name(attribute.kind).into(),
            masked: checked(attribute.masked),
            password_only: checked(attribute.password_only),
        }
    }
}

/// The name of a kind in forms.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Standard => STANDARD,
        Kind::UserProvided => USER_PROVIDED,
    }
}

/// The fields of the options.
pub(super) fn options_fields(
    frame: &Frame<'_>,
    typed: &OptionsForm,
    error: Option<&str>,
) -> Markup {
    let language = frame.language;
    let kinds = [
        (
            STANDARD,
            messages::standard(language),
            messages::standard_help(language),
        ),
        (
            USER_PROVIDED,
            messages::user_provided(language),
            messages::user_provided_help(language),
        ),
    ];
    let boxes = [
        (
            "masked",
            messages::masked(language),
            messages::masked_help(language),
            &typed.masked,
        ),
        (
            "password-only",
            messages::password_only_label(language),
            messages::password_only_help(language),
            &typed.password_only,
        ),
    ];
    html! {
        (description_field(frame, &typed.description, error))
        fieldset.choices {
            legend.label { (messages::kind(language)) }
            @for (value, label, help) in kinds {
                label.choice {
                    input type="radio" name="kind" value=(value)
                        checked[(typed.kind == USER_PROVIDED) == (value == USER_PROVIDED)];
                    " " (label) span.hint { (help) }
                }
            }
        }
        fieldset.choices {
            legend.label { (messages::options(language)) }
            @for (name, label, help, value) in boxes {
                label.choice {
                    input type="checkbox" name=(name) checked[value.is_some()];
                    " " (label) span.hint { (help) }
                }
            }
        }
    }
}
