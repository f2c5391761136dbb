//! Workers are killed, paused, cut off from the database and asked to end, at random, while they run bots.

use std::collections::BTreeMap;
use std::env;
use std::iter::repeat_with;
use std::net::SocketAddr;
use std::time::Duration;

use control_room::queue::NewRun;
use control_room::runs::Outcome;
use serde_json::json;
use tokio::time::{interval, sleep, timeout};

use crate::database::is_on_server;
use crate::interruptible_proxy::InterruptibleProxy;
use crate::workers::{Answer, Fixture, Worker, bot, cut_off};

/// How many faults are injected, if not [`FEW`].
const FAULTS: &str = "WORKER_FAULTS";

const FEW: usize = 3;

const WORKERS: usize = 3;

/// How many runs a worker has at a time.
const SLOTS: usize = 4;

/// Before each fault, this many runs are submitted, half of which change something.
const RUNS: usize = 6;

/// After so many faults, all runs have to end.
const FAULTS_OF_ROUND: usize = 4;

/// Longer than the lease of a run.
const BEYOND_THE_LEASE: Duration = Duration::from_millis(2_500);

/// How long a round may take: the runs of a worker may begin again four times.
const ROUND: Duration = Duration::from_mins(2);

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// As if the machine had failed.
    Kill,
    /// The worker goes on when its leases have ended.
    Pause,
    /// The worker finishes what it can.
    Terminate,
    /// The database answers nobody.
    Hang,
    /// The connections of the worker to the database break, and it gets no other ones.
    CutOff,
}

/// Numbers without a pattern that could hide something. The first is printed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's linear congruential generator; the upper bits are the better ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn fault(&mut self) -> Fault {
        let all = [
            Fault::Kill,
            Fault::Kill,
            Fault::Pause,
            Fault::Terminate,
            Fault::Hang,
            Fault::CutOff,
        ];
        let possible = if is_on_server() {
            all.len()
        } else {
            all.len() - 1
        };
        all[self.below(possible)]
    }
}

struct Fleet<'a> {
    fixture: &'a Fixture,
    /// The ways to the database, on a server.
    proxies: Vec<Option<InterruptibleProxy>>,
    workers: Vec<Worker>,
    started: usize,
    injected: BTreeMap<String, usize>,
}

impl<'a> Fleet<'a> {
    async fn new(fixture: &'a Fixture) -> Self {
        let (mut proxies, mut workers) = (Vec::new(), Vec::new());
        for number in 0..WORKERS {
            let proxy = match fixture.server_address().await {
                Some(server) => Some(InterruptibleProxy::before(server).await),
                None => None,
            };
            let address = proxy.as_ref().map(InterruptibleProxy::address);
            workers.push(start(fixture, number, address).await);
            proxies.push(proxy);
        }
        Self {
            fixture,
            proxies,
            workers,
            started: WORKERS,
            injected: BTreeMap::new(),
        }
    }

    async fn replace(&mut self, index: usize) {
        let address = self.proxies[index]
            .as_ref()
            .map(InterruptibleProxy::address);
        self.workers[index] = start(self.fixture, self.started, address).await;
        self.started += 1;
    }

    async fn inject(&mut self, fault: Fault, index: usize) {
        *self.injected.entry(format!("{fault:?}")).or_default() += 1;
        match fault {
            Fault::Kill => {
                self.workers[index].kill_now();
                self.replace(index).await;
            }
            Fault::Pause => {
                self.workers[index].signal("STOP");
                sleep(BEYOND_THE_LEASE).await;
                self.workers[index].signal("CONT");
            }
            Fault::Terminate => {
                self.workers[index].terminate();
                self.workers[index].ended();
                self.replace(index).await;
            }
            Fault::Hang => {
                let hanging = cut_off(self.fixture).await;
                sleep(BEYOND_THE_LEASE).await;
                drop(hanging);
            }
            Fault::CutOff => {
                let proxy = self.proxies[index].as_ref().unwrap();
                proxy.cut();
                sleep(BEYOND_THE_LEASE).await;
                proxy.restore();
            }
        }
    }
}

async fn start(fixture: &Fixture, number: usize, proxy: Option<SocketAddr>) -> Worker {
    let options = ["--slots", &SLOTS.to_string(), "--grace", "1"];
    fixture
        .worker_via(proxy, &format!("worker {number}"), &options)
        .await
}

