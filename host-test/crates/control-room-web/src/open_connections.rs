//! Limits of the open connections: of one address, and of all.
//!
//! A new connection closes an idle one if there is no room: browsers leave theirs open, and open some in advance, and an
//! attacker can leave many half-open. Idle is a connection without a request that has arrived completely enough to be
//! processed. So those who wait, however many they are, never keep others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::attempts::network;

/// The most connections.
const MAX_ALL: usize = 1000;

/// The most connections of one address. Behind a proxy, all users may have the same.
const MAX_OF_ADDRESS: usize = 250;

/// The open connections, oldest first.
#[derive(Default)]
pub(super) struct OpenConnections(Vec<Open>);

struct Open {
    network: IpAddr,
    activity: Activity,
    task: AbortHandle,
}

/// Since when a connection has been idle; `None` while a request is processed.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<Option<Instant>>>);

impl Activity {
    pub(super) fn idle() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    /// Marks the connection as busy, if the request has arrived with its body; in any case as idle when the guard is dropped.
    pub(super) fn request(&self, has_arrived: bool) -> Busy {
        self.set((!has_arrived).then(Instant::now));
        Busy(self.clone())
    }

    /// Marks the connection as busy, as the body of its request has arrived.
    pub(super) fn has_arrived(&self) {
        self.set(None);
    }

    fn set(&self, idle_since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = idle_since;
    }

    fn idle_since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set(Some(Instant::now()));
    }
}

impl OpenConnections {
    /// Whether there is room for a connection from `address`, after an idle one was closed if needed.
    pub(super) fn make_room(&mut self, address: IpAddr) -> bool {
        self.0.retain(|open| !open.task.is_finished());
        let address = network(address);
        if self.of(address) >= MAX_OF_ADDRESS {
            return self.close_idle_of(address);
        }
        if self.0.len() < MAX_ALL {
            return true;
        }
        // Of the address that has the most.
        let mut counts = HashMap::<_, usize>::new();
        for open in &self.0 {
            *counts.entry(open.network).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.is_some_and(|(most, _)| {
            self.close_idle_of(most) || self.close_oldest_of(most, address)
        })
    }

    /// Whether another connection can be accepted without closing a busy one. The caller's own connection counts as idle, so it
    /// is added.
    pub(super) fn has_room(&self) -> bool {
        let is_busy = |open: &&Open| open.activity.idle_since().is_none();
        self.0.iter().filter(is_busy).count() + 1 < MAX_ALL
    }

    pub(super) fn add(&mut self, address: IpAddr, activity: Activity, task: AbortHandle) {
        self.0.push(Open {
            network: network(address),
            activity,
            task,
        });
    }

    fn of(&self, network: IpAddr) -> usize {
        let same = self.0.iter().filter(|open| open.network == network);
        same.count()
    }

    /// Closes the connection of an address that has been idle for the longest time.
    fn close_idle_of(&mut self, network: IpAddr) -> bool {
        let mut idle = Vec::new();
        for (place, open) in self.0.iter().enumerate() {
            if open.network == network
                && let Some(since) = open.activity.idle_since()
            {
                idle.push((since, place));
            }
        }
        let longest = idle.into_iter().min().map(|(_, place)| place);
        self.close(longest)
    }

    /// Closes the oldest connection of an address that has more than another one: its requests arrive slowly.
    fn close_oldest_of(&mut self, network: IpAddr, other: IpAddr) -> bool {
        if self.of(network) <= self.of(other) {
            return false;
        }
        let oldest = self.0.iter().position(|open| open.network == network);
        self.close(oldest)
    }

    fn close(&mut self, place: Option<usize>) -> bool {
        if let Some(place) = place {
            self.0.remove(place).task.abort();
        }
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;

    #[derive(Default)]
    struct Server {
        connections: OpenConnections,
        tasks: JoinSet<()>,
    }

    fn address(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    impl Server {
        /// Whether a connection was accepted.
        fn connect(&mut self, from: IpAddr) -> Option<Activity> {
            if !self.connections.make_room(from) {
                return None;
            }
            let activity = Activity::idle();
            let task = self.tasks.spawn(std::future::pending());
            self.connections.add(from, activity.clone(), task);
            Some(activity)
        }
    }

    #[tokio::test]
    async fn idle_connections_keep_nobody_out() {
        let mut server = Server::default();
        for n in 0..10 {
            for _ in 0..MAX_OF_ADDRESS {
                server.connect(address(n)).unwrap();
            }
        }
        assert_eq!(server.connections.0.len(), MAX_ALL);
        for n in [0, 99] {
            server.connect(address(n)).unwrap();
        }
        assert_eq!(server.connections.0.len(), MAX_ALL);
    }

    #[tokio::test]
    async fn requests_whose_body_never_arrives_keep_nobody_of_their_address_out() {
        let mut server = Server::default();
        let mut waiting = Vec::new();
        for _ in 0..MAX_OF_ADDRESS {
            waiting.push(server.connect(address(1)).unwrap().request(false));
        }
        for _ in 0..10 {
            server.connect(address(1)).unwrap();
        }
        assert_eq!(server.connections.of(address(1)), MAX_OF_ADDRESS);
    }

    #[tokio::test]
    async fn busy_connections_of_one_address_keep_no_other_out() {
        let mut server = Server::default();
        let mut busy = Vec::new();
        for n in 0..4 {
            for _ in 0..MAX_OF_ADDRESS {
                busy.push(server.connect(address(n)).unwrap().request(true));
            }
            assert!(server.connections.has_room() || n == 3);
            assert!(server.connect(address(n)).is_none(), "its own limit");
        }
        assert!(!server.connections.has_room());
        for _ in 0..100 {
            server.connect(address(99)).unwrap();
        }
        assert_eq!(server.connections.0.len(), MAX_ALL);
        assert_eq!(server.connections.of(address(99)), 100);
        // One that has ended makes room.
        drop(busy);
        assert!(server.connections.has_room());
        server.connect(address(0)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_has_been_idle_longest_is_closed() {
        let mut server = Server::default();
        let first = server.connect(address(1)).unwrap();
        for _ in 1..MAX_OF_ADDRESS {
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
            server.connect(address(1)).unwrap();
        }
        drop(first.request(true));
        server.connect(address(1)).unwrap();
        let first_stays = server.connections.0.first().unwrap();
        assert_eq!(first_stays.activity.idle_since(), first.idle_since());
    }
}
