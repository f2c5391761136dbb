//! The engine with a fake [`ActionRunner`] and a fake [`SecretProvider`], without WebAssembly and without the
//! Control Room.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bot_engine::action::{ActionForm, ActionRunner};
use bot_engine::{
    AttributePath, Authentication, BorrowedToken, Bot, CallError, ConnectionRef, Event, Purpose,
    ResolveError, ResolveErrorKind, RetryPolicy, RunError, Runner, SecretProvider, Session,
    SharedSessions, Watcher, interruption,
};
use egress::{AllowList, Client, Options, Proxies};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// Opens sessions whose token is the client's secret, and records the tokens that were revoked.
#[derive(Default)]
struct FakeActions {
    revoked: Mutex<Vec<String>>,
}

#[async_trait]
impl ActionRunner for FakeActions {
    fn digest(&self) -> &[u8; 32] {
        &[0; 32]
    }

    async fn forms(&self, _: &str) -> Result<Vec<ActionForm>, CallError> {
        Ok(Vec::new())
    }

    async fn authenticate(&self, how: &Authentication, name: &str) -> Result<Session, CallError> {
        let token = match how {
            Authentication::ClientCredentials { client_secret, .. } => client_secret.clone(),
            Authentication::ControlRoomConnection(token) => token.access_token.clone(),
        };
        Ok(Session {
            name: name.into(),
            token,
            token_type: "Bearer".into(),
            expires_in: Some(60),
            api_url: "https://api.mypurecloud.de".into(),
        })
    }

    async fn disconnect(&self, session: &Session) -> Result<(), CallError> {
        let token = session.token.expose_secret().into();
        self.revoked.lock().unwrap().push(token);
        Ok(())
    }

    async fn explain(&self, error: &CallError, _: &str) -> String {
        error.to_string()
    }
}

/// Has one value for every credential in the locker `open`, and no connections.
struct FakeSecrets;

fn not_found() -> ResolveError {
    ResolveError::new(ResolveErrorKind::NotFound, "not here")
}

#[async_trait]
impl SecretProvider for FakeSecrets {
    async fn check_credential(&self, path: &AttributePath, _: bool) -> Result<(), ResolveError> {
        let is_open = path.credential.locker.as_str() == "open";
        is_open.then_some(()).ok_or_else(not_found)
    }

    async fn credential(
        &self,
        _: &AttributePath,
        _: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        Ok("from the fake".into())
    }

    async fn check_connection(&self, _: &ConnectionRef) -> Result<(), ResolveError> {
        Err(not_found())
    }

    async fn token(
        &self,
        _: &ConnectionRef,
        _: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        Err(not_found())
    }
}

#[derive(Default)]
struct Steps(Vec<String>);

impl Watcher for Steps {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::StepSucceeded { outcome, .. } = event {
            self.0.push(outcome.to_string());
        }
    }
}

fn bot(locker: &str) -> Bot {
    let bot = json!({ "name": "Test", "steps": [
        {
            "action": "genesys/oauth-authenticate",
            "url": "eu-central-1",
            "client-id": "id",
            "client-secret": { "credential": format!("{locker}/client/secret") },
        },
        { "action": "log", "message": "open" },
        { "action": "genesys/disconnect" },
    ]});
    Bot::parse(bot.to_string().as_bytes()).unwrap()
}

fn runner(actions: &Arc<FakeActions>) -> Runner {
    let nowhere = Options {
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    };
    Runner {
        actions: Arc::clone(actions) as Arc<dyn ActionRunner>,
        client: Client::new(nowhere).unwrap(),
        secrets: Arc::new(FakeSecrets),
        variables: Arc::default(),
        sessions: Arc::new(SharedSessions::new().unwrap()),
        locale: "en".into(),
        retry: RetryPolicy::once(),
        interrupt: interruption().1,
    }
}

#[tokio::test]
async fn a_bot_runs_with_fake_actions_and_secrets() {
    let actions = Arc::<FakeActions>::default();
    let mut steps = Steps::default();
    runner(&actions)
        .run(&bot("open"), &mut steps)
        .await
        .unwrap();
    assert_eq!(steps.0.len(), 3, "{:?}", steps.0);
    assert_eq!(*actions.revoked.lock().unwrap(), ["from the fake"]);
}

#[tokio::test]
async fn a_bot_does_not_run_if_the_provider_refuses_a_credential() {
    let actions = Arc::<FakeActions>::default();
    let mut steps = Steps::default();
    let refused = runner(&actions).run(&bot("closed"), &mut steps).await;
    let Err(RunError::Invalid(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.first().pointer(), "/steps/0/client-secret");
    assert!(steps.0.is_empty());
}
