//! A connection: whether there are tokens, what can be done about it, and whose roles may use it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tokio::time::timeout;

use super::localize::connection_error;
use super::messages;
use super::state::{grant_in_words, host, own_state, state};
use super::{CONNECTION, CONNECTIONS, EDIT, REMOVE, SIGN_IN, TEST, at_connection, see};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, choices, copy_field, ticked};
use crate::forms::Sent;
use crate::layout::{Frame, form_token, page_with};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::connections::{
    ConnectionError, ConnectionView, SignInOwner, SignInState, TestOutcome,
};
use control_room::oauth::Grant;
use control_room::{Connections, Name};

/// How long a test may take: less than a request may.
const TEST_TIME: Duration = Duration::from_secs(25);

/// In forms, whose token is meant.
pub(super) const SHARED: &str = "shared";
const OWN: &str = "own";

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// What is said above.
pub(super) enum Notice {
    Good(String),
    Wrong(String),
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Query(done): Query<Done>,
) -> Result<Markup, Failure> {
    let seen = see(&app, &user, &at).await?;
    let language = user.visitor.language;
    let notice = (done.done == "saved").then(|| Notice::Good(messages::saved(language).into()));
    show_page(&app, &user, &seen, notice).await
}

pub(super) async fn show_page(
    app: &App,
    user: &SignedIn,
    seen: &ConnectionView,
    notice: Option<Notice>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let administrator = user.visitor.administrator;
    let summary = &seen.summary;
    let signs_in = summary.grant != Grant::ClientCredentials;
    let own = own_state(summary, &user.account.name, seen.may_use);
    let others = summary.users.iter();
    let others: Vec<_> = others
        .filter(|(name, _)| *name != user.account.name)
        .collect();
    let main = html! {
        nav.way aria-label=(messages::connections(language)) {
            a href=(CONNECTIONS) { (messages::connections(language)) } " / " span { (summary.name) }
        }
        div.settings {
            div.bar {
                h1 { (summary.name) }
                @if administrator {
                    a.button #edit href=(at_connection(EDIT, &summary.name)) { (messages::edit_link(language)) }
                    a.button #remove href=(at_connection(REMOVE, &summary.name)) { (messages::remove(language)) }
                }
            }
            p.soft { (grant_in_words(summary.grant, language)) ", " (host(&summary.provider)) }
            @match &notice {
                Some(Notice::Good(words)) => p.done #notice role="status" { (words) },
                Some(Notice::Wrong(words)) => p.error #notice role="alert" { (words) },
                None => {}
            }
            @if administrator || !signs_in {
                section.card #shared {
                    h2 { (messages::shared(language)) }
                    div { (state(frame.language, summary.shared.as_ref())) }
                    @if administrator && summary.shared.is_some() {
                        (actions(&frame, &summary.name, SHARED, summary.shared.as_ref()))
                    }
                }
            }
            @if signs_in {
                section.card #own {
                    h2 { (messages::own(language)) }
                    @if own.is_some() {
                        div { (state(frame.language, own.as_ref())) }
                        (actions(&frame, &summary.name, OWN, own.as_ref()))
                    } @else { p.hint { (messages::needs_role(language)) } }
                }
            }
            @if administrator {
                (roles(app, &frame, seen).await?)
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
                                li { strong { (name) } ": " (state(frame.language, Some(other))) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page_with(&frame, summary.name.as_str(), assets::COPY, main))
}

/// What can be done about a token.
fn actions(frame: &Frame<'_>, name: &Name, whose: &str, state: Option<&SignInState>) -> Markup {
    let language = frame.language;
    let (signs_in, tests) = match state {
        None => (None, false),
        Some(SignInState::Fetched) => (None, true),
        Some(SignInState::NotSignedIn) => (Some(messages::sign_in(language)), false),
        Some(SignInState::SignInNeeded { .. }) => (Some(messages::sign_in_again(language)), false),
        Some(SignInState::SignedIn { .. }) => (Some(messages::sign_in_again(language)), true),
    };
    html! {
        div.row.acts {
            @if let Some(label) = signs_in {
                form.inline method="post" action=(at_connection(SIGN_IN, name)) {
                    (form_token(frame))
                    input type="hidden" name="whose" value=(whose);
                    button.primary[!tests] id={ "sign-in-" (whose) } { (label) }
                }
            }
            @if tests {
                form.inline method="post" action=(at_connection(TEST, name)) {
                    (form_token(frame))
                    input type="hidden" name="whose" value=(whose);
                    button id={ "test-" (whose) } { (messages::test(language)) }
                }
            }
        }
    }
}

async fn roles(app: &App, frame: &Frame<'_>, seen: &ConnectionView) -> Result<Markup, Failure> {
    let language = frame.language;
    let all = app.store.users().roles().await?;
    let all: Vec<Name> = all.into_iter().map(|role| role.name).collect();
    let summary = &seen.summary;
    Ok(html! {
        section.card {
            h2 { (messages::allowed(language)) }
            @if all.is_empty() { p.hint { (messages::no_roles(language)) } }
            form method="post" action=(at_connection("/connections/roles", &summary.name)) {
                (form_token(frame))
                (choices(messages::allowed(language), "role", &all, &summary.roles))
                button #save-roles { (messages::save_roles(language)) }
            }
        }
    })
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(sent): Sent<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let summary = see(&app, &user, &at).await?.summary;
    let roles = ticked(&sent, "role");
    app.connections.set_roles(&summary.name, &roles).await?;
    Ok(saved(&summary.name))
}

/// To the connection, which says that it is saved.
pub(super) fn saved(name: &Name) -> Redirect {
    let pairs = [("at", name.as_str()), ("done", "saved")];
    Redirect::to(&super::place(CONNECTION, &pairs))
}

#[derive(Deserialize)]
pub(super) struct Whose {
    whose: String,
}

impl Whose {
    /// The holder that is meant. The shared token is an administrator's affair.
    pub(super) fn holder(&self, user: &SignedIn) -> Result<SignInOwner, Failure> {
        match self.whose.as_str() {
            SHARED if user.visitor.administrator => Ok(SignInOwner::Shared),
            SHARED => Err(Failure::NotFound),
            OWN => Ok(SignInOwner::User(user.account.name.clone())),
            _ => Err(Failure::Malformed),
        }
    }
}

pub(super) async fn test(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Sent(whose): Sent<Whose>,
) -> Result<Response, Failure> {
    let seen = see(&app, &user, &at).await?;
    let holder = whose.holder(&user)?;
    test_page(&app, &user, &at, &seen.summary.name, &holder).await
}

/// Tests, and shows what came of it.
pub(super) async fn test_page(
    app: &App,
    user: &SignedIn,
    at: &At,
    name: &Name,
    holder: &SignInOwner,
) -> Result<Response, Failure> {
    let language = user.visitor.language;
    let (status, notice) = match tested(&app.connections, name, holder).await {
        Ok(tested) => (
            StatusCode::OK,
            Notice::Good(tested_in_words(&tested, language)),
        ),
        Err(error @ (ConnectionError::Store(_) | ConnectionError::NoConnection(_))) => {
            return Err(error.into());
        }
        Err(error) => {
            let error = connection_error(&error, user.visitor.language);
            let notice = Notice::Wrong(format!("{} {error}", messages::test_failed(language)));
            (StatusCode::UNPROCESSABLE_ENTITY, notice)
        }
    };
    // Its state is another now.
    let seen = see(app, user, at).await?;
    let page = show_page(app, user, &seen, Some(notice)).await?;
    Ok((status, page).into_response())
}

async fn tested(
    connections: &Connections,
    name: &Name,
    holder: &SignInOwner,
) -> Result<TestOutcome, ConnectionError> {
    match timeout(TEST_TIME, connections.test(name, holder)).await {
        Ok(tested) => tested,
        Err(_) => Err(ConnectionError::OutOfTime(name.clone())),
    }
}

fn tested_in_words(tested: &TestOutcome, language: Language) -> String {
    let mut words = match tested.refreshed {
        true => messages::tested(language).to_owned(),
        false => messages::tested_not_renewed(language).to_owned(),
    };
    if let Some(seconds) = tested.expires_in {
        words += " ";
        words += &messages::lives(language, seconds);
    }
    if let Some(granted) = &tested.granted {
        words += " ";
        words += &messages::granted(language, granted);
    }
    words
}
