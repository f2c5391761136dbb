//! Sign-ins to connections that wait for their callback, or have had it: one for each user at most.
//!
//! The page that begins one does not wait: a task does, and the page asks what came of it. The page to sign in at is
//! for the person who began it alone, as it has the state of the sign-in in its address.

use std::collections::HashMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout};

use control_room::connections::{ConnectionError, PendingSignIn, SignInOwner, SignedIn};
use control_room::oauth::{CallbackError, LoopbackError};
use control_room::{Connections, Name};

/// How long an answer to who asks for the outcome may take; less than a request may.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) type Outcome = Result<SignedIn, ConnectionError>;

/// By the id of the user.
#[derive(Default)]
pub(super) struct SignIns(Mutex<HashMap<String, Entry>>);

struct Entry {
    begun: Begun,
    pasted: mpsc::Sender<Pasted>,
    outcome: watch::Receiver<Option<Outcome>>,
    task: JoinHandle<()>,
}

/// A sign-in, as its page shows it.
#[derive(Clone)]
pub(super) struct Begun {
    pub(super) connection: Name,
    /// Whether the token is for all who share the connection.
    pub(super) shared: bool,
    /// The page to open.
    pub(super) page: SecretString,
    /// Why the callback has to be pasted, where it cannot be waited for.
    pub(super) listens: Result<(), LoopbackError>,
}

struct Pasted {
    text: SecretString,
    answer: oneshot::Sender<Result<(), ConnectionError>>,
}

impl SignIns {
    /// Begins a sign-in of a user, in place of one that they may have begun.
    pub(super) async fn begin(
        &self,
        user: &str,
        connections: &Connections,
        connection: &Name,
        holder: &SignInOwner,
    ) -> Result<(), ConnectionError> {
        let mut all = self.0.lock().await;
        // It gives the port free that callbacks arrive at.
        end(all.remove(user)).await;
        let started = connections.sign_in(connection, holder).await?;
        let (pasted, texts) = mpsc::channel(1);
        let (sender, outcome) = watch::channel(None);
        let entry = Entry {
            begun: Begun {
                connection: connection.clone(),
                shared: *holder == SignInOwner::Shared,
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

    /// The sign-in that a user began last, and what came of it if it is over.
    pub(super) async fn of(&self, user: &str) -> Option<(Begun, Option<Outcome>)> {
        let all = self.0.lock().await;
        let entry = all.get(user)?;
        Some((entry.begun.clone(), entry.outcome.borrow().clone()))
    }

    /// Waits for the end of a user's sign-in, for some seconds. Yes where it is over, or there is none.
    pub(super) async fn is_over(&self, user: &str) -> bool {
        let found = self.0.lock().await.get(user).map(|it| it.outcome.clone());
        let Some(mut outcome) = found else {
            return true;
        };
        let over = outcome.wait_for(Option::is_some);
        timeout(PATIENCE, over).await.is_ok()
    }

    /// Takes the callback that a user copied from the browser's address. None where no sign-in of theirs waits.
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

/// Waits for the callback, and takes what is pasted meanwhile, until the sign-in is over or nobody can ask for it.
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
        // It is there before the page is asked for that shows it.
        outcome.send_replace(Some(ended));
        let _ = answer.send(Ok(()));
        return;
    };
    outcome.send_replace(Some(ended));
}
