//! Bots that authenticate alike share a session; others never do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bot_engine::{Bot, NoSecrets, RunError, Runner, interruption};
use serde_json::{Value, json};
use test_support::https::{Reply, Server};
use tokio::sync::{Barrier, Notify};

use super::{Watched, answer, kind, ok, parse, runner, serve};

fn token(token: &str, expires_in: u32) -> Reply {
    let token = json!({ "access_token": token, "token_type": "bearer", "expires_in": expires_in });
    ok(&token.to_string())
}

/// A server that issues a new token for each token request, and accepts every token.
async fn server() -> Server {
    let given = AtomicUsize::new(0);
    serve(move |request| {
        if request.starts_with("POST") {
            let number = given.fetch_add(1, Ordering::Relaxed);
            token(&format!("token-{number}"), 600)
        } else {
            ok("{}")
        }
    })
    .await
}

fn start(server: &Server) -> Runner {
    let (interrupter, interrupt) = interruption();
    drop(interrupter);
    runner(server.address(), server, Arc::new(NoSecrets), &interrupt)
}

/// A bot that authenticates with one of these fields changed, and then does `more`.
fn bot(field: &str, value: &Value, more: &[Value]) -> Bot {
    let mut authenticate = json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "insecure-string": "secret" },
    });
    authenticate[field] = value.clone();
    let mut steps = vec![authenticate];
    steps.extend_from_slice(more);
    parse(
        json!({ "name": "Test", "steps": steps })
            .to_string()
            .as_bytes(),
    )
}

fn plain() -> Bot {
    bot("url", &json!("eu-central-1"), &[])
}

fn count(server: &Server, method: &str) -> usize {
    let requests = server.requests();
    requests.iter().filter(|it| it.starts_with(method)).count()
}

async fn run(runner: &Runner, bot: &Bot) -> Watched {
    let mut watched = Watched::default();
    runner.run(bot, &mut watched).await.unwrap();
    watched
}

#[tokio::test]
async fn a_session_is_reused_by_the_next_bot_with_the_same_credentials() {
    let server = server().await;
    let runner = start(&server);
    for name in ["Default", "Mine", "Default"] {
        run(&runner, &bot("session-name", &json!(name), &[])).await;
    }
    assert_eq!(count(&server, "POST"), 1);
    let sessions = runner.sessions.statistics();
    assert_eq!(
        (sessions.requested, sessions.opened, sessions.reused),
        (3, 1, 2)
    );
    assert_eq!(runner.finish().await.revoked, 1);
    assert_eq!(count(&server, "DELETE"), 1);
}

#[tokio::test]
async fn different_secrets_clients_or_environments_do_not_share_a_session() {
    let server = server().await;
    let runner = start(&server);
    run(&runner, &plain()).await;
    for (field, value) in [
        ("client-secret", json!({ "insecure-string": "secres" })),
        ("client-id", json!("ie")),
        // This may be the same environment, but the engine does not know what the texts mean.
        ("url", json!("https://apps.mypurecloud.de")),
    ] {
        let before = count(&server, "POST");
        run(&runner, &bot(field, &value, &[])).await;
        assert_eq!(count(&server, "POST"), before + 1, "{field}");
    }
    // The parts of the key are delimited.
    let shifted = bot("client-id", &json!("ids"), &[]);
    run(&runner, &shifted).await;
    assert_eq!(count(&server, "POST"), 5);
}

#[tokio::test]
async fn a_thousand_concurrent_bots_share_one_token_request() {
    const BOTS: usize = 1000;
    let server = server().await;
    let runner = start(&server);
    let bot = Arc::new(plain());
    let barrier = Arc::new(Barrier::new(BOTS));
    let running: Vec<_> = (0..BOTS)
        .map(|_| {
            let (runner, bot, barrier) = (runner.clone(), Arc::clone(&bot), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                runner.run(&bot, &mut ()).await
            })
        })
        .collect();
    for bot in running {
        bot.await.unwrap().unwrap();
    }
    assert_eq!(count(&server, "POST"), 1);
    assert_eq!(runner.sessions.statistics().reused, 999);
}

#[tokio::test]
async fn an_exclusive_session_is_neither_shared_nor_kept() {
    let server = server().await;
    let runner = start(&server);
    run(&runner, &plain()).await;
    let own = bot("session", &json!("own"), &[]);
    for _ in 0..2 {
        let watched = run(&runner, &own).await;
        let note = "Session “Default” was left open and has been closed.";
        assert_eq!(watched.notes, [note]);
    }
    assert_eq!((count(&server, "POST"), count(&server, "DELETE")), (3, 2));
}

