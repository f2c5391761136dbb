//! The queue: claims with leases and fences, what becomes of the runs of dead workers, stopping, and limits.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use control_room::bots::BotsError;
use control_room::passwords::Account;
use control_room::queue::{
    Claim, Claimed, MAX_QUEUED, MAX_WORK, NewRun, NewWorker, Queue, QueueError,
};
use control_room::runs::{Life, MAX_EXPIRED, MAX_RUNS, Outcome, Run};
use control_room::{Name, Principal, Store};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::support::{Database, memory, name, open};

/// A lease that lasts as long as the test.
const LONG: Duration = Duration::from_hours(1);

/// A lease that has ended when it begins.
const ENDED: Duration = Duration::ZERO;

const WORK: &str = "canary of the work";

fn pool() -> Name {
    name("default")
}

async fn user(store: &Store, user: &str) -> Account {
    let (passwords, user) = (store.passwords(), name(user));
    let password = "correct horse & battery".into();
    passwords
        .create_user(&Principal::System, &user, &password)
        .await
        .unwrap();
    passwords.named(&user).await.unwrap().unwrap()
}

async fn submit(queue: &Queue, owner: &Account) -> Result<Run, QueueError> {
    submit_to(queue, owner, &pool()).await
}

async fn submit_to(queue: &Queue, owner: &Account, pool: &Name) -> Result<Run, QueueError> {
    let new = NewRun {
        pool,
        bot_id: "bot",
        bot: "Hello",
        work: &WORK.into(),
    };
    queue.submit(owner, &new).await
}

async fn claim(queue: &Queue, lease: Duration) -> Option<Claimed> {
    queue.claim(&pool(), "worker 1", lease).await.unwrap()
}

/// Submits a run and claims it.
async fn claimed(queue: &Queue, owner: &Account, lease: Duration) -> Claim {
    let run = submit(queue, owner).await.unwrap();
    let claimed = claim(queue, lease).await.unwrap();
    assert_eq!(claimed.claim.run, run.id);
    claimed.claim
}

async fn run(store: &Store, owner: &Account, id: &str) -> Run {
    store.runs(owner).get(id).await.unwrap().0
}

async fn outcome(store: &Store, owner: &Account, id: &str) -> Option<Outcome> {
    let ended = run(store, owner, id).await.ended;
    ended.map(|(_, outcome)| outcome)
}

#[tokio::test]
async fn a_run_is_queued_claimed_and_ends_with_its_log() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let queued = submit(&queue, &ada).await.unwrap();
    let waiting = run(&store, &ada, &queued.id).await;
    let place = waiting.in_queue.unwrap();
    assert_eq!((place.pool, place.is_running), (pool(), false));
    assert_eq!(waiting.queued, Some(waiting.started));

    let claimed = claim(&queue, LONG).await.unwrap();
    assert_eq!(claimed.work.expose_secret(), WORK);
    assert_eq!(
        (claimed.owner, claimed.run.bot.as_str()),
        (ada.id.clone(), "Hello")
    );
    let running = run(&store, &ada, &queued.id).await;
    assert!(running.in_queue.unwrap().is_running);
    assert_eq!(running.worker.as_deref(), Some("worker 1"));

    queue.save_log(&claimed.claim, "so far").await.unwrap();
    assert_eq!(store.runs(&ada).get(&queued.id).await.unwrap().1, "so far");
    queue
        .finish(&claimed.claim, Outcome::Failed, "in the end")
        .await
        .unwrap();
    let (ended, log) = store.runs(&ada).get(&queued.id).await.unwrap();
    assert_eq!(log, "in the end");
    assert_eq!(ended.ended.unwrap().1, Outcome::Failed);
    assert_eq!((ended.in_queue, ended.lost_at_step), (None, None));
    assert!(claim(&queue, LONG).await.is_none());
}

#[tokio::test]
async fn each_run_is_claimed_once_by_concurrent_workers_and_the_oldest_first() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let mut submitted = Vec::new();
    for _ in 0..12 {
        submitted.push(submit(&queue, &ada).await.unwrap().id);
    }
    let claim_all = |queue: Queue| async move {
        let mut claims = Vec::new();
        while let Some(claimed) = claim(&queue, LONG).await {
            claims.push(claimed.claim.run);
        }
        claims
    };
    let one = tokio::spawn(claim_all(queue.clone()));
    let other = tokio::spawn(claim_all(queue.clone()));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    let place = |id: &String| submitted.iter().position(|it| it == id).unwrap();
    for claims in [&one, &other] {
        assert!(claims.iter().map(place).is_sorted());
    }
    let all: BTreeSet<_> = one.iter().chain(&other).collect();
    assert_eq!((all.len(), one.len() + other.len()), (12, 12));
}

