//! Bots and the connections that they use: who may, whose token they get, and what becomes of it while they
//! run. Against the embedded Genesys Cloud.

use std::sync::Arc;

use bot_engine::{Event, NoSecrets, RunError, Watcher, interruption};
use control_room::TokenOwner;
use control_room::connections::{ConnectionError, SignInOwner};
use control_room::oauth::Grant;
use secrecy::ExposeSecret;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::task::LocalPoolHandle;

use super::connected::{CONNECTION, Connected, bot, greets, name, options};
use super::{kind, runner_through, towards};

/// All that is told of a bot.
#[derive(Default)]
struct Told(String);

impl Told {
    fn steps(&self) -> usize {
        self.0.matches("StepSucceeded").count() + self.0.matches("StepFailed").count()
    }
}

impl Watcher for Told {
    fn on_event(&mut self, event: Event<'_>) {
        self.0 += &format!("{event:?}\n");
    }
}

/// Runs a bot on behalf of a user.
async fn run(
    connected: &Connected,
    user: &str,
    bot: &bot_engine::Bot,
) -> (Result<(), RunError>, Told) {
    let (_interrupter, interrupt) = interruption();
    let runner = connected.runner(user, &interrupt);
    let mut told = Told::default();
    let result = runner.run(bot, &mut told).await;
    told.0 += &format!("{result:?} {:?}", connected.secrets(user));
    let tokens = [TokenOwner::Shared, TokenOwner::UserSpecific];
    let connection = name(CONNECTION);
    for token_type in tokens {
        let user = name(user);
        let token = connected.connections.token(&connection, &user, token_type);
        if let Ok(lent) = token.await {
            assert!(!told.0.contains(lent.access_token.expose_secret()));
        }
    }
    assert!(!told.0.contains(connected.client.secret.expose_secret()));
    (result, told)
}

/// What ended the bot before its first step: what the connection said, and in words.
fn refused(result: Result<(), RunError>, told: &Told) -> (&'static str, String) {
    assert_eq!(told.steps(), 0, "{}", told.0);
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

#[tokio::test]
async fn without_the_role_the_bot_ends_before_its_first_step() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    for user in ["eve", "nobody"] {
        let (result, told) = run(&connected, user, &bot("shared", &[])).await;
        let (kind, message) = refused(result, &told);
        assert_eq!(kind, "no-connection");
        assert_eq!(
            message,
            "step 2 (genesys/oauth-authenticate): connection: there is no OAuth connection \
             \"genesys cloud\" that you may use; an administrator creates it, or allows it to one of \
             your roles"
        );
    }
    // What is not there is refused in the same words.
    connected
        .connections
        .remove(&name(CONNECTION))
        .await
        .unwrap();
    let (result, told) = run(&connected, "ada", &bot("shared", &[])).await;
    assert_eq!(refused(result, &told).0, "no-connection");
}

#[tokio::test]
async fn where_nobody_has_signed_in_the_bot_says_who_can() {
    let connected = Connected::new(Grant::AuthorizationCodePkce).await;
    for (token_type, who) in [
        ("shared", "an administrator has to sign in"),
        ("user-specific", "the user \"ada\" has to sign in"),
    ] {
        let (result, told) = run(&connected, "ada", &bot(token_type, &[])).await;
        let (kind, message) = refused(result, &told);
        assert_eq!(kind, "sign-in-needed");
        assert!(message.contains(who), "{message}");
    }
}

#[tokio::test]
async fn a_bot_that_nobody_is_named_for_may_use_no_connection() {
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
async fn each_user_has_a_token_of_their_own_and_all_share_the_shared_one() {
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
        let (result, told) = run(&connected, user, &bot(token_type, &greets())).await;
        result.unwrap();
        assert!(told.0.contains(greeted), "{user} {token_type}: {}", told.0);
    }
}

