//! Runs that the pages queue for workers, and what they show of them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::Catalogue;
use bot_engine::action::form::Action;
use bot_engine::action::{
    ActionRef, ActionRunner, Argument, CallError, ComponentInfo, Failure, ListError, Success,
};
use control_room::queue::{Claim, NewRun, NewWorker, QueueError};
use control_room::runs::Outcome;
use control_room::{KeySource, Place, Store};
use control_room_web::Engine;
use control_room_web::worker::{Options as WorkerOptions, Worker};
use egress::{AllowList, Options, Proxies};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::client::{Client, ControlRoom, engine, name};
use crate::runs::{events, follow, kinds};

const LEASE: Duration = Duration::from_hours(1);

fn nowhere() -> Options {
    Options {
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    }
}

/// Pages whose runs are for workers of the pool `inside`, with the administrator Ada.
async fn room() -> (ControlRoom, Client) {
    let store = Store::open(Place::Memory, KeySource::InFolder).await;
    let (store, pool) = (store.unwrap(), Some(name("inside")));
    let room = ControlRoom::serve_with(store, engine(nowhere()), nowhere(), None, pool).await;
    room.create_user("ada").await;
    room.grant("ada", "administrator").await;
    let ada = room.signed_in("ada").await;
    (room, ada)
}

/// Creates a bot with an input that it logs, and returns its path.
async fn create_bot(client: &mut Client) -> String {
    let bot = json!({
        "name": "Hello",
        "variables": [{ "name": "who", "input": true }],
        "steps": [{ "action": "log", "message": "Hello {who}" }],
    });
    client.get("/bots/import").await;
    let file = bot.to_string();
    let imported = client.post("/bots/import", &[("file", &file)]).await;
    imported.header("location").unwrap().into()
}

/// Runs the bot, and returns the path of the run.
async fn start(client: &mut Client, bot: &str) -> String {
    client.get(&format!("{bot}/run")).await;
    let fields = [("asked", "1"), ("input:who", "Ada")];
    let started = client.post(&format!("{bot}/run"), &fields).await;
    assert_eq!(started.status, 303, "{}", started.body);
    started.header("location").unwrap().into()
}

/// The entries of the log, without the events about how far the run is.
fn texts(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|it| it["text"].as_str()).collect()
}

async fn claim(room: &ControlRoom) -> Claim {
    let queue = room.store.queue();
    let claimed = queue.claim(&name("inside"), "worker 1", LEASE).await;
    claimed.unwrap().unwrap().claim
}

async fn worker(room: &ControlRoom) -> Arc<Worker> {
    worker_with(room, engine(nowhere()), LEASE).await
}

async fn worker_with(room: &ControlRoom, engine: Engine, lease: Duration) -> Arc<Worker> {
    let catalogue = Catalogue::load(&*engine.actions).await.unwrap();
    Worker::new(WorkerOptions {
        store: room.store.clone(),
        catalogue: Arc::new(catalogue),
        engine,
        connections: room.store.connections(nowhere()),
        pool: name("inside"),
        slots: 1,
        lease,
        grace: Duration::ZERO,
        name: "worker 1".into(),
        version: "1",
    })
}

/// Runs no action, because of a bug.
struct Panicking(Arc<dyn ActionRunner>);

#[async_trait]
impl ActionRunner for Panicking {
    async fn components(
        &self,
        locale: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<Action>)>, ListError> {
        self.0.components(locale).await
    }

    async fn run(&self, _: &ActionRef, _: &[Argument]) -> Result<Success, CallError> {
        panic!("a bug");
    }

    async fn check(
        &self,
        action: &ActionRef,
        arguments: &[Argument],
    ) -> Result<Vec<Failure>, CallError> {
        self.0.check(action, arguments).await
    }

    async fn explain(
        &self,
        action: &ActionRef,
        failure: &Failure,
        locale: &str,
    ) -> Result<String, CallError> {
        self.0.explain(action, failure, locale).await
    }
}

