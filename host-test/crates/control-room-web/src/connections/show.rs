//! The page of a connection: the state of its tokens, sign-in and test, and the roles that may use it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tokio::time::timeout;

use super::errors::connection_error;
use super::messages;
use super::state::{grant_name, host, own_state, state};
use super::{CONNECTION, CONNECTIONS, EDIT, REMOVE, SIGN_IN, TEST, connection_url, load};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Subject, checkboxes, checked_names, copy_field};
use crate::forms::FormData;
use crate::layout::{Frame, form_token, page_with};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use bot_engine::report::duration_in_words;
use control_room::connections::{
    ConnectionError, ConnectionView, SignInOwner, SignInState, Summary, TestOutcome,
};
use control_room::oauth::{Grant, Provider};
use control_room::{Connections, Name};

/// The time limit of a test; less than that of a request.
const TEST_TIME: Duration = Duration::from_secs(25);

/// The token owner, in forms.
pub(super) const SHARED: &str = "shared";
const OWN: &str = "own";

/// Values of the query parameter `done`.
pub(super) const SAVED: &str = "saved";
const NOT_TESTED: &str = "not-tested";
pub(super) const OPEN: &str = "open";

#[derive(Default, Deserialize)]
pub(super) struct Flash {
    #[serde(default)]
    done: String,
}

impl Flash {
    pub(super) fn is_saved(&self) -> bool {
        self.done == SAVED
    }

    /// Whether the page continues to the provider at once.
    pub(super) fn goes_to_provider(&self) -> bool {
        self.done == OPEN
    }
}

/// A message at the top of the page.
pub(super) enum Notice {
    Good(String),
    Wrong(String),
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    Query(done): Query<Flash>,
) -> Result<Markup, Failure> {
    let view = load(&app, &user, &subject).await?;
    let language = user.session.language;
    let notice = match done.done.as_str() {
        SAVED => Some(Notice::Good(messages::saved(language).into())),
        NOT_TESTED => Some(Notice::Wrong(messages::not_tested(language).into())),
        _ => None,
    };
    show_page(&app, &user, &view, notice).await
}

