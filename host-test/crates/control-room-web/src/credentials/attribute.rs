//! An attribute: its value, which is set and never shown, and its options.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::messages;
use super::{ATTRIBUTE, CREDENTIAL, REMOVE_ATTRIBUTE, VALUE, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, Removal, ask_removal, description_field};
use crate::forms::{Nothing, Sent, secret};
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::place;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::vault::{
    Attribute, AttributeOptions, AttributePath, AttributeView, Kind, LockerView,
};

const STANDARD: &str = "standard";
const USER_PROVIDED: &str = "user-provided";

/// The options of an attribute, as a form sends them; a new one has a name as well.
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
    /// None where the description is none.
    pub(super) fn read(&self) -> Option<AttributeOptions> {
        Some(AttributeOptions {
            description: self.description.parse().ok()?,
            kind: match self.kind == USER_PROVIDED {
                true => Kind::UserProvided,
                false => Kind::Standard,
            },
            masked: self.masked.is_some(),
            password_only: self.password_only.is_some(),
        })
    }

    fn of(attribute: &Attribute) -> OptionsForm {
        let ticked = |is: bool| is.then(|| "on".to_owned());
        OptionsForm {
            name: String::new(),
            description: attribute.description.clone(),
            kind: kind_name(attribute.kind).into(),
            masked: ticked(attribute.masked),
            password_only: ticked(attribute.password_only),
        }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Standard => STANDARD,
        Kind::UserProvided => USER_PROVIDED,
    }
}

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

/// Whether there is a value, as far as it concerns whoever looks.
pub(super) fn value_state(frame: &Frame<'_>, attribute: &Attribute, has_own: bool) -> Markup {
    let language = frame.language;
    let (is_set, words) = match attribute.kind {
        Kind::Standard if attribute.values > 0 => (true, messages::is_set(language)),
        Kind::Standard => (false, messages::not_set(language)),
        Kind::UserProvided if has_own => (true, messages::own_set(language)),
        Kind::UserProvided => (false, messages::own_not_set(language)),
    };
    html! { span.sign data-good[is_set] { (words) } }
}

fn attribute_at(at: &At) -> Result<AttributePath, Failure> {
    at.at.parse().map_err(|_| Failure::NotFound)
}

/// What was done just before, in the address of the page that shows it.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    pub(super) fn in_words(&self, language: Language) -> Option<&'static str> {
        match self.done.as_str() {
            "value-set" => Some(messages::value_was_set(language)),
            "value-removed" => Some(messages::value_was_removed(language)),
            "saved" => Some(messages::saved(language)),
            _ => None,
        }
    }
}

struct Seen {
    locker: LockerView,
    attribute: AttributeView,
}

async fn see(app: &App, user: &SignedIn, path: &AttributePath) -> Result<Seen, Failure> {
    let (vault, principal) = (app.store.vault(), user.principal());
    let locker = vault.locker(&principal, &path.credential.locker).await?;
    let credential = vault.credential(&principal, &path.credential).await?;
    let mut attributes = credential.attributes.into_iter();
    let found = attributes.find(|seen| seen.attribute.name == path.attribute);
    let attribute = found.ok_or(Failure::NotFound)?;
    Ok(Seen { locker, attribute })
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Query(done): Query<Done>,
) -> Result<Markup, Failure> {
    let path = attribute_at(&at)?;
    let seen = see(&app, &user, &path).await?;
    let notice = done.in_words(user.visitor.language);
    Ok(show_page(
        &user.visitor.frame(&app),
        &user,
        &path,
        &seen,
        &OptionsForm::of(&seen.attribute.attribute),
        Around {
            notice,
            ..Around::default()
        },
    ))
}

/// What stands around the forms.
#[derive(Default)]
struct Around<'a> {
    notice: Option<&'a str>,
    value_error: Option<&'a str>,
    description_error: Option<&'a str>,
}

fn show_page(
    frame: &Frame<'_>,
    user: &SignedIn,
    path: &AttributePath,
    seen: &Seen,
    typed: &OptionsForm,
    around: Around<'_>,
) -> Markup {
    let language = frame.language;
    let AttributeView {
        attribute,
        has_own_value,
    } = &seen.attribute;
    let administrator = user.visitor.administrator;
    let credential = &path.credential;
    let whole = path.to_string();
    let at = [("at", whole.as_str())];
    let main = html! {
        (way(frame, &[&credential.locker, &credential.credential, &path.attribute]))
        div.settings {
            h1 { (path.attribute) }
            @if let Some(notice) = around.notice { p.done role="status" { (notice) } }
            section.card {
                h2 { (messages::value(language)) }
                p { (value_state(frame, attribute, *has_own_value)) }
                @if attribute.kind == Kind::UserProvided && administrator {
                    p.hint { (messages::set_by(language, attribute.values)) }
                }
                (value_form(frame, path, seen, administrator, around.value_error))
            }
            @if administrator {
                section.card {
                    h2 { (messages::options(language)) }
                    form method="post" action=(place(ATTRIBUTE, &at)) {
                        (form_token(frame))
                        (options_fields(frame, typed, around.description_error))
                        p.hint { (messages::kind_advice(language)) }
                        div.row {
                            button.primary #save { (messages::save(language)) }
                            a.button #remove href=(place(REMOVE_ATTRIBUTE, &at)) { (messages::remove(language)) }
                        }
                    }
                }
            }
        }
    };
    page(frame, &whole, main)
}

