//! `bot-runner connection sign-in`: opens the provider's page in the browser. The callback arrives on loopback, or the user
//! pastes its address.

use std::io::{self, BufRead, Read};
use std::thread;

use control_room::Name;
use control_room::connections::{ConnectionError, Connections, PendingSignIn, Person, SignedIn};
use control_room::oauth::CallbackError;
use tokio::sync::mpsc;

use super::super::Outcome;
use super::super::locale::language;
use super::super::output::{aside, done, one_line, urgent};
use super::{Network, failed, messages, print, token_owner};

#[derive(Debug, clap::Args)]
pub(crate) struct SignIn {
    connection: Name,
    /// The user who signs in for themselves [default: for all users of the connection]
    #[arg(long = "as", value_name = "USER")]
    pub(super) user: Option<Name>,
    /// Only print the address to open; if you open it on another machine, paste the address that the browser ends up at
    #[arg(long)]
    no_browser: bool,
    #[command(flatten)]
    pub(super) network: Network,
}

impl SignIn {
    /// Signs in. The audit log records a failure; a success is recorded with the tokens.
    pub(super) async fn run(&self, connections: &Connections) -> anyhow::Result<Outcome> {
        let signed_in = match self.sign_in(connections).await {
            Ok(signed_in) => signed_in,
            Err(error) => {
                let owner = token_owner(self.user.as_ref());
                connections
                    .record_refused_sign_in(&self.connection, &owner)
                    .await?;
                return Ok(failed(error));
            }
        };
        Ok(self.report(&signed_in))
    }

    async fn sign_in(&self, connections: &Connections) -> Result<SignedIn, ConnectionError> {
        let owner = token_owner(self.user.as_ref());
        let mut started = connections.sign_in(&self.connection, &owner).await?;
        if let Err(error) = started.listening() {
            urgent(&one_line(&error.message(language())));
        }
        let url = started.authorization_url();
        let opened = !self.no_browser && open::that_detached(&url).is_ok();
        urgent(if opened {
            messages::browser_opens(language())
        } else {
            messages::open_page(language())
        });
        urgent(&format!("\n  {}\n", one_line(&url)));
        urgent(messages::paste(language()));
        let ended = signed_in(&mut started).await;
        started.finish().await;
        ended
    }

    fn report(&self, signed_in: &SignedIn) -> Outcome {
        let connection = &self.connection;
        done(&match &self.user {
            Some(user) => messages::signed_in_alone(language(), connection, user),
            None => messages::signed_in_for_all(language(), connection),
        });
        match &signed_in.person {
            Some(Person::Known(person)) => {
                aside(&messages::token_of_person(language(), one_line(person)));
            }
            Some(Person::Unknown(reason)) => {
                let reason = one_line(&reason.message(language()));
                aside(&messages::person_unknown(language(), reason));
            }
            None => {}
        }
        if let Some(scopes) = &signed_in.other_scopes {
            aside(&messages::other_scopes(language(), one_line(scopes)));
        }
        if !signed_in.refreshable {
            aside(messages::not_refreshable(language()));
        }
        Outcome::Done
    }
}

/// Waits for the callback, on loopback or pasted to standard input.
async fn signed_in(started: &mut PendingSignIn) -> Result<SignedIn, ConnectionError> {
    let mut pasted = lines();
    loop {
        let line = tokio::select! {
            biased;
            arrived = started.callback() => return arrived?.finish().await,
            Some(line) = pasted.recv() => line,
        };
        if line.trim().is_empty() {
            continue;
        }
        match started.paste(&line).await {
            // The callback has arrived already.
            Err(ConnectionError::Callback(CallbackError::Over)) => {}
            Err(wrong) if !wrong.ends_sign_in() => print(wrong),
            ended => return ended,
        }
    }
}

/// The longest line that is read, in bytes. A callback is less than a tenth.
const MAX_LINE: u64 = 64 << 10;

/// The lines of standard input, read by a thread that does not keep the program from exiting. Overlong lines are truncated.
fn lines() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(1);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        while matches!(
            input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line),
            Ok(1..)
        ) {
            if !line.ends_with(b"\n") && input.skip_until(b'\n').is_err() {
                break;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            if send.blocking_send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
    lines
}