#[tokio::test]
async fn the_last_disconnect_revokes_the_token() {
    let asked = Arc::new(Notify::new());
    let server = {
        let asked = Arc::clone(&asked);
        serve(move |request| {
            if request.starts_with("POST") {
                return token("t", 600);
            }
            if request.starts_with("GET") {
                asked.notify_one();
                // No response: the bot stays in this step until it is interrupted.
                return Reply::keep("");
            }
            ok("")
        })
        .await
    };
    let disconnect = json!({ "action": "genesys/disconnect" });
    let api_request = json!({ "action": "genesys/api-request", "path": "/api/v2/users/me" });
    let url = json!("eu-central-1");
    let quick = bot("url", &url, std::slice::from_ref(&disconnect));
    let slow = bot("url", &url, &[api_request, disconnect]);

    let (interrupter, interrupt) = interruption();
    let runner = runner(server.address(), &server, Arc::new(NoSecrets), &interrupt);
    let slow = {
        let runner = runner.clone();
        tokio::spawn(async move { runner.run(&slow, &mut ()).await })
    };
    asked.notified().await;
    // The other bot still uses it.
    run(&runner, &quick).await;
    assert_eq!(count(&server, "DELETE"), 0);
    // The other bot, the last one, is stopped.
    interrupter.interrupt();
    assert!(slow.await.unwrap().is_err());
    assert_eq!((count(&server, "POST"), count(&server, "DELETE")), (1, 1));
    assert_eq!(runner.finish().await, Default::default());
    assert_eq!(count(&server, "DELETE"), 1);
}

#[tokio::test]
async fn a_session_refused_by_the_api_is_evicted_and_reopened() {
    let given = AtomicUsize::new(0);
    let server = serve(move |request| {
        if request.starts_with("POST") {
            return token(
                &format!("token-{}", given.fetch_add(1, Ordering::Relaxed)),
                600,
            );
        }
        if request.contains("token-0") {
            return answer(
                "401 Unauthorized",
                "",
                r#"{"code":"bad.credentials","status":401}"#,
            );
        }
        ok("{}")
    })
    .await;
    let runner = start(&server);
    let ask = json!({ "action": "genesys/api-request", "path": "/api/v2/users/me" });
    let bot = bot("url", &json!("eu-central-1"), &[ask.clone(), ask]);
    let watched = run(&runner, &bot).await;
    assert_eq!(
        watched.notes[0],
        "The server no longer accepted session “Default”; it was opened again."
    );
    assert_eq!(count(&server, "POST"), 2);
    // The next bot gets the new one.
    let watched = run(&runner, &bot).await;
    assert_eq!((watched.notes.len(), count(&server, "POST")), (1, 2));
}

#[tokio::test]
async fn a_session_refused_twice_fails_the_step() {
    let server = serve(|request| {
        if request.starts_with("POST") {
            token("t", 600)
        } else {
            answer("401 Unauthorized", "", r#"{"code":"bad.credentials"}"#)
        }
    })
    .await;
    let runner = start(&server);
    let ask = json!({ "action": "genesys/api-request", "path": "/api/v2/users/me" });
    let bot = bot("url", &json!("eu-central-1"), &[ask]);
    let result = runner.run(&bot, &mut ()).await;
    assert_eq!(kind(&result), (2, "api-request-failed"));
    assert_eq!((count(&server, "POST"), count(&server, "GET")), (2, 2));
}

#[tokio::test]
async fn concurrent_callers_share_a_failure_which_is_not_cached() {
    let refusals = Arc::new(AtomicUsize::new(0));
    let server = {
        let refusals = Arc::clone(&refusals);
        serve(move |request| match request.starts_with("POST") {
            true if refusals.fetch_add(1, Ordering::Relaxed) == 0 => answer(
                "401 Unauthorized",
                "",
                r#"{"error":"invalid_client","error_description":"authentication failed"}"#,
            ),
            true => token("t", 600),
            false => ok(""),
        })
        .await
    };
    let runner = start(&server);
    let bot = plain();
    // Both send their request before the response arrives: nothing else runs between them on this single thread.
    let (mut nobody, mut either) = ((), ());
    let (one, other) = tokio::join!(runner.run(&bot, &mut nobody), runner.run(&bot, &mut either));
    assert_eq!(
        (kind(&one), kind(&other)),
        ((1, "rejected"), (1, "rejected"))
    );
    assert_eq!(count(&server, "POST"), 1);
    run(&runner, &bot).await;
    assert_eq!(count(&server, "POST"), 2);
}

#[tokio::test]
async fn an_interrupted_disconnect_reports_that_the_token_stays_valid() {
    let asked = Arc::new(Notify::new());
    let server = {
        let asked = Arc::clone(&asked);
        serve(move |request| {
            if request.starts_with("POST") {
                return token("t", 600);
            }
            asked.notify_one();
            // No response.
            Reply::keep("")
        })
        .await
    };
    let (interrupter, interrupt) = interruption();
    let runner = runner(server.address(), &server, Arc::new(NoSecrets), &interrupt);
    let disconnect = json!({ "action": "genesys/disconnect" });
    let bot = bot("url", &json!("eu-central-1"), &[disconnect]);
    let mut watched = Watched::default();
    let (result, ()) = tokio::join!(runner.run(&bot, &mut watched), async {
        asked.notified().await;
        interrupter.interrupt();
    });
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    let note = "Session “Default” was left open and could not be closed; \
                its token remains valid until it expires.";
    assert_eq!(watched.notes, [note]);
}
