//! A Control Room with a user and her bots, a server in place of Genesys Cloud that says when a request arrives and answers when
//! the test wants it to, and workers as processes of their own. Their lease is 2 s.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use control_room::passwords::Account;
use control_room::{KeySource, Name, Place, Principal, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::https::{Reply, Server};
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::timeout;

use crate::database::{Database, is_on_server, place};
use crate::support::{CLIENT_ID, Ended, SECRET, bot_runner, genesys_hosts};

pub(crate) const READING: &str = "Reading";
/// Longer than workers take to notice that another one has died, and to close what it has left.
const SWEEP: Duration = Duration::from_secs(6);

const CHANGING: &str = "Changing";

/// How the server answers the API requests of a test, in this order. Those after the last one are answered at once.
pub(crate) enum Answer {
    /// Never.
    Never,
    /// When the test says so.
    WhenTold,
}

pub(crate) struct Fixture {
    folder: TempDir,
    server: Server,
    pub(crate) store: Store,
    pub(crate) ada: Account,
    /// An API request has arrived.
    arrived: AsyncMutex<mpsc::UnboundedReceiver<()>>,
    answer: Arc<Semaphore>,
}

impl Fixture {
    pub(crate) async fn new(answers: Vec<Answer>) -> Self {
        Self::with(answers.into_iter()).await
    }

    pub(crate) async fn with(answers: impl Iterator<Item = Answer> + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (arriving, arrived) = mpsc::unbounded_channel();
        let answer = Arc::new(Semaphore::new(0));
        let (told, answers) = (Arc::clone(&answer), Mutex::new(answers));
        let tokens = AtomicUsize::new(0);
        let server = genesys_hosts(&folder, move |request| {
            if request.starts_with("POST /oauth/token") {
                let number = 1 + tokens.fetch_add(1, Ordering::Relaxed);
                let token =
                    json!({ "access_token": format!("token-{number:06}"), "token_type": "bearer" });
                return json_reply(&token);
            }
            if request.starts_with("DELETE /api/v2/tokens/me") {
                return json_reply(&json!({}));
            }
            let answer = answers.lock().unwrap().next();
            let _ = arriving.send(());
            match answer {
                Some(Answer::Never) => return Reply::keep(""),
                Some(Answer::WhenTold) => {
                    let response = json_response(&json!({ "id": "x" }));
                    return Reply::Held(Arc::clone(&told), response.into());
                }
                None => {}
            }
            json_reply(&json!({ "id": "x" }))
        })
        .await;
        let (place, key) = place(folder.path()).await;
        let store = Store::open(place, key).await.unwrap();
        let ada: Name = "ada".parse().unwrap();
        let (passwords, password) = (store.passwords(), "correct horse & battery".into());
        passwords
            .create_user(&Principal::System, &ada, &password)
            .await
            .unwrap();
        let ada = passwords.named(&ada).await.unwrap().unwrap();
        let fixture = Self {
            folder,
            server,
            store,
            ada,
            arrived: AsyncMutex::new(arrived),
            answer,
        };
        fixture.create_bots().await;
        fixture
    }

    async fn create_bots(&self) {
        for (name, method) in [(READING, "GET"), (CHANGING, "POST")] {
            let bots = self.store.bots(&self.ada);
            let file = bot(name, method).to_string();
            bots.create(name, &file).await.unwrap();
        }
    }

    /// `bot-runner COMMAND` with this Control Room.
    pub(crate) async fn command(&self, command: &str) -> Command {
        self.command_via(None, command).await
    }

    /// The address of the server with the database, if there is one.
    pub(crate) async fn server_address(&self) -> Option<SocketAddr> {
        let (Place::Database(url), _) = place(self.folder.path()).await else {
            return None;
        };
        let (_, rest) = url
            .to_string()
            .split_once('@')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        rest.split_once('/')?.0.parse().ok()
    }

    /// The same, which reaches the database by a proxy.
    async fn command_via(&self, proxy: Option<SocketAddr>, command: &str) -> Command {
        let mut runner = bot_runner();
        runner.arg(command);
        match place(self.folder.path()).await {
            (Place::Database(url), KeySource::File(key)) => {
                let mut url = url.to_string();
                if let (Some(proxy), Some(server)) = (proxy, self.server_address().await) {
                    url = url.replace(&server.to_string(), &proxy.to_string());
                }
                runner.args(["--database", &url]);
                runner.arg("--key-file").arg(key);
            }
            _ => {
                runner.arg("--data").arg(self.folder.path());
            }
        }
        runner
    }

    /// A worker that is ready.
    pub(crate) async fn worker(&self, name: &str, options: &[&str]) -> Worker {
        let options = [&["--slots", "1"], options].concat();
        self.worker_via(None, name, &options).await
    }

    /// A worker that is ready, and reaches the database by a proxy.
    pub(crate) async fn worker_via(
        &self,
        proxy: Option<SocketAddr>,
        name: &str,
        options: &[&str],
    ) -> Worker {
        let mut command = self.command_via(proxy, "worker").await;
        command
            .args(["--lease", "2", "--name", name])
            .args(["--gateway", &self.server.address().to_string()])
            .arg("--ca-file")
            .arg(self.folder.path().join("ca.pem"))
            .args(options)
            .stdout(Stdio::piped());
        block_in_place(|| {
            let mut child = command.spawn().unwrap();
            let mut worker = Worker {
                lines: BufReader::new(child.stdout.take().unwrap()),
                child: Stopped(child),
            };
            assert!(worker.line().contains(name));
            worker
        })
    }

    /// Queues a run of this bot, and waits for its end in the background.
    async fn submit(&self, bot: &str) -> Submitted {
        let mut command = self.command("submit").await;
        command.args([bot, "--wait", "--json"]);
        Submitted(spawn_blocking(move || {
            let output = command.output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            let json = serde_json::from_slice(&output.stdout);
            let json = json.unwrap_or_else(|error| panic!("{error}: {stderr}"));
            (output.status.code().unwrap(), json)
        }))
    }

    /// Waits until an API request has arrived.
    pub(crate) fn arrived(&self) {
        block_in_place(|| self.arrived.blocking_lock().blocking_recv()).unwrap();
    }

    /// The same, without holding up other tasks.
    pub(crate) async fn arrival(&self) {
        self.arrived.lock().await.recv().await.unwrap();
    }

    pub(crate) async fn forget_arrivals(&self) {
        let mut arrived = self.arrived.lock().await;
        while arrived.try_recv().is_ok() {}
    }

    /// Each permit answers a request.
    pub(crate) fn answer(&self) -> Arc<Semaphore> {
        Arc::clone(&self.answer)
    }

    /// How many sessions are open when nothing runs, and how many were opened.
    pub(crate) async fn open_sessions(&self) -> (usize, usize) {
        let issued = self.requests("POST /oauth/token");
        let open = || {
            (1..=issued)
                .filter(|number| !self.is_revoked(*number))
                .count()
        };
        // Those of dead workers are closed by others after a while.
        while open() > 0 {
            if timeout(SWEEP, self.server.closed()).await.is_err() {
                break;
            }
        }
        (open(), issued)
    }

    /// How many requests with this beginning have arrived.
    pub(crate) fn requests(&self, beginning: &str) -> usize {
        let requests = self.server.requests().into_iter();
        requests.filter(|it| it.starts_with(beginning)).count()
    }

    /// Whether the token with this number was revoked.
    fn is_revoked(&self, number: usize) -> bool {
        let token = format!("token-{number:06}");
        let mut requests = self.server.requests().into_iter();
        requests.any(|it| it.starts_with("DELETE /api/v2/tokens/me") && it.contains(&token))
    }

    /// Waits until a token is revoked, which may be after the run has ended.
    async fn revoked(&self, number: usize) {
        while !self.is_revoked(number) {
            self.server.closed().await;
        }
    }
}

/// A bot that signs in, sends one request, and logs.
pub(crate) fn bot(name: &str, method: &str) -> Value {
    let authenticate = json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": CLIENT_ID,
        "client-secret": { "insecure-string": SECRET },
    });
    let request =
        json!({ "action": "genesys/api-request", "method": method, "path": "/api/v2/things" });
    let log = json!({ "action": "log", "message": "done" });
    json!({ "name": name, "steps": [authenticate, request, log] })
}

