//! Sign-ins to connections that wait for their callback, or have just ended: at most one per user.
//!
//! A task waits for the callback, and the page polls for the outcome. The URL of the sign-in page contains the `state`
//! parameter, and is only for the user who began the sign-in.

use std::collections::HashMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout};

use control_room::connections::{ConnectionError, PendingSignIn, SignInOwner, SignedIn};
use control_room::oauth::{CallbackError, LoopbackError};
use control_room::{Connections, Name};

/// How long a request for the outcome waits; less than the time limit of a request.
const LONG_POLL_TIME: Duration = Duration::from_secs(20);

pub(super) type Outcome = Result<SignedIn, ConnectionError>;

/// The sign-ins by user id.
#[derive(Default)]
pub(super) struct PendingSignIns(Mutex<HashMap<String, Entry>>);

struct Entry {
    info: SignInInfo,
    pasted: mpsc::Sender<Pasted>,
    outcome: watch::Receiver<Option<Outcome>>,
    task: JoinHandle<()>,
}

/// What the page of a sign-in shows.
#[derive(Clone)]
pub(super) struct SignInInfo {
    pub(super) connection: Name,
    /// Whether the token is shared.
    pub(super) shared: bool,
    /// The URL of the provider's sign-in page.
    pub(super) page: SecretString,
    /// An error if the callback cannot arrive and has to be pasted.
    pub(super) listens: Result<(), LoopbackError>,
}

struct Pasted {
    text: SecretString,
    answer: oneshot::Sender<Result<(), ConnectionError>>,
}

impl PendingSignIns {
    /// Begins a sign-in of a user; an earlier one is cancelled.
    pub(super) async fn begin(
        &self,
        user: &str,
        connections: &Connections,
        connection: &Name,
        owner: &SignInOwner,
    ) -> Result<(), ConnectionError> {
        let mut all = self.0.lock().await;
        // Releases the port of the callback.
        end(all.remove(user)).await;
        let started = connections.sign_in(connection, owner).await?;
        let (pasted, texts) = mpsc::channel(1);
        let (sender, outcome) = watch::channel(None);
        let entry = Entry {
            info: SignInInfo {
                connection: connection.clone(),
                shared: *owner == SignInOwner::Shared,
                page: started.authorization_url().into(),
                listens: started.listening(),
            },
            pasted,
            outcome,
            task: tokio::spawn(follow(started, texts, sender)),
        };
        all.insert(user.into(), entry);
        Ok(())
    }

    /// The latest sign-in of a user, with its outcome once it has ended.
    pub(super) async fn of(&self, user: &str) -> Option<(SignInInfo, Option<Outcome>)> {
        let all = self.0.lock().await;
        let entry = all.get(user)?;
        Some((entry.info.clone(), entry.outcome.borrow().clone()))
    }

    /// Waits up to [`LONG_POLL_TIME`] for the end of a user's sign-in; true if it has ended or there is none.
    pub(super) async fn is_over(&self, user: &str) -> bool {
        let found = self.0.lock().await.get(user).map(|it| it.outcome.clone());
        let Some(mut outcome) = found else {
            return true;
        };
        let over = outcome.wait_for(Option::is_some);
        timeout(LONG_POLL_TIME, over).await.is_ok()
    }

    /// Accepts the callback URL that the user pasted; `None` if no sign-in of the user is waiting.
    pub(super) async fn paste(
        &self,
        user: &str,
        text: SecretString,
    ) -> Option<Result<(), ConnectionError>> {
        let pasted = self.0.lock().await.get(user).map(|it| it.pasted.clone())?;
        let (answer, answered) = oneshot::channel();
        pasted.send(Pasted { text, answer }).await.ok()?;
        answered.await.ok()
    }
}

async fn end(entry: Option<Entry>) {
    if let Some(entry) = entry {
        entry.task.abort();
        let _ = entry.task.await;
    }
}

/// Waits for the callback, or for a pasted one, until the sign-in has ended or is cancelled.
async fn follow(
    mut started: PendingSignIn,
    mut pasted: mpsc::Receiver<Pasted>,
    outcome: watch::Sender<Option<Outcome>>,
) {
    let expires = started.expires();
    let ended = loop {
        let listens = started.listening().is_ok();
        let Pasted { text, answer } = tokio::select! {
            arrived = started.callback(), if listens => break match arrived {
                Ok(arrived) => arrived.finish().await,
                Err(error) => Err(error),
            },
            () = sleep_until(expires), if !listens => break Err(CallbackError::Expired.into()),
            pasted = pasted.recv() => match pasted {
                Some(pasted) => pasted,
                None => return,
            },
        };
        let ended = started.paste(text.expose_secret()).await;
        if let Err(error) = &ended
            && !started.is_over()
        {
            let _ = answer.send(Err(error.clone()));
            continue;
        }
        // The outcome must be there before the answer leads to the page that shows it.
        outcome.send_replace(Some(ended));
        let _ = answer.send(Ok(()));
        return;
    };
    outcome.send_replace(Some(ended));
}
