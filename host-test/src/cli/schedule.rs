//! `bot-runner schedule`: when bots of the pages start by themselves.

use anyhow::Context as _;
use bot_engine::Language;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use control_room::audit_events::Action;
use control_room::schedules::{Happened, Missed, NewSchedule, Overlap, Recurrence, Schedule};
use control_room::{Name, Principal, Store};
use control_room_web::worker::Given;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Outcome;
use super::data::DataOptions;
use super::locale::language;
use super::output::{self, BOLD, done, line, one_line, say_if_empty};
use super::schedule_messages as texts;
use super::stored_bot::{BotOptions, account};

/// `bot-runner schedule`
#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a bot at recurring times; `serve` and each worker queue its runs
    Add(Box<Add>),
    /// List the schedules of a user
    List {
        #[command(flatten)]
        owner: Owner,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Let a schedule start nothing until it is resumed
    Pause {
        /// The id of the schedule
        id: String,
        #[command(flatten)]
        owner: Owner,
    },
    /// Let a schedule go on with its next time
    Resume {
        /// The id of the schedule
        id: String,
        #[command(flatten)]
        owner: Owner,
    },
    /// Remove a schedule; what it has queued stays in the queue
    Remove {
        /// The id of the schedule
        id: String,
        #[command(flatten)]
        owner: Owner,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    #[command(flatten)]
    bot: BotOptions,
    /// Minute, hour, day of month, month and day of week: “0 9 * * 1-5” is 9:00 from Monday to Friday
    #[arg(long, value_name = "EXPRESSION")]
    cron: String,
    /// The time zone of these times, such as Europe/Berlin
    #[arg(long, value_name = "NAME")]
    time_zone: String,
    /// What to do at a time when the last run of the schedule has not ended: skip it, or queue another run
    #[arg(long, default_value = "skip", value_parser = overlap())]
    overlap: Overlap,
    /// What to do about times more than 5 minutes ago at which nothing could start the bot: skip them, or start it once
    #[arg(long, default_value = "skip", value_parser = missed())]
    missed: Missed,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Owner {
    /// The user whose schedules these are [default: the only user]
    #[arg(long, value_name = "NAME")]
    user: Option<Name>,
}

fn overlap() -> impl TypedValueParser<Value = Overlap> {
    let names = [Overlap::Skip, Overlap::Queue].map(Overlap::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn missed() -> impl TypedValueParser<Value = Missed> {
    let names = [Missed::Skip, Missed::Once].map(Missed::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

impl ScheduleArgs {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            Command::Add(add) => add.json,
            Command::List { json, .. } => *json,
            _ => false,
        }
    }
}

pub(crate) async fn run(args: &ScheduleArgs) -> anyhow::Result<Outcome> {
    if let Command::Add(add) = &args.command {
        return self::add(add, &args.data).await;
    }
    let store = args.data.existing().await?;
    let done = args.command.run(&store).await;
    store.close().await;
    done.map(|()| Outcome::Done)
}

impl Command {
    async fn run(&self, store: &Store) -> anyhow::Result<()> {
        let by = &Principal::System;
        let (Self::List { owner, .. }
        | Self::Pause { owner, .. }
        | Self::Resume { owner, .. }
        | Self::Remove { owner, .. }) = self
        else {
            return Ok(());
        };
        let account = account(store, owner.user.as_ref()).await?;
        let schedules = store.schedules(&account);
        match self {
            Self::Add(_) => {}
            Self::List { json, .. } => list(&schedules.list().await?, *json)?,
            Self::Pause { id, .. } => {
                schedules.pause(by, id).await.context(one_line(id))?;
                done(&texts::paused(language(), one_line(id)));
            }
            Self::Resume { id, .. } => {
                schedules.resume(by, id).await.context(one_line(id))?;
                done(&texts::resumed(language(), one_line(id)));
            }
            Self::Remove { id, .. } => {
                schedules.remove(by, id).await.context(one_line(id))?;
                done(&texts::removed(language(), one_line(id)));
            }
        }
        Ok(())
    }
}

async fn add(add: &Add, data: &DataOptions) -> anyhow::Result<Outcome> {
    let given = add.bot.given()?;
    let recurrence = Recurrence::new(&add.cron, &add.time_zone)?;
    let catalogue = add.bot.catalogue().await?;
    let store = data.existing().await?;
    let added = async {
        let checked = add
            .bot
            .checked(Action::ScheduleCreated, &store, &given, &catalogue)
            .await?;
        let new = NewSchedule {
            bot_id: &checked.stored.summary.id,
            pool: &add.bot.pool,
            recurrence: &recurrence,
            overlap: add.overlap,
            missed: add.missed,
            inputs: &Given::new(&checked.bot, &given, language()).to_secret(),
        };
        let schedules = store.schedules(&checked.account);
        anyhow::Ok(schedules.create(&Principal::System, &new).await?)
    };
    let added = added.await;
    store.close().await;
    let (id, first) = added?;
    let next = first
        .into_iter()
        .flat_map(|it| recurrence.beginning_with(it));
    let next = next.take(3).map(formatted);
    let next: Vec<String> = next.collect::<Result<_, _>>()?;
    if add.json {
        output::object(&json!({ "schedule": id, "next": next }));
    } else {
        done(&texts::added(language(), id, one_line(&add.bot.name)));
        line(false, &texts::next_times(language(), next.join(", ")));
    }
    Ok(Outcome::Done)
}

fn list(schedules: &[Schedule], json: bool) -> anyhow::Result<()> {
    if json {
        let all = schedules
            .iter()
            .map(object)
            .collect::<Result<Vec<_>, _>>()?;
        output::object(&json!({ "schedules": all }));
        return Ok(());
    }
    say_if_empty(schedules);
    for schedule in schedules {
        let bot = one_line(&schedule.bot);
        let (expression, zone) = (
            schedule.recurrence.expression(),
            schedule.recurrence.time_zone(),
        );
        line(
            false,
            &format!("{BOLD}{bot}{BOLD:#}  {expression}  {zone}  {}", schedule.id),
        );
        for text in times(schedule, language())? {
            line(false, &text);
        }
    }
    Ok(())
}

/// When a schedule starts its bot next, and what happened last.
fn times(schedule: &Schedule, language: Language) -> anyhow::Result<Vec<String>> {
    let recurrence = &schedule.recurrence;
    let next = match schedule.next {
        _ if schedule.is_paused => texts::is_paused(language).into(),
        Some(next) => formatted(recurrence.shown(next))?,
        None if recurrence.has_times() => texts::to_calculate(language).into(),
        None => texts::invalid(language).into(),
    };
    let mut times = vec![texts::next(language, next, &schedule.pool)];
    if let Some(last) = &schedule.last {
        let what = match last.happened {
            Happened::Queued => texts::queued(language, last.run.as_deref().unwrap_or_default()),
            Happened::Overlapped => texts::overlapped(language).into(),
            Happened::Missed => texts::missed(language).into(),
            Happened::Refused => texts::refused(language).into(),
            Happened::Unreadable => texts::unreadable(language).into(),
        };
        let time = formatted(recurrence.shown(last.time))?;
        times.push(texts::last(language, time, what));
    }
    Ok(times)
}

fn object(schedule: &Schedule) -> anyhow::Result<Value> {
    let recurrence = &schedule.recurrence;
    let time = |it: OffsetDateTime| formatted(recurrence.shown(it));
    let last = schedule.last.as_ref().map(|last| {
        let (happened, run) = (last.happened.name(), &last.run);
        anyhow::Ok(json!({ "time": time(last.time)?, "happened": happened, "run": run }))
    });
    Ok(json!({
        "schedule": schedule.id,
        "bot": schedule.bot,
        "pool": schedule.pool.as_str(),
        "cron": recurrence.expression(),
        "time-zone": recurrence.time_zone(),
        "overlap": schedule.overlap.name(),
        "missed": schedule.missed.name(),
        "paused": schedule.is_paused,
        "next": schedule.next.map(time).transpose()?,
        "last": last.transpose()?,
    }))
}

fn formatted(time: OffsetDateTime) -> anyhow::Result<String> {
    Ok(time.format(&Rfc3339)?)
}

#[cfg(test)]
mod tests {
    use control_room::schedules::Last;

    use super::*;

    #[test]
    fn each_line_is_said_in_both_languages() {
        let schedule = |next, is_paused, happened| Schedule {
            id: "1".into(),
            bot_id: "1".into(),
            bot: "Nightly".into(),
            pool: "default".parse().unwrap(),
            recurrence: Recurrence::new("0 9 * * *", "Europe/Berlin").unwrap(),
            overlap: Overlap::Skip,
            missed: Missed::Skip,
            is_paused,
            next,
            last: Some(Last {
                time: OffsetDateTime::UNIX_EPOCH,
                happened,
                run: Some("7".into()),
            }),
        };
        let mut lines = String::new();
        for language in [Language::English, Language::German] {
            for (next, is_paused, happened) in [
                (Some(OffsetDateTime::UNIX_EPOCH), false, Happened::Queued),
                (None, false, Happened::Overlapped),
                (None, true, Happened::Missed),
                (None, true, Happened::Refused),
                (None, true, Happened::Unreadable),
            ] {
                let schedule = schedule(next, is_paused, happened);
                lines += &(times(&schedule, language).unwrap().join("\n") + "\n");
            }
        }
        insta::assert_snapshot!(lines);
    }
}