fn json_reply(body: &Value) -> Reply {
    Reply::close(json_response(body))
}

fn json_response(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A run whose end is awaited.
struct Submitted(tokio::task::JoinHandle<(i32, Value)>);

impl Submitted {
    /// The exit status of `submit`, and what it has printed.
    async fn ended(self) -> (i32, Value) {
        self.0.await.unwrap()
    }
}

/// A worker.
pub(crate) struct Worker {
    child: Stopped,
    lines: BufReader<ChildStdout>,
}

impl Worker {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// As if its machine had failed.
    fn kill(mut self) {
        self.kill_now();
    }

    pub(crate) fn kill_now(&mut self) {
        self.child.0.kill().unwrap();
        self.child.0.wait().unwrap();
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.0.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &id])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Asks it to end, and waits until it says that it will.
    pub(crate) fn terminate(&mut self) {
        self.signal("TERM");
        assert!(block_in_place(|| self.line()).contains("No new runs are started"));
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(&mut self) {
        let status = block_in_place(|| self.child.0.wait()).unwrap();
        assert_eq!(status.code(), Some(0));
    }
}

/// A process that is killed when this is dropped.
pub(crate) struct Stopped(pub(crate) Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_only_reads_begins_again_elsewhere_if_its_worker_is_killed() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let first = fixture.worker("first", &[]).await;
    let run = fixture.submit(READING).await;
    fixture.arrived();
    first.kill();
    let _second = fixture.worker("second", &[]).await;
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["state"]), (0, &json!("done")), "{ended}");
    assert_eq!(ended["worker"], "second");
    assert_eq!(fixture.requests("GET /api/v2/things"), 2);
    // That of the dead worker as well.
    assert!(fixture.is_revoked(1) && fixture.is_revoked(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_lost_if_its_worker_is_killed_in_a_step_that_changes_something() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let first = fixture.worker("first", &[]).await;
    let run = fixture.submit(CHANGING).await;
    fixture.arrived();
    first.kill();
    let _second = fixture.worker("second", &[]).await;
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["state"]), (1, &json!("lost")), "{ended}");
    assert_eq!(
        (&ended["worker"], &ended["lost-at-step"]),
        (&json!("first"), &json!(2))
    );
    fixture.revoked(1).await;
    // What waits behind it runs, and nothing was changed twice.
    let (status, _) = fixture.submit(READING).await.ended().await;
    assert_eq!(status, 0);
    assert_eq!(fixture.requests("POST /api/v2/things"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_to_end_finishes_what_it_has_begun_and_begins_nothing() {
    let fixture = Fixture::new(vec![Answer::WhenTold]).await;
    let mut first = fixture.worker("first", &[]).await;
    let begun = fixture.submit(CHANGING).await;
    fixture.arrived();
    first.terminate();
    let waiting = fixture.submit(READING).await;
    fixture.answer.add_permits(1);
    let (status, ended) = begun.ended().await;
    assert_eq!((status, &ended["worker"]), (0, &json!("first")), "{ended}");
    first.ended();
    let _second = fixture.worker("second", &[]).await;
    let (status, ended) = waiting.ended().await;
    assert_eq!((status, &ended["worker"]), (0, &json!("second")), "{ended}");
    assert_eq!(fixture.requests("POST /api/v2/things"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_nothing_within_the_grace_begins_anew_elsewhere() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let mut first = fixture.worker("first", &["--grace", "0"]).await;
    let run = fixture.submit(READING).await;
    fixture.arrived();
    first.terminate();
    first.ended();
    assert!(fixture.is_revoked(1));
    let _second = fixture.worker("second", &[]).await;
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["worker"]), (0, &json!("second")), "{ended}");
    assert_eq!(fixture.requests("GET /api/v2/things"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_something_is_stopped_after_the_grace_and_does_not_begin_again() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let mut first = fixture.worker("first", &["--grace", "0"]).await;
    let run = fixture.submit(CHANGING).await;
    fixture.arrived();
    first.terminate();
    first.ended();
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["state"]), (1, &json!("stopped")), "{ended}");
    assert!(fixture.is_revoked(1));
    assert_eq!(fixture.requests("POST /api/v2/things"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_reaches_the_worker() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let _worker = fixture.worker("first", &[]).await;
    let run = fixture.submit(READING).await;
    fixture.arrived();
    let runs = fixture.store.runs(&fixture.ada);
    let page = runs.list(&Default::default(), 0, 1).await.unwrap();
    let queue = fixture.store.queue();
    queue
        .request_stop(&fixture.ada, &page.items[0].id)
        .await
        .unwrap();
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["state"]), (1, &json!("stopped")), "{ended}");
    assert!(fixture.is_revoked(1));
}

/// Keeps everybody from writing to the database, as long as it exists.
pub(crate) async fn cut_off(fixture: &Fixture) -> Database {
    let mut database = Database::of(fixture.folder.path()).await;
    // The lock of the one who writes.
    let begin = if is_on_server() {
        "BEGIN; SELECT pg_advisory_xact_lock(27988542885097324)"
    } else {
        "BEGIN IMMEDIATE"
    };
    database.execute(begin).await;
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_reach_the_database_stops_its_runs_by_itself() {
    let fixture = Fixture::new(vec![Answer::Never]).await;
    let _worker = fixture.worker("first", &[]).await;
    let run = fixture.submit(READING).await;
    fixture.arrived();
    let cut_off = cut_off(&fixture).await;
    // It closes the session although nobody has told it to.
    fixture.revoked(1).await;
    drop(cut_off);
    let (status, ended) = run.ended().await;
    assert_eq!((status, &ended["state"]), (0, &json!("done")), "{ended}");
    assert_eq!(fixture.requests("GET /api/v2/things"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_queued_is_refused_with_the_reason() {
    let fixture = Fixture::new(Vec::new()).await;
    let bots = fixture.store.bots(&fixture.ada);
    let asking = json!({
        "name": "Asking",
        "variables": [{ "name": "who", "input": true }],
        "steps": [{ "action": "log", "message": "{who}" }],
    });
    bots.create("Asking", &asking.to_string()).await.unwrap();
    for (arguments, expected) in [
        (&["Nothing"][..], "ada has no bot with the name “Nothing”"),
        (
            &["Nothing", "--locale", "de"],
            "ada hat keinen Bot mit dem Namen „Nothing“",
        ),
        (&["Asking", "--user", "bob"], "bob"),
        (&["Asking"], "“who”"),
    ] {
        let mut command = fixture.command("submit").await;
        let ended = Ended::of(command.args(arguments));
        assert_eq!(ended.status, 2, "{}", ended.all());
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    assert_eq!(fixture.store.queue().lengths().await.unwrap(), []);
    let mut command = fixture.command("submit").await;
    let ended = Ended::of(command.args(["Asking", "--variable", "who=Ada", "--json"]));
    assert_eq!(
        (ended.status, &ended.json()["state"]),
        (0, &json!("queued"))
    );
    let other: Name = "eve".parse().unwrap();
    let users = fixture.store.users();
    users.create(&Principal::System, &other).await.unwrap();
    for (arguments, expected) in [
        (&["Asking"][..], "--user NAME is needed"),
        (&["Asking", "--user", "eve"], "eve cannot sign in"),
    ] {
        let mut command = fixture.command("submit").await;
        let ended = Ended::of(command.args(arguments));
        assert_eq!(ended.status, 2, "{}", ended.all());
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}
