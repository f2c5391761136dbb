//! The one policy for trying again, for the actions of bots and for the connections of the Control Room. Who
//! asks for something tries once and classifies; here it is decided whether there is another try, and when.
//!
//! It knows nothing of what is tried. The waits double from try to try, and each is drawn at
//! random from zero up ("full jitter"), so that a thousand bots that failed together do not come back
//! together. Where the server says how long to wait, that is waited, and a little at random on top.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// How often and how long to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most tries, the first one included.
    pub tries: u32,
    /// The longest wait after the first try; it doubles with every other.
    pub first_wait: Duration,
    /// The longest wait of all. Where the server asks for more, there is no other try: it would be
    /// refused, and people are told at once.
    pub longest_wait: Duration,
    /// The time for all tries and waits together. After it there is no other try; whether it ends the one that
    /// is under way is for the caller to decide.
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

/// Whether a failure may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Only a change of something helps.
    GiveUp,
    /// Another try may help, after this long where the server said so.
    TryAgain(Option<Duration>),
}

/// A failure that knows whether it may pass.
pub trait Retryable {
    /// Whether it may.
    fn advice(&self) -> Advice;

    /// The failure of a first try that took longer than all tries may.
    fn out_of_time(limit: Duration) -> Self;
}

/// A wait before another try.
#[derive(Debug)]
pub struct Wait<'a, E> {
    /// How many tries there were.
    pub tries: u32,
    /// How long it is.
    pub length: Duration,
    /// Why the last try failed.
    pub because: &'a E,
}

impl RetryPolicy {
    /// One try, and no other.
    pub fn once() -> Self {
        Self {
            tries: 1,
            ..Self::default()
        }
    }

    /// Begins: the time for all tries runs from now on.
    pub fn begin<E: Retryable>(self) -> Tries<E> {
        Tries {
            policy: self,
            end: Instant::now() + self.deadline,
            tries: 0,
            last: None,
        }
    }

    /// The wait after this many tries. `None` if the server asks for a longer one than there may be.
    /// `random` is from the whole range.
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

/// The tries of one thing:
///
/// ```ignore
/// let mut tries = policy.begin();
/// loop {
///     match tries.attempt(ask()).await {
///         Ok(answer) => return Ok(answer),
///         Err(error) => sleep(tries.again(error)?.length).await,
///     }
/// }
/// ```
///
/// A loop of the caller's, and no closures given to a function: a future with async closures in it cannot be
/// spawned (their captures are not known to be `Send` for every lifetime).
pub struct Tries<E> {
    policy: RetryPolicy,
    end: Instant,
    tries: u32,
    last: Option<E>,
}

impl<E: Retryable> Tries<E> {
    /// One try, which ends when the time for all of them is up.
    ///
    /// # Errors
    ///
    /// That of the try; where it did not come to its end, that of the one before it.
    pub async fn attempt<T>(
        &mut self,
        attempt: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let end = self.end;
        let attempt = self.attempt_to_its_end(timeout_at(end, attempt));
        attempt.await.unwrap_or_else(|_| {
            let last = self.last.take();
            Err(last.unwrap_or_else(|| E::out_of_time(self.policy.deadline)))
        })
    }

    /// One try that comes to its end also when the time for all of them is up, and then is the last. For what
    /// ends by itself, and would lose something if its answer were not heard.
    pub async fn attempt_to_its_end<F: Future>(&mut self, attempt: F) -> F::Output {
        self.tries += 1;
        attempt.await
    }

    /// How long to wait before the next try.
    ///
    /// # Errors
    ///
    /// `error` itself, if there is no point in another try, or no time for it.
    pub fn again(&mut self, error: E) -> Result<Wait<'_, E>, E> {
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
                because: self.last.insert(error),
            }),
            _ => Err(error),
        }
    }
}

/// A number from the whole range; where the system has no randomness, the middle.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    /// A failure that gives the advice it is told to.
    #[derive(Debug, PartialEq, Eq)]
    enum Failure {
        Passing(Option<Duration>),
        Lasting,
        OutOfTime,
    }

    impl Retryable for Failure {
        fn advice(&self) -> Advice {
            match self {
                Self::Passing(asked) => Advice::TryAgain(*asked),
                _ => Advice::GiveUp,
            }
        }

        fn out_of_time(_: Duration) -> Self {
            Self::OutOfTime
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// Runs a policy against failures one after the other, and then success: the result and the waits.
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
                Err(failure) => match tries.again(failure) {
                    Ok(wait) => waits.push(wait.length),
                    Err(failure) => return (Err(failure), waits),
                },
            }
            sleep(waits[waits.len() - 1]).await;
        }
    }

    fn passing(count: usize) -> Vec<Failure> {
        (0..count).map(|_| Failure::Passing(None)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_failure_is_tried_again() {
        let (result, waits) = run(RetryPolicy::default(), passing(3)).await;
        assert_eq!((result, waits.len()), (Ok(()), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_failure_is_not() {
        let (result, waits) = run(RetryPolicy::default(), vec![Failure::Lasting]).await;
        assert_eq!((result, waits), (Err(Failure::Lasting), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_tries_is_limited() {
        let (result, waits) = run(RetryPolicy::default(), passing(100)).await;
        assert_eq!((result, waits.len()), (Err(Failure::Passing(None)), 5));
        let (result, waits) = run(RetryPolicy::once(), passing(1)).await;
        assert_eq!((result, waits), (Err(Failure::Passing(None)), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_waited() {
        let asked = Duration::from_secs(42);
        let started = Instant::now();
        let (result, waits) =
            run(RetryPolicy::default(), vec![Failure::Passing(Some(asked))]).await;
        assert_eq!(result, Ok(()));
        assert!((asked..=asked + SECOND).contains(&waits[0]), "{waits:?}");
        assert!(started.elapsed() >= asked);
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_the_longest_wait_is_not_waited() {
        let asked = Some(Duration::from_secs(61));
        let (result, waits) = run(RetryPolicy::default(), vec![Failure::Passing(asked)]).await;
        assert_eq!((result, waits), (Err(Failure::Passing(asked)), vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn all_tries_together_have_a_deadline() {
        let policy = RetryPolicy {
            tries: u32::MAX,
            ..RetryPolicy::default()
        };
        let started = Instant::now();
        let asked = || Failure::Passing(Some(Duration::from_secs(50)));
        let (result, waits) = run(policy, vec![asked(), asked(), asked(), asked()]).await;
        assert_eq!((result, waits.len()), (Err(asked()), 2));
        assert!(started.elapsed() <= policy.deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_never_ends_is_ended() {
        let policy = RetryPolicy::default();
        let started = Instant::now();
        let mut tries = policy.begin();
        let failure = tries
            .attempt(std::future::pending::<Result<(), Failure>>())
            .await
            .unwrap_err();
        assert_eq!(failure, Failure::OutOfTime);
        assert_eq!(tries.again(failure).unwrap_err(), Failure::OutOfTime);
        assert_eq!(started.elapsed(), policy.deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_whose_answer_must_be_heard_is_not_ended_and_is_the_last() {
        let policy = RetryPolicy::default();
        for late in [Ok(()), Err(Failure::Passing(None))] {
            let mut tries = policy.begin();
            let attempt = async {
                sleep(policy.deadline + SECOND).await;
                late
            };
            match tries.attempt_to_its_end(attempt).await {
                Ok(()) => {}
                Err(failure) => {
                    let failure = tries.again(failure).unwrap_err();
                    assert_eq!(failure, Failure::Passing(None));
                }
            }
        }
    }

    #[test]
    fn waits_double_and_are_drawn_from_zero_up() {
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
