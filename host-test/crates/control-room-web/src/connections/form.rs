//! The form that creates or edits a connection: provider, client, scopes. For administrators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::errors::connection_error;
use super::form_data::{ConnectionForm, Field, FieldErrors};
use super::messages;
use super::show::{SAVED, not_tested, saved, test_page};
use super::sign_in::begin_for;
use super::state::own_state;
use super::{CONNECTION, CONNECTIONS, EDIT, NEW, connection_url, load};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{KEPT, Subject, autocomplete, copy_field};
use crate::forms::FormData;
use crate::layout::{Frame, field_error, form_token, page_with};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::connections::{
    Changes, ConnectionError, Settings, SignInOwner, SignInState, Summary,
};
use control_room::name::MAX_NAME;

pub(super) async fn show_new(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
) -> Result<Markup, Failure> {
    form_page(
        &app,
        &user,
        None,
        &ConnectionForm::blank(),
        &Feedback::default(),
    )
    .await
}

pub(super) async fn show_edit(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let summary = load(&app, &user, &subject).await?.summary;
    let typed = ConnectionForm::of(&summary);
    form_page(&app, &user, Some(&summary), &typed, &Feedback::default()).await
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    FormData(mut typed): FormData<ConnectionForm>,
) -> Result<Response, Failure> {
    let language = user.session.language;
    restore_secret(&app, &user, &mut typed);
    let errors = match read(&app, &user, &typed, None).await? {
        Ok((name, settings)) => match user.connections(&app).create(&name, settings).await {
            Ok(()) => return saved_or_tested(&app, &user, &name, &typed).await,
            Err(error) => field_errors(error, language)?,
        },
        Err(errors) => errors,
    };
    refused(&app, &user, None, &typed, errors).await
}

/// The name of the field of the client secret.
const SECRET: &str = "client-secret";

fn restore_secret(app: &App, user: &SignedIn, typed: &mut ConnectionForm) {
    let mut kept = app.kept_secrets.take(&user.session.token, &typed.kept);
    typed.restore(kept.remove(SECRET));
}

