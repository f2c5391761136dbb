//! A map from opaque tokens to values, with a lifetime and a capacity: for pending sign-ins, authorization codes and
//! refresh tokens.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use secrecy::SecretString;

use super::random::{OpaqueToken, Selector};

/// Values by token. Entries expire after a lifetime; one entry over the capacity evicts the oldest.
pub(super) struct TokenMap<T> {
    entries: HashMap<Selector, Entry<T>>,
    /// Oldest first. It may contain selectors of removed entries.
    order: VecDeque<Selector>,
    lifetime: Duration,
    capacity: usize,
}

pub(super) struct Entry<T> {
    token: OpaqueToken,
    inserted_at: Duration,
    pub(super) value: T,
}

impl<T> TokenMap<T> {
    pub(super) fn new(lifetime: Duration, capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            lifetime,
            capacity,
        }
    }

    /// Inserts `value`, and returns its token.
    pub(super) fn insert(&mut self, value: T, now: Duration) -> SecretString {
        while let Some(oldest) = self.order.front()
            && (self.entries.len() >= self.capacity || self.is_expired(oldest, now))
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
        let inserted_at = now;
        let entry = Entry {
            token,
            inserted_at,
            value,
        };
        self.entries.insert(selector, entry);
        self.order.push_back(selector);
        text
    }

    fn is_expired(&self, selector: &Selector, now: Duration) -> bool {
        let entry = self.entries.get(selector);
        entry.is_none_or(|entry| entry.age(now) >= self.lifetime)
    }

    /// The entry of exactly this token.
    pub(super) fn get(&mut self, presented: &str, now: Duration) -> Option<&mut Entry<T>> {
        let presented = OpaqueToken::parse(presented)?;
        let entry = self.find(&presented, now)?;
        entry.matches(&presented).then_some(entry)
    }

    /// The entry that this token had or has: after a [rotation](Entry::rotate), the old token finds it too.
    /// [`Entry::matches`] tells them apart.
    pub(super) fn find(&mut self, presented: &OpaqueToken, now: Duration) -> Option<&mut Entry<T>> {
        let lifetime = self.lifetime;
        let entry = self.entries.get_mut(&presented.selector())?;
        (entry.age(now) < lifetime).then_some(entry)
    }

    pub(super) fn remove(&mut self, presented: &str, now: Duration) -> Option<T> {
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
        now.saturating_sub(self.inserted_at)
    }

    pub(super) fn matches(&self, presented: &OpaqueToken) -> bool {
        self.token.matches(presented)
    }

    /// Replaces the token. The old one still finds the entry, and no longer matches it.
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
    const LIFETIME: Duration = Duration::from_mins(1);

    fn value(map: &mut TokenMap<u8>, token: &SecretString, at: Duration) -> Option<u8> {
        let entry = map.get(token.expose_secret(), at)?;
        Some(entry.value)
    }

    #[test]
    fn a_value_expires_after_its_lifetime() {
        let mut map = TokenMap::new(LIFETIME, 9);
        let token = map.insert(1, NOW);
        let last = LIFETIME.saturating_sub(Duration::from_millis(1));
        assert_eq!(value(&mut map, &token, last), Some(1));
        assert_eq!(value(&mut map, &token, LIFETIME), None);

        map.insert(2, LIFETIME);
        assert_eq!((map.entries.len(), map.order.len()), (1, 1));
    }

    #[test]
    fn one_value_over_the_capacity_evicts_the_oldest() {
        let mut map = TokenMap::new(LIFETIME, 2);
        let tokens: Vec<_> = (0..3).map(|n| map.insert(n, NOW)).collect();
        let values: Vec<_> = tokens.iter().map(|t| value(&mut map, t, NOW)).collect();
        assert_eq!(values, [None, Some(1), Some(2)]);
    }

    #[test]
    fn removed_values_do_not_count_towards_the_capacity() {
        let mut map = TokenMap::new(LIFETIME, 2);
        let first = map.insert(0, NOW);
        for n in 1..9 {
            let token = map.insert(n, NOW);
            map.remove(token.expose_secret(), NOW);
        }
        assert_eq!(value(&mut map, &first, NOW), Some(0));
        assert!(map.order.len() <= 4);
    }

    #[test]
    fn a_value_is_removed_once() {
        let mut map = TokenMap::new(LIFETIME, 2);
        let token = map.insert(1, NOW);
        assert_eq!(map.remove(token.expose_secret(), NOW), Some(1));
        assert_eq!(map.remove(token.expose_secret(), NOW), None);
    }

    #[test]
    fn a_rotated_token_finds_the_entry_and_does_not_match() {
        let mut map = TokenMap::new(LIFETIME, 2);
        let old = map.insert(1, NOW);
        let new = map.get(old.expose_secret(), NOW).unwrap().rotate();
        assert_eq!(value(&mut map, &new, NOW), Some(1));
        assert_eq!(value(&mut map, &old, NOW), None);
        let old = OpaqueToken::parse(old.expose_secret()).unwrap();
        assert!(map.find(&old, NOW).is_some());
    }
}
