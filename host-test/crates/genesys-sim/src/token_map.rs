//! Keeps values under opaque tokens for a while: pending sign-ins, authorization codes, refresh
//! tokens. It is told the time, and does not know what it keeps.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use secrecy::SecretString;

use super::random::{OpaqueToken, Selector};

/// Values that are found by a token, kept for a lifetime and up to a number; with one more, the
/// oldest goes.
pub(super) struct Kept<T> {
    entries: HashMap<Selector, Entry<T>>,
    /// Oldest first, also those that are gone.
    order: VecDeque<Selector>,
    lifetime: Duration,
    capacity: usize,
}

pub(super) struct Entry<T> {
    token: OpaqueToken,
    since: Duration,
    pub(super) value: T,
}

impl<T> Kept<T> {
    pub(super) fn new(lifetime: Duration, capacity: usize) -> Kept<T> {
        Kept {
            entries: HashMap::new(),
            order: VecDeque::new(),
            lifetime,
            capacity,
        }
    }

    /// Keeps `value` from `now` on; the token finds it.
    pub(super) fn add(&mut self, value: T, now: Duration) -> SecretString {
        while let Some(oldest) = self.order.front()
            && (self.entries.len() >= self.capacity || self.is_over(oldest, now))
        {
            self.entries.remove(oldest);
            self.order.pop_front();
        }
        if self.order.len() >= 2 * self.capacity {
            let entries = &self.entries;
            self.order.retain(|selector| entries.contains_key(selector));
        }
        let token = OpaqueToken::random();
        let (selector, text) = (token.selector(), token.text());
        let since = now;
        let entry = Entry {
            token,
            since,
            value,
        };
        self.entries.insert(selector, entry);
        self.order.push_back(selector);
        text
    }

    fn is_over(&self, selector: &Selector, now: Duration) -> bool {
        let entry = self.entries.get(selector);
        entry.is_none_or(|entry| entry.age(now) >= self.lifetime)
    }

    /// What is kept under this very token.
    pub(super) fn get(&mut self, presented: &str, now: Duration) -> Option<&mut Entry<T>> {
        let presented = OpaqueToken::parse(presented)?;
        let entry = self.find(&presented, now)?;
        entry.is_proved_by(&presented).then_some(entry)
    }

    /// What is kept under this token, or was under it before its
    /// [rotation](Entry::rotate): [`Entry::is_proved_by`] tells which.
    pub(super) fn find(&mut self, presented: &OpaqueToken, now: Duration) -> Option<&mut Entry<T>> {
        let lifetime = self.lifetime;
        let entry = self.entries.get_mut(&presented.selector())?;
        (entry.age(now) < lifetime).then_some(entry)
    }

    pub(super) fn take(&mut self, presented: &str, now: Duration) -> Option<T> {
        self.get(presented, now)?;
        let selector = OpaqueToken::parse(presented)?.selector();
        self.entries.remove(&selector).map(|entry| entry.value)
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.entries.retain(|_, entry| keep(&entry.value));
    }
}

impl<T> Entry<T> {
    pub(super) fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }

    pub(super) fn is_proved_by(&self, presented: &OpaqueToken) -> bool {
        self.token.is_proved_by(presented)
    }

    /// Exchanges the token for a fresh one. The old one still finds the entry and no longer
    /// proves it.
    pub(super) fn rotate(&mut self) -> SecretString {
        self.token = self.token.successor();
        self.token.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const NOW: Duration = Duration::ZERO;
    const LIFETIME: Duration = Duration::from_secs(60);

    fn value(kept: &mut Kept<u8>, token: &SecretString, at: Duration) -> Option<u8> {
        let entry = kept.get(token.expose_secret(), at)?;
        Some(entry.value)
    }

    #[test]
    fn a_value_is_kept_for_its_lifetime() {
        let mut kept = Kept::new(LIFETIME, 9);
        let token = kept.add(1, NOW);
        let last = LIFETIME - Duration::from_millis(1);
        assert_eq!(value(&mut kept, &token, last), Some(1));
        assert_eq!(value(&mut kept, &token, LIFETIME), None);

        kept.add(2, LIFETIME);
        assert_eq!((kept.entries.len(), kept.order.len()), (1, 1));
    }

    #[test]
    fn with_one_too_many_the_oldest_goes() {
        let mut kept = Kept::new(LIFETIME, 2);
        let tokens: Vec<_> = (0..3).map(|n| kept.add(n, NOW)).collect();
        let values: Vec<_> = tokens.iter().map(|t| value(&mut kept, t, NOW)).collect();
        assert_eq!(values, [None, Some(1), Some(2)]);
    }

    #[test]
    fn what_was_taken_takes_no_room() {
        let mut kept = Kept::new(LIFETIME, 2);
        let first = kept.add(0, NOW);
        for n in 1..9 {
            let token = kept.add(n, NOW);
            kept.take(token.expose_secret(), NOW);
        }
        assert_eq!(value(&mut kept, &first, NOW), Some(0));
        assert!(kept.order.len() <= 4);
    }

    #[test]
    fn a_taken_value_is_gone() {
        let mut kept = Kept::new(LIFETIME, 2);
        let token = kept.add(1, NOW);
        assert_eq!(kept.take(token.expose_secret(), NOW), Some(1));
        assert_eq!(kept.take(token.expose_secret(), NOW), None);
    }

    #[test]
    fn a_rotated_token_finds_and_does_not_prove() {
        let mut kept = Kept::new(LIFETIME, 2);
        let old = kept.add(1, NOW);
        let new = kept.get(old.expose_secret(), NOW).unwrap().rotate();
        assert_eq!(value(&mut kept, &new, NOW), Some(1));
        assert_eq!(value(&mut kept, &old, NOW), None);
        let old = OpaqueToken::parse(old.expose_secret()).unwrap();
        assert!(kept.find(&old, NOW).is_some());
    }
}
