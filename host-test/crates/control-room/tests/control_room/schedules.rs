//! Schedules: each time starts the bot once, or not, as the rules of the schedule say; who sees them, and limits.

use control_room::audit_events::{Action, EventFilter};
use control_room::bots::BotsError;
use control_room::passwords::Account;
use control_room::queue::{MAX_QUEUED, MAX_WORK};
use control_room::schedules::{
    BotToStart, Due, Happened, Last, MAX_SCHEDULES, Missed, NewSchedule, Overlap, Recurrence,
    Schedule, SchedulesError, Started,
};
use control_room::{Principal, Store};
use secrecy::ExposeSecret;
use time::{Duration, OffsetDateTime};

use super::support::{Database, memory, name, open};

/// Its next time does not change while the tests run.
const LEAP_DAY: &str = "0 0 29 2 *";

const INPUTS: &str = "canary of the inputs";

pub(crate) async fn user(store: &Store, user: &str) -> Account {
    let (passwords, user) = (store.passwords(), name(user));
    let password = "correct horse & battery".into();
    passwords
        .create_user(&Principal::System, &user, &password)
        .await
        .unwrap();
    passwords.named(&user).await.unwrap().unwrap()
}

/// A schedule of a new bot, and its id.
pub(crate) async fn create(store: &Store, owner: &Account, missed: Missed) -> String {
    create_with(store, owner, Overlap::Skip, missed).await
}

async fn create_with(store: &Store, owner: &Account, overlap: Overlap, missed: Missed) -> String {
    let bot = store.bots(owner).create("Hello", "{}").await.unwrap();
    let schedules = store.schedules(owner);
    let (pool, inputs) = (name("default"), INPUTS.into());
    let new = NewSchedule {
        bot_id: &bot,
        pool: &pool,
        recurrence: &Recurrence::new(LEAP_DAY, "UTC").unwrap(),
        overlap,
        missed,
        inputs: &inputs,
    };
    let created = schedules.create(&Principal::System, &new).await;
    let (id, first) = created.unwrap();
    assert!(first.unwrap() > OffsetDateTime::now_utc());
    id
}

/// Changes the next time of a schedule, given as an SQL expression in milliseconds since 1970.
pub(crate) async fn set_next(store: &Store, schedule: &str, next: &str) {
    let change = format!("UPDATE schedules SET next_at = {next} WHERE id = '{schedule}'");
    store.execute_with_key(&change).await.unwrap();
}

/// Its last time was just now, or some time before.
async fn make_due(store: &Store, schedule: &str, before: Duration) {
    // A time of day that was then.
    let then = OffsetDateTime::now_utc() - before;
    let change = format!(
        "UPDATE schedules SET expression = '{} {} * * *', next_at = {} WHERE id = '{schedule}'",
        then.minute(),
        then.hour(),
        (then.unix_timestamp() / 60 * 60) * 1000,
    );
    store.execute_with_key(&change).await.unwrap();
}

/// The only one that is due.
async fn due(store: &Store) -> Due {
    let due = store.due_schedules().await.unwrap();
    assert_eq!(due.len(), 1);
    store.due_schedule(&due[0]).await.unwrap().unwrap()
}

pub(crate) async fn start(store: &Store, due: &Due) -> Option<Started> {
    let bot = BotToStart {
        name: "Hello",
        work: &"work".into(),
    };
    store.start_scheduled(due, Some(&bot)).await.unwrap()
}

