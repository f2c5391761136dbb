//! `bot-runner connection sign-in`: the browser opens the provider's page, and the callback arrives on
//! loopback or is pasted.

use std::io;
use std::thread;

use control_room::Name;
use control_room::connections::{ConnectionError, Connections, PendingSignIn, SignedIn};
use control_room::oauth::CallbackError;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::super::Outcome;
use super::super::output::{aside, done, error, one_line};
use super::{Network, failed, holder};

#[derive(Debug, clap::Args)]
pub(crate) struct SignIn {
    connection: Name,
    /// The user who signs in for themselves [default: for all who may use the connection]
    #[arg(long = "as", value_name = "USER")]
    user: Option<Name>,
    /// Only print the address to open; on another machine, paste here where the browser was led to
    #[arg(long)]
    no_browser: bool,
    #[command(flatten)]
    pub(super) network: Network,
}

impl SignIn {
    pub(super) async fn run(&self, connections: &Connections) -> anyhow::Result<Outcome> {
        let holder = holder(self.user.as_ref());
        let mut started = match connections.sign_in(&self.connection, &holder).await {
            Ok(started) => started,
            Err(error) => return Ok(failed(&error)),
        };
        if let Err(error) = started.listening() {
            aside(&one_line(&error.to_string()));
        }
        let url = started.authorization_url();
        let opened = !self.no_browser && open::that_detached(url).is_ok();
        aside(if opened {
            "The browser opens the page to sign in. If it does not, open it yourself:"
        } else {
            "Open this page to sign in:"
        });
        aside(&format!("\n  {}\n", one_line(url)));
        aside(
            "Where the browser is on another machine, it is led to a page that it cannot show: paste \
             that page's address here.",
        );
        match signed_in(&mut started).await {
            Ok(signed_in) => Ok(self.tell(&signed_in)),
            Err(error) => Ok(failed(&error)),
        }
    }

    fn tell(&self, signed_in: &SignedIn) -> Outcome {
        done(&format!("signed in to {}", self.connection));
        if let Some(scopes) = &signed_in.other_scopes {
            let scopes = one_line(scopes);
            aside(&format!(
                "The provider granted other scopes than were asked for: {scopes}"
            ));
        }
        if !signed_in.renewable {
            aside(
                "The provider gave no refresh token: somebody has to sign in again when the token ends.",
            );
        }
        Outcome::Done
    }
}

/// Waits for the callback, and takes what is pasted meanwhile.
async fn signed_in(started: &mut PendingSignIn) -> Result<SignedIn, ConnectionError> {
    let mut pasted = lines();
    let expires = started.expires();
    loop {
        let listens = started.listening();
        let line = tokio::select! {
            line = pasted.recv() => line,
            arrived = started.callback(), if listens.is_ok() => return arrived?.finish().await,
            () = sleep_until(expires), if listens.is_err() => {
                return Err(CallbackError::Expired.into());
            }
        };
        let Some(line) = line else {
            // Nothing will be pasted any more.
            return started.wait().await;
        };
        if line.trim().is_empty() {
            continue;
        }
        match started.paste(&line).await {
            Err(wrong) if !started.is_over() => error(&wrong.to_string()),
            ended => return ended,
        }
    }
}

/// The lines of standard input, read on a thread that does not keep the program from ending.
fn lines() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if send.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}
