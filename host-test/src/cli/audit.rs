//! `bot-runner audit`: who used which credential, in which bot and step, and when; never the value. With `--events`, what
//! was done to the Control Room itself.

use anyhow::{Context, ensure};
use bot_engine::Language;
use control_room::audit::{Filter, Outcome as Use, Record};
use control_room::audit_events::{Action, Event, EventFilter};
use control_room::{Name, Principal, Store};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::control_room_messages as texts;
use super::data::DataOptions;
use super::locale::language;
use super::output::{self, ERROR, SUCCESS, aside, line, one_line};
use super::{Outcome, messages};

/// `bot-runner audit`
#[derive(Debug, clap::Args)]
pub(crate) struct Audit {
    /// Only uses of credentials in this locker
    #[arg(long)]
    locker: Option<Name>,
    /// Only uses on behalf of this user
    #[arg(long)]
    user: Option<Name>,
    /// Only uses by the bot with this name
    #[arg(long, value_name = "NAME")]
    bot: Option<String>,
    /// Show what happened to the Control Room instead: sign-ins, changes, uses of connections, what was refused, and rows that were changed from outside
    #[arg(long, conflicts_with_all = ["locker", "bot"])]
    events: bool,
    /// Show at most this many, the newest first
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Only records before the one with this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    data: DataOptions,
}

pub(crate) async fn run(args: &Audit) -> anyhow::Result<Outcome> {
    let store = args.data.existing().await?;
    if args.events {
        let done = events(args, &store).await;
        store.close().await;
        return done;
    }
    let filter = Filter {
        locker: args.locker.clone(),
        user: args.user.clone(),
        bot: args.bot.clone(),
        user_id: None,
    };
    // One more than is shown, to know whether there are more.
    let audit = store.audit();
    let records = audit.uses(&filter, args.before, args.limit + 1).await;
    let known = match &records {
        Ok(records) if records.is_empty() => check_names(&store, &filter).await,
        _ => Ok(()),
    };
    store.close().await;
    known?;
    let mut records = records?;
    let has_more = records.len() > args.limit as usize;
    records.truncate(args.limit as usize);
    let next = records.last().filter(|_| has_more);
    if args.json {
        let uses = records.iter().map(as_json);
        output::object(&json!({
            "uses": uses.collect::<anyhow::Result<Vec<_>>>()?,
            "next-before": next.map(|record| record.number),
        }));
        return Ok(Outcome::Done);
    }
    output::say_if_empty(&records);
    for record in &records {
        line(false, &as_text(record)?);
    }
    if let Some(last) = next {
        aside(&texts::earlier_records(language(), last.number));
    }
    Ok(Outcome::Done)
}

/// Fails if a name of the filter is that of nothing, which may be misspelt. There may be records of what was removed.
async fn check_names(store: &Store, filter: &Filter) -> anyhow::Result<()> {
    if let Some(locker) = &filter.locker {
        let lockers = store.vault().lockers().await?;
        let exists = lockers.iter().any(|it| it.name == *locker);
        ensure!(exists, messages::no_record_of_locker(language(), locker));
    }
    if let Some(user) = &filter.user {
        store.users().get(user).await?;
    }
    Ok(())
}

/// Records what a command did.
pub(crate) async fn note(store: &Store, action: Action, subject: &str) -> anyhow::Result<()> {
    let audit = store.audit();
    Ok(audit.done(&Principal::System, action, subject).await?)
}

async fn events(args: &Audit, store: &Store) -> anyhow::Result<Outcome> {
    let filter = EventFilter {
        actor: args.user.clone(),
        action: None,
    };
    let audit = store.audit();
    let mut events = audit.events(&filter, args.before, args.limit + 1).await?;
    if let (true, Some(user)) = (events.is_empty(), &args.user) {
        store.users().get(user).await?;
    }
    let has_more = events.len() > args.limit as usize;
    events.truncate(args.limit as usize);
    let next = events.last().filter(|_| has_more);
    if args.json {
        let shown = events.iter().map(event_as_json);
        output::object(&json!({
            "events": shown.collect::<anyhow::Result<Vec<_>>>()?,
            "next-before": next.map(|event| event.number),
        }));
        return Ok(Outcome::Done);
    }
    output::say_if_empty(&events);
    for event in &events {
        let outcome = outcome(event.outcome, texts::done(language()));
        let by = by(event, language());
        line(
            false,
            &format!(
                "{:>6}  {}  {outcome}  {}  {}  {by}",
                event.number,
                formatted(event.when)?,
                event.action.name(),
                one_line(&event.subject),
            ),
        );
    }
    if let Some(last) = next {
        aside(&texts::earlier_events(language(), last.number));
    }
    Ok(Outcome::Done)
}

fn by(event: &Event, language: Language) -> String {
    match (&event.actor, event.action) {
        (Some(user), _) => texts::by(language, user),
        (None, Action::TooManySignIns) => texts::by_nobody_known(language).into(),
        (None, _) => texts::by_operator(language).into(),
    }
}

fn event_as_json(event: &Event) -> anyhow::Result<Value> {
    Ok(json!({
        "number": event.number,
        "when": formatted(event.when)?,
        "user": event.actor.as_ref().map(Name::shown),
        "action": event.action.name(),
        "subject": event.subject,
        "outcome": match event.outcome {
            Use::Used => "done",
            Use::Refused => "refused",
        },
    }))
}

fn as_text(record: &Record) -> anyhow::Result<String> {
    let bot = one_line(&record.bot);
    let bot = match language() {
        Language::English => format!("{bot:?}"),
        Language::German => format!("„{bot}“"), // `one_line` has replaced what nobody sees
    };
    let step = one_line(&record.step);
    let by = texts::by_bot(language(), &record.user, bot, step);
    Ok(format!(
        "{:>6}  {}  {}  {}  {by}",
        record.number,
        when(record)?,
        outcome(record.outcome, texts::used(language())),
        record.path,
    ))
}

/// An outcome as wide as any, with the word for success.
fn outcome(outcome: Use, success: &str) -> String {
    let refused = texts::refused(language());
    let (style, word) = match outcome {
        Use::Used => (SUCCESS, success),
        Use::Refused => (ERROR, refused),
    };
    format!("{style}{word:<width$}{style:#}", width = refused.len())
}

fn as_json(record: &Record) -> anyhow::Result<Value> {
    Ok(json!({
        "number": record.number,
        "when": when(record)?,
        "user": record.user.shown(),
        "bot": record.bot,
        "step": record.step,
        "locker": record.path.credential.locker.shown(),
        "credential": record.path.credential.credential.shown(),
        "attribute": record.path.attribute.shown(),
        "outcome": match record.outcome {
            Use::Used => "used",
            Use::Refused => "refused",
        },
    }))
}

fn when(record: &Record) -> anyhow::Result<String> {
    formatted(record.when)
}

fn formatted(moment: OffsetDateTime) -> anyhow::Result<String> {
    moment
        .format(&Rfc3339)
        .context(texts::time_of_record(language()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_without_a_user_name_is_not_taken_for_the_operators() {
        let event = |action| Event {
            number: 1,
            when: OffsetDateTime::UNIX_EPOCH,
            actor: None,
            action,
            subject: "192.0.2.1".into(),
            outcome: Use::Refused,
        };
        let by = |action| by(&event(action), Language::English);
        assert_eq!(
            by(Action::TooManySignIns),
            "by somebody without a user name"
        );
        assert_eq!(by(Action::Run), "by the operator");
    }
}
