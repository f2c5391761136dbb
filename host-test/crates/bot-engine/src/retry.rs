//! The retry policy, for the actions of bots and for the connections of the Control Room. The operation makes one attempt
//! and classifies its failure; the policy decides whether and when to retry.
//!
//! Exponential backoff with full jitter: the longest wait doubles with each attempt, and each wait is a random fraction of
//! it, so that a thousand bots that failed together do not retry together. If the server sends `Retry-After`, the wait is
//! that long, plus a random fraction of the first wait.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// How often and for how long to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The maximum number of attempts, including the first.
    pub tries: u32,
    /// The longest wait after the first attempt. It doubles with each further attempt.
    pub first_wait: Duration,
    /// The upper limit of a wait. If the server asks for a longer one, there is no retry: the failure is reported at once.
    pub longest_wait: Duration,
    /// The time for all attempts and waits together. No attempt starts after it. The caller decides whether it also cancels
    /// an attempt in progress.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(1),
            deadline: Duration::from_mins(2),
        }
    }
}

/// Whether to retry after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// The failure is permanent.
    GiveUp,
    /// The failure may be transient. The server's `Retry-After`, if it sent one.
    TryAgain(Option<Duration>),
}

/// An error that is classified as transient or permanent.
pub trait Retryable {
    /// Whether to retry.
    fn advice(&self) -> Advice;

    /// The error if the first attempt did not finish within the policy's deadline.
    fn timed_out(limit: Duration) -> Self;
}

/// The wait before the next attempt.
#[derive(Debug)]
pub struct Wait<'a, E> {
    /// The number of attempts so far.
    pub tries: u32,
    /// How long to wait.
    pub length: Duration,
    /// Why the last attempt failed.
    pub reason: &'a E,
}

impl RetryPolicy {
    /// A policy without retries.
    pub fn once() -> Self {
        Self {
            tries: 1,
            ..Self::default()
        }
    }

    /// Starts an operation. The deadline counts from now.
    pub fn begin<E: Retryable>(self) -> Tries<E> {
        Tries {
            policy: self,
            end: Instant::now() + self.deadline,
            tries: 0,
            last: None,
        }
    }

    /// The wait after `tries` attempts. `None` if the server asks for more than [`RetryPolicy::longest_wait`]. `random` is
    /// uniform over its whole range.
    fn wait(&self, tries: u32, asked: Option<Duration>, random: u32) -> Option<Duration> {
        let doubled = self
            .first_wait
            .saturating_mul(1_u32.checked_shl(tries - 1).unwrap_or(u32::MAX));
        let fraction = f64::from(random) / f64::from(u32::MAX);
        match asked {
            None => Some(doubled.min(self.longest_wait).mul_f64(fraction)),
            Some(asked) if asked > self.longest_wait => None,
            Some(asked) => Some(asked + self.first_wait.mul_f64(fraction)),
        }
    }
}

/// The attempts of one operation:
///
/// ```ignore
/// let mut tries = policy.begin();
/// loop {
///     match tries.attempt(send()).await {
///         Ok(response) => return Ok(response),
///         Err(error) => sleep(tries.next_wait(error)?.length).await,
///     }
/// }
/// ```
///
/// The caller writes the loop. A function that takes an async closure would be shorter to use, but its future could not be
/// spawned: the captures of async closures are not known to be `Send` for every lifetime.
pub struct Tries<E> {
    policy: RetryPolicy,
    end: Instant,
    tries: u32,
    last: Option<E>,
}

impl<E: Retryable> Tries<E> {
    /// Makes an attempt, and cancels it at the policy's deadline.
    ///
    /// # Errors
    ///
    /// The error of the attempt. If it was cancelled, the error of the previous attempt, or [`Retryable::timed_out`].
    pub async fn attempt<T>(
        &mut self,
        attempt: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match self.attempt_until_the_deadline(attempt).await {
            Some(result) => result,
            None => Err(match self.last.take() {
                Some(last) => last,
                None => E::timed_out(self.policy.deadline),
            }),
        }
    }

    /// Makes an attempt to change something, and cancels it at the policy's deadline.
    ///
    /// # Errors
    ///
    /// The error of the attempt. If it was cancelled, [`Retryable::timed_out`]: the error of the previous attempt would hide
    /// that this one may have been executed.
    pub async fn attempt_change<T>(
        &mut self,
        attempt: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let result = self.attempt_until_the_deadline(attempt).await;
        result.unwrap_or_else(|| Err(E::timed_out(self.policy.deadline)))
    }

    /// `None` if it was cancelled.
    async fn attempt_until_the_deadline<F: Future>(&mut self, attempt: F) -> Option<F::Output> {
        let end = self.end;
        let attempt = self.attempt_to_completion(timeout_at(end, attempt));
        attempt.await.ok()
    }

    /// Makes an attempt without cancelling it at the deadline. For operations that have a time-out of their own, and whose
    /// result must not be lost.
    pub async fn attempt_to_completion<F: Future>(&mut self, attempt: F) -> F::Output {
        self.tries += 1;
        attempt.await
    }

    /// How long to wait before the next attempt.
    ///
    /// # Errors
    ///
    /// `error` itself, if it is permanent or there are no attempts or no time left.
    pub fn next_wait(&mut self, error: E) -> Result<Wait<'_, E>, E> {
        let wait = match error.advice() {
            Advice::TryAgain(asked) if self.tries < self.policy.tries => {
                self.policy.wait(self.tries, asked, random())
            }
            _ => None,
        };
        match wait {
            Some(length) if Instant::now() + length < self.end => Ok(Wait {
                tries: self.tries,
                length,
                reason: self.last.insert(error),
            }),
            _ => Err(error),
        }
    }
}

