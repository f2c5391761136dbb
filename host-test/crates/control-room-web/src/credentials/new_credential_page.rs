//! The page that creates a credential with its attributes and their values.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::messages;
use super::new_credential::{Draft, DraftAttribute};
use super::of_locker::{locker_of, nobody_may_use};
use super::{CREDENTIAL, LOCKER, NEW_CREDENTIAL, SETTINGS, breadcrumbs};
use crate::app::App;
use crate::editor_dialogs::Mistakes;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{KEPT, Subject, autocomplete, description_field};
use crate::forms::{FormData, TypedSecret};
use crate::kept_secrets::Secrets;
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::url;
use crate::permissions::Administrator;
use bot_engine::Language;
use control_room::name::MAX_NAME;
use control_room::vault::{AttributeOptions, Kind, LockerView};

/// How many attributes the form has room for.
const ATTRIBUTES: usize = 5;

/// The fields of the form. Among them are values.
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(super) struct Typed(HashMap<String, TypedSecret>);

impl Typed {
    /// A field that is not a value.
    fn text(&self, field: &str) -> &str {
        let found = self.0.get(field);
        found.map_or("", |TypedSecret(text)| text.expose_secret())
    }

    fn is_ticked(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// The mistakes at the fields whose values were kept and are gone, and were not typed again.
    fn lost(&self, kept: &Secrets, language: Language) -> Mistakes {
        let announced = self.text(KEPT_FIELDS).split_whitespace();
        let is_lost = |field: &&str| self.text(field).is_empty() && !kept.contains_key(*field);
        let mistake = |field: &str| (field.to_owned(), messages::enter_again(language).to_owned());
        announced.filter(is_lost).map(mistake).collect()
    }

    /// The attribute of a row, with its value or the one that was kept; `None` if the row is empty.
    fn attribute(&self, row: &str, kept: &mut Secrets) -> Option<DraftAttribute> {
        let field = |part: &str| format!("{row}-{part}");
        let name = self.text(&field("name"));
        let typed = self.0.get(&field("value")).map(|TypedSecret(value)| value);
        let typed = typed.filter(|value| !value.expose_secret().is_empty());
        if name.trim().is_empty() && typed.is_none() {
            return None;
        }
        let kind = if self.is_ticked(&field("own")) {
            Kind::UserProvided
        } else {
            Kind::Standard
        };
        Some(DraftAttribute {
            name: name.into(),
            options: AttributeOptions {
                kind,
                masked: self.is_ticked(&field("masked")),
                password_only: self.is_ticked(&field("password-only")),
                ..AttributeOptions::default()
            },
            value: typed.cloned().or(kept.remove(&field("value"))),
        })
    }
}

/// The fields whose values are kept, for the case that they are no longer when the form is sent again.
const KEPT_FIELDS: &str = "kept-fields";

fn rows() -> impl Iterator<Item = String> {
    (1..=ATTRIBUTES).map(|row| format!("attribute-{row}"))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let vault = app.store.vault();
    let locker = vault
        .locker(&user.principal(), &locker_of(&subject)?)
        .await?;
    let frame = user.session.frame(&app);
    let form = Form {
        locker: &locker,
        typed: &Typed::default(),
        mistakes: &Mistakes::default(),
        kept: None,
    };
    Ok(form.page(&frame))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(typed): FormData<Typed>,
) -> Result<Response, Failure> {
    let vault = app.store.vault();
    let locker = vault
        .locker(&user.principal(), &locker_of(&subject)?)
        .await?;
    let token = &user.session.token;
    let mut kept = app.kept_secrets.take(token, typed.text(KEPT));
    let lost = typed.lost(&kept, user.session.language);
    let attributes = rows().filter_map(|row| typed.attribute(&row, &mut kept).map(|it| (row, it)));
    let draft = Draft {
        locker: locker.name.to_string(),
        roles: None,
        credential: typed.text("credential").into(),
        description: typed.text("description").into(),
        attributes: attributes.collect(),
    };
    let taken = messages::credential_exists(user.session.language);
    let mistakes = if lost.is_empty() {
        match draft.create(&app, &user, taken).await? {
            Ok(new) => {
                let next = url(CREDENTIAL, &[("at", &new.path.to_string())]);
                return Ok(Redirect::to(&next).into_response());
            }
            Err(mistakes) => mistakes,
        }
    } else {
        lost
    };
    let values = draft.attributes.into_iter();
    let values = values.filter_map(|(row, it)| Some((format!("{row}-value"), it.value?)));
    let good: Vec<(String, SecretString)> = values
        .filter(|(field, _)| !mistakes.contains_key(field))
        .collect();
    let fields: Vec<String> = good.iter().map(|(field, _)| field.clone()).collect();
    let id = app.kept_secrets.keep(token, good.into_iter().collect());
    let frame = user.session.frame(&app);
    let form = Form {
        locker: &locker,
        typed: &typed,
        mistakes: &mistakes,
        kept: id.as_deref().map(|id| (id, fields.as_slice())),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form.page(&frame)).into_response())
}

