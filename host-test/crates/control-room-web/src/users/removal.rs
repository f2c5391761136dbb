//! Removes a user or a role, after confirmation.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::Markup;

use super::messages;
use super::role::role_page;
use super::user::{Feedback, user_page};
use super::{REMOVE, REMOVE_ROLE, ROLE, ROLES, USER, USERS, name_of};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Removal, Subject, ask_removal};
use crate::forms::{FormData, NoFields};
use crate::lists::ListQuery;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::users::{ADMINISTRATOR, UserError};

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Response, Failure> {
    let name = name_of(&subject)?;
    if user.account.name == name {
        return not_oneself(&app, &user).await;
    }
    let users = app.store.users();
    let name = users.get(&name).await?.name;
    let belongings = users.owned_data(&name).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let advice = messages::remove_user_advice(
        language,
        belongings.bots,
        belongings.runs,
        belongings.values,
        belongings.sign_ins,
    );
    let removal = Removal {
        question: messages::remove_user(language, &name),
        advice: &advice,
        at: ("at", name.shown()),
        remove: REMOVE,
        back: USER,
        more: Markup::default(),
    };
    Ok(ask_removal(&frame, &removal).into_response())
}

async fn not_oneself(app: &App, user: &SignedIn) -> Result<Response, Failure> {
    let feedback = Feedback {
        not_removed: Some(messages::not_oneself(user.session.language)),
        ..Feedback::default()
    };
    let page = user_page(app, user, &user.account.name, feedback).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Response, Failure> {
    let (users, name) = (app.store.users(), name_of(&subject)?);
    match users.remove(&user.principal(), &name).await {
        Ok(id) => {
            app.runs.stop_all_of(&id);
            Ok(Redirect::to(USERS).into_response())
        }
        Err(UserError::OwnAdministratorRole) => not_oneself(&app, &user).await,
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn ask_role(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Response, Failure> {
    let name = name_of(&subject)?;
    if name.as_str() == ADMINISTRATOR {
        return not_that_role(&app, &user, &name).await;
    }
    // Only an existing role can be removed.
    let name = app.store.users().role(&name).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let removal = Removal {
        question: messages::remove_role(language, &name),
        advice: messages::remove_role_advice(language),
        at: ("at", name.shown()),
        remove: REMOVE_ROLE,
        back: ROLE,
        more: Markup::default(),
    };
    Ok(ask_removal(&frame, &removal).into_response())
}

async fn not_that_role(app: &App, user: &SignedIn, role: &Name) -> Result<Response, Failure> {
    let page: Markup = role_page(app, user, role, ListQuery::all(), true).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn remove_role(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Response, Failure> {
    let (users, role) = (app.store.users(), name_of(&subject)?);
    match users.remove_role(&user.principal(), &role).await {
        Ok(()) => Ok(Redirect::to(ROLES).into_response()),
        Err(UserError::OwnAdministratorRole) => not_that_role(&app, &user, &role).await,
        Err(other) => Err(other.into()),
    }
}
