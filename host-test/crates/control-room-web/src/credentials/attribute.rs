//! The page of an attribute: its options, and a form that sets its value, which is never shown.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use super::attribute_options::{OptionsForm, kind_name, options_fields};
use super::messages;
use super::{ATTRIBUTE, CREDENTIAL, REMOVE_ATTRIBUTE, REMOVE_VALUE, VALUE, breadcrumbs};
use crate::app::App;
use crate::bot_references::used_by;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Removal, Subject, ask_removal, autocomplete};
use crate::forms::{FormData, NoFields, secret};
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::url;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use bot_engine::name::code_point;
use control_room::Principal;
use control_room::bots::Reference;
use control_room::vault::{
    Attribute, AttributePath, AttributeView, Kind, LockerView, ValueError, VaultError,
};

/// Whether there is a value: the user's own, or the standard one.
pub(super) fn value_state(frame: &Frame<'_>, attribute: &Attribute, has_own: bool) -> Markup {
    let language = frame.language;
    let (is_set, text) = match attribute.kind {
        Kind::Standard if attribute.values > 0 => (true, messages::is_set(language)),
        Kind::Standard => (false, messages::not_set(language)),
        Kind::UserProvided if has_own => (true, messages::own_set(language)),
        Kind::UserProvided => (false, messages::own_not_set(language)),
    };
    html! { span.sign data-good[is_set] { (text) } }
}

fn attribute_of(subject: &Subject) -> Result<AttributePath, Failure> {
    subject.name.parse().map_err(|_| Failure::NotFound)
}

/// A flash message: what was just done, in the query of the page that shows it.
#[derive(Deserialize)]
pub(super) struct Flash {
    #[serde(default)]
    done: String,
}

impl Flash {
    pub(super) fn message(&self, language: Language) -> Option<&'static str> {
        match self.done.as_str() {
            "value-set" => Some(messages::value_was_set(language)),
            "value-removed" => Some(messages::value_was_removed(language)),
            "saved" => Some(messages::saved(language)),
            _ => None,
        }
    }
}

struct Loaded {
    /// As it is stored.
    path: AttributePath,
    locker: LockerView,
    attribute: AttributeView,
}

impl Loaded {
    /// Whether the user may set the value, and remove it.
    fn may_set(&self, administrator: bool) -> bool {
        match self.attribute.attribute.kind {
            Kind::Standard => administrator || self.locker.owns,
            Kind::UserProvided => self.locker.may_use,
        }
    }

    /// Whether there is a value to remove.
    fn is_set(&self) -> bool {
        match self.attribute.attribute.kind {
            Kind::Standard => self.attribute.attribute.values > 0,
            Kind::UserProvided => self.attribute.has_own_value,
        }
    }
}

async fn load(app: &App, user: &SignedIn, path: &AttributePath) -> Result<Loaded, Failure> {
    let (vault, principal) = (app.store.vault(), user.principal());
    let locker = vault.locker(&principal, &path.credential.locker).await?;
    let credential = vault.credential(&principal, &path.credential).await?;
    let mut attributes = credential.attributes.into_iter();
    let found = attributes.find(|loaded| loaded.attribute.name == path.attribute);
    let attribute = found.ok_or(Failure::NotFound)?;
    let path = AttributePath {
        credential: credential.path,
        attribute: attribute.attribute.name.clone(),
    };
    Ok(Loaded {
        path,
        locker,
        attribute,
    })
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    Query(done): Query<Flash>,
) -> Result<Markup, Failure> {
    let path = attribute_of(&subject)?;
    let loaded = load(&app, &user, &path).await?;
    let notice = done.message(user.session.language);
    Ok(show_page(
        &user.session.frame(&app),
        &user,
        &loaded,
        &OptionsForm::of(&loaded.attribute.attribute),
        Feedback {
            notice,
            ..Feedback::default()
        },
    ))
}

/// The messages around the forms.
#[derive(Default, Clone, Copy)]
struct Feedback<'a> {
    notice: Option<&'a str>,
    value_error: Option<&'a str>,
    description_error: Option<&'a str>,
}

