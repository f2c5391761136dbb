//! Which failures of a call are worth another try.

use std::time::Duration;

use egress::retry::{Advice, Retryable};

use super::{ActionError, CallError};

impl Retryable for CallError {
    fn advice(&self) -> Advice {
        match self {
            Self::Failed(ActionError::Throttled(it)) => Advice::TryAgain(
                it.retry_after
                    .map(|seconds| Duration::from_secs(seconds.into())),
            ),
            Self::Failed(ActionError::Unavailable(_)) => Advice::TryAgain(None),
            _ => Advice::GiveUp,
        }
    }

    fn out_of_time(limit: Duration) -> Self {
        Self::DeadlineExceeded(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_throttled_and_unavailable_calls_are_tried_again() {
        use super::super::error::{Failure as ActionFailure, InvalidInput, Rejection, Throttling};
        let failure = || ActionFailure {
            host: String::new(),
            reason: String::new(),
            status: None,
            correlation_id: None,
        };
        let throttled = |retry_after| {
            ActionError::Throttled(Throttling {
                host: String::new(),
                retry_after,
                correlation_id: None,
            })
        };
        let rejected = ActionError::Rejected(Rejection {
            host: String::new(),
            code: String::new(),
            description: None,
            correlation_id: None,
        });
        let invalid = InvalidInput {
            field: String::new(),
            reason: String::new(),
        };
        for (error, advice) in [
            (throttled(None), Advice::TryAgain(None)),
            (throttled(Some(7)), Advice::TryAgain(Some(7 * SECOND))),
            (ActionError::Unavailable(failure()), Advice::TryAgain(None)),
            (rejected, Advice::GiveUp),
            (ActionError::InvalidInput(invalid), Advice::GiveUp),
            (ActionError::UntrustedServer(failure()), Advice::GiveUp),
            (ActionError::NotPermitted(failure()), Advice::GiveUp),
            (ActionError::UnexpectedResponse(failure()), Advice::GiveUp),
            (ActionError::Other(String::new()), Advice::GiveUp),
        ] {
            assert_eq!(CallError::Failed(error).advice(), advice);
        }
        for error in [
            CallError::StackExceeded,
            CallError::TooManyCalls(1),
            CallError::DeadlineExceeded(SECOND),
        ] {
            assert_eq!(error.advice(), Advice::GiveUp);
        }
    }
}
