//! The functions of the contract. Each call gets a fresh instance with zeroed memory, which is dropped afterwards, so that
//! no data of one bot reaches the next.

use std::sync::Arc;

use action_types::{Argument, Failure, Redactor, Success, form};
use egress::Cause;
use secrecy::zeroize::Zeroizing;
use tokio::time::{Instant, timeout};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::component::{Component, Linked};
use super::convert;
use super::error::{ActionError, CallError};
use super::outgoing_http::OutgoingHttp;
use super::state::{self, State};
use super::stopped::stopped;

impl Component {
    /// The component's actions with their forms, localized for `locale` (BCP 47). What they say is only as trustworthy as
    /// the component.
    ///
    /// # Errors
    ///
    /// A [`CallError`] if the call was stopped or refused, never [`CallError::Failed`].
    pub async fn actions(&self, locale: &str) -> Result<Vec<form::Action>, CallError> {
        let actions = self
            .call_offline(async |linked, instance, store| {
                let form = linked.form.load(&mut *store, instance)?;
                form.call_actions(store, locale).await
            })
            .await?;
        Ok(actions.into_iter().map(convert::action).collect())
    }

    /// Runs the action of this name once.
    ///
    /// ```no_run
    /// use action_host::{Argument, CallError, Component, Retry, SessionChange};
    ///
    /// # async fn example(component: Component, arguments: &[Argument]) -> Result<(), CallError> {
    /// match component.run("oauth-authenticate", arguments).await {
    ///     Ok(success) => {
    ///         if let SessionChange::Opened(session) = success.session {
    ///             println!("a session at {}", session.base_url);
    ///         }
    ///     }
    ///     // The action's own words, and whether to call it again.
    ///     Err(CallError::Failed(failure)) => {
    ///         println!("{}", component.explain("oauth-authenticate", &failure, "en").await?);
    ///         if let Retry::After(seconds) = failure.retry {
    ///             println!("not before {seconds} s from now");
    ///         }
    ///     }
    ///     // It was stopped, or not started.
    ///     Err(stopped) => println!("{}: {stopped}", stopped.kind()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] if the action reports an error; any other [`CallError`] if the call was stopped or refused.
    pub async fn run(&self, action: &str, arguments: &[Argument]) -> Result<Success, CallError> {
        let redactor = Redactor::of(arguments);
        let arguments = Zeroizing::new(convert::arguments(arguments));
        let (ran, cause) = self
            .call_and_cause(&redactor, async |linked, instance, store| {
                let run = linked.run.load(&mut *store, instance)?;
                run.call_run(store, action, &arguments).await
            })
            .await?;
        match ran {
            Ok(success) => Ok(convert::success(success, redactor)),
            Err(failure) => {
                let failure = convert::failure(&failure, &redactor);
                Err(CallError::Failed(with_cause(failure, cause)))
            }
        }
    }

    /// Checks fields before the action of this name runs. Leave out those whose values are not known yet. The component
    /// can send no request meanwhile, as in all calls but [`Component::run`].
    ///
    /// # Errors
    ///
    /// As [`Component::actions`].
    pub async fn check(
        &self,
        action: &str,
        arguments: &[Argument],
    ) -> Result<Vec<Failure>, CallError> {
        let redactor = Redactor::of(arguments);
        let arguments = Zeroizing::new(convert::arguments(arguments));
        let failures = self
            .call_offline(async |linked, instance, store| {
                let run = linked.run.load(&mut *store, instance)?;
                run.call_check(store, action, &arguments).await
            })
            .await?;
        let failures = failures.iter();
        let failures = failures.map(|it| convert::failure(it, &redactor));
        Ok(failures.collect())
    }