#[tokio::test]
async fn the_shared_token_of_client_credentials_is_fetched_and_there_is_no_other() {
    let connected = Connected::new(Grant::ClientCredentials).await;
    let (result, _) = run(&connected, "ada", &bot("shared", &[])).await;
    result.unwrap();
    let fetched = connected.cloud.statistics().client_credentials_requests;
    assert_eq!(fetched, 1);
    let (result, told) = run(&connected, "ada", &bot("user-specific", &[])).await;
    assert_eq!(refused(result, &told).0, "no-connection");
}

#[tokio::test]
async fn a_token_that_has_expired_is_refreshed_before_the_step() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    connected.cloud.expire_client_tokens(&connected.client.id);
    connected.leave(30).await;
    let (result, told) = run(&connected, "ada", &bot("shared", &greets())).await;
    result.unwrap();
    assert_eq!(connected.refreshes(), 1);
    assert!(!told.0.contains("refused"), "{}", told.0);
}

#[tokio::test]
async fn a_token_that_died_before_its_time_is_replaced_when_the_session_is_opened() {
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
        // One for all who were refused.
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

/// Lets the token die once the first request has been answered.
struct Killing<'a>(&'a Connected, Told);

impl Watcher for Killing<'_> {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::StepSucceeded { step: 3, .. } = event {
            self.0.cloud.expire_client_tokens(&self.0.client.id);
        }
        self.1.on_event(event);
    }
}

#[tokio::test]
async fn a_session_that_is_refused_asks_the_connection_again() {
    let connected = Connected::new(Grant::AuthorizationCodePkce).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    let (_interrupter, interrupt) = interruption();
    let runner = connected.runner("ada", &interrupt);
    let twice = [greets(), greets()].concat();
    let mut killing = Killing(&connected, Told::default());
    runner
        .run(&bot("shared", &twice), &mut killing)
        .await
        .unwrap();
    let told = killing.1.0;
    assert!(told.contains("Reopened"), "{told}");
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test]
async fn a_connection_that_was_revoked_says_what_to_do_and_runs_when_it_is_done() {
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
    let expected = "an administrator has to sign in again: ";
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("invalid_grant"), "{message}");
    // The next bot is told before it does anything.
    let (result, told) = run(&connected, "bob", &bot).await;
    assert_eq!(refused(result, &told).0, "sign-in-needed");

    connected
        .sign_in(&SignInOwner::Shared, &connected.john)
        .await;
    let (result, told) = run(&connected, "ada", &bot).await;
    result.unwrap();
    assert!(told.0.contains("Hello, john"), "{}", told.0);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_not_the_fault_of_the_connection() {
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

/// A way to the cloud that is closed until it is opened.
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

/// As `run --repeat` does it: the bot runs on a runtime of its own, which ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_interrupted_while_its_runtime_ends_loses_no_refresh_token() {
    let connected = Connected::new(Grant::AuthorizationCode).await;
    connected
        .sign_in(&SignInOwner::Shared, &connected.jane)
        .await;
    connected.leave(0).await;
    let gate = Gate::new().await;
    let (arrived, open) = (Arc::clone(&gate.arrived), Arc::clone(&gate.open));
    let ca = connected.cloud.ca_certificate().der().to_vec();
    let through = towards(gate.listener.local_addr().unwrap(), ca);
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
    // What came is stored, and good for another refresh.
    connected.token().await.unwrap();
    assert_eq!(connected.refreshes(), 1);
    connected.leave(0).await;
    connected.token().await.unwrap();
    assert_eq!(connected.refreshes(), 2);
    // Nothing more is begun there.
    connected.leave(0).await;
    let (connection, ada) = (name(CONNECTION), name("ada"));
    let token = connections.token(&connection, &ada, TokenOwner::Shared);
    let error = token.await.unwrap_err();
    assert!(matches!(error, ConnectionError::TimedOut(_)), "{error}");
    assert_eq!(connected.refreshes(), 2);
}