/// A random number from the whole range; its middle if the system has no source of randomness.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    /// A failure with a configurable advice.
    #[derive(Debug, PartialEq, Eq)]
    enum Failure {
        Transient(Option<Duration>),
        Permanent,
        TimedOut,
    }

    impl Retryable for Failure {
        fn advice(&self) -> Advice {
            match self {
                Self::Transient(asked) => Advice::TryAgain(*asked),
                _ => Advice::GiveUp,
            }
        }

        fn timed_out(_: Duration) -> Self {
            Self::TimedOut
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// Applies a policy to these failures, followed by a success. Returns the result and the waits.
    async fn run(
        policy: RetryPolicy,
        failures: Vec<Failure>,
    ) -> (Result<(), Failure>, Vec<Duration>) {
        let mut failures = failures.into_iter();
        let mut waits = Vec::new();
        let mut tries = policy.begin();
        loop {
            let attempt = async { failures.next().map_or(Ok(()), Err) };
            match tries.attempt(attempt).await {
                Ok(()) => return (Ok(()), waits),
                Err(failure) => match tries.next_wait(failure) {
                    Ok(wait) => waits.push(wait.length),
                    Err(failure) => return (Err(failure), waits),
                },
            }
            sleep(waits[waits.len() - 1]).await;
        }
    }

    fn transient(count: usize) -> Vec<Failure> {
        (0..count).map(|_| Failure::Transient(None)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn transient_failures_are_retried() {
        let (result, waits) = run(RetryPolicy::default(), transient(3)).await;
        assert_eq!((result, waits.len()), (Ok(()), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn permanent_failures_are_not_retried() {
        let (result, waits) = run(RetryPolicy::default(), vec![Failure::Permanent]).await;
        assert_eq!((result, waits), (Err(Failure::Permanent), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_attempts_is_limited() {
        let (result, waits) = run(RetryPolicy::default(), transient(100)).await;
        assert_eq!((result, waits.len()), (Err(Failure::Transient(None)), 5));
        let (result, waits) = run(RetryPolicy::once(), transient(1)).await;
        assert_eq!((result, waits), (Err(Failure::Transient(None)), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_honoured() {
        let asked = Duration::from_secs(42);
        let started = Instant::now();
        let (result, waits) = run(
            RetryPolicy::default(),
            vec![Failure::Transient(Some(asked))],
        )
        .await;
        assert_eq!(result, Ok(()));
        assert!((asked..=asked + SECOND).contains(&waits[0]), "{waits:?}");
        assert!(started.elapsed() >= asked);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_after_beyond_the_longest_wait_is_not_retried() {
        let asked = Some(Duration::from_secs(61));
        let (result, waits) = run(RetryPolicy::default(), vec![Failure::Transient(asked)]).await;
        assert_eq!((result, waits), (Err(Failure::Transient(asked)), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_applies_to_all_attempts_together() {
        let policy = RetryPolicy {
            tries: u32::MAX,
            ..RetryPolicy::default()
        };
        let started = Instant::now();
        let asked = || Failure::Transient(Some(Duration::from_secs(50)));
        let (result, waits) = run(policy, vec![asked(), asked(), asked(), asked()]).await;
        assert_eq!((result, waits.len()), (Err(asked()), 2));
        assert!(started.elapsed() <= policy.deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_cancelled_at_the_deadline() {
        let policy = RetryPolicy::default();
        let started = Instant::now();
        let mut tries = policy.begin();
        let failure = tries
            .attempt(std::future::pending::<Result<(), Failure>>())
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::TimedOut);
        assert_eq!(tries.next_wait(failure).unwrap_err(), Failure::TimedOut);
        assert_eq!(started.elapsed(), policy.deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_change_is_not_reported_as_the_attempt_before_it() {
        let failed = || async { Err::<(), _>(Failure::Transient(None)) };
        let cancelled = std::future::pending::<Result<(), Failure>>;
        let mut tries = RetryPolicy::default().begin();
        let failure = tries.attempt_change(failed()).await.unwrap_err();
        assert_eq!(failure, Failure::Transient(None));
        tries.next_wait(failure).unwrap();
        let failure = tries.attempt_change(cancelled()).await.unwrap_err();
        assert_eq!(failure, Failure::TimedOut);

        // A request that only reads has more to say.
        let mut tries = RetryPolicy::default().begin();
        let failure = tries.attempt(failed()).await.unwrap_err();
        tries.next_wait(failure).unwrap();
        let failure = tries.attempt(cancelled()).await.unwrap_err();
        assert_eq!(failure, Failure::Transient(None));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_to_completion_is_not_cancelled_and_is_the_last() {
        let policy = RetryPolicy::default();
        for late in [Ok(()), Err(Failure::Transient(None))] {
            let mut tries = policy.begin();
            let attempt = async {
                sleep(policy.deadline + SECOND).await;
                late
            };
            match tries.attempt_to_completion(attempt).await {
                Ok(()) => {}
                Err(failure) => {
                    let failure = tries.next_wait(failure).unwrap_err();
                    assert_eq!(failure, Failure::Transient(None));
                }
            }
        }
    }

    #[test]
    fn waits_double_with_full_jitter() {
        let policy = RetryPolicy::default();
        for (tries, longest) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60)] {
            assert_eq!(
                policy.wait(tries, None, u32::MAX),
                Some(longest * SECOND),
                "{tries}"
            );
            assert_eq!(policy.wait(tries, None, 0), Some(Duration::ZERO));
        }
    }
}