#[tokio::test]
async fn a_run_is_claimed_only_by_workers_of_its_pool() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    submit_to(&queue, &ada, &name("inside")).await.unwrap();
    assert!(claim(&queue, LONG).await.is_none());
    let inside = queue.claim(&name("Inside"), "worker 2", LONG).await;
    assert!(inside.unwrap().is_some());
}

/// Everything that a worker may want to write, each of which must be refused.
async fn assert_lost(queue: &Queue, claim: &Claim) {
    let sessions = "token".into();
    for refused in [
        queue.begin_step(claim, 1).await,
        queue.set_sessions(claim, &sessions).await,
        queue.save_log(claim, "log").await,
        queue.finish(claim, Outcome::Done, "log").await,
        queue.hand_back(claim, None).await,
    ] {
        assert!(matches!(refused, Err(QueueError::ClaimLost)), "{refused:?}");
    }
    let held = queue.extend(std::slice::from_ref(claim), LONG).await;
    assert_eq!(held.unwrap(), []);
}

#[tokio::test]
async fn a_worker_whose_lease_has_ended_can_write_nothing() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let former = claimed(&queue, &ada, ENDED).await;
    assert_lost(&queue, &former).await;
    queue.sweep().await.unwrap();
    assert_lost(&queue, &former).await;
    // Another lease of the same run has another fence.
    let present = claim(&queue, LONG).await.unwrap().claim;
    assert_eq!(present.run, former.run);
    assert_lost(&queue, &former).await;
    queue.begin_step(&present, 1).await.unwrap();
    queue.finish(&present, Outcome::Done, "log").await.unwrap();
    assert_lost(&queue, &present).await;
    assert_eq!(store.runs(&ada).get(&present.run).await.unwrap().1, "log");
}

#[tokio::test]
async fn a_lease_that_is_extended_does_not_end() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let claims = [
        claimed(&queue, &ada, LONG).await,
        claimed(&queue, &ada, LONG).await,
    ];
    let held = queue.extend(&claims, LONG).await.unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(queue.sweep().await.unwrap(), []);
    // The same query with a lease that ends at once.
    queue.extend(&claims[..1], ENDED).await.unwrap();
    let swept = queue.sweep().await.unwrap();
    assert_eq!(swept.len(), 1);
    assert_eq!(swept[0].run, claims[0].run);
}

#[tokio::test]
async fn a_run_that_has_changed_nothing_begins_again_and_another_is_lost_with_its_step() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let reading = claimed(&queue, &ada, ENDED).await;
    let changing = claimed(&queue, &ada, LONG).await;
    queue.begin_step(&changing, 2).await.unwrap();
    queue.begin_step(&changing, 5).await.unwrap();
    queue.save_log(&changing, "so far").await.unwrap();
    let one = std::slice::from_ref(&changing);
    queue.extend(one, ENDED).await.unwrap();

    let mut swept = queue.sweep().await.unwrap();
    swept.sort_by_key(|it| it.changing_step);
    assert_eq!((&swept[0].run, swept[0].life), (&reading.run, Life::Queued));
    let lost = Life::Ended(Outcome::Lost);
    assert_eq!((&swept[1].run, swept[1].life), (&changing.run, lost));
    assert_eq!(queue.sweep().await.unwrap(), []);

    let (ended, log) = store.runs(&ada).get(&changing.run).await.unwrap();
    assert_eq!(ended.ended.unwrap().1, Outcome::Lost);
    assert_eq!((ended.lost_at_step, log.as_str()), (Some(5), "so far"));
    assert_eq!(ended.in_queue, None);
    let again = claim(&queue, LONG).await.unwrap();
    assert_eq!(again.claim.run, reading.run);
    assert!(claim(&queue, LONG).await.is_none());
}

