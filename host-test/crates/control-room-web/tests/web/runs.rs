//! Runs: event streams, history, stop, limits, ownership; and the escaping of Genesys' responses.

use std::sync::Arc;
use std::time::Duration;

use bot_engine::RetryPolicy;
use control_room::audit;
use control_room::audit_events::{Action, EventFilter};
use control_room::runs::Outcome;
use egress::{AllowList, Options, Proxies, Trust};
use serde_json::{Value, json};
use test_support::Ca;
use test_support::https::{Reply, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::client::{Answer, Client, ControlRoom, PASSWORD, engine, name};
use crate::log::Log;

pub(crate) const TOKEN: &str =
    r#"{"access_token":"canary-token","token_type":"bearer","expires_in":86400}"#;
const SECRET: &str = "canary-secret";

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::keep(format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

pub(crate) fn is_token_request(request: &str) -> bool {
    request.starts_with("POST /oauth/token")
}

/// A Control Room whose bots reach a scripted server, and retry after milliseconds.
pub(crate) async fn start_with_server(
    reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (ControlRoom, Server) {
    let ca = Ca::new("Test CA");
    let config = ca.server("*.mypurecloud.de");
    let server = Server::with_certificate(ca, config, reply).await;
    let mut engine = engine(Options {
        gateway: Some(server.address().try_into().unwrap()),
        trust: Trust::Only(vec![server.ca().certificate()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    });
    engine.retry = RetryPolicy {
        first_wait: Duration::from_millis(1),
        tries: 2,
        ..RetryPolicy::default()
    };
    (ControlRoom::start_with(engine).await, server)
}

/// A server that issues a token and then throttles all requests. It notifies of each throttled request.
async fn with_busy_server() -> (ControlRoom, Server, Arc<Notify>) {
    let throttled = Arc::new(Notify::new());
    let notify = Arc::clone(&throttled);
    let (room, server) = start_with_server(move |request| {
        if is_token_request(request) {
            return answer("200 OK", "", TOKEN);
        }
        if request.starts_with("GET") {
            notify.notify_one();
            return answer("429 Too Many Requests", "Retry-After: 60\r\n", "");
        }
        answer("200 OK", "", "")
    })
    .await;
    (room, server, throttled)
}

pub(crate) fn steps(more: &[Value]) -> String {
    let mut steps = vec![json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "insecure-string": SECRET },
        "session-name": "Mine",
    })];
    steps.extend_from_slice(more);
    json!({ "name": "Hello", "steps": steps }).to_string()
}

pub(crate) fn request() -> Value {
    json!({ "action": "genesys/api-request", "session-name": "Mine", "path": "/api/v2/organizations/me",
        "output": "organization" })
}

pub(crate) async fn import(client: &mut Client, file: &str) -> String {
    client.get("/bots/import").await;
    let imported = client.post("/bots/import", &[("file", file)]).await;
    imported.header("location").unwrap().into()
}

#[tokio::test]
async fn what_is_logged_in_a_run_has_the_run_and_its_step() {
    let log = Log::default();
    // For this thread only, which runs the whole runtime.
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let (room, _server) = start_with_server(|_| answer("400 Bad Request", "", "{}")).await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[])).await;
    let run = start(&mut ada, &bot).await;
    follow(&mut ada, &run).await;
    let id = run.strip_prefix("/runs/").unwrap();
    let span = format!(" DEBUG run{{id={id}}}:step{{number=1}}:");
    let log = log.text();
    let connected = log.lines().find(|line| line.contains(": connected "));
    assert!(connected.unwrap().contains(&span), "{connected:?}");
}

/// Starts a run and returns its path.
async fn start(client: &mut Client, bot: &str) -> String {
    client.get(bot).await;
    let started = client.post(&format!("{bot}/run"), &[]).await;
    assert_eq!(started.status, 303, "{}", started.body);
    started.header("location").unwrap().into()
}

/// The events of a run until it ends.
pub(crate) async fn follow(client: &mut Client, run: &str) -> Vec<Value> {
    events(&client.get(&format!("{run}/events")).await)
}

pub(crate) fn events(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let data = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// The kind of each event, and for the last one the outcome of the run.
pub(crate) fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|it| it["kind"].as_str().or(it["outcome"].as_str()))
        .collect()
}

