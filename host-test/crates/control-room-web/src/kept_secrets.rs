//! Secrets of forms that came back with mistakes: they stay here, so that nobody has to type them again and no page contains
//! them. Each form gets them back once, in the browser session that sent them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use super::token::Token;

/// How long the secrets of a form are kept.
const EXPIRY: Duration = Duration::from_mins(15);

/// The most forms whose secrets are kept. Beyond that, the oldest ones have to be typed again.
const MAX_FORMS: usize = 200;

/// The secrets by field.
pub(super) type Secrets = BTreeMap<String, SecretString>;

/// The secrets by the id of their form.
#[derive(Default)]
pub(super) struct KeptSecrets(Mutex<HashMap<String, Kept>>);

struct Kept {
    /// The hash of the browser session's token.
    session: [u8; 32],
    secrets: Secrets,
    since: Instant,
}

impl KeptSecrets {
    /// Keeps the secrets of a form, and returns its id. `None` if there are none.
    pub(super) fn keep(&self, session: &Token, secrets: Secrets) -> Option<String> {
        if secrets.is_empty() {
            return None;
        }
        let id = Token::random().expose().to_owned();
        let kept = Kept {
            session: session.hash(),
            secrets,
            since: Instant::now(),
        };
        let mut forms = self.lock();
        if forms.len() >= MAX_FORMS
            && let Some((oldest, _)) = forms.iter().min_by_key(|(_, kept)| kept.since)
        {
            let oldest = oldest.clone();
            forms.remove(&oldest);
        }
        forms.insert(id.clone(), kept);
        Some(id)
    }

    /// The secrets of a form, which are no longer kept. Empty if another session sent the form, or they have expired.
    pub(super) fn take(&self, session: &Token, id: &str) -> Secrets {
        let mut forms = self.lock();
        match forms.get(id) {
            Some(kept) if kept.session == session.hash() => {
                forms.remove(id).map(|kept| kept.secrets)
            }
            _ => None,
        }
        .unwrap_or_default()
    }

    /// The forms whose secrets have not expired.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forms.retain(|_, kept| kept.since.elapsed() < EXPIRY);
        forms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        [("field".to_owned(), "canary".into())].into()
    }

    #[tokio::test(start_paused = true)]
    async fn secrets_are_given_back_once_to_their_session_and_for_some_time() {
        let kept = KeptSecrets::default();
        let (session, other) = (Token::random(), Token::random());
        let id = kept.keep(&session, secrets()).unwrap();
        assert!(kept.take(&other, &id).is_empty());
        assert!(kept.take(&session, "other").is_empty());
        assert_eq!(kept.take(&session, &id).len(), 1);
        assert!(kept.take(&session, &id).is_empty());
        assert_eq!(kept.keep(&session, Secrets::default()), None);
        let id = kept.keep(&session, secrets()).unwrap();
        tokio::time::advance(EXPIRY).await;
        assert!(kept.take(&session, &id).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_forms_is_limited() {
        let kept = KeptSecrets::default();
        let session = Token::random();
        let first = kept.keep(&session, secrets()).unwrap();
        for _ in 0..MAX_FORMS {
            tokio::time::advance(Duration::from_millis(1)).await;
            kept.keep(&session, secrets()).unwrap();
        }
        assert!(kept.take(&session, &first).is_empty());
        assert_eq!(kept.lock().len(), MAX_FORMS);
    }
}