#[tokio::test]
async fn a_run_that_its_workers_die_of_is_lost_in_the_end() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let id = submit(&queue, &ada).await.unwrap().id;
    for _ in 0..=MAX_EXPIRED {
        assert_eq!(outcome(&store, &ada, &id).await, None);
        claim(&queue, ENDED).await.unwrap();
        queue.sweep().await.unwrap();
    }
    assert_eq!(outcome(&store, &ada, &id).await, Some(Outcome::Lost));
    assert_eq!(run(&store, &ada, &id).await.lost_at_step, None);
}

#[tokio::test]
async fn the_sessions_of_a_dead_worker_are_known_to_the_next_one() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let reading = claimed(&queue, &ada, LONG).await;
    queue.set_sessions(&reading, &"first".into()).await.unwrap();
    let one = std::slice::from_ref(&reading);
    queue.extend(one, ENDED).await.unwrap();
    queue.sweep().await.unwrap();
    assert!(queue.left_sessions(&pool()).await.unwrap().is_empty());
    let again = claim(&queue, LONG).await.unwrap();
    assert_eq!(again.sessions.unwrap().expose_secret(), "first");

    queue
        .set_sessions(&again.claim, &"second".into())
        .await
        .unwrap();
    queue.begin_step(&again.claim, 1).await.unwrap();
    let one = std::slice::from_ref(&again.claim);
    queue.extend(one, ENDED).await.unwrap();
    queue.sweep().await.unwrap();
    let left = queue.left_sessions(&pool()).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].sessions.expose_secret(), "second");
    assert!(
        queue
            .left_sessions(&name("other"))
            .await
            .unwrap()
            .is_empty()
    );
    queue.forget_sessions(&left[0].run).await.unwrap();
    assert!(queue.left_sessions(&pool()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_waiting_run_stops_at_once_and_a_running_one_when_its_worker_knows() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let bob = user(&store, "bob").await;
    let waiting = submit(&queue, &ada).await.unwrap().id;
    let refused = queue.request_stop(&bob, &waiting).await;
    assert!(matches!(refused, Err(QueueError::NoRun)), "{refused:?}");
    queue.request_stop(&ada, &waiting).await.unwrap();
    assert_eq!(
        outcome(&store, &ada, &waiting).await,
        Some(Outcome::Stopped)
    );
    let refused = queue.request_stop(&ada, &waiting).await;
    assert!(matches!(refused, Err(QueueError::NoRun)), "{refused:?}");

    let running = claimed(&queue, &ada, LONG).await;
    let claims = std::slice::from_ref(&running);
    assert_eq!(queue.to_stop(claims).await.unwrap(), []);
    queue.request_stop(&ada, &running.run).await.unwrap();
    assert_eq!(queue.to_stop(claims).await.unwrap(), claims);
    assert!(queue.extend(claims, LONG).await.unwrap()[0].stop_requested);
    assert!(
        run(&store, &ada, &running.run)
            .await
            .in_queue
            .unwrap()
            .stop_requested
    );
    let refused = queue.begin_step(&running, 1).await;
    assert!(
        matches!(refused, Err(QueueError::StopRequested)),
        "{refused:?}"
    );
    // Its worker dies before it knows.
    queue.extend(claims, ENDED).await.unwrap();
    queue.sweep().await.unwrap();
    assert_eq!(
        outcome(&store, &ada, &running.run).await,
        Some(Outcome::Stopped)
    );
}

#[tokio::test]
async fn a_run_is_handed_back_unless_it_has_changed_something() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let first = claimed(&queue, &ada, LONG).await;
    queue.hand_back(&first, None).await.unwrap();
    assert_lost(&queue, &first).await;
    let again = claim(&queue, LONG).await.unwrap().claim;
    assert_eq!(again.run, first.run);
    queue.begin_step(&again, 1).await.unwrap();
    let refused = queue.hand_back(&again, None).await;
    assert!(
        matches!(refused, Err(QueueError::HasChanged)),
        "{refused:?}"
    );
    queue.finish(&again, Outcome::Stopped, "log").await.unwrap();
}