fn run_worker(worker: &Arc<Worker>) -> JoinHandle<Result<(), QueueError>> {
    let worker = Arc::clone(worker);
    tokio::spawn(async move { worker.run().await })
}

#[tokio::test]
async fn a_run_of_the_pages_is_queued_with_its_inputs_and_a_worker_runs_it() {
    let (room, mut ada) = room().await;
    let bot = create_bot(&mut ada).await;
    let run = start(&mut ada, &bot).await;
    assert!(ada.get(&run).await.body.contains("Queued"));
    let worker = worker(&room).await;
    let working = run_worker(&worker);
    let events = follow(&mut ada, &run).await;
    assert_eq!(kinds(&events), ["done", "done"]);
    assert_eq!(texts(&events), ["Hello Ada"]);
    let page = ada.get(&run).await.body;
    assert!(page.contains("worker 1"), "{page}");
    let workers = ada.get("/workers").await.body;
    assert!(workers.contains("worker 1"), "{workers}");
    worker.drain();
    working.await.unwrap().unwrap();
    let workers = ada.get("/workers").await.body;
    assert!(!workers.contains("worker 1"), "{workers}");
}

#[tokio::test]
async fn a_worker_with_another_component_or_without_the_user_runs_nothing() {
    let (room, mut ada) = room().await;
    let worker = worker(&room).await;
    let working = run_worker(&worker);
    let account = room.store.passwords().named(&name("ada")).await.unwrap();
    let file = json!({ "name": "Hello", "steps": [{ "action": "log", "message": "x" }] });
    let work = |digest: &str| {
        json!({
            "file": file.to_string(),
            "given": { "inputs": {}, "secret_inputs": {}, "language": "en" },
            "components": { "genesys": digest },
        })
    };
    for (work, expected) in [
        (work("00").to_string(), "component “genesys”"),
        ("not what is queued".into(), "cannot be read"),
    ] {
        let new = NewRun {
            pool: &name("inside"),
            bot_id: "bot",
            bot: "Hello",
            work: &work.into(),
        };
        let queue = room.store.queue();
        let run = queue.submit(account.as_ref().unwrap(), &new).await.unwrap();
        let events = follow(&mut ada, &format!("/runs/{}", run.id)).await;
        assert_eq!(kinds(&events), ["failed", "failed"]);
        assert!(texts(&events)[0].contains(expected), "{events:?}");
    }
    worker.drain();
    working.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_queued_run_is_shown_and_stopped() {
    let (room, mut ada) = room().await;
    let bot = create_bot(&mut ada).await;
    let waiting = start(&mut ada, &bot).await;
    let list = ada.get("/runs").await.body;
    assert!(list.contains(r#"data-state="queued""#), "{list}");
    ada.post(&format!("{waiting}/stop"), &[]).await;
    assert_eq!(kinds(&follow(&mut ada, &waiting).await), ["stopped"]);

    let running = start(&mut ada, &bot).await;
    let claim = claim(&room).await;
    let page = ada.get(&running).await.body;
    assert!(page.contains(r#"data-state="running""#), "{page}");
    ada.post(&format!("{running}/stop"), &[]).await;
    let queue = room.store.queue();
    let claims = std::slice::from_ref(&claim);
    assert_eq!(queue.to_stop(claims).await.unwrap(), claims);
    queue.finish(&claim, Outcome::Stopped, "[]").await.unwrap();
    // It has ended meanwhile.
    let again = ada.post(&format!("{running}/stop"), &[]).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn a_run_that_its_worker_cannot_end_because_of_a_bug_does_not_run_for_ever() {
    let (room, mut ada) = room().await;
    let bot = json!({
        "name": "Hello",
        "steps": [{
            "action": "genesys/oauth-authenticate",
            "url": "eu-central-1",
            "client-id": "id",
            "client-secret": { "insecure-string": "secret" },
        }],
    });
    ada.get("/bots/import").await;
    let file = bot.to_string();
    let imported = ada.post("/bots/import", &[("file", &file)]).await;
    let bot = imported.header("location").unwrap();
    let started = ada.post(&format!("{bot}/run"), &[]).await;
    let run = started.header("location").unwrap();
    let engine = engine(nowhere());
    let engine = Engine {
        actions: Arc::new(Panicking(Arc::clone(&engine.actions))),
        ..engine
    };
    let worker = worker_with(&room, engine, Duration::from_millis(200)).await;
    let working = run_worker(&worker);
    // It begins again when the lease has ended, but not always.
    assert_eq!(kinds(&follow(&mut ada, run).await), ["lost"]);
    worker.drain();
    working.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_lost_run_says_at_which_step_and_what_to_do() {
    let (room, mut ada) = room().await;
    let bot = create_bot(&mut ada).await;
    let run = start(&mut ada, &bot).await;
    let claim = claim(&room).await;
    let queue = room.store.queue();
    queue.begin_step(&claim, 7).await.unwrap();
    queue.extend(&[claim], Duration::ZERO).await.unwrap();
    queue.sweep().await.unwrap();
    let page = ada.get(&run).await.body;
    assert!(page.contains("after step 7 had begun"), "{page}");
    assert!(page.contains(r#"data-state="lost""#), "{page}");
    assert_eq!(kinds(&follow(&mut ada, &run).await), ["lost"]);
    let list = ada.get("/runs?state=lost").await.body;
    assert!(list.contains(&run), "{list}");
}

#[tokio::test]
async fn a_page_learns_how_far_a_queued_run_is_and_that_it_begins_again() {
    let (room, mut ada) = room().await;
    let bot = create_bot(&mut ada).await;
    let run = start(&mut ada, &bot).await;
    let queue = room.store.queue();
    let log = |text: &str| {
        let entry = json!({ "at": 0, "kind": "done", "text": text, "step": 1 });
        json!([entry]).to_string()
    };
    let page = ada.get(&run).await.body;
    let attempt = page.split_once("data-attempt=\"").unwrap().1;
    let queued: i64 = attempt.split('"').next().unwrap().parse().unwrap();

    let first = claim(&room).await;
    queue.save_log(&first, &log("first")).await.unwrap();
    queue.extend(&[first], Duration::ZERO).await.unwrap();
    queue.sweep().await.unwrap();
    let second = claim(&room).await;
    queue.save_log(&second, &log("second")).await.unwrap();
    queue.begin_step(&second, 1).await.unwrap();
    queue.extend(&[second], Duration::ZERO).await.unwrap();
    queue.sweep().await.unwrap();

    // What a page has of another attempt does not count.
    let answer = ada
        .get(&format!("{run}/events?after=1&attempt={queued}"))
        .await;
    let sent = events(&answer);
    let [state, entry, end] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(state["worker"], "worker 1");
    assert_eq!(entry["text"], "second");
    let notice = end["notice"].as_str().unwrap();
    assert!(notice.contains("after step 1 had begun"), "{notice}");
    let present = state["attempt"].as_i64().unwrap();
    assert_ne!(present, queued);
    let answer = ada
        .get(&format!("{run}/events?after=1&attempt={present}"))
        .await;
    assert_eq!(events(&answer).len(), 2, "{}", answer.body);
}

#[tokio::test]
async fn the_queue_and_its_workers_are_shown_to_administrators() {
    let (room, mut ada) = room().await;
    let empty = ada.get("/workers").await.body;
    assert!(empty.contains("Nothing is queued."), "{empty}");
    let pool = name("inside");
    let worker = NewWorker {
        name: "machine:1",
        pool: &pool,
        slots: 8,
        version: "1.2.3",
    };
    room.store.queue().register(&worker).await.unwrap();
    let bot = create_bot(&mut ada).await;
    start(&mut ada, &bot).await;
    let page = ada.get("/workers").await.body;
    for shown in ["machine:1", "inside", "8", "1.2.3"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}