fn show_page(
    frame: &Frame<'_>,
    user: &SignedIn,
    loaded: &Loaded,
    typed: &OptionsForm,
    feedback: Feedback<'_>,
) -> Markup {
    let language = frame.language;
    let AttributeView {
        attribute,
        has_own_value,
    } = &loaded.attribute;
    let administrator = user.session.administrator;
    let path = &loaded.path;
    let credential = &path.credential;
    let whole = path.to_string();
    let at = [("at", whole.as_str())];
    let main = html! {
        (breadcrumbs(frame, &[&credential.locker, &credential.credential, &path.attribute]))
        div.settings {
            h1 { (path.attribute) }
            @if let Some(notice) = feedback.notice { p.done role="status" { (notice) } }
            section.card {
                h2 { (messages::value(language)) }
                p { (value_state(frame, attribute, *has_own_value)) }
                @if attribute.kind == Kind::UserProvided && administrator {
                    p.hint { (messages::set_by(language, attribute.values)) }
                }
                (value_form(frame, loaded, administrator, feedback.value_error))
            }
            @if administrator {
                section.card {
                    h2 { (messages::options(language)) }
                    form method="post" action=(url(ATTRIBUTE, &at)) {
                        (form_token(frame))
                        (options_fields(frame, typed, feedback.description_error))
                        p.hint { (messages::kind_advice(language)) }
                        div.row {
                            button.primary #save { (messages::save(language)) }
                            a.button #remove href=(url(REMOVE_ATTRIBUTE, &at)) { (messages::remove(language)) }
                        }
                    }
                }
            }
        }
    };
    page(frame, &whole, main)
}

/// The form that sets a value; for users without the permission, a note about who can.
fn value_form(
    frame: &Frame<'_>,
    loaded: &Loaded,
    administrator: bool,
    error: Option<&str>,
) -> Markup {
    let language = frame.language;
    let attribute = &loaded.attribute.attribute;
    let label = match attribute.kind {
        Kind::Standard => messages::new_value(language),
        Kind::UserProvided => messages::new_own_value(language),
    };
    if !loaded.may_set(administrator) {
        let note = match attribute.kind {
            Kind::Standard => messages::not_yours(language),
            Kind::UserProvided => messages::only_with_access(language),
        };
        return html! { p.hint { (note) } };
    }
    let kind = if attribute.masked { "password" } else { "text" };
    let path = loaded.path.to_string();
    let at = [("at", path.as_str())];
    html! {
        form method="post" action=(url(VALUE, &at)) {
            (form_token(frame))
            input type="hidden" name="kind" value=(kind_name(attribute.kind));
            label for="value" { (label) }
            input #value name="value" type=(kind) autocomplete=(autocomplete(kind)) autocapitalize="none" spellcheck="false"
                aria-invalid=[error.map(|_| "true")] aria-describedby="value-hint value-error";
            p.hint #value-hint { (messages::value_hint(language)) }
            (field_error("value-error", error))
            div.row {
                button.primary #set { (messages::set_value(language)) }
                @if loaded.is_set() {
                    a.button #remove-value href=(url(REMOVE_VALUE, &at)) { (messages::remove_value(language)) }
                }
            }
        }
    }
}

/// The form data of a new value.
#[derive(Deserialize)]
pub(super) struct NewValue {
    /// The kind that the form was shown for. If an administrator changes it meanwhile, a user's own value must not
    /// become everybody's.
    kind: String,
    #[serde(deserialize_with = "secret")]
    value: SecretString,
}