#[tokio::test]
async fn the_queue_of_a_user_is_limited() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let new = NewRun {
        pool: &pool(),
        bot_id: "bot",
        bot: "Hello",
        work: &"x".repeat(MAX_WORK + 1).into(),
    };
    let refused = queue.submit(&ada, &new).await;
    assert!(matches!(refused, Err(QueueError::TooLarge)), "{refused:?}");
    for _ in 0..MAX_QUEUED {
        submit(&queue, &ada).await.unwrap();
    }
    let refused = submit(&queue, &ada).await;
    assert!(matches!(refused, Err(QueueError::TooMany)), "{refused:?}");
    let bob = user(&store, "bob").await;
    submit(&queue, &bob).await.unwrap();
    let run = claim(&queue, LONG).await.unwrap().claim;
    queue.finish(&run, Outcome::Done, "log").await.unwrap();
    submit(&queue, &ada).await.unwrap();
}

#[tokio::test]
async fn what_is_queued_is_not_removed_with_old_runs_but_with_its_user() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let queued = submit(&queue, &ada).await.unwrap();
    let later = OffsetDateTime::now_utc() + time::Duration::DAY;
    assert_eq!(store.remove_older_than(later).await.unwrap(), 0);
    for _ in 0..MAX_RUNS {
        store.runs(&ada).begin("bot", "Other").await.unwrap();
    }
    let claim = claim(&queue, LONG).await.unwrap().claim;
    assert_eq!(claim.run, queued.id);
    let users = store.users();
    users.remove(&Principal::System, &ada.name).await.unwrap();
    assert_lost(&queue, &claim).await;
}

#[tokio::test]
async fn workers_and_the_lengths_of_queues_are_listed() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let worker = |name: &'static str, pool| NewWorker {
        name,
        pool,
        slots: 4,
        version: "1.2.3",
    };
    let (first, second) = (name("default"), name("inside"));
    let inside = queue.register(&worker("b", &second)).await.unwrap();
    let outside = queue.register(&worker("a", &first)).await.unwrap();
    queue.seen(&inside).await.unwrap();
    let listed = queue.workers().await.unwrap();
    let names: Vec<_> = listed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!((listed[0].slots, &*listed[0].version), (4, "1.2.3"));
    assert!(listed[1].seen >= listed[1].started);
    queue.deregister(&outside).await.unwrap();
    assert_eq!(queue.workers().await.unwrap().len(), 1);
    assert!(queue.has_worker(&second, LONG).await.unwrap());
    assert!(!queue.has_worker(&first, LONG).await.unwrap());

    for pool in [&first, &first, &second] {
        submit_to(&queue, &ada, pool).await.unwrap();
    }
    claim(&queue, LONG).await.unwrap();
    let lengths = queue.lengths().await.unwrap();
    let lengths: Vec<_> = lengths
        .iter()
        .map(|it| (it.pool.as_str(), it.waiting, it.running))
        .collect();
    assert_eq!(lengths, [("default", 1, 1), ("inside", 1, 0)]);
}

#[tokio::test]
async fn whoever_waits_for_the_queue_is_woken_by_a_run() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let mut wake_ups = queue.wake_ups().await.unwrap();
    let woken = tokio::spawn(async move { wake_ups.next().await });
    submit(&queue, &ada).await.unwrap();
    woken.await.unwrap();
}

async fn sealed(folder: &Path) -> Vec<Vec<u8>> {
    let mut database = Database::of(folder).await;
    let mut sealed = Vec::new();
    for column in ["sealed_work", "sealed_sessions"] {
        let select = format!("SELECT {column} FROM queued_runs");
        sealed.extend(database.bytes(&select).await);
    }
    sealed
}

#[tokio::test]
async fn work_and_sessions_are_sealed_and_a_new_key_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let first = claimed(&queue, &ada, LONG).await;
    queue
        .set_sessions(&first, &"canary of a token".into())
        .await
        .unwrap();
    queue.hand_back(&first, None).await.unwrap();
    let before = sealed(folder.path()).await;
    assert_eq!(before.len(), 2);
    for bytes in &before {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("canary"), "{text}");
    }
    store.rotate_key().await.unwrap();
    let after = sealed(folder.path()).await;
    assert!(before.iter().all(|it| !after.contains(it)));
    let again = claim(&queue, LONG).await.unwrap();
    assert_eq!(again.work.expose_secret(), WORK);
    assert_eq!(again.sessions.unwrap().expose_secret(), "canary of a token");
}

