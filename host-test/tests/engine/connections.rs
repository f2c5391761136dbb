//! Bots and the connections that they use: access, token owners, and changes during a run. Against the embedded
//! Genesys Cloud.

use std::sync::Arc;

use bot_engine::{Event, NoSecrets, RunError, Watcher, interruption};
use control_room::TokenOwner;
use control_room::audit::Outcome;
use control_room::audit_events::{Action, Event as Audited, EventFilter};
use control_room::connections::{ConnectionError, SignInOwner};
use control_room::oauth::Grant;
use secrecy::ExposeSecret;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::task::LocalPoolHandle;

use super::connected::{CONNECTION, Connected, bot, greets, name, options};
use super::{gateway_options, kind, runner_through};

/// Records all events of a bot.
#[derive(Default)]
struct Recorded(String);

impl Recorded {
    fn steps(&self) -> usize {
        self.0.matches("StepSucceeded").count() + self.0.matches("StepFailed").count()
    }
}

impl Watcher for Recorded {
    fn on_event(&mut self, event: Event<'_>) {
        self.0 += &format!("{event:?}\n");
    }
}

/// Runs a bot on behalf of a user.
async fn run(
    connected: &Connected,
    user: &str,
    bot: &bot_engine::Bot,
) -> (Result<(), RunError>, Recorded) {
    let (_interrupter, interrupt) = interruption();
    let runner = connected.runner(user, &interrupt);
    let mut recorded = Recorded::default();
    let result = runner.run(bot, &mut recorded).await;
    recorded.0 += &format!("{result:?} {:?}", connected.secrets(user));
    let tokens = [TokenOwner::Shared, TokenOwner::UserSpecific];
    let connection = name(CONNECTION);
    for token_type in tokens {
        let user = name(user);
        let token = connected.connections.token(&connection, &user, token_type);
        if let Ok(lent) = token.await {
            assert!(!recorded.0.contains(lent.access_token.expose_secret()));
        }
    }
    assert!(!recorded.0.contains(connected.client.secret.expose_secret()));
    (result, recorded)
}

/// Why the bot failed before its first step: the kind of the connection's error, and its message.
fn refused(result: Result<(), RunError>, recorded: &Recorded) -> (&'static str, String) {
    assert_eq!(recorded.steps(), 0, "{}", recorded.0);
    let error = result.unwrap_err();
    let RunError::Invalid(problems) = &error else {
        panic!("{error:?}");
    };
    let [problem] = problems.all() else {
        panic!("{error:?}");
    };
    assert_eq!(problem.step, Some(2));
    (problem.code(), error.to_string())
}

/// Who used what of which connection, as the audit log has it: the first use first.
async fn uses(connected: &Connected) -> Vec<(String, String, Outcome)> {
    let filter = EventFilter {
        action: Some(Action::ConnectionUsed),
        ..EventFilter::default()
    };
    let events = connected.store.audit().events(&filter, None, 9).await;
    let of = |event: Audited| {
        (
            event.actor.unwrap().to_string(),
            event.subject,
            event.outcome,
        )
    };
    events.unwrap().into_iter().rev().map(of).collect()
}

fn used(user: &str, owner: &str, outcome: Outcome) -> (String, String, Outcome) {
    (user.into(), format!("{CONNECTION}: {owner}"), outcome)
}

#[tokio::test]
async fn without_the_role_a_bot_fails_before_its_first_step() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    for (user, expected) in [
        (
            "eve",
            "There is no OAuth connection “Genesys Cloud” that you may use. Ask an administrator to create it, \
             or to allow one of your roles to use it.",
        ),
        ("nobody", "there is no user \"nobody\""),
    ] {
        let (result, recorded) = run(&connected, user, &bot("shared", &[])).await;
        let (kind, message) = refused(result, &recorded);
        assert_eq!(kind, "no-connection");
        let step = "step 2 (genesys/oauth-authenticate): connection: ";
        assert_eq!(message, format!("{step}{expected}"));
    }
    // A connection that does not exist gives the same error.
    connected
        .connections
        .remove(&name(CONNECTION))
        .await
        .unwrap();
    let (result, recorded) = run(&connected, "ada", &bot("shared", &[])).await;
    assert_eq!(refused(result, &recorded).0, "no-connection");
    assert_eq!(uses(&connected).await, []);
}