/// Submits a run of a bot that reads twice, or changes two things of its own.
async fn submit(fixture: &Fixture, number: usize, method: &str) -> String {
    let mut file = bot("Faults", method);
    file["variables"] = json!([{ "name": "number", "input": true }]);
    let request = |part: usize| {
        let mut request = file["steps"][1].clone();
        request["path"] = json!(format!("/api/v2/things/{{number}}/{part}"));
        request
    };
    file["steps"] = json!([file["steps"][0], request(1), request(2)]);
    let inputs = json!({ "number": number.to_string() });
    let work = json!({
        "file": file.to_string(),
        "given": { "inputs": inputs, "secret_inputs": {}, "language": "en" },
        "components": {},
    });
    let new = NewRun {
        pool: &"default".parse().unwrap(),
        bot_id: "faults",
        bot: "Faults",
        work: &work.to_string().into(),
    };
    let queue = fixture.store.queue();
    queue.submit(&fixture.ada, &new).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_ends_once_and_nothing_is_changed_twice_whatever_happens_to_the_workers() {
    let wanted = env::var(FAULTS).map_or(FEW, |count| count.parse().unwrap());
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).unwrap();
    let mut random = Random(u64::from_le_bytes(seed));
    println!("seed {}", random.0);
    let fixture = Fixture::with(repeat_with(|| Answer::WhenTold)).await;
    // Steps take a while, so that faults find them begun.
    let answers = fixture.answer();
    let pace = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_millis(25));
        loop {
            ticks.tick().await;
            if answers.available_permits() == 0 {
                answers.add_permits(1);
            }
        }
    });
    let mut fleet = Fleet::new(&fixture).await;
    let (mut injected, mut submitted) = (0, 0);
    let mut ends = BTreeMap::<&str, usize>::new();
    while injected < wanted {
        let mut runs = Vec::new();
        for _ in 0..FAULTS_OF_ROUND.min(wanted - injected) {
            fixture.forget_arrivals().await;
            for _ in 0..RUNS {
                let method = ["GET", "POST"][submitted % 2];
                let run = submit(&fixture, submitted, method).await;
                runs.push((submitted, method, run));
                submitted += 1;
            }
            // Each run sends two requests, if nothing happens to it.
            for _ in 0..=random.below(RUNS) {
                let arrival = timeout(ROUND, fixture.arrival()).await;
                arrival.expect("the runs go on");
            }
            fleet.inject(random.fault(), random.below(WORKERS)).await;
            injected += 1;
        }
        let ended = timeout(ROUND, all_ended(&fixture, &runs)).await;
        let ended = ended.unwrap_or_else(|_| panic!("not all runs end; {:?}", fleet.injected));
        for ((number, method, _), outcome) in runs.iter().zip(ended) {
            *ends.entry(outcome.name()).or_default() += 1;
            let requests = |part: usize| {
                fixture.requests(&format!("{method} /api/v2/things/{number}/{part} "))
            };
            let (first, second) = (requests(1), requests(2));
            let all = format!(
                "{method} {number} {outcome:?}: {first}, {second}; {:?}",
                fleet.injected
            );
            match (*method, outcome) {
                ("POST", Outcome::Done) => assert_eq!((first, second), (1, 1), "{all}"),
                ("POST", Outcome::Lost | Outcome::Stopped) => {
                    assert!(first <= 1 && second <= first, "{all}");
                }
                // Its workers may have died four times.
                ("GET", Outcome::Done) => assert!(first >= 1 && second >= 1, "{all}"),
                ("GET", Outcome::Lost) => {}
                _ => panic!("{all}"),
            }
        }
    }
    let (alive, issued) = fixture.open_sessions().await;
    println!(
        "{injected} faults {:?}, {submitted} runs {ends:?}; {alive} of {issued} sessions are open",
        fleet.injected
    );
    // Nobody knows of one that is issued as its worker is killed.
    let kills = fleet.injected.get("Kill").copied().unwrap_or_default();
    assert!(
        alive <= kills + SLOTS && (alive == 0 || kills > 0),
        "{alive} sessions are open after {kills} kills"
    );
    pace.abort();
}

/// How the runs have ended, once all of them have.
async fn all_ended(fixture: &Fixture, runs: &[(usize, &str, String)]) -> Vec<Outcome> {
    let all = fixture.store.runs(&fixture.ada);
    let mut wake_ups = fixture.store.queue().wake_ups().await.unwrap();
    loop {
        let mut ended = Vec::new();
        for (_, _, id) in runs {
            // A confirmed run is never gone.
            let (run, _) = all.get(id).await.unwrap();
            ended.extend(run.ended.map(|(_, outcome)| outcome));
        }
        if ended.len() == runs.len() {
            return ended;
        }
        wake_ups.next().await;
    }
}
