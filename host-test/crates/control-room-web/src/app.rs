//! The state that all handlers share.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::active_runs::ActiveRuns;
use super::attempts::Attempts;
use super::cookie::Cookies;
use super::form_token::FormKey;
use super::kept_secrets::KeptSecrets;
use super::pending_sign_ins::PendingSignIns;
use super::sessions::Sessions;
use super::simulation::Simulation;
use super::token::Token;
use bot_engine::{ActionRunner, Catalogue, Variables};
use control_room::{Connections, Name, Store};

pub(super) struct App {
    pub(super) store: Store,
    pub(super) actions: Arc<dyn ActionRunner>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) variables: Arc<Variables>,
    pub(super) connections: Connections,
    pub(super) pending_sign_ins: PendingSignIns,
    pub(super) kept_secrets: KeptSecrets,
    /// The workers that run what is started on the pages.
    pub(super) pool: Option<Name>,
    pub(super) simulation: Option<Simulation>,
    pub(super) runs: Arc<ActiveRuns>,
    /// The address that the pages are served at.
    pub(super) address: SocketAddr,
    /// Whether the pages are served with TLS.
    pub(super) secure: bool,
    pub(super) cookies: Cookies,
    pub(super) sessions: Sessions,
    pub(super) attempts: Attempts,
    /// Cancelled when the pages shut down.
    pub(super) shutdown: CancellationToken,
    /// Of the link that creates the first user.
    pub(super) first_run_token: Token,
    pub(super) form_key: FormKey,
}