    /// The message of the action of this name for an error, localized for `locale` (BCP 47), with what the host knows of
    /// its cause in the network.
    ///
    /// # Errors
    ///
    /// As [`Component::actions`].
    pub async fn explain(
        &self,
        action: &str,
        failure: &Failure,
        locale: &str,
    ) -> Result<String, CallError> {
        let cause = Cause::from_facts(|name| failure.detail(name));
        let mut as_wit = convert::to_wit(failure);
        // Only the component's own words, which it may repeat: the cause is added below.
        if let Some(cause) = &cause
            && let Some(own) = as_wit.message.strip_suffix(&cause.localized("en"))
        {
            as_wit.message = own.trim_end().into();
        }
        let message = self
            .call_offline(async |linked, instance, store| {
                let run = linked.run.load(&mut *store, instance)?;
                run.call_explain(store, action, &as_wit, locale).await
            })
            .await?;
        let message = convert::message(&message);
        Ok(match cause {
            Some(cause) => format!("{message} {}", cause.localized(locale)),
            None => message,
        })
    }

    /// A call that may send as many requests as the limits allow, and is given the secrets of `redactor`.
    #[cfg(feature = "oauth")]
    pub(super) async fn call<T, E: ActionError>(
        &self,
        redactor: &Redactor,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError<E>> {
        let (called, _) = self.call_and_cause(redactor, function).await?;
        Ok(called)
    }

    /// The same, and what an operator has to know of the last of the requests.
    async fn call_and_cause<T, E: ActionError>(
        &self,
        redactor: &Redactor,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<(T, Option<Cause>), CallError<E>> {
        let requests = self.runtime.limits().requests;
        let http = OutgoingHttp::new(self.client.clone(), requests)
            .with_log(redactor.clone(), Arc::clone(&self.refusals));
        let last_cause = http.last_cause();
        let called = self.call_with(http, function).await?;
        Ok((called, last_cause.take()))
    }

    /// A call that may send no request.
    pub(super) async fn call_offline<T, E: ActionError>(
        &self,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError<E>> {
        let http = OutgoingHttp::new(self.client.clone(), 0);
        self.call_with(http, function).await
    }

    /// Waits for a permit, makes an instance, lets `function` call it, and drops it, all within the deadline.
    async fn call_with<T, E: ActionError>(
        &self,
        http: OutgoingHttp,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError<E>> {
        let limits = self.runtime.limits();
        let start = Instant::now();
        let _permit = timeout(limits.deadline, self.runtime.permit())
            .await
            .map_err(|_| CallError::QueueTimeout(limits.deadline))??;
        let call = async {
            let mut store = state::store(&self.runtime, http)?;
            let instance = self.linked.instance.instantiate_async(&mut store).await?;
            function(&self.linked, &instance, &mut store).await
        };
        let remaining = limits.deadline.saturating_sub(start.elapsed());
        match timeout(remaining, call).await {
            Ok(called) => called.map_err(|error| stopped(&error, limits)),
            Err(_) => Err(CallError::DeadlineExceeded(limits.deadline)),
        }
    }
}

/// A failure with what the host knows of its cause.
fn with_cause(mut failure: Failure, cause: Option<Cause>) -> Failure {
    if let Some(cause) = cause {
        failure.message = format!("{} {}", failure.message, cause.localized("en"));
        let facts = cause.facts().into_iter();
        failure
            .details
            .extend(facts.map(|(name, value)| (name.to_owned(), value)));
    }
    failure
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Host, Limits};
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_gets_no_permit_ends_at_its_deadline() {
        let limits = Limits {
            calls: 1,
            deadline: Duration::from_secs(5),
            ..Limits::default()
        };
        let host = Host::builder().limits(limits).build().unwrap();
        let component = host.load(built_in_component::BYTES).unwrap();
        let permit = host.runtime().permit::<Failure>().await.unwrap();
        let start = Instant::now();
        let error = component.actions("en").await.unwrap_err();
        assert!(matches!(error, CallError::QueueTimeout(_)), "{error:?}");
        assert_eq!(start.elapsed().as_secs(), 5);
        drop(permit);
        assert!(component.actions("en").await.is_ok());
    }
}
