//! Sign-ins to connections that wait for their callback, for the confirmation of their user, or have just ended.
//!
//! A sign-in belongs to the browser session that began it. Its callback can come from another browser, if somebody was
//! given the link of the provider's page: so it leads to a page of the Control Room that goes on in that session only, and
//! asks before the code is exchanged for a token. The page has to be opened with a ticket, which only the browser that
//! brought the callback has: the session alone could be that of an attacker, who waits for somebody else to sign in.
//!
//! A task follows each sign-in, and the page polls for its stage. A user who begins another one replaces the first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::token::Token;
use control_room::connections::{ConnectionError, PendingSignIn, SignInOwner, SignedIn};
use control_room::oauth::{After, CallbackError, LoopbackError};
use control_room::{Connections, Name};

/// How long a request for the stage waits; less than the time limit of a request.
const LONG_POLL_TIME: Duration = Duration::from_secs(20);

/// The most requests of one user that may wait for the end of a sign-in at the same time. Only a program makes more, and it
/// would use up the connections of its address.
const MAX_POLLS: usize = 16;

/// How long a sign-in that has ended is still listened for: browsers request a callback again.
const LINGER_TIME: Duration = Duration::from_secs(30);

/// How many sign-ins of a user are kept, with the replaced ones. More are begun only by a program.
const MAX_OF_USER: usize = 8;

pub(super) type Outcome = Result<SignedIn, ConnectionError>;

/// How far a sign-in is.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// It waits for its callback.
    Waiting,
    /// The callback has arrived. The browser with the ticket is asked whether to store the token.
    Arrived {
        ticket: Token,
    },
    Ended(Outcome),
}

/// The sign-ins by their id.
#[derive(Default)]
pub(super) struct PendingSignIns(Mutex<HashMap<String, Entry>>);

struct Entry {
    info: SignInInfo,
    /// The id of the user.
    user: String,
    /// Whether the user has begun another one.
    replaced: bool,
    began: Instant,
    expires: Instant,
    commands: mpsc::Sender<Command>,
    stage: watch::Receiver<Stage>,
    polls: Arc<Semaphore>,
}

/// What the pages of a sign-in show.
#[derive(Clone)]
pub(super) struct SignInInfo {
    pub(super) id: String,
    /// The hash of the browser session's token.
    pub(super) session: [u8; 32],
    pub(super) connection: Name,
    /// Whether the token is shared.
    pub(super) shared: bool,
    /// The URL of the provider's sign-in page.
    pub(super) page: SecretString,
    /// An error if the callback cannot arrive now and has to be pasted.
    pub(super) listens: Result<(), LoopbackError>,
}

/// Who begins a sign-in.
pub(super) struct Initiator<'a> {
    /// The id of the user.
    pub(super) user: &'a str,
    /// The hash of the browser session's token.
    pub(super) session: [u8; 32],
}

enum Command {
    /// The callback that the user pasted.
    Paste {
        text: SecretString,
        answer: oneshot::Sender<Result<(), ConnectionError>>,
    },
    /// The user's answer to the question whether to store the token.
    Confirm {
        store: bool,
        answer: oneshot::Sender<Result<(), ConnectionError>>,
    },
}

impl PendingSignIns {
    /// Begins a sign-in of a user, which replaces an earlier one. `page` makes the URL of the page where it goes on after
    /// its callback, from its id.
    pub(super) async fn begin(
        &self,
        by: Initiator<'_>,
        connections: &Connections,
        connection: &Name,
        owner: &SignInOwner,
        page: impl FnOnce(&str) -> String,
    ) -> Result<(), ConnectionError> {
        let id = Token::random().expose().to_owned();
        let after = After::GoOn(page(&id));
        let started = connections
            .sign_in_and_then(connection, owner, after)
            .await?;
        let (commands, received) = mpsc::channel(1);
        let (sender, stage) = watch::channel(Stage::Waiting);
        let mut entry = Entry {
            info: SignInInfo {
                id: id.clone(),
                session: by.session,
                connection: connection.clone(),
                shared: *owner == SignInOwner::Shared,
                page: started.authorization_url().into(),
                listens: started.listening(),
            },
            user: by.user.to_owned(),
            replaced: false,
            began: Instant::now(),
            expires: started.expires(),
            commands,
            stage,
            polls: Arc::new(Semaphore::new(MAX_POLLS)),
        };
        // Dropping the entry ends this task, but only once the outcome is in the audit log.
        tokio::spawn(follow(started, received, sender));
        let mut all = self.0.lock().await;
        all.retain(|_, entry| entry.expires > Instant::now());
        for earlier in all.values_mut().filter(|entry| entry.user == by.user) {
            earlier.replaced = true;
            entry.polls = Arc::clone(&earlier.polls);
        }
        let of_user = || all.iter().filter(|(_, entry)| entry.user == by.user);
        if of_user().count() >= MAX_OF_USER
            && let Some((oldest, _)) = of_user().min_by_key(|(_, entry)| entry.began)
        {
            let oldest = oldest.clone();
            all.remove(&oldest);
        }
        all.insert(id, entry);
        Ok(())
    }

