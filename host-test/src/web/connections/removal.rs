//! Removing a connection. For administrators.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Redirect;
use maud::Markup;

use super::texts::texts;
use super::{CONNECTION, CONNECTIONS, REMOVE, see};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::forms::{Nothing, Sent};
use crate::web::parts::{At, Removal, ask_removal};
use crate::web::rights::Administrator;

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    let frame = user.visitor.frame(&app);
    let texts = texts(frame.language);
    let removal = Removal {
        question: texts.remove,
        advice: texts.remove_advice,
        name: name.as_str(),
        at: ("at", name.as_str()),
        remove: REMOVE,
        back: CONNECTION,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    app.connections.remove(&name).await?;
    Ok(Redirect::to(CONNECTIONS))
}