#[tokio::test]
async fn without_a_sign_in_the_error_says_who_can_sign_in() {
    let connected = Connected::new(Grant::AuthorizationCodePkce).await;
    for (token_type, who) in [
        ("shared", "An administrator has to sign in"),
        ("user-specific", "ada has not signed in"),
    ] {
        let (result, recorded) = run(&connected, "ada", &bot(token_type, &[])).await;
        let (kind, message) = refused(result, &recorded);
        assert_eq!(kind, "sign-in-needed");
        assert!(message.contains(who), "{message}");
    }
}

#[tokio::test]
async fn a_bot_without_a_principal_may_use_no_connection() {
    let connected = Connected::new(Grant::ClientCredentials).await;
    let (_interrupter, interrupt) = interruption();
    let nobody = Arc::new(NoSecrets);
    let runner = runner_through(options(&connected.cloud), nobody, &interrupt);
    let error = runner.run(&bot("shared", &[]), &mut ()).await.unwrap_err();
    assert!(matches!(error, RunError::Invalid(_)), "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("connection: ") && said.contains("--as USER"),
        "{said}"
    );
}

#[tokio::test]
async fn user_specific_tokens_are_separate_and_the_shared_one_is_shared() {
    let connected = Connected::new(Grant::AuthorizationCodePkce).await;
    let ada = SignInOwner::User(name("ada"));
    connected.sign_in(&ada, &connected.jane).await;
    connected
        .sign_in(&SignInOwner::User(name("bob")), &connected.john)
        .await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.john)
        .await;
    for (user, token_type, greeted) in [
        ("ada", "user-specific", "Hello, jane"),
        ("bob", "user-specific", "Hello, john"),
        ("ada", "shared", "Hello, john"),
        ("bob", "shared", "Hello, john"),
    ] {
        let (result, recorded) = run(&connected, user, &bot(token_type, &greets())).await;
        result.unwrap();
        assert!(
            recorded.0.contains(greeted),
            "{user} {token_type}: {}",
            recorded.0
        );
    }
    let expected = [
        ("ada", "user-specific"),
        ("bob", "user-specific"),
        ("ada", "shared"),
        ("bob", "shared"),
    ];
    let expected = expected.map(|(user, owner)| used(user, owner, Outcome::Used));
    assert_eq!(uses(&connected).await, expected);
}

#[tokio::test]
async fn client_credentials_provide_a_shared_token_only() {
    let connected = Connected::new(Grant::ClientCredentials).await;
    let (result, _) = run(&connected, "ada", &bot("shared", &[])).await;
    result.unwrap();
    let fetched = connected.cloud.statistics().client_credentials_requests;
    assert_eq!(fetched, 1);
    let (result, recorded) = run(&connected, "ada", &bot("user-specific", &[])).await;
    assert_eq!(refused(result, &recorded).0, "no-connection");
}

#[tokio::test]
async fn an_expired_token_is_refreshed_before_the_step() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    connected.cloud.expire_client_tokens(&connected.client.id);
    connected.leave(30).await;
    let (result, recorded) = run(&connected, "ada", &bot("shared", &greets())).await;
    result.unwrap();
    assert_eq!(connected.refreshes(), 1);
    assert!(!recorded.0.contains("refused"), "{}", recorded.0);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_when_the_session_is_opened() {
    for grant in [Grant::AuthorizationCode, Grant::ClientCredentials] {
        let connected = Connected::new(grant).await;
        if grant == Grant::AuthorizationCode {
            connected
                .sign_in(&SignInOwner::Shared, &connected.jane)
                .await;
        }
        let dead = connected.token().await.unwrap();
        connected.cloud.expire_client_tokens(&connected.client.id);
        let (result, _) = run(&connected, "ada", &bot("shared", &[])).await;
        result.unwrap();
        let alive = connected.token().await.unwrap();
        assert_ne!(
            dead.access_token.expose_secret(),
            alive.access_token.expose_secret()
        );
        // One refresh for all whose token was refused.
        let (connection, ada) = (name(CONNECTION), name("ada"));
        let instead = connected.connections.token_instead_of(
            &dead.access_token,
            &connection,
            &ada,
            TokenOwner::Shared,
        );
        assert_eq!(
            instead.await.unwrap().access_token.expose_secret(),
            alive.access_token.expose_secret()
        );
    }
}

/// Revokes the token after the first response.
struct Killing<'a>(&'a Connected, Recorded);

impl Watcher for Killing<'_> {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::StepSucceeded { step: 3, .. } = event {
            self.0.cloud.expire_client_tokens(&self.0.client.id);
        }
        self.1.on_event(event);
    }
}

