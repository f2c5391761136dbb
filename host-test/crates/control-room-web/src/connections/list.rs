//! The list of the connections that the user may see, with the state of each.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::messages;
use super::state::{grant_name, host, own_state, state};
use super::{CONNECTION, CONNECTIONS, NEW, connection_url};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::layout::{Frame, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form};
use crate::user_session::SignedIn;
use control_room::connections::ConnectionView;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(mut query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    let language = frame.language;
    let administrator = user.session.administrator;
    let (principal, search) = (user.principal(), query.search());
    let found = loop {
        let offset = query.offset();
        let some = app
            .connections
            .page(&principal, &search, offset, PAGE_SIZE)
            .await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let no_connections = if administrator {
        messages::none(language)
    } else {
        messages::none_for_you(language)
    };
    let main = html! {
        div.bar {
            h1 { (messages::connections(language)) }
            (search_form(&frame, messages::search_connections(language), CONNECTIONS, &[], &search))
            @if administrator { a.button.primary #create href=(NEW) { (messages::create(language)) } }
        }
        @if !found.rows.is_empty() {
            (table(&frame, &user, &found.rows))
            (found.paging(&frame, CONNECTIONS, &[]))
        } @else {
            (empty_list(language, &search, no_connections))
        }
    };
    Ok(page(&frame, messages::connections(language), main))
}

fn table(frame: &Frame<'_>, user: &SignedIn, rows: &[ConnectionView]) -> Markup {
    let language = frame.language;
    html! {
        table.bots.connections {
            thead {
                tr {
                    th scope="col" { (messages::connection(language)) }
                    th scope="col" { (messages::shared(language)) }
                    th scope="col" { (messages::own(language)) }
                }
            }
            tbody {
                @for view in rows {
                    @let summary = &view.summary;
                    @let own = own_state(summary, &user.account.name, view.may_use);
                    tr {
                        th scope="row" {
                            a href=(connection_url(CONNECTION, &summary.name)) { (summary.name) }
                            p.soft { (grant_name(summary.grant, language)) ", " (host(&summary.provider)) }
                        }
                        td.state {
                            span.unit { (messages::shared(language)) ": " }
                            (state(language, summary.shared.as_ref()))
                        }
                        td.state {
                            @if own.is_some() {
                                span.unit { (messages::own(language)) ": " } (state(language, own.as_ref()))
                            } @else { span.soft.none { "–" } }
                        }
                    }
                }
            }
        }
    }
}
