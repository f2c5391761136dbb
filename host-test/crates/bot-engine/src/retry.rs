//! Which failures of a step are worth another try.
//!
//! What was throttled or unavailable is tried again, nothing else: a refusal stays a refusal, and an answer
//! that is none of Genesys' does not become one.

use std::time::Duration;

use super::api_request::ApiError;
use egress::retry::{Advice, Retryable};

impl Retryable for ApiError {
    fn advice(&self) -> Advice {
        match self {
            Self::Status {
                status,
                retry_after,
                ..
            } => match status.as_u16() {
                429 => Advice::TryAgain(*retry_after),
                408 | 500..=599 => Advice::TryAgain(None),
                _ => Advice::GiveUp,
            },
            Self::Network(error) => of_network(error),
            Self::BadPath { .. } | Self::NotJson { .. } | Self::OutOfTime(_) => Advice::GiveUp,
        }
    }

    fn out_of_time(limit: Duration) -> Self {
        Self::OutOfTime(limit)
    }
}

/// The same as the action says of the same failures.
fn of_network(error: &egress::Error) -> Advice {
    use egress::Error as E;
    match error {
        E::Busy
        | E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::ProxyConnect { .. }
        | E::Tls { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. } => Advice::TryAgain(None),
        _ => Advice::GiveUp,
    }
}