async fn only(store: &Store, owner: &Account) -> Schedule {
    let mut all = store.schedules(owner).list().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn waiting(store: &Store) -> u64 {
    let lengths = store.queue().lengths().await.unwrap();
    lengths.iter().map(|it| it.waiting).sum()
}

#[tokio::test]
async fn a_schedule_is_created_paused_resumed_and_removed_and_the_audit_log_says_so() {
    let store = memory().await;
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let id = create(&store, &ada, Missed::Skip).await;
    let schedules = store.schedules(&ada);
    let by = Principal::User(ada.name.clone());
    let created = only(&store, &ada).await;
    assert_eq!((&created.id, created.bot.as_str()), (&id, "Hello"));
    assert_eq!(created.recurrence.expression(), LEAP_DAY);
    assert_eq!((created.is_paused, created.last), (false, None));
    assert!(created.next.unwrap() > OffsetDateTime::now_utc());

    // It does not exist for anybody else.
    assert_eq!(store.schedules(&eve).list().await.unwrap().len(), 0);
    let others = store.schedules(&eve).pause(&by, &id).await;
    assert!(matches!(others, Err(SchedulesError::NoSchedule)));
    let others = store.schedules(&eve).remove(&by, &id).await;
    assert!(matches!(others, Err(SchedulesError::NoSchedule)));

    schedules.pause(&by, &id).await.unwrap();
    let paused = only(&store, &ada).await;
    assert_eq!((paused.is_paused, paused.next), (true, None));
    assert!(store.due_schedules().await.unwrap().is_empty());
    schedules.resume(&by, &id).await.unwrap();
    assert_eq!(only(&store, &ada).await.next, created.next);
    schedules.remove(&by, &id).await.unwrap();
    assert!(schedules.list().await.unwrap().is_empty());
    let again = schedules.remove(&by, &id).await;
    assert!(matches!(again, Err(SchedulesError::NoSchedule)));

    let events = store.audit().events(&EventFilter::default(), None, 4).await;
    let events: Vec<_> = events.unwrap().into_iter().rev().collect();
    let actions: Vec<_> = events.iter().map(|it| it.action).collect();
    assert_eq!(
        actions,
        [
            Action::ScheduleCreated,
            Action::SchedulePaused,
            Action::ScheduleResumed,
            Action::ScheduleRemoved
        ]
    );
    assert!(events.iter().all(|it| it.subject == "ada: Hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_time_starts_the_bot_once_however_many_programs_look() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create_with(&store, &ada, Overlap::Queue, Missed::Skip).await;
    make_due(&store, &id, Duration::minutes(1)).await;
    let starting = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut started = 0;
            for id in store.due_schedules().await.unwrap() {
                if let Some(due) = store.due_schedule(&id).await.unwrap() {
                    assert_eq!(due.inputs.expose_secret(), INPUTS);
                    started += usize::from(start(&store, &due).await.is_some());
                }
            }
            started
        })
    });
    let mut started = 0;
    for one in starting.collect::<Vec<_>>() {
        started += one.await.unwrap();
    }
    assert_eq!((started, waiting(&store).await), (1, 1));
    let after = only(&store, &ada).await;
    let last = after.last.unwrap();
    assert_eq!(last.happened, Happened::Queued);
    assert!(after.next.unwrap() > OffsetDateTime::now_utc());
    let (run, _) = store.runs(&ada).get(&last.run.unwrap()).await.unwrap();
    assert_eq!(run.bot, "Hello");
    assert!(run.in_queue.is_some());
    assert!(store.due_schedules().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_became_due_and_was_paused_or_removed_then_does_not_start() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    let by = Principal::System;
    make_due(&store, &id, Duration::minutes(1)).await;
    let found = due(&store).await;
    store.schedules(&ada).pause(&by, &id).await.unwrap();
    assert_eq!(start(&store, &found).await, None);
    store.schedules(&ada).remove(&by, &id).await.unwrap();
    assert_eq!(start(&store, &found).await, None);
    assert_eq!(waiting(&store).await, 0);
}