/// The form that sets a value, for whoever may; for others, who does.
fn value_form(
    frame: &Frame<'_>,
    path: &AttributePath,
    seen: &Seen,
    administrator: bool,
    error: Option<&str>,
) -> Markup {
    let language = frame.language;
    let AttributeView {
        attribute,
        has_own_value,
    } = &seen.attribute;
    let (label, may, is_set) = match attribute.kind {
        Kind::Standard => (
            messages::new_value(language),
            administrator || seen.locker.owns,
            attribute.values > 0,
        ),
        Kind::UserProvided => (
            messages::new_own_value(language),
            seen.locker.consumes,
            *has_own_value,
        ),
    };
    if !may {
        let who = match attribute.kind {
            Kind::Standard => messages::not_yours(language),
            Kind::UserProvided => messages::consumers_only(language),
        };
        return html! { p.hint { (who) } };
    }
    let kind = if attribute.masked { "password" } else { "text" };
    html! {
        form method="post" action=(place(VALUE, &[("at", &path.to_string())])) {
            (form_token(frame))
            input type="hidden" name="kind" value=(kind_name(attribute.kind));
            label for="value" { (label) }
            input #value name="value" type=(kind) autocomplete="off" autocapitalize="none" spellcheck="false"
                aria-invalid=[error.map(|_| "true")] aria-describedby="value-hint value-error";
            p.hint #value-hint { (messages::value_hint(language)) }
            (field_error("value-error", error))
            div.row {
                button.primary #set name="then" value="set" { (messages::set_value(language)) }
                @if is_set { button #remove-value name="then" value="remove" { (messages::remove_value(language)) } }
            }
        }
    }
}

/// A value, as a form sends it.
#[derive(Deserialize)]
pub(super) struct NewValue {
    /// Whose value the form was for: who changes that meanwhile does not make one's own everybody's.
    kind: String,
    #[serde(deserialize_with = "secret")]
    value: SecretString,
    then: Option<String>,
}

pub(super) async fn set_value(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Sent(sent): Sent<NewValue>,
) -> Result<Response, Failure> {
    let path = attribute_at(&at)?;
    let seen = see(&app, &user, &path).await?;
    let kind = seen.attribute.attribute.kind;
    if kind_name(kind) != sent.kind {
        return Err(Failure::StaleForm);
    }
    let by = user.principal();
    let vault = app.store.vault();
    let done = if sent.then.as_deref() == Some("remove") {
        vault.remove_value(&path, &by).await?;
        "value-removed"
    } else if sent.value.expose_secret().is_empty() {
        let around = Around {
            value_error: Some(messages::value_empty(user.visitor.language)),
            ..Around::default()
        };
        let typed = OptionsForm::of(&seen.attribute.attribute);
        let frame = user.visitor.frame(&app);
        let page = show_page(&frame, &user, &path, &seen, &typed, around);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    } else {
        vault.set_value(&path, &by, &sent.value).await?;
        "value-set"
    };
    Ok(to_attribute(&path, done).into_response())
}

fn to_attribute(path: &AttributePath, done: &str) -> Redirect {
    let at = path.to_string();
    Redirect::to(&place(ATTRIBUTE, &[("at", &at), ("done", done)]))
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(typed): Sent<OptionsForm>,
) -> Result<Response, Failure> {
    let path = attribute_at(&at)?;
    let seen = see(&app, &user, &path).await?;
    let Some(options) = typed.read() else {
        let frame = user.visitor.frame(&app);
        let around = Around {
            description_error: Some(messages::bad_description(frame.language)),
            ..Around::default()
        };
        let page = show_page(&frame, &user, &path, &seen, &typed, around);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    app.store.vault().set_attribute(&path, &options).await?;
    Ok(to_attribute(&path, "saved").into_response())
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let path = attribute_at(&at)?;
    see(&app, &user, &path).await?;
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let whole = path.to_string();
    let removal = Removal {
        question: messages::remove_attribute(language, &whole),
        advice: messages::remove_advice(language),
        at: ("at", &whole),
        remove: REMOVE_ATTRIBUTE,
        back: ATTRIBUTE,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    _: Administrator,
    Query(at): Query<At>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    let path = attribute_at(&at)?;
    app.store.vault().remove_attribute(&path).await?;
    Ok(Redirect::to(&place(
        CREDENTIAL,
        &[("at", &path.credential.to_string())],
    )))
}