    /// The latest sign-in of a user.
    pub(super) async fn of(&self, user: &str) -> Option<(SignInInfo, Stage)> {
        let all = self.0.lock().await;
        let entry = latest(&all, user)?;
        Some((entry.info.clone(), entry.stage.borrow().clone()))
    }

    /// The sign-in with this id, unless it was replaced.
    pub(super) async fn get(&self, id: &str) -> Option<(SignInInfo, Stage)> {
        let all = self.0.lock().await;
        let entry = all.get(id).filter(|entry| !entry.replaced)?;
        Some((entry.info.clone(), entry.stage.borrow().clone()))
    }

    /// Waits up to [`LONG_POLL_TIME`] for the end of a user's sign-in; true if it has ended or there is none;
    /// `None` if [`MAX_POLLS`] others wait.
    pub(super) async fn is_over(&self, user: &str) -> Option<bool> {
        let found = latest(&*self.0.lock().await, user)
            .map(|entry| (entry.stage.clone(), Arc::clone(&entry.polls)));
        let Some((mut stage, polls)) = found else {
            return Some(true);
        };
        let _poll = polls.try_acquire().ok()?;
        let over = stage.wait_for(|stage| matches!(stage, Stage::Ended(_)));
        Some(timeout(LONG_POLL_TIME, over).await.is_ok())
    }

    /// Accepts the callback URL that the user pasted; `None` if the sign-in has ended.
    pub(super) async fn paste(
        &self,
        id: &str,
        text: SecretString,
    ) -> Option<Result<(), ConnectionError>> {
        let command = |answer| Command::Paste { text, answer };
        self.send(id, command).await
    }

    /// Stores the token of a sign-in whose callback has arrived, or discards it; `None` if the sign-in has ended.
    pub(super) async fn confirm(
        &self,
        id: &str,
        store: bool,
    ) -> Option<Result<(), ConnectionError>> {
        let command = |answer| Command::Confirm { store, answer };
        self.send(id, command).await
    }

    async fn send(
        &self,
        id: &str,
        command: impl FnOnce(oneshot::Sender<Result<(), ConnectionError>>) -> Command,
    ) -> Option<Result<(), ConnectionError>> {
        let commands = self.0.lock().await.get(id)?.commands.clone();
        let (answer, answered) = oneshot::channel();
        commands.send(command(answer)).await.ok()?;
        answered.await.ok()
    }
}

fn latest<'a>(all: &'a HashMap<String, Entry>, user: &str) -> Option<&'a Entry> {
    all.values()
        .find(|entry| entry.user == user && !entry.replaced)
}

/// Follows a sign-in to its end, and for a while after it.
async fn follow(
    mut started: PendingSignIn,
    mut commands: mpsc::Receiver<Command>,
    stage: watch::Sender<Stage>,
) {
    let (outcome, answer) = outcome(&mut started, &mut commands, &stage).await;
    if outcome.is_err()
        && let Err(error) = started.record_refused_sign_in().await
    {
        tracing::error!("a sign-in that ended cannot be recorded: {error}");
    }
    // The outcome must be there before the answer leads to the page that shows it.
    stage.send_replace(Stage::Ended(outcome));
    if let Some(answer) = answer {
        let _ = answer.send(Ok(()));
    }
    drop(commands);
    tokio::select! {
        () = sleep(LINGER_TIME) => {}
        // Nobody looks for it any more.
        () = stage.closed() => {}
    }
}

/// The outcome of a sign-in, and whom to tell that it has ended.
async fn outcome(
    started: &mut PendingSignIn,
    commands: &mut mpsc::Receiver<Command>,
    stage: &watch::Sender<Stage>,
) -> (
    Outcome,
    Option<oneshot::Sender<Result<(), ConnectionError>>>,
) {
    let expires = started.expires();
    let mut arrived = None;
    loop {
        let command = tokio::select! {
            received = started.callback(), if arrived.is_none() => match received {
                Ok(received) => {
                    arrived = Some(received);
                    let ticket = started.ticket().as_deref().and_then(Token::parse);
                    let ticket = ticket.unwrap_or_else(Token::random);
                    stage.send_replace(Stage::Arrived { ticket });
                    continue;
                }
                Err(error) => return (Err(error), None),
            },
            () = sleep_until(expires), if arrived.is_some() => {
                return (Err(CallbackError::Expired.into()), None);
            }
            command = commands.recv() => match command {
                Some(command) => command,
                None => return (Err(CallbackError::Over.into()), None),
            },
        };
        match command {
            Command::Paste { text, answer } => match started.paste(text.expose_secret()).await {
                Err(error) if !error.ends_sign_in() => {
                    let _ = answer.send(Err(error));
                }
                ended => return (ended, Some(answer)),
            },
            Command::Confirm { store, answer } => match arrived.take() {
                None => {
                    let _ = answer.send(Err(CallbackError::Over.into()));
                }
                Some(arrived) if store => return (arrived.finish().await, Some(answer)),
                Some(_) => return (Err(CallbackError::NotConfirmed.into()), Some(answer)),
            },
        }
    }
}
