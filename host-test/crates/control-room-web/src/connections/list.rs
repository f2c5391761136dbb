//! The list of connections that somebody sees, with the state of each.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::state::{grant_in_words, host, own_state, state};
use super::texts::texts;
use super::{CONNECTION, CONNECTIONS, NEW, at_connection};
use crate::app::App;
use crate::asked::Query;
use crate::failure::Failure;
use crate::layout::{Frame, page};
use crate::lists::{Asked, SHOWN, search_form};
use crate::visitor::SignedIn;
use control_room::connections::SeenConnection;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(mut asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(&app);
    let (common, texts) = (frame.language.texts(), texts(frame.language));
    let administrator = user.visitor.administrator;
    let (viewer, search) = (user.viewer(), asked.search());
    let found = loop {
        let offset = asked.offset();
        let some = app
            .connections
            .seen(&viewer, &search, offset, SHOWN)
            .await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let main = html! {
        div.bar {
            h1 { (common.connections) }
            (search_form(&frame, texts.search, CONNECTIONS, &[], &search))
            @if administrator { a.button.primary #create href=(NEW) { (texts.create) } }
        }
        @if !found.rows.is_empty() {
            (table(&frame, &user, &found.rows))
            (found.paging(&frame, CONNECTIONS, &[]))
        } @else if !search.is_empty() {
            p.empty { (common.list_empty_search) }
        } @else {
            p.empty { (if administrator { texts.none } else { texts.none_for_you }) }
        }
    };
    Ok(page(&frame, common.connections, main))
}

fn table(frame: &Frame<'_>, user: &SignedIn, rows: &[SeenConnection]) -> Markup {
    let texts = texts(frame.language);
    html! {
        table.bots.connections {
            thead {
                tr {
                    th scope="col" { (texts.connection) }
                    th scope="col" { (texts.shared) }
                    th scope="col" { (texts.own) }
                }
            }
            tbody {
                @for seen in rows {
                    @let summary = &seen.summary;
                    @let own = own_state(summary, &user.account.name, seen.may_use);
                    tr {
                        th scope="row" {
                            a href=(at_connection(CONNECTION, &summary.name)) { (summary.name) }
                            p.soft { (grant_in_words(summary.grant, texts)) ", " (host(&summary.provider)) }
                        }
                        td.state { span.unit { (texts.shared) ": " } (state(frame.language, summary.shared.as_ref())) }
                        td.state {
                            @if own.is_some() {
                                span.unit { (texts.own) ": " } (state(frame.language, own.as_ref()))
                            } @else { span.soft.none { "–" } }
                        }
                    }
                }
            }
        }
    }
}