#[tokio::test]
async fn a_time_is_left_out_while_the_last_run_goes_on_unless_runs_may_overlap() {
    for overlap in [Overlap::Skip, Overlap::Queue] {
        let store = memory().await;
        let (ada, queue) = (user(&store, "ada").await, store.queue());
        let id = create_with(&store, &ada, overlap, Missed::Skip).await;
        let mut starts = Vec::new();
        for _ in 0..2 {
            make_due(&store, &id, Duration::minutes(1)).await;
            starts.push(start(&store, &due(&store).await).await.unwrap());
        }
        let (first, second) = (&starts[0], &starts[1]);
        assert_eq!(first.happened, Happened::Queued);
        if overlap == Overlap::Queue {
            assert_eq!(second.happened, Happened::Queued);
            assert_eq!(waiting(&store).await, 2);
            continue;
        }
        let overlapped = Started {
            happened: Happened::Overlapped,
            run: None,
        };
        assert_eq!(*second, overlapped);
        let Last { happened, run, .. } = only(&store, &ada).await.last.unwrap();
        assert_eq!((happened, run), (Happened::Overlapped, None));
        // It has ended.
        let run = first.run.as_ref().unwrap();
        queue.request_stop(&ada, run).await.unwrap();
        make_due(&store, &id, Duration::minutes(1)).await;
        let third = start(&store, &due(&store).await).await.unwrap();
        assert_eq!(third.happened, Happened::Queued);
    }
}

#[tokio::test]
async fn a_run_that_was_taken_out_of_the_queue_is_not_waited_for() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    for _ in 0..2 {
        make_due(&store, &id, Duration::minutes(1)).await;
        let started = start(&store, &due(&store).await).await.unwrap();
        assert_eq!(started.happened, Happened::Queued);
        // As the guide advises after a restore on a server.
        let dequeue = "DELETE FROM queued_runs";
        store.execute_with_key(dequeue).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_starts_before_its_time_whatever_an_index_says() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    assert!(store.due_schedule(&id).await.unwrap().is_none());
    make_due(&store, &id, Duration::minutes(1)).await;
    let found = due(&store).await;
    // The clock is put back.
    set_next(&store, &id, "next_at + 3600000").await;
    assert_eq!(start(&store, &found).await, None);
    assert_eq!(waiting(&store).await, 0);
}

#[tokio::test]
async fn a_bot_that_cannot_be_read_is_skipped() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    make_due(&store, &id, Duration::minutes(1)).await;
    let started = store.start_scheduled(&due(&store).await, None).await;
    assert_eq!(started.unwrap().unwrap().happened, Happened::Unreadable);
    assert!(store.due_schedules().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_schedule_whose_times_are_no_longer_known_can_be_listed_and_removed() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    let unknown = "UPDATE schedules SET time_zone = 'Europe/Atlantis', next_at = NULL";
    store.execute_with_key(unknown).await.unwrap();
    store.calculate_next_time(&id).await.unwrap();
    let listed = only(&store, &ada).await;
    assert!(!listed.recurrence.has_times() && listed.next.is_none());
    let by = Principal::System;
    store.schedules(&ada).remove(&by, &id).await.unwrap();
}

