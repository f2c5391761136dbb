//! Removing a connection. For administrators.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Redirect;
use maud::Markup;

use super::texts::texts;
use super::{CONNECTION, CONNECTIONS, REMOVE, at_connection, see};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::forms::{Nothing, Sent};
use crate::web::layout::page;
use crate::web::parts::{At, ask_removal};
use crate::web::rights::Administrator;

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    let frame = user.visitor.frame(&app);
    let texts = texts(frame.language);
    let question = texts.remove.replace("{name}", name.as_str());
    let (action, back) = (
        at_connection(REMOVE, &name),
        at_connection(CONNECTION, &name),
    );
    let main = ask_removal(&frame, &question, texts.remove_advice, &action, &back);
    Ok(page(&frame, &question, main))
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