struct Form<'a> {
    locker: &'a LockerView,
    typed: &'a Typed,
    mistakes: &'a Mistakes,
    /// The id of the kept values, and their fields.
    kept: Option<(&'a str, &'a [String])>,
}

impl Form<'_> {
    fn page(&self, frame: &Frame<'_>) -> Markup {
        let language = frame.language;
        let locker = &self.locker.name;
        let at = [("at", locker.shown())];
        let title = messages::new_credential(language);
        let main = html! {
            (breadcrumbs(frame, &[locker, &title]))
            div.settings {
                h1 { (title) }
                (nobody_may_use(language, self.locker))
                @if !self.locker.has_users {
                    p { a href=(url(SETTINGS, &at)) { (messages::settings_of(language, locker)) } }
                }
                form.card method="post" action=(url(NEW_CREDENTIAL, &at)) {
                    (form_token(frame))
                    @if let Some((id, fields)) = self.kept {
                        input type="hidden" name=(KEPT) value=(id);
                        input type="hidden" name=(KEPT_FIELDS) value=(fields.join(" "));
                    }
                    (self.text_field("credential", messages::name(language)))
                    (description_field(frame, self.typed.text("description"), self.mistake("description")))
                    h2.label { (messages::attributes(language)) }
                    p.hint { (messages::attributes_hint(language)) }
                    @for (row, number) in rows().zip(1..) { (self.row(frame, &row, number)) }
                    div.row {
                        button.primary #create { (title) }
                        a.button href=(url(LOCKER, &at)) { (messages::cancel(language)) }
                    }
                }
            }
        };
        page(frame, title, main)
    }

    fn mistake(&self, field: &str) -> Option<&str> {
        self.mistakes.get(field).map(String::as_str)
    }

    fn text_field(&self, field: &str, label: &str) -> Markup {
        let mistake = self.mistake(field);
        let mistake_id = format!("{field}-error");
        html! {
            div {
                label for=(field) { (label) }
                input id=(field) name=(field) value=(self.typed.text(field)) maxlength=(MAX_NAME) autocomplete="off"
                    autocapitalize="none" spellcheck="false" aria-invalid=[mistake.map(|_| "true")]
                    aria-describedby=[mistake.map(|_| mistake_id.as_str())];
                (field_error(&mistake_id, mistake))
            }
        }
    }

    fn row(&self, frame: &Frame<'_>, row: &str, number: usize) -> Markup {
        let language = frame.language;
        let field = format!("{row}-value");
        let mistake = self.mistake(&field);
        let is_kept = self.kept.is_some_and(|(_, fields)| fields.contains(&field));
        let (mistake_id, hint_id) = (format!("{field}-error"), format!("{field}-hint"));
        let described = mistake
            .map(|_| mistake_id.as_str())
            .or(is_kept.then_some(&hint_id));
        let boxes = [
            ("own", messages::user_provided_help(language)),
            ("masked", messages::masked(language)),
            ("password-only", messages::password_only_label(language)),
        ];
        html! {
            fieldset.attribute {
                legend.label { (messages::numbered_attribute(language, number)) }
                div.path {
                    (self.text_field(&format!("{row}-name"), messages::name(language)))
                    div {
                        label for=(field) { (messages::value(language)) }
                        input id=(field) name=(field) type="password" autocomplete=(autocomplete("password"))
                            aria-invalid=[mistake.map(|_| "true")] aria-describedby=[described];
                        @if is_kept { p.hint id=(hint_id) { (messages::value_kept(language)) } }
                        (field_error(&mistake_id, mistake))
                    }
                }
                div.choices.across {
                    @for (part, label) in boxes {
                        @let name = format!("{row}-{part}");
                        label.choice {
                            input type="checkbox" name=(name) checked[self.typed.is_ticked(&name)]; " " (label)
                        }
                    }
                }
            }
        }
    }
}
