//! The record of uses: of all users for administrators, of their own for others.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::messages;
use super::{LOCKERS, USES};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::layout::{Frame, page};
use crate::lists::{PAGE_SIZE, url};
use crate::moments;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::audit::{Filter, Outcome, Record};
use control_room::name::NameError;

/// The filter, and the cursor of the page.
#[derive(Deserialize)]
pub(super) struct UsesQuery {
    #[serde(default)]
    locker: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    bot: String,
    before: Option<i64>,
}

impl UsesQuery {
    /// The filter; an error for a name that is not valid, which matches nothing.
    fn filter(&self, user: &SignedIn) -> Result<Filter, NameError> {
        let administrator = user.session.administrator;
        let name = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<Name>().map(Some),
        };
        Ok(Filter {
            locker: name(&self.locker)?,
            user: name(&self.user)?.filter(|_| administrator),
            user_id: (!administrator).then(|| user.account.id.clone()),
            bot: Some(self.bot.trim())
                .filter(|bot| !bot.is_empty())
                .map(Into::into),
        })
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(query): Query<UsesQuery>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    let language = frame.language;
    let administrator = user.session.administrator;
    let mut records = match query.filter(&user) {
        // One more than is shown, to know whether there are older ones.
        Ok(filter) => {
            let audit = app.store.audit();
            audit.uses(&filter, query.before, PAGE_SIZE + 1).await?
        }
        Err(_) => Vec::new(),
    };
    let has_older = records.len() > PAGE_SIZE as usize;
    records.truncate(PAGE_SIZE as usize);
    let pairs = [
        ("locker", query.locker.as_str()),
        ("user", &query.user),
        ("bot", &query.bot),
    ];
    let older = has_older.then(|| records.last()).flatten().map(|last| {
        let before = last.number.to_string();
        let mut all = pairs.to_vec();
        all.push(("before", &before));
        url(USES, &all)
    });
    let fields = [
        ("locker", messages::locker(language), &query.locker),
        ("user", messages::user(language), &query.user),
        ("bot", messages::bot(language), &query.bot),
    ];
    let main = html! {
        nav.breadcrumbs aria-label=(messages::lockers(language)) {
            a href=(LOCKERS) { (messages::lockers(language)) } " / " span { (messages::uses(language)) }
        }
        div.bar { h1 { (messages::uses(language)) } }
        p.soft.about {
            (if administrator { messages::uses_advice(language) } else { messages::your_uses_advice(language) })
        }
        form.filter role="search" method="get" action=(USES) {
            @for (name, label, value) in fields.iter().filter(|(name, ..)| administrator || *name != "user") {
                div {
                    label for=(name) { (label) }
                    input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false";
                }
            }
            button { (messages::filter(language)) }
        }
        @if records.is_empty() {
            p.empty { (messages::no_uses(language)) }
        } @else {
            (table(&frame, &records))
            nav.paging aria-label=(messages::pages(language)) {
                @if query.before.is_some() { a.button href=(url(USES, &pairs)) { (messages::newest(language)) } }
                @if let Some(older) = older { a.button rel="next" href=(older) { (messages::older(language)) } }
            }
        }
    };
    Ok(page(&frame, messages::uses(language), main))
}

fn table(frame: &Frame<'_>, records: &[Record]) -> Markup {
    let language = frame.language;
    let columns = [
        messages::when(language),
        messages::credential(language),
        messages::user(language),
        messages::bot(language),
        messages::step(language),
        messages::outcome(language),
    ];
    html! {
        table.bots.uses {
            thead {
                tr {
                    @for label in columns {
                        th scope="col" { (label) }
                    }
                }
            }
            tbody {
                @for record in records {
                    @let refused = record.outcome == Outcome::Refused;
                    tr {
                        td.when { (moments::date_and_time(record.when)) }
                        th scope="row" { (record.path) }
                        td { (record.user) }
                        td { (record.bot) }
                        td { (record.step) }
                        td.state {
                            span.sign data-good[!refused] data-bad[refused] {
                                (if refused { messages::refused(language) } else { messages::used(language) })
                            }
                        }
                    }
                }
            }
        }
    }
}
