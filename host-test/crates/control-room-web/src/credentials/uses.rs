//! The record of uses: of everybody for administrators, of their own for others.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::texts::texts;
use super::{LOCKERS, USES};
use crate::app::App;
use crate::asked::Query;
use crate::bots::when;
use crate::failure::Failure;
use crate::layout::{Frame, page};
use crate::lists::{SHOWN, place};
use crate::visitor::SignedIn;
use control_room::Name;
use control_room::audit::{Filter, Outcome, Record};
use control_room::name::NameError;

/// What is looked for, and where the page begins.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    locker: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    bot: String,
    before: Option<i64>,
}

impl Asked {
    /// An error where a name is none, which nothing fits.
    fn filter(&self, user: &SignedIn) -> Result<Filter, NameError> {
        let name = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<Name>().map(Some),
        };
        Ok(Filter {
            locker: name(&self.locker)?,
            user: match user.visitor.administrator {
                true => name(&self.user)?,
                false => Some(user.account.name.clone()),
            },
            bot: Some(self.bot.trim())
                .filter(|bot| !bot.is_empty())
                .map(Into::into),
        })
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(&app);
    let texts = texts(frame.language);
    let administrator = user.visitor.administrator;
    let mut records = match asked.filter(&user) {
        // One more than is shown tells whether there are older ones.
        Ok(filter) => {
            let audit = app.store.audit();
            audit.uses(&filter, asked.before, SHOWN + 1).await?
        }
        Err(_) => Vec::new(),
    };
    let has_older = records.len() > SHOWN as usize;
    records.truncate(SHOWN as usize);
    let pairs = [
        ("locker", asked.locker.as_str()),
        ("user", &asked.user),
        ("bot", &asked.bot),
    ];
    let older = has_older.then(|| records.last()).flatten().map(|last| {
        let before = last.number.to_string();
        let mut all = pairs.to_vec();
        all.push(("before", &before));
        place(USES, &all)
    });
    let fields = [
        ("locker", texts.locker, &asked.locker),
        ("user", texts.user, &asked.user),
        ("bot", texts.bot, &asked.bot),
    ];
    let main = html! {
        nav.way aria-label=(texts.lockers) {
            a href=(LOCKERS) { (texts.lockers) } " / " span { (texts.uses) }
        }
        div.bar { h1 { (texts.uses) } }
        p.soft.about { (if administrator { texts.uses_advice } else { texts.your_uses_advice }) }
        form.filter role="search" method="get" action=(USES) {
            @for (name, label, value) in fields.iter().filter(|(name, ..)| administrator || *name != "user") {
                div {
                    label for=(name) { (label) }
                    input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false";
                }
            }
            button { (texts.filter) }
        }
        @if records.is_empty() {
            p.empty { (texts.no_uses) }
        } @else {
            (table(&frame, &records))
            nav.paging aria-label=(frame.language.texts().pages) {
                @if asked.before.is_some() { a.button href=(place(USES, &pairs)) { (texts.newest) } }
                @if let Some(older) = older { a.button rel="next" href=(older) { (texts.older) } }
            }
        }
    };
    Ok(page(&frame, texts.uses, main))
}

fn table(frame: &Frame<'_>, records: &[Record]) -> Markup {
    let texts = texts(frame.language);
    html! {
        table.bots.uses {
            thead {
                tr {
                    @for label in [texts.when, texts.credential, texts.user, texts.bot, texts.step, texts.outcome] {
                        th scope="col" { (label) }
                    }
                }
            }
            tbody {
                @for record in records {
                    @let refused = record.outcome == Outcome::Refused;
                    tr {
                        td.when { (when(record.when)) }
                        th scope="row" { (record.path) }
                        td { (record.user) }
                        td { (record.bot) }
                        td { (record.step) }
                        td.state {
                            span.sign data-good[!refused] { (if refused { texts.refused } else { texts.used }) }
                        }
                    }
                }
            }
        }
    }
}