pub(super) async fn show_page(
    app: &App,
    user: &SignedIn,
    view: &ConnectionView,
    notice: Option<Notice>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let administrator = user.session.administrator;
    let summary = &view.summary;
    let signs_in = summary.grant != Grant::ClientCredentials;
    let own = own_state(summary, &user.account.name, view.may_use);
    let others = summary.users.iter();
    let others: Vec<_> = others
        .filter(|(name, _)| *name != user.account.name)
        .collect();
    let main = html! {
        nav.breadcrumbs aria-label=(messages::connections(language)) {
            a href=(CONNECTIONS) { (messages::connections(language)) } " / " span { (summary.name) }
        }
        div.settings {
            div.bar {
                h1 { (summary.name) }
                @if administrator {
                    a.button #edit href=(connection_url(EDIT, &summary.name)) { (messages::edit_link(language)) }
                    a.button #remove href=(connection_url(REMOVE, &summary.name)) { (messages::remove(language)) }
                }
            }
            p.soft { (grant_name(summary.grant, language)) ", " (host(&summary.provider)) }
            @if administrator && matches!(summary.provider, Provider::Custom(_)) {
                p.notice { (messages::other_provider_hint(language)) }
            }
            @match &notice {
                Some(Notice::Good(message)) => p.done #notice role="status" { (message) },
                Some(Notice::Wrong(message)) => p.error #notice role="alert" { (message) },
                None => {}
            }
            @if administrator || !signs_in {
                section.card #shared {
                    h2 { (messages::shared(language)) }
                    div { (state(language, summary.shared.as_ref())) }
                    @if administrator && summary.shared.is_some() {
                        (actions(&frame, summary, SHARED, summary.shared.as_ref()))
                    }
                }
            }
            @if signs_in {
                section.card #own {
                    h2 { (messages::own(language)) }
                    @if own.is_some() {
                        div { (state(language, own.as_ref())) }
                        (actions(&frame, summary, OWN, own.as_ref()))
                    } @else { p.hint { (messages::needs_role(language)) } }
                }
            }
            @if administrator {
                (roles(app, &frame, view).await?)
                @if signs_in {
                    section.card {
                        (copy_field(
                            &frame,
                            "callback-url",
                            messages::callback_url(language),
                            app.connections.callback_url().await?.as_str(),
                        ))
                        p.hint { (messages::callback_hint(language)) }
                    }
                }
                @if !others.is_empty() {
                    section.card {
                        h2 { (messages::others(language)) }
                        ul.others {
                            @for (name, other) in others {
                                li {
                                    strong { (name) } ": "
                                    (state(language, Some(other)))
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page_with(&frame, summary.name.shown(), assets::COPY, main))
}

/// The buttons for a token: sign in, and test.
fn actions(
    frame: &Frame<'_>,
    Summary { name, grant, .. }: &Summary,
    whose: &str,
    state: Option<&SignInState>,
) -> Markup {
    let language = frame.language;
    let sign_in_again = messages::sign_in_again(language);
    let (signs_in, tests) = match state {
        None => (None, false),
        Some(SignInState::Fetched) => (None, true),
        Some(SignInState::NotSignedIn) => (Some(messages::sign_in(language)), false),
        Some(SignInState::SignInNeeded { .. }) => (Some(sign_in_again), false),
        Some(SignInState::SignedIn { .. }) => (Some(sign_in_again), true),
        Some(SignInState::LastUseFailed(_)) => {
            let signs_in = *grant != Grant::ClientCredentials;
            (signs_in.then_some(sign_in_again), true)
        }
    };
    html! {
        div.row.acts {
            @if let Some(label) = signs_in {
                form.inline method="post" action=(connection_url(SIGN_IN, name)) {
                    (form_token(frame))
                    input type="hidden" name="whose" value=(whose);
                    button.primary[!tests] id={ "sign-in-" (whose) } { (label) }
                }
            }
            @if tests {
                form.inline method="post" action=(connection_url(TEST, name)) {
                    (form_token(frame))
                    input type="hidden" name="whose" value=(whose);
                    button id={ "test-" (whose) } { (messages::test(language)) }
                }
            }
        }
    }
}

async fn roles(app: &App, frame: &Frame<'_>, view: &ConnectionView) -> Result<Markup, Failure> {
    let language = frame.language;
    let all = app.store.users().roles().await?;
    let all: Vec<Name> = all.into_iter().map(|role| role.name).collect();
    let summary = &view.summary;
    Ok(html! {
        section.card {
            h2 { (messages::allowed(language)) }
            @if all.is_empty() {
                p.hint { (messages::no_roles(language)) }
            } @else if summary.roles.is_empty() {
                p.notice #no-role { (messages::no_role_chosen(language)) }
            }
            form method="post" action=(connection_url("/connections/roles", &summary.name)) {
                (form_token(frame))
                (checkboxes(messages::allowed(language), "role", &all, &summary.roles))
                button #save-roles { (messages::save_roles(language)) }
            }
        }
    })
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(fields): FormData<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let summary = load(&app, &user, &subject).await?.summary;
    let roles = checked_names(&fields, "role");
    let connections = user.connections(&app);
    connections.set_roles(&summary.name, &roles).await?;
    Ok(saved(&summary.name))
}

/// Redirects to the connection's page with the message that it is saved.
pub(super) fn saved(name: &Name) -> Redirect {
    done(name, SAVED)
}

/// The same, with what is missing for a test.
pub(super) fn not_tested(name: &Name) -> Redirect {
    done(name, NOT_TESTED)
}

fn done(name: &Name, what: &str) -> Redirect {
    let pairs = [("at", name.shown()), ("done", what)];
    Redirect::to(&super::url(CONNECTION, &pairs))
}

#[derive(Deserialize)]
pub(super) struct OwnerForm {
    whose: String,
    /// Where to continue once the sign-in has begun: with [`OPEN`], at the page of the provider.
    #[serde(default)]
    pub(super) then: String,
}

impl OwnerForm {
    /// The token owner; only administrators act on the shared token.
    pub(super) fn owner(&self, user: &SignedIn) -> Result<SignInOwner, Failure> {
        match self.whose.as_str() {
            SHARED if user.session.administrator => Ok(SignInOwner::Shared),
            SHARED => Err(Failure::NotFound),
            OWN => Ok(SignInOwner::User(user.account.name.clone())),
            _ => Err(Failure::Malformed),
        }
    }
}

pub(super) async fn test(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(whose): FormData<OwnerForm>,
) -> Result<Response, Failure> {
    let view = load(&app, &user, &subject).await?;
    let owner = whose.owner(&user)?;
    test_page(&app, &user, &subject, &view.summary.name, &owner).await
}

/// Tests the connection and shows the outcome.
pub(super) async fn test_page(
    app: &App,
    user: &SignedIn,
    subject: &Subject,
    name: &Name,
    owner: &SignInOwner,
) -> Result<Response, Failure> {
    let language = user.session.language;
    let (status, notice) = match tested(&app.connections, name, owner).await {
        Ok(tested) => (
            StatusCode::OK,
            Notice::Good(test_message(&tested, language)),
        ),
        Err(error @ (ConnectionError::Store(_) | ConnectionError::NoConnection(_))) => {
            return Err(error.into());
        }
        Err(error) => {
            let error = connection_error(&error, language);
            let notice = Notice::Wrong(format!("{} {error}", messages::test_failed(language)));
            (StatusCode::UNPROCESSABLE_ENTITY, notice)
        }
    };
    // The test has changed the state.
    let view = load(app, user, subject).await?;
    let page = show_page(app, user, &view, Some(notice)).await?;
    Ok((status, page).into_response())
}

async fn tested(
    connections: &Connections,
    name: &Name,
    owner: &SignInOwner,
) -> Result<TestOutcome, ConnectionError> {
    match timeout(TEST_TIME, connections.test(name, owner)).await {
        Ok(tested) => tested,
        Err(_) => Err(ConnectionError::TimedOut(name.clone())),
    }
}

fn test_message(tested: &TestOutcome, language: Language) -> String {
    let mut message = if tested.refreshed {
        messages::tested(language).to_owned()
    } else {
        messages::tested_without_refresh(language).to_owned()
    };
    if let Some(seconds) = tested.expires_in {
        message += " ";
        message += &messages::lives(language, duration_in_words(seconds, language));
    }
    if let Some(granted) = &tested.granted {
        message += " ";
        message += &messages::granted(language, granted);
    }
    message
}
