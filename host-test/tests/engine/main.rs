//! The engine against a scripted server: transient errors, and interruptions.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod api_requests;
mod connected;
mod connections;
mod lockers;
mod samples;
mod sharing;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use action_host::{Components, Grant, Host, Limits};
use bot_engine::{
    Bot, Catalogue, Event, Interrupt, Language, NoSecrets, RetryPolicy, RunError, Runner,
    SecretProvider, SharedSessions, StepError, Watcher, interruption,
};
use egress::{AllowList, Client, Options, Proxies, Trust};
use serde_json::json;
use test_support::Ca;
use test_support::https::{Reply, Server};
use tokio::sync::Notify;

const TOKEN: &str = r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#;

fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::keep(format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

fn ok(body: &str) -> Reply {
    answer("200 OK", "", body)
}

/// A server with Genesys' host names that sends these responses in order.
async fn server(answers: Vec<Reply>) -> Server {
    let answers = Mutex::new(VecDeque::from(answers));
    serve(move |_| answers.lock().unwrap().pop_front().unwrap()).await
}

async fn serve(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Server {
    let ca = Ca::new("Test CA");
    let config = ca.server("*.mypurecloud.de");
    Server::with_certificate(ca, config, reply).await
}

/// The events of a run that the tests check.
#[derive(Default)]
struct Watched {
    waits: Vec<Duration>,
    notes: Vec<String>,
}

impl Watcher for Watched {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting { length, .. } => self.waits.push(length),
            Event::Noted { note } => self.notes.push(note.to_string()),
            _ => {}
        }
    }
}

/// A retry policy with waits of milliseconds.
fn quick() -> RetryPolicy {
    RetryPolicy {
        first_wait: Duration::from_millis(1),
        ..RetryPolicy::default()
    }
}

async fn run(server: &Server, bot: &Bot, interrupt: &Interrupt) -> (Result<(), RunError>, Watched) {
    run_with(server, bot, Arc::new(NoSecrets), interrupt).await
}

async fn run_with(
    server: &Server,
    bot: &Bot,
    secrets: Arc<dyn SecretProvider>,
    interrupt: &Interrupt,
) -> (Result<(), RunError>, Watched) {
    run_against(server.address(), server, bot, secrets, interrupt).await
}

/// Runs a bot with `address` as the gateway, trusting the server's CA.
async fn run_against(
    address: SocketAddr,
    server: &Server,
    bot: &Bot,
    secrets: Arc<dyn SecretProvider>,
    interrupt: &Interrupt,
) -> (Result<(), RunError>, Watched) {
    let runner = runner(address, server, secrets, interrupt);
    let mut watched = Watched::default();
    let result = runner.run(bot, &mut watched).await;
    let not_revoked = runner.finish().await.not_revoked;
    watched
        .notes
        .extend((not_revoked > 0).then(|| format!("{not_revoked} could not be revoked")));
    (result, watched)
}

fn runner(
    address: SocketAddr,
    server: &Server,
    secrets: Arc<dyn SecretProvider>,
    interrupt: &Interrupt,
) -> Runner {
    let options = gateway_options(address, server.ca().certificate().to_vec());
    runner_through(options, secrets, interrupt)
}

/// Network options that lead to one address and trust one CA.
fn gateway_options(address: SocketAddr, ca: Vec<u8>) -> Options {
    Options {
        gateway: Some(address.try_into().unwrap()),
        trust: Trust::Only(vec![ca.into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    }
}

/// The built-in component, which sends its requests through `client`.
fn components(limits: Limits, client: Client) -> Components {
    let host = Host::builder().limits(limits).client(client);
    let component = host.build().unwrap().load(built_in_component::BYTES);
    let mut components = Components::default();
    let component = component.unwrap().with_grant(Grant::genesys_oauth());
    components.add("genesys", component).unwrap();
    components
}

/// The catalogue, loaded once. On a thread of its own, as tests are asynchronous and what uses it is not.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let load = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = Client::new(Options::new(AllowList::default())).unwrap();
        let components = components(Limits::default(), client);
        runtime.block_on(Catalogue::load(&components)).unwrap()
    };
    thread::spawn(load).join().unwrap()
});

/// A bot from its file.
fn parse(file: &[u8]) -> Bot {
    Bot::parse(file, &CATALOGUE).unwrap()
}