#[tokio::test]
async fn missed_times_are_left_out_or_start_the_bot_once() {
    for (missed, happened) in [
        (Missed::Skip, Happened::Missed),
        (Missed::Once, Happened::Queued),
    ] {
        let store = memory().await;
        let ada = user(&store, "ada").await;
        let id = create_with(&store, &ada, Overlap::Queue, missed).await;
        make_due(&store, &id, Duration::hours(2)).await;
        let started = start(&store, &due(&store).await).await.unwrap();
        assert_eq!(started.happened, happened);
        assert!(store.due_schedules().await.unwrap().is_empty());

        // Three days passed, the last time of which was a minute ago: one start, on time.
        make_due(&store, &id, Duration::minutes(1)).await;
        let three_days = 3 * 24 * 3_600_000;
        set_next(&store, &id, &format!("next_at - {three_days}")).await;
        let started = start(&store, &due(&store).await).await.unwrap();
        assert_eq!(started.happened, Happened::Queued);
        let last = only(&store, &ada).await.last.unwrap();
        let ago = OffsetDateTime::now_utc() - last.time;
        assert!(ago < Duration::minutes(5), "{ago}");
        assert!(store.due_schedules().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_time_is_left_out_if_the_user_has_too_many_runs_in_the_queue() {
    let store = memory().await;
    let ada = user(&store, "ada").await;
    let id = create_with(&store, &ada, Overlap::Queue, Missed::Skip).await;
    let mut last = None;
    for _ in 0..=MAX_QUEUED {
        make_due(&store, &id, Duration::minutes(1)).await;
        last = start(&store, &due(&store).await).await;
    }
    assert_eq!(last.unwrap().happened, Happened::Refused);
    assert!(store.due_schedules().await.unwrap().is_empty());
    assert_eq!(i64::try_from(waiting(&store).await).unwrap(), MAX_QUEUED);
}

#[tokio::test]
async fn a_schedule_goes_with_its_bot_and_its_user() {
    let store = memory().await;
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    create(&store, &ada, Missed::Skip).await;
    let of_eve = create(&store, &eve, Missed::Skip).await;
    let bot = only(&store, &ada).await.bot_id;
    store.bots(&ada).remove(&bot).await.unwrap();
    assert!(store.schedules(&ada).list().await.unwrap().is_empty());
    make_due(&store, &of_eve, Duration::minutes(1)).await;
    assert_eq!(due(&store).await.schedule, of_eve);
    let users = store.users();
    users.remove(&Principal::System, &eve.name).await.unwrap();
    assert!(store.due_schedules().await.unwrap().is_empty());
    let gone = store.bots(&eve).get(&bot).await;
    assert!(matches!(gone, Err(BotsError::NoBot)));
}

#[tokio::test]
async fn a_schedule_needs_a_bot_of_its_user_and_there_are_not_too_many() {
    let store = memory().await;
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    create(&store, &ada, Missed::Skip).await;
    let bot = only(&store, &ada).await.bot_id;
    let (pool, inputs) = (name("default"), INPUTS.into());
    let new = NewSchedule {
        bot_id: &bot,
        pool: &pool,
        recurrence: &Recurrence::new(LEAP_DAY, "UTC").unwrap(),
        overlap: Overlap::Skip,
        missed: Missed::Skip,
        inputs: &inputs,
    };
    let by = Principal::System;
    let others = store.schedules(&eve).create(&by, &new).await;
    assert!(matches!(others, Err(SchedulesError::NoBot)));
    let schedules = store.schedules(&ada);
    for _ in 1..MAX_SCHEDULES {
        schedules.create(&by, &new).await.unwrap();
    }
    let one_more = schedules.create(&by, &new).await;
    assert!(matches!(one_more, Err(SchedulesError::TooMany)));
    let large = "x".repeat(MAX_WORK + 1).into();
    let new = NewSchedule {
        inputs: &large,
        ..new
    };
    let too_large = schedules.create(&by, &new).await;
    assert!(matches!(too_large, Err(SchedulesError::TooLarge)));
}

#[tokio::test]
async fn a_changed_row_starts_nothing_and_is_not_in_the_way_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = user(&store, "ada").await;
    let changed = create(&store, &ada, Missed::Skip).await;
    let other = create(&store, &ada, Missed::Skip).await;
    for id in [&changed, &other] {
        make_due(&store, id, Duration::minutes(1)).await;
    }
    let change = format!("UPDATE schedules SET pool = 'x' WHERE id = '{changed}'");
    Database::of(folder.path()).await.execute(&change).await;
    assert_eq!(store.due_schedules().await.unwrap().len(), 2);
    let refused = store.due_schedule(&changed).await.unwrap_err();
    assert!(refused.to_string().contains("schedules"), "{refused}");
    let found = store.due_schedule(&other).await.unwrap().unwrap();
    assert_eq!(found.schedule, other);
}

#[tokio::test]
async fn inputs_are_sealed_and_a_new_key_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = user(&store, "ada").await;
    let id = create(&store, &ada, Missed::Skip).await;
    make_due(&store, &id, Duration::minutes(1)).await;
    let sealed = "SELECT sealed_inputs FROM schedules";
    let sealed = Database::of(folder.path()).await.bytes(sealed).await;
    assert!(!String::from_utf8_lossy(&sealed[0]).contains("canary"));
    store.rotate_key().await.unwrap();
    assert_eq!(due(&store).await.inputs.expose_secret(), INPUTS);
}