#[tokio::test]
async fn a_refused_session_requests_a_new_token_from_the_connection() {
    let connected = Connected::new(Grant::AuthorizationCodePkce).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    let (_interrupter, interrupt) = interruption();
    let runner = connected.runner("ada", &interrupt);
    let twice = [greets(), greets()].concat();
    let mut killing = Killing(&connected, Recorded::default());
    runner
        .run(&bot("shared", &twice), &mut killing)
        .await
        .unwrap();
    let recorded = killing.1.0;
    assert!(recorded.contains("Reopened"), "{recorded}");
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test]
async fn a_revoked_connection_says_what_to_do_and_works_after_a_new_sign_in() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    let bot = bot("shared", &greets());
    run(&connected, "ada", &bot).await.0.unwrap();

    connected.cloud.revoke_client_tokens(&connected.client.id);
    let (result, _) = run(&connected, "ada", &bot).await;
    assert_eq!(kind(&result), (2, "sign-in-needed"));
    let message = result.unwrap_err().to_string();
    let expected = "An administrator has to sign in again: ";
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("invalid_grant"), "{message}");
    // The next bot fails before it does anything.
    let (result, recorded) = run(&connected, "bob", &bot).await;
    assert_eq!(refused(result, &recorded).0, "sign-in-needed");

    connected
        .sign_in(&SignInOwner::Shared, &connected.john)
        .await;
    let (result, recorded) = run(&connected, "ada", &bot).await;
    result.unwrap();
    assert!(recorded.0.contains("Hello, john"), "{}", recorded.0);
    // In the second run, Genesys Cloud refuses the token that was lent, and there is no other one.
    let (lent, refused) = (Outcome::Used, Outcome::Refused);
    let expected = [lent, lent, refused, lent].map(|outcome| used("ada", "shared", outcome));
    assert_eq!(uses(&connected).await, expected);
}

#[tokio::test]
async fn an_unreadable_store_is_not_reported_as_a_connection_error() {
    let connected = Connected::new(Grant::ClientCredentials).await;
    connected.store.close().await;
    let (_interrupter, interrupt) = interruption();
    let runner = connected.runner("ada", &interrupt);
    let result = runner.run(&bot("shared", &[]), &mut ()).await;
    assert!(
        matches!(result, Err(RunError::SecretProvider(_))),
        "{result:?}"
    );
}

/// A proxy to the cloud that blocks until it is opened.
struct Gate {
    listener: TcpListener,
    arrived: Arc<Notify>,
    open: Arc<Notify>,
}

impl Gate {
    async fn new() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            arrived: Arc::default(),
            open: Arc::default(),
        }
    }

    /// Lets one connection through, once it is open.
    async fn serve(self, to: std::net::SocketAddr) {
        let (mut from, _) = self.listener.accept().await.unwrap();
        self.arrived.notify_one();
        self.open.notified().await;
        let mut to = TcpStream::connect(to).await.unwrap();
        let _ = copy_bidirectional(&mut from, &mut to).await;
    }
}

/// As with `run --repeat`, the bot runs on a runtime of its own, which ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn interrupting_a_bot_loses_no_refresh_token() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    connected.leave(0).await;
    let gate = Gate::new().await;
    let (arrived, open) = (Arc::clone(&gate.arrived), Arc::clone(&gate.open));
    let ca = connected.cloud.ca_certificate().der().to_vec();
    let through = gateway_options(gate.listener.local_addr().unwrap(), ca);
    let connections = connected.store.connections(through);
    tokio::spawn(gate.serve(connected.cloud.https_addr().unwrap()));

    let (interrupter, interrupt) = interruption();
    let runner = connected.runner_with(connections.clone(), "ada", &interrupt);
    let pool = LocalPoolHandle::new(1);
    let running = pool.spawn_pinned(|| async move {
        let bot = bot("shared", &[]);
        runner.run(&bot, &mut ()).await
    });
    arrived.notified().await;
    interrupter.interrupt();
    let result = running.await.unwrap();
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    drop(pool);

    open.notify_one();
    connections.finish().await;
    assert_eq!(connected.refreshes(), 1);
    // The response was stored, and its token can be used for another refresh.
    connected.token().await.unwrap();
    assert_eq!(connected.refreshes(), 1);
    connected.leave(0).await;
    connected.token().await.unwrap();
    assert_eq!(connected.refreshes(), 2);
    // No new request is started there.
    connected.leave(0).await;
    let (connection, ada) = (name(CONNECTION), name("ada"));
    let token = connections.token(&connection, &ada, TokenOwner::Shared);
    let error = token.await.unwrap_err();
    assert!(matches!(error, ConnectionError::TimedOut(_)), "{error}");
    assert_eq!(connected.refreshes(), 2);
}