fn runner_through(
    options: Options,
    secrets: Arc<dyn SecretProvider>,
    interrupt: &Interrupt,
) -> Runner {
    let client = Client::new(options).unwrap();
    let limits = Limits {
        calls: 4,
        ..Limits::default()
    };
    Runner {
        actions: Arc::new(components(limits, client.clone())),
        client,
        secrets,
        variables: Arc::default(),
        sessions: Arc::new(SharedSessions::new().unwrap()),
        locale: "en".into(),
        retry: quick(),
        interrupt: interrupt.clone(),
    }
}

/// Authenticates, sends one API request, and leaves the session open.
fn bot() -> Bot {
    let bot = json!({ "name": "Test", "steps": [
        {
            "action": "genesys/oauth-authenticate",
            "url": "eu-central-1",
            "client-id": "id",
            "client-secret": { "insecure-string": "secret" },
        },
        { "action": "genesys/api-request", "path": "/api/v2/users/me" },
    ]});
    parse(bot.to_string().as_bytes())
}

fn kind(result: &Result<(), RunError>) -> (usize, &str) {
    match result {
        Err(RunError::Step { step, error, .. }) => (*step, error.kind()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn transient_errors_are_retried_and_each_wait_is_reported() {
    let (_interrupter, interrupt) = interruption();
    let server = server(vec![
        answer("503 Service Unavailable", "", ""),
        answer(
            "400 Bad Request",
            "",
            r#"{"error":"invalid_request","error_description":"rate limit exceeded; wait"}"#,
        ),
        ok(TOKEN),
        answer("429 Too Many Requests", "Retry-After: 0\r\n", "{}"),
        answer("502 Bad Gateway", "", "<html>"),
        ok("{}"),
        ok(""),
    ])
    .await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(watched.waits.len(), 4);
    assert_eq!(
        watched.notes,
        ["Session “Default” was left open, and stays open for other bots."]
    );
    assert_eq!(server.requests().len(), 7);
}

#[tokio::test]
async fn a_refusal_is_not_retried() {
    let (_interrupter, interrupt) = interruption();
    let refusal = r#"{"error":"invalid_client","error_description":"authentication failed"}"#;
    let server = server(vec![answer("401 Unauthorized", "", refusal)]).await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert_eq!(kind(&result), (1, "rejected"));
    assert_eq!((watched.waits.len(), server.requests().len()), (0, 1));
}

#[tokio::test]
async fn a_persistent_error_fails_the_bot_with_the_last_error() {
    let (_interrupter, interrupt) = interruption();
    let server = serve(|_| answer("503 Service Unavailable", "", "")).await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert_eq!(kind(&result), (1, "unavailable"));
    let tries = quick().tries as usize;
    assert_eq!(
        (watched.waits.len(), server.requests().len()),
        (tries - 1, tries)
    );
}

#[tokio::test]
async fn a_wait_beyond_the_limit_fails_the_bot_and_says_how_long_to_wait() {
    assert!(quick().longest_wait < Duration::from_mins(5));
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        for (step, busy) in [(1, "POST /oauth/token"), (2, "GET /api/v2/users/me")] {
            let (_interrupter, interrupt) = interruption();
            let server = serve(move |request| {
                if request.starts_with(busy) {
                    answer(status, "Retry-After: 300\r\n", "{}")
                } else {
                    ok(TOKEN)
                }
            })
            .await;
            let (result, watched) = run(&server, &bot(), &interrupt).await;
            assert_eq!(kind(&result).0, step, "{status}");
            let error = result.unwrap_err();
            for language in Language::ALL {
                let message = error.message(language);
                assert!(message.contains("300 s"), "{message}");
            }
            let requests = server.requests();
            let sent = requests.iter().filter(|it| it.starts_with(busy)).count();
            assert_eq!((watched.waits.len(), sent), (0, 1), "{status}");
        }
    }
}

#[tokio::test]
async fn a_refused_api_request_still_closes_the_session() {
    let (_interrupter, interrupt) = interruption();
    let server = server(vec![ok(TOKEN), answer("403 Forbidden", "", "{}"), ok("")]).await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert_eq!(kind(&result), (2, "api-request-failed"));
    assert!(matches!(
        result,
        Err(RunError::Step {
            error: StepError::Api(_),
            ..
        })
    ));
    assert_eq!(
        watched.notes,
        ["Session “Default” was left open, and stays open for other bots."]
    );
    assert!(server.requests()[2].starts_with("DELETE /api/v2/tokens/me"));
}

#[tokio::test]
async fn a_refusal_that_is_not_of_genesys_is_not_taken_for_its_verdict_on_the_session() {
    let page = |status: &str| {
        let html = "<html><h1>Access denied</h1></html>";
        Reply::keep(format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nININ-Correlation-Id: c-1\r\nContent-Length: {}\r\n\r\n{html}",
            html.len()
        ))
    };
    let without_code = |status: &str| answer(status, "", r#"{"message":"Forbidden"}"#);
    for status in ["401 Unauthorized", "403 Forbidden"] {
        for refusal in [page(status), without_code(status)] {
            let (_interrupter, interrupt) = interruption();
            let server = server(vec![ok(TOKEN), refusal, ok("")]).await;
            let (result, _) = run(&server, &bot(), &interrupt).await;
            assert_eq!(kind(&result), (2, "api-request-failed"));
            let error = result.unwrap_err();
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert!(
                english.contains("did not answer like the Genesys Cloud API"),
                "{english}"
            );
            assert!(
                german.contains("nicht wie die Genesys-Cloud-API geantwortet"),
                "{german}"
            );
            // The session is not opened anew.
            assert!(server.requests()[2].starts_with("DELETE /api/v2/tokens/me"));
        }
    }
}

#[tokio::test]
async fn an_api_request_that_is_refused_repeats_no_token() {
    const CANARY: &str = "the-token-is-a-c4nary";
    let token = format!(r#"{{"access_token":"{CANARY}","token_type":"bearer"}}"#);
    // Its end is cut off where there is more before it.
    for before in [String::new(), "x".repeat(85), "x".repeat(485)] {
        let said = json!({ "code": before.clone() + CANARY, "message": before + CANARY });
        let id = format!("ININ-Correlation-Id: {}{CANARY}\r\n", "x".repeat(50));
        let refused = answer("403 Forbidden", &id, &said.to_string());
        let server = server(vec![ok(&token), refused, ok("")]).await;
        let (_interrupter, interrupt) = interruption();
        let (result, _) = run(&server, &bot(), &interrupt).await;
        let error = result.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("***"), "{shown}");
        assert!(!shown.contains("the-"), "{shown}");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_closed_is_reported() {
    let (_interrupter, interrupt) = interruption();
    let server = server(vec![
        ok(TOKEN),
        ok("{}"),
        answer("503 Service Unavailable", "", ""),
    ])
    .await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(watched.notes[1], "1 could not be revoked");
}

#[tokio::test]
async fn an_interrupted_bot_closes_its_sessions() {
    let (interrupter, interrupt) = interruption();
    let asked = Arc::new(Notify::new());
    // The API never responds; the bot is interrupted once the request was sent.
    let server = serve({
        let asked = Arc::clone(&asked);
        move |request| {
            if request.starts_with("POST") {
                ok(TOKEN)
            } else if request.starts_with("GET") {
                asked.notify_one();
                Reply::keep("")
            } else {
                ok("")
            }
        }
    })
    .await;
    let bot = bot();
    let ((result, watched), ()) = tokio::join!(run(&server, &bot, &interrupt), async {
        asked.notified().await;
        interrupter.interrupt();
    });
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    assert_eq!(
        watched.notes,
        ["Session “Default” was left open, and stays open for other bots."]
    );
    assert!(server.requests()[2].starts_with("DELETE /api/v2/tokens/me"));
}

#[tokio::test]
async fn a_bot_interrupted_before_its_start_does_nothing() {
    let (interrupter, interrupt) = interruption();
    interrupter.interrupt();
    let server = server(vec![]).await;
    let (result, watched) = run(&server, &bot(), &interrupt).await;
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 1 })),
        "{result:?}"
    );
    assert_eq!((server.accepted(), watched.notes.len()), (0, 0));
}

#[tokio::test]
async fn a_token_that_may_have_been_issued_is_reported() {
    let (interrupter, interrupt) = interruption();
    let asked = Arc::new(Notify::new());
    let server = serve({
        let asked = Arc::clone(&asked);
        move |_| {
            asked.notify_one();
            Reply::keep("")
        }
    })
    .await;
    let bot = bot();
    let ((result, watched), ()) = tokio::join!(run(&server, &bot, &interrupt), async {
        asked.notified().await;
        interrupter.interrupt();
    });
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 1 })),
        "{result:?}"
    );
    assert!(
        watched.notes[0].starts_with("A token may have been issued"),
        "{:?}",
        watched.notes
    );
}