#[tokio::test]
async fn a_bot_runs_another_one_of_its_user_by_name() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = |name: &str, steps: Value| json!({ "name": name, "steps": steps }).to_string();
    let log = |text: &str| json!([{ "action": "log", "message": text }]);
    let run_other = bot("Main", json!([{ "action": "run-bot", "bot": "Other" }]));
    let main = import(&mut ada, &run_other).await;
    // Those of others are not found.
    let mut bob = room.signed_in("bob").await;
    import(&mut bob, &bot("Other", log("of bob"))).await;
    ada.get(&main).await;
    let refused = ada.post(&format!("{main}/run"), &[]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("You have no bot “Other”"),
        "{}",
        refused.body
    );

    import(&mut ada, &bot("Other 2", log("never"))).await;
    import(&mut ada, &bot("Other", log("of ada"))).await;
    let run = start(&mut ada, &main).await;
    let seen = follow(&mut ada, &run).await;
    assert!(format!("{seen:?}").contains("step 1: of ada"), "{seen:?}");

    import(&mut ada, &bot("Other", log("again"))).await;
    ada.get(&main).await;
    let refused = ada.post(&format!("{main}/run"), &[]).await;
    assert!(
        refused
            .body
            .contains("Several of your bots are called “Other”"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn the_event_stream_has_every_step_in_order_also_for_late_subscribers() {
    let requests = std::sync::Mutex::new(0);
    let (room, _server) = start_with_server(move |request| {
        if is_token_request(request) {
            return answer("200 OK", "", TOKEN);
        }
        if request.starts_with("GET") {
            let mut requests = requests.lock().unwrap();
            *requests += 1;
            return match *requests {
                1 => answer("503 Service Unavailable", "", ""),
                _ => answer("200 OK", "", r#"{"name":"Acme"}"#),
            };
        }
        answer("200 OK", "", "")
    })
    .await;
    let mut ada = room.signed_in("ada").await;
    let log = json!({ "action": "log", "message": "Hello, {organization.name}" });
    let end = json!({ "action": "genesys/disconnect", "session-name": "Mine" });
    let bot = import(&mut ada, &steps(&[request(), log, end])).await;
    let run = start(&mut ada, &bot).await;
    let mut seen = follow(&mut ada, &run).await;
    assert_eq!(
        kinds(&seen),
        ["warning", "done", "waiting", "done", "done", "done", "done"],
        "{seen:?}"
    );
    // Only for those who wait.
    seen[2]["wait"] = Value::Null;
    let texts: Vec<_> = seen.iter().filter_map(|it| it["text"].as_str()).collect();
    assert!(
        texts[1].contains("“Mine” is open at https://api.mypurecloud.de"),
        "{texts:?}"
    );
    assert!(texts[1].ends_with("It expires in 24 hours."), "{texts:?}");
    assert!(
        texts[2].contains("Attempt 1 failed") && texts[2].contains("503"),
        "{texts:?}"
    );
    assert_eq!(texts[4], "Hello, Acme");
    assert_eq!(seen[1]["title"], "1. OAuth authenticate");
    assert!(seen[1]["took"].as_str().unwrap().ends_with('s'));

    // After the end of the run, the stream is the same.
    assert_eq!(follow(&mut ada, &run).await, seen);
    let page = ada.get(&run).await.body;
    assert!(texts.iter().all(|text| page.contains(text)), "{page}");
    assert!(
        !page.contains("run.js"),
        "a run that is over needs no script"
    );
    let history = ada.get("/runs").await.body;
    assert!(
        history.contains(&run) && history.contains("Done"),
        "{history}"
    );
    let after = ada.get(&format!("{run}/events?after=5")).await;
    assert_eq!(events(&after), seen[5..]);

    // A browser that reconnects sends the last event that it has. If that is the last of all, it is told to stop.
    ada.with("last-event-id", "2");
    assert_eq!(follow(&mut ada, &run).await, seen[2..]);
    ada.with("last-event-id", "end");
    assert_eq!(ada.get(&format!("{run}/events")).await.status, 204);
}

#[tokio::test]
async fn a_long_log_has_pages_and_can_be_downloaded() {
    let (room, _server) = start_with_server(|_| answer("200 OK", "", TOKEN)).await;
    let mut ada = room.signed_in("ada").await;
    let mut logs: Vec<_> = (1..=150)
        .map(|n| json!({ "action": "log", "message": format!("<message {n}>") }))
        .collect();
    logs[149]["step-name"] = "Say <bye>".into();
    let file = json!({ "name": "Long & slow", "steps": logs }).to_string();
    let bot = import(&mut ada, &file).await;
    let run = start(&mut ada, &bot).await;
    follow(&mut ada, &run).await;
    // The end is what matters most.
    let last = ada.get(&run).await.body;
    assert!(!last.contains("&lt;message 100&gt;"), "{last}");
    assert!(last.contains("&lt;message 101&gt;") && last.contains("&lt;message 150&gt;"));
    assert!(last.contains("101 to 150 of 150"), "{last}");
    assert!(last.contains("149. Log message<"), "{last}");
    assert!(
        last.contains("150. Say &lt;bye&gt; (Log message)"),
        "{last}"
    );
    let first = ada.get(&format!("{run}?page=1")).await.body;
    assert!(first.contains("&lt;message 100&gt;") && !first.contains("&lt;message 101&gt;"));
    let text = ada.get(&format!("{run}/log/txt")).await;
    assert_eq!(
        text.header("content-disposition"),
        Some("attachment; filename*=UTF-8''Long%20%26%20slow.txt")
    );
    assert!(text.body.starts_with("Long & slow\n"), "{}", text.body);
    assert!(
        text.body
            .contains("150. Say <bye> (Log message)  <message 150>"),
        "{}",
        text.body
    );
    let json = ada.get(&format!("{run}/log/json")).await.json();
    assert_eq!(json["state"], "done");
    let (started, ended) = (json["started"].as_i64(), json["ended"].as_i64());
    assert!(
        started > Some(1_700_000_000_000) && ended >= started,
        "{json}"
    );
    assert_eq!(json["entries"].as_array().unwrap().len(), 150);
    assert_eq!(json["entries"][149]["text"], "<message 150>");
    assert_eq!(json["entries"][149]["name"], "Say <bye>");
    assert_eq!(ada.get(&format!("{run}/log/xml")).await.status, 404);

    for (query, is_listed) in [
        ("", true),
        ("?search=slow&state=done", true),
        ("?search=&state=&from=&to=", true),
        ("?search=fast", false),
        ("?text=MESSAGE+150&search=slow", true),
        ("?text=message+151", false),
        // Nothing but the texts is searched.
        ("?text=kind", false),
        ("?state=failed", false),
        ("?from=2026-01-01", true),
        ("?to=2026-01-01", false),
        ("?from=tomorrow&state=other", true),
    ] {
        let list = ada.get(&format!("/runs{query}")).await.body;
        assert_eq!(list.contains("Long &amp; slow"), is_listed, "{query}");
        assert_eq!(
            list.contains("No runs match the filter."),
            !is_listed,
            "{query}"
        );
    }
}

#[tokio::test]
async fn runs_of_other_users_are_not_found() {
    let (room, _server, throttled) = with_busy_server().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    let run = start(&mut ada, &bot).await;
    throttled.notified().await;
    let mut bob = room.signed_in("bob").await;
    bob.get("/bots").await;
    for over in [false, true] {
        for path in [run.clone(), format!("{run}/events")] {
            assert_eq!(bob.get(&path).await.status, 404, "{path}");
        }
        bob.get("/bots").await;
        assert_eq!(bob.post(&format!("{run}/stop"), &[]).await.status, 404);
        assert_eq!(bob.post(&format!("{bot}/run"), &[]).await.status, 404);
        assert!(!bob.get("/runs").await.body.contains("Hello"));
        if !over {
            assert!(ada.get(&run).await.body.contains("data-state=\"running\""));
            ada.post(&format!("{run}/stop"), &[]).await;
            follow(&mut ada, &run).await;
        }
    }
    let mut nobody = room.client();
    for path in ["/runs", &run, &format!("{run}/events")] {
        assert_eq!(nobody.get(path).await.status, 303, "{path}");
    }
}

#[tokio::test]
async fn administrators_see_the_runs_of_all_users_but_no_log_of_others() {
    let (room, _server, throttled) = with_busy_server().await;
    let mut bob = room.signed_in("bob").await;
    let bot = import(&mut bob, &steps(&[request()])).await;
    let run = start(&mut bob, &bot).await;
    throttled.notified().await;
    let mut ada = room.signed_in("ada").await;
    let all = "/runs?user=";
    let own_only = bob.get("/runs?user=ada").await.body;
    assert!(own_only.contains(&run) && !own_only.contains("id=\"user\""));
    for state in ["running", "stopped"] {
        let own = ada.get("/runs").await.body;
        assert!(
            !own.contains("Hello") && own.contains("id=\"user\""),
            "{own}"
        );
        for path in [
            all,
            "/runs?user=bob&search=hell",
            "/runs?user=BOB&text=nothing",
        ] {
            let shown = ada.get(path).await.body;
            assert!(shown.contains("Hello</th><td>bob</td>"), "{path}: {shown}");
            assert!(shown.contains(&format!("data-state=\"{state}\"")), "{path}");
            assert!(!shown.contains(&run), "{path}");
            assert!(!shown.contains("id=\"text\""), "{path}");
        }
        for path in ["/runs?user=eve", "/runs?user=a/b", "/runs?user=&state=done"] {
            let shown = ada.get(path).await.body;
            assert!(shown.contains("No runs match the filter."), "{path}");
        }
        for path in ["", "/events", "/log/txt", "/log/json"] {
            assert_eq!(ada.get(&format!("{run}{path}")).await.status, 404, "{path}");
        }
        if state == "running" {
            bob.get(&run).await;
            bob.post(&format!("{run}/stop"), &[]).await;
            follow(&mut bob, &run).await;
        }
    }
}

#[tokio::test]
async fn stopping_a_run_closes_its_session() {
    let (room, server, throttled) = with_busy_server().await;
    let mut ada = room.signed_in("ada").await;
    ada.with("accept-language", "de");
    let bot = import(&mut ada, &steps(&[request()])).await;
    let run = start(&mut ada, &bot).await;
    throttled.notified().await;
    ada.get(&run).await;
    let stopped = ada.post(&format!("{run}/stop"), &[]).await;
    assert_eq!(stopped.header("location"), Some(run.as_str()));
    let seen = follow(&mut ada, &run).await;
    let texts: Vec<_> = seen.iter().filter_map(|it| it["text"].as_str()).collect();
    assert!(
        texts
            .iter()
            .any(|it| it.contains("Bei Schritt 2 angehalten.")),
        "{texts:?}"
    );
    assert_eq!(seen.last().unwrap()["word"], "Angehalten");
    // Stopping it again is not an error.
    assert_eq!(ada.post(&format!("{run}/stop"), &[]).await.status, 303);
    room.pages.shutdown().await;
    let ended = server.requests().iter().any(|it| it.starts_with("DELETE"));
    assert!(ended, "{:?}", server.requests());
}

#[tokio::test]
async fn removing_a_user_stops_their_runs() {
    let (room, server, throttled) = with_busy_server().await;
    room.grant("ada", "administrator").await;
    let (mut ada, mut bob) = (room.signed_in("ada").await, room.signed_in("bob").await);
    let mut file: Value = serde_json::from_str(&steps(&[request()])).unwrap();
    // This session is closed with the bot.
    file["steps"][0]["session"] = "own".into();
    let bot = import(&mut bob, &file.to_string()).await;
    start(&mut bob, &bot).await;
    throttled.notified().await;
    ada.get("/users").await;
    let removed = ada.post("/users/remove?at=bob", &[]).await;
    assert_eq!(removed.status, 303, "{}", removed.body);
    let revoked = async {
        while !server.requests().iter().any(|it| it.starts_with("DELETE")) {
            ada.get("/runs").await;
        }
    };
    let revoked = timeout(Duration::from_mins(1), revoked).await;
    assert!(revoked.is_ok(), "the run goes on: {:?}", server.requests());
}

#[tokio::test]
async fn signing_out_ends_the_event_stream() {
    let (room, _server, throttled) = with_busy_server().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    let run = start(&mut ada, &bot).await;
    throttled.notified().await;
    let mut stream = TcpStream::connect(room.pages.address()).await.unwrap();
    let cookies: Vec<_> = ada
        .cookies
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let request = format!(
        "GET {run}/events HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\nconnection: close\r\n\r\n",
        room.pages.address(),
        cookies.join("; ")
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains("is open at") {
        assert!(stream.read_buf(&mut received).await.unwrap() > 0);
    }
    ada.get(&run).await;
    ada.post("/sign-out", &[]).await;
    let mut again = room.signed_in("ada").await;
    again.get(&run).await;
    again.post(&format!("{run}/stop"), &[]).await;
    stream.read_to_end(&mut received).await.unwrap();
    let received = String::from_utf8_lossy(&received);
    assert!(!received.contains("Stopped at step"), "{received}");
    let seen = follow(&mut again, &run).await;
    assert_eq!(kinds(&seen).last(), Some(&"stopped"), "{seen:?}");
}

#[tokio::test]
async fn runs_are_limited_per_user() {
    let (room, _server, _) = with_busy_server().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(start(&mut ada, &bot).await);
    }
    ada.get(&bot).await;
    let refused = ada.post(&format!("{bot}/run"), &[]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("Too many runs"), "{}", refused.body);
    let mut bob = room.signed_in("bob").await;
    let bobs_bot = import(&mut bob, &steps(&[request()])).await;
    start(&mut bob, &bobs_bot).await;
    ada.get(&runs[0]).await;
    ada.post(&format!("{}/stop", runs[0]), &[]).await;
    follow(&mut ada, &runs[0]).await;
    // The slot is released shortly after the end is reported.
    let started = async {
        loop {
            ada.get(&bot).await;
            if ada.post(&format!("{bot}/run"), &[]).await.status == 303 {
                return;
            }
        }
    };
    let started = timeout(Duration::from_mins(1), started).await;
    started.expect("a slot is released");
}

#[tokio::test]
async fn runs_are_limited_in_total() {
    let (room, _server, _) = with_busy_server().await;
    for number in 0..8 {
        let user = format!("user-{number}");
        room.create_user(&user).await;
        let mut client = room.signed_in(&user).await;
        let bot = import(&mut client, &steps(&[request()])).await;
        for _ in 0..4 {
            start(&mut client, &bot).await;
        }
    }
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    ada.get(&bot).await;
    let refused = ada.post(&format!("{bot}/run"), &[]).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
}

#[tokio::test]
async fn shutdown_stops_runs_and_closes_their_sessions() {
    let (room, server, throttled) = with_busy_server().await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    start(&mut ada, &bot).await;
    throttled.notified().await;
    room.pages.shutdown().await;
    let password = PASSWORD.into();
    let account = room.store.passwords().verify(&name("ada"), &password).await;
    let runs = room.store.runs(&account.unwrap().unwrap());
    let listed = runs.list(&Default::default(), 0, 10).await.unwrap().items;
    assert_eq!(listed[0].ended.unwrap().1, Outcome::Stopped);
    let (_, log) = runs.get(&listed[0].id).await.unwrap();
    assert!(log.contains("The Control Room was shut down."), "{log}");
    let ended = server.requests().iter().any(|it| it.starts_with("DELETE"));
    assert!(ended, "{:?}", server.requests());
}

#[tokio::test]
async fn responses_of_genesys_are_escaped() {
    const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let (room, _server) = start_with_server(|request| {
        if is_token_request(request) && !request.contains("aWQ6Y2FuYXJ5LXNlY3JldA") {
            let body = json!({ "error": "invalid_client", "error_description": EVIL });
            return answer("400 Bad Request", "", &body.to_string());
        }
        if is_token_request(request) {
            return answer("200 OK", "", TOKEN);
        }
        if request.starts_with("GET") {
            answer("200 OK", "", &json!({ "name": EVIL }).to_string())
        } else {
            answer("200 OK", "", "")
        }
    })
    .await;
    let mut ada = room.signed_in("ada").await;
    let log = json!({ "action": "log", "message": "Hello, {organization.name}" });
    let file = steps(&[request(), log]);
    for (file, outcome) in [
        (file.clone(), "done"),
        (file.replace(SECRET, "wrong"), "failed"),
    ] {
        let bot = import(&mut ada, &file).await;
        let run = start(&mut ada, &bot).await;
        let seen = follow(&mut ada, &run).await;
        assert_eq!(kinds(&seen).last(), Some(&outcome), "{seen:?}");
        let page = ada.get(&run).await.body;
        assert!(page.contains("&lt;script&gt;alert(1)"), "{outcome}: {page}");
        assert!(
            !page.contains("<script>alert") && !page.contains("<img"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_broken_connection_is_reported_in_both_languages() {
    let (room, _server) = start_with_server(|request| {
        if is_token_request(request) {
            answer("200 OK", "", TOKEN)
        } else {
            Reply::close("")
        }
    })
    .await;
    for (language, text) in [
        (
            "en",
            "The connection to api.mypurecloud.de was interrupted.",
        ),
        (
            "de",
            "Die Verbindung zu api.mypurecloud.de wurde unterbrochen.",
        ),
    ] {
        let mut ada = room.signed_in("ada").await;
        ada.with("accept-language", language);
        let bot = import(&mut ada, &steps(&[request()])).await;
        let run = start(&mut ada, &bot).await;
        let seen = follow(&mut ada, &run).await;
        let failed = seen.iter().find(|it| it["kind"] == "failed").unwrap();
        assert!(failed["text"].as_str().unwrap().contains(text), "{failed}");
    }
}

#[tokio::test]
async fn a_bot_with_problems_does_not_run_and_they_are_shown() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let file = json!({ "name": "Hello", "steps": [{ "action": "log", "message": "{nothing}" }] });
    let bot = import(&mut ada, &file.to_string()).await;
    ada.get(&bot).await;
    let refused = ada.post(&format!("{bot}/run"), &[]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("neither a variable nor"),
        "{}",
        refused.body
    );
    assert!(ada.get("/runs").await.body.contains("No bot has run yet"));
    let filter = EventFilter {
        action: Some(Action::Run),
        ..EventFilter::default()
    };
    let events = room.store.audit().events(&filter, None, 9).await.unwrap();
    let [event] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(event.actor, Some("ada".parse().unwrap()));
    assert_eq!(
        (event.subject.as_str(), event.outcome),
        ("Hello", audit::Outcome::Refused)
    );
}

#[tokio::test]
async fn pages_and_events_contain_no_secrets_or_tokens() {
    let (room, _server) = start_with_server(|request| {
        if is_token_request(request) {
            answer("200 OK", "", TOKEN)
        } else {
            answer("401 Unauthorized", "", "")
        }
    })
    .await;
    let mut ada = room.signed_in("ada").await;
    let bot = import(&mut ada, &steps(&[request()])).await;
    let run = start(&mut ada, &bot).await;
    let mut shown = ada.get(&format!("{run}/events")).await.body;
    shown += &ada.get(&run).await.body;
    shown += &ada.get("/runs").await.body;
    assert!(shown.contains("401"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_token_that_an_api_answer_repeats_is_not_shown() {
    const REPEATED: &str = "Bearer canary-token";
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.subscriber());
    let (room, _server) = start_with_server(|request| {
        if is_token_request(request) {
            answer("200 OK", "", TOKEN)
        } else if request.starts_with("GET /api/v2/organizations/me") {
            answer("200 OK", "", &json!({ "name": REPEATED }).to_string())
        } else {
            let id = format!("ININ-Correlation-Id: {REPEATED}\r\n");
            let refused = json!({ "code": REPEATED, "message": REPEATED });
            answer("403 Forbidden", &id, &refused.to_string())
        }
    })
    .await;
    let mut ada = room.signed_in("ada").await;
    let said = json!({ "action": "log", "message": "I am {organization.name}" });
    let refused = json!({ "action": "genesys/api-request", "session-name": "Mine", "path": "/api/v2/users/me" });
    let bot = import(&mut ada, &steps(&[request(), said, refused])).await;
    let run = start(&mut ada, &bot).await;
    let events = ada.get(&format!("{run}/events")).await.body;
    let passwords = room.store.passwords();
    let account = passwords.named(&name("ada")).await.unwrap().unwrap();
    let id = run.strip_prefix("/runs/").unwrap();
    let (_, stored) = room.store.runs(&account).get(id).await.unwrap();
    let page = ada.get(&run).await.body;
    let [text, json] = [
        ada.get(&format!("{run}/log/txt")).await.body,
        ada.get(&format!("{run}/log/json")).await.body,
    ];
    for shown in [events, stored, page, text, json] {
        assert!(shown.contains("I am Bearer ***"), "{shown}");
        // The code, the message and the correlation id of the refusal.
        assert!(shown.matches("Bearer ***").count() >= 4, "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    assert!(!log.text().contains("canary"), "{}", log.text());
}