#[tokio::test]
async fn a_changed_row_of_the_queue_is_refused() {
    for change in [
        "fence = fence + 1",
        "state = 'lost'",
        "pool = 'inside'",
        "number = number + 1",
        "expired = 9",
        "changing_step = 1",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap();
        let (queue, ada) = (store.queue(), user(&store, "ada").await);
        let claim = claimed(&queue, &ada, LONG).await;
        let change = format!("UPDATE queued_runs SET {change}");
        assert_eq!(Database::of(folder.path()).await.execute(&change).await, 1);
        let refused = queue.save_log(&claim, "log").await.unwrap_err();
        assert!(refused.to_string().contains("queued_runs"), "{refused}");
        // As if it had been removed, so that its worker ends it.
        assert_eq!(queue.extend(&[claim], LONG).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_changed_row_of_the_queue_is_not_in_the_way_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let change = async |run: &str| {
        let change = format!("UPDATE queued_runs SET expired = 9 WHERE run_id = '{run}'");
        assert_eq!(Database::of(folder.path()).await.execute(&change).await, 1);
    };

    let (changed, good) = (submit(&queue, &ada).await, submit(&queue, &ada).await);
    change(&changed.unwrap().id).await;
    let claim = claim(&queue, LONG).await.unwrap().claim;
    assert_eq!(claim.run, good.unwrap().id);
    assert!(queue.claim(&pool(), "w", LONG).await.unwrap().is_none());

    let changed = claimed(&queue, &ada, LONG).await;
    queue.set_sessions(&claim, &"token".into()).await.unwrap();
    queue.begin_step(&claim, 1).await.unwrap();
    change(&changed.run).await;
    let both = [changed, claim.clone()];
    let held = queue.extend(&both, LONG).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].claim, claim);
    queue.request_stop(&ada, &claim.run).await.unwrap();
    assert_eq!(queue.to_stop(&both).await.unwrap(), both[1..]);

    // All leases have ended.
    queue
        .extend(std::slice::from_ref(&claim), ENDED)
        .await
        .unwrap();
    let passed = format!(
        "UPDATE queued_runs SET expires_at = 0 WHERE run_id = '{}'",
        both[0].run
    );
    Database::of(folder.path()).await.execute(&passed).await;
    let swept = queue.sweep().await.unwrap();
    assert_eq!(swept.len(), 1);
    assert_eq!(swept[0].run, claim.run);
    assert_eq!(queue.left_sessions(&pool()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_sessions_of_a_dead_worker_are_kept_however_its_run_ends() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    // It is to stop when its worker dies, or after that.
    for is_dead in [false, true] {
        let claim = claimed(&queue, &ada, LONG).await;
        queue.set_sessions(&claim, &"token".into()).await.unwrap();
        if !is_dead {
            queue.request_stop(&ada, &claim.run).await.unwrap();
        }
        queue
            .extend(std::slice::from_ref(&claim), ENDED)
            .await
            .unwrap();
        queue.sweep().await.unwrap();
        if is_dead {
            queue.request_stop(&ada, &claim.run).await.unwrap();
        }
        let ended = outcome(&store, &ada, &claim.run).await;
        assert_eq!(ended, Some(Outcome::Stopped), "{is_dead}");
        let left = queue.left_sessions(&pool()).await.unwrap();
        assert_eq!(left.len(), 1, "{is_dead}");
        assert_eq!(left[0].sessions.expose_secret(), "token");
        // What ran is not kept with them, and a new key opens the rest.
        store.rotate_key().await.unwrap();
        queue.forget_sessions(&left[0].run).await.unwrap();
    }
    assert!(sealed(folder.path()).await.is_empty());
}

#[tokio::test]
async fn a_bot_is_not_removed_while_a_run_of_it_is_in_the_queue() {
    let store = memory().await;
    let (queue, ada) = (store.queue(), user(&store, "ada").await);
    let bots = store.bots(&ada);
    let bot = bots.create("Hello", "{}").await.unwrap();
    let (pool, work) = (pool(), WORK.into());
    let new = NewRun {
        pool: &pool,
        bot_id: &bot,
        bot: "Hello",
        work: &work,
    };
    queue.submit(&ada, &new).await.unwrap();
    let refused = async || {
        let refused = bots.remove(&bot).await.unwrap_err();
        assert!(matches!(refused, BotsError::InQueue), "{refused:?}");
    };
    refused().await;
    let claim = claim(&queue, LONG).await.unwrap().claim;
    refused().await;
    queue.finish(&claim, Outcome::Done, "log").await.unwrap();
    bots.remove(&bot).await.unwrap();
}