pub(super) async fn set_value(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(fields): FormData<NewValue>,
) -> Result<Response, Failure> {
    let path = attribute_of(&subject)?;
    let loaded = load(&app, &user, &path).await?;
    let kind = loaded.attribute.attribute.kind;
    if kind_name(kind) != fields.kind {
        return Err(Failure::StaleForm);
    }
    let by = user.principal();
    let vault = user.vault(&app);
    let language = user.session.language;
    let error = match vault.set_value(&path, &by, &fields.value).await {
        Ok(()) => return Ok(to_attribute(&path, "value-set").into_response()),
        Err(VaultError::Value(error)) => value_error(error, language),
        Err(error) => return Err(error.into()),
    };
    let feedback = Feedback {
        value_error: Some(&error),
        ..Feedback::default()
    };
    let typed = OptionsForm::of(&loaded.attribute.attribute);
    let page = show_page(&user.session.frame(&app), &user, &loaded, &typed, feedback);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Asks before a value is removed: the standard one, or the user's own.
pub(super) async fn ask_remove_value(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let loaded = load(&app, &user, &attribute_of(&subject)?).await?;
    if !loaded.may_set(user.session.administrator) || !loaded.is_set() {
        return Err(Failure::NotFound);
    }
    let frame = user.session.frame(&app);
    let language = frame.language;
    let whole = loaded.path.to_string();
    let kind = loaded.attribute.attribute.kind;
    let (question, principal) = match kind {
        Kind::Standard => (
            messages::remove_value_of(language, &whole),
            user.principal(),
        ),
        // Only the bots of that user use it.
        Kind::UserProvided => (
            messages::remove_own_value_of(language, &whole),
            Principal::User(user.account.name.clone()),
        ),
    };
    let bots = used_by(&app, &frame, &principal, Reference::Attribute(&loaded.path)).await;
    let removal = Removal {
        question,
        advice: messages::remove_value_advice(language),
        at: ("at", &whole),
        remove: REMOVE_VALUE,
        back: ATTRIBUTE,
        more: html! {
            (bots)
            input type="hidden" name="kind" value=(kind_name(kind));
        },
    };
    Ok(ask_removal(&frame, &removal))
}

#[derive(Deserialize)]
pub(super) struct RemovedValue {
    /// As in [`NewValue`].
    kind: String,
}

pub(super) async fn remove_value(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(RemovedValue { kind }): FormData<RemovedValue>,
) -> Result<Redirect, Failure> {
    let loaded = load(&app, &user, &attribute_of(&subject)?).await?;
    if kind_name(loaded.attribute.attribute.kind) != kind {
        return Err(Failure::StaleForm);
    }
    let vault = user.vault(&app);
    vault.remove_value(&loaded.path, &user.principal()).await?;
    Ok(to_attribute(&loaded.path, "value-removed"))
}

/// Why a text is not a value.
pub(super) fn value_error(error: ValueError, language: Language) -> String {
    match error {
        ValueError::Empty => messages::value_empty(language).into(),
        ValueError::InvisibleCharacter(character) => {
            messages::value_invisible(language, code_point(character))
        }
    }
}

fn to_attribute(path: &AttributePath, done: &str) -> Redirect {
    let at = path.to_string();
    Redirect::to(&url(ATTRIBUTE, &[("at", &at), ("done", done)]))
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(typed): FormData<OptionsForm>,
) -> Result<Response, Failure> {
    let path = attribute_of(&subject)?;
    let loaded = load(&app, &user, &path).await?;
    let Some(options) = typed.read() else {
        let frame = user.session.frame(&app);
        let feedback = Feedback {
            description_error: Some(messages::bad_description(frame.language)),
            ..Feedback::default()
        };
        let page = show_page(&frame, &user, &loaded, &typed, feedback);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    user.vault(&app).set_attribute(&path, &options).await?;
    Ok(to_attribute(&path, "saved").into_response())
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let path = attribute_of(&subject)?;
    let path = load(&app, &user, &path).await?.path;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let whole = path.to_string();
    let reference = Reference::Attribute(&path);
    let removal = Removal {
        question: messages::remove_attribute(language, &whole),
        advice: messages::remove_advice(language),
        at: ("at", &whole),
        remove: REMOVE_ATTRIBUTE,
        back: ATTRIBUTE,
        more: used_by(&app, &frame, &user.principal(), reference).await,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let path = attribute_of(&subject)?;
    user.vault(&app).remove_attribute(&path).await?;
    Ok(Redirect::to(&url(
        CREDENTIAL,
        &[("at", &path.credential.to_string())],
    )))
}