/// The form with its errors. What was typed as the secret is kept.
async fn refused(
    app: &App,
    user: &SignedIn,
    edited: Option<&Summary>,
    typed: &ConnectionForm,
    errors: FieldErrors,
) -> Result<Response, Failure> {
    let good = typed.good_secret(&errors).into_iter();
    let good = good.map(|secret| (SECRET.to_owned(), secret)).collect();
    let feedback = Feedback {
        errors,
        kept: app.kept_secrets.keep(&user.session.token, good),
    };
    let page = form_page(app, user, edited, typed, &feedback).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The settings, or all errors: also those that only the store and the network know.
pub(super) async fn read(
    app: &App,
    user: &SignedIn,
    typed: &ConnectionForm,
    edited: Option<&Summary>,
) -> Result<Result<(Name, Settings), FieldErrors>, Failure> {
    let (language, connections) = (user.session.language, user.connections(app));
    let (mut errors, read) = match typed.read(language, edited) {
        Ok(read) => (FieldErrors::default(), Some(read)),
        Err(errors) => (errors, None),
    };
    if let Ok(name) = typed.name.parse()
        && edited.is_none_or(|edited| edited.name != name)
        && let Err(error) = connections.check_new(&name, &[]).await
    {
        errors.extend(field_errors(error, language)?);
    }
    if typed.lost_secret {
        errors.add(Field::ClientSecret, messages::enter_again(language));
    }
    if typed.is_custom()
        && errors.of(Field::TokenUrl).is_none()
        && let Err(error) = connections.check_address(&typed.token_url).await
    {
        errors.extend(field_errors(error, language)?);
    }
    Ok(read.filter(|_| errors.is_empty()).ok_or(errors))
}

/// The errors of a form, and the id of the secret that is kept for it.
#[derive(Default)]
struct Feedback {
    errors: FieldErrors,
    kept: Option<String>,
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(mut typed): FormData<ConnectionForm>,
) -> Result<Response, Failure> {
    let summary = load(&app, &user, &subject).await?.summary;
    let language = user.session.language;
    restore_secret(&app, &user, &mut typed);
    let errors = match read(&app, &user, &typed, Some(&summary)).await? {
        Ok((name, settings)) => {
            let registration = &settings.registration;
            let changes = Changes {
                name: Some(name.clone()),
                provider: Some(registration.provider().clone()),
                grant: Some(registration.grant()),
                client_id: Some(registration.client_id().to_owned()),
                client_secret: typed.changed_secret(),
                scopes: Some(registration.scopes().clone()),
                client_authentication: Some(registration.client_authentication()),
                save_login_credentials: Some(settings.save_login_credentials),
            };
            let connections = user.connections(&app);
            match connections.edit(&summary.name, &changes).await {
                Ok(()) => return saved_or_tested(&app, &user, &name, &typed).await,
                Err(error) => field_errors(error, language)?,
            }
        }
        Err(errors) => errors,
    };
    refused(&app, &user, Some(&summary), &typed, errors).await
}

/// The errors that only the store can find, at their fields.
pub(super) fn field_errors(
    error: ConnectionError,
    language: Language,
) -> Result<FieldErrors, Failure> {
    let mut errors = FieldErrors::default();
    match error {
        ConnectionError::Exists(_) => errors.add(Field::Name, connection_error(&error, language)),
        ConnectionError::SecretNeeded(_) => {
            errors.add(Field::ClientSecret, connection_error(&error, language));
        }
        ConnectionError::PrivateAddress(_) => {
            errors.add(Field::TokenUrl, connection_error(&error, language));
        }
        ConnectionError::Registration(error) => errors.add_registration(error, language),
        other => return Err(other.into()),
    }
    Ok(errors)
}

/// Answers after saving: with a test if requested, which begins a sign-in if there is no token yet.
async fn saved_or_tested(
    app: &Arc<App>,
    user: &SignedIn,
    name: &Name,
    typed: &ConnectionForm,
) -> Result<Response, Failure> {
    if !typed.wants_test() {
        return Ok(saved(name).into_response());
    }
    let subject = Subject {
        name: name.shown().to_owned(),
    };
    let view = load(app, user, &subject).await?;
    let owner = match view.summary.shared {
        Some(_) => SignInOwner::Shared,
        None if view.may_use => SignInOwner::User(user.account.name.clone()),
        // This administrator has no token to test it with.
        None => return Ok(not_tested(name).into_response()),
    };
    let state = match owner {
        SignInOwner::Shared => view.summary.shared.clone(),
        SignInOwner::User(_) => own_state(&view.summary, &user.account.name, view.may_use),
    };
    match state {
        Some(SignInState::NotSignedIn | SignInState::SignInNeeded { .. }) => {
            begin_for(app, user, name, &owner, SAVED).await
        }
        _ => test_page(app, user, &subject, name, &owner).await,
    }
}

async fn form_page(
    app: &App,
    user: &SignedIn,
    edited: Option<&Summary>,
    typed: &ConnectionForm,
    feedback: &Feedback,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let callback_url = app.connections.callback_url().await?;
    let (title, action, back) = match edited {
        Some(summary) => (
            messages::edit(language, &summary.name),
            connection_url(EDIT, &summary.name),
            connection_url(CONNECTION, &summary.name),
        ),
        None => (
            messages::new(language).to_owned(),
            NEW.to_owned(),
            CONNECTIONS.to_owned(),
        ),
    };
    let main = html! {
        nav.breadcrumbs aria-label=(messages::connections(language)) {
            a href=(CONNECTIONS) { (messages::connections(language)) } " / "
            @if let Some(summary) = edited { a href=(back) { (summary.name) } " / " }
            span { (if edited.is_some() { messages::edit_link(language) } else { messages::create(language) }) }
        }
        div.settings {
            h1 { (title) }
            section.card {
                (copy_field(&frame, "callback-url", messages::callback_url(language), callback_url.as_str()))
                p.hint { (messages::callback_hint(language)) }
            }
            form.card method="post" action=(action) {
                (form_token(&frame))
                @if let Some(kept) = &feedback.kept { input type="hidden" name=(KEPT) value=(kept); }
                (fields(&frame, edited, typed, feedback))
                div.row {
                    button.primary #save name="then" value="save" { (messages::save(language)) }
                    button #save-and-test name="then" value="test" { (messages::save_and_test(language)) }
                    a.button href=(back) { (messages::cancel(language)) }
                }
            }
        }
    };
    Ok(page_with(&frame, &title, assets::COPY, main))
}

fn fields(
    frame: &Frame<'_>,
    edited: Option<&Summary>,
    typed: &ConnectionForm,
    Feedback { errors, kept }: &Feedback,
) -> Markup {
    let language = frame.language;
    let text = |field: Field, label: &str, value: &str, hint: &str| {
        text_field(frame, field, label, value, hint, errors)
    };
    let name_hint = if edited.is_some() {
        messages::rename_hint(language)
    } else {
        ""
    };
    let has_secret = edited.is_some_and(|summary| summary.has_client_secret);
    let secret_hint = if kept.is_some() {
        messages::secret_typed(language)
    } else if has_secret {
        messages::secret_kept(language)
    } else {
        messages::secret_hint(language)
    };
    let secret_error = errors.of(Field::ClientSecret);
    let radio = |group: &str, value: &str, label: &str, is: bool| {
        html! {
            label.choice {
                input type="radio" id={ (group) "-" (value) } name=(group) value=(value) checked[is];
                " " (label)
            }
        }
    };
    html! {
        (text(Field::Name, messages::connection_name(language), &typed.name, name_hint))
        fieldset.choices.across {
            legend.label { (messages::provider(language)) }
            (radio("provider", "genesys", messages::genesys(language), !typed.is_custom()))
            (radio("provider", "custom", messages::other_provider(language), typed.is_custom()))
        }
        div.of-genesys {
            (text(
                Field::Environment,
                messages::environment(language),
                &typed.environment,
                messages::environment_hint(language),
            ))
        }
        div.of-custom {
            (text(Field::AuthorizationUrl, messages::authorization_url(language), &typed.authorization_url, ""))
            (text(
                Field::TokenUrl,
                messages::token_url(language),
                &typed.token_url,
                messages::token_url_hint(language),
            ))
            (text(Field::Issuer, messages::issuer(language), &typed.issuer, messages::issuer_hint(language)))
            label.choice {
                input #secret-in-form type="checkbox" name="secret-in-form" checked[typed.secret_in_form.is_some()];
                " " (messages::secret_in_form(language)) span.hint { (messages::secret_in_form_hint(language)) }
            }
            p.hint { (messages::other_provider_hint(language)) }
        }
        fieldset.choices {
            legend.label { (messages::grant(language)) }
            @for (value, grant) in ConnectionForm::GRANTS {
                (radio("grant", value, super::state::grant_name(grant, language), typed.grant() == grant))
            }
        }
        (text(Field::ClientId, messages::client_id(language), &typed.client_id, ""))
        label for="client-secret" { (messages::client_secret(language)) }
        input #client-secret name=(SECRET) type="password" autocomplete=(autocomplete("password"))
            aria-invalid=[secret_error.map(|_| "true")] aria-describedby="client-secret-hint client-secret-error";
        p.hint #client-secret-hint { (secret_hint) }
        (field_error("client-secret-error", secret_error))
        @if has_secret {
            label.choice {
                input type="checkbox" name="no-secret" checked[typed.no_secret.is_some()]; " "
                (messages::no_secret(language))
            }
        }
        (text(Field::Scopes, messages::scopes(language), &typed.scopes, messages::scopes_hint(language)))
        fieldset.choices {
            legend.hidden { (messages::save_login(language)) }
            label.choice {
                input #save-login type="checkbox" name="save-login" checked[typed.save_login.is_some()];
                " " (messages::save_login(language)) span.hint { (messages::save_login_hint(language)) }
            }
        }
    }
}

fn text_field(
    frame: &Frame<'_>,
    field: Field,
    label: &str,
    value: &str,
    hint: &str,
    errors: &FieldErrors,
) -> Markup {
    let (id, error) = (field.id(), errors.of(field));
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = [
        (!hint.is_empty()).then_some(hint_id.as_str()),
        error.map(|_| error_id.as_str()),
    ];
    let described: Vec<&str> = described.into_iter().flatten().collect();
    html! {
        label for=(id) {
            (label)
            @if field.is_optional() { " " span.optional { "(" (messages::optional(frame.language)) ")" } }
        }
        input id=(id) name=(id) value=(value) maxlength=[(field == Field::Name).then_some(MAX_NAME)]
            autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=[error.map(|_| "true")]
            aria-describedby=[(!described.is_empty()).then(|| described.join(" "))];
        @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
        (field_error(&error_id, error))
    }
}
