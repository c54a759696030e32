//! How much each user may ask of this node through sockets: events at a pace, and patience with problems.
//!
//! An event counts for its socket and, with its user's other sockets, for its user: so one tab that runs wild
//! doesn't take everything from the others, and many sockets aren't many times as much. What a user has used up
//! stays so when a socket goes and another comes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use super::pace::{Bucket, Pace};
use crate::wire::UserId;

/// What a user's sockets may do together, as many times what one may.
const TOGETHER: u32 = 4;

/// Users that aren't worth being looked through.
const FEW: usize = 1000;

/// Messages a second, for which the paces are written.
pub const USUAL: u32 = 100;

/// Everybody's limits on this node.
pub struct Limits {
    began: Instant,
    /// Messages a second; all else in proportion.
    per_second: u32,
    /// Kinds of events that are counted apart.
    kinds: usize,
    users: Mutex<Users>,
}

#[derive(Default)]
struct Users {
    shares: HashMap<UserId, Arc<Share>>,
    /// How many there may be before it is looked for those that can be forgotten.
    tidy_at: usize,
}

/// What a user's sockets use together.
struct Share {
    events: Box<[Bucket]>,
    problems: Bucket,
}

/// One socket's.
pub struct SocketLimits {
    began: Instant,
    per_second: u32,
    /// Made with the first event: most sockets only listen.
    events: OnceLock<Box<[Bucket]>>,
    user: Arc<Share>,
}

impl Limits {
    pub fn new(kinds: usize, per_second: u32) -> Self {
        Self { began: Instant::now(), per_second, kinds, users: Mutex::default() }
    }

    pub fn of_socket(&self, user: UserId) -> SocketLimits {
        let share = || Arc::new(Share { events: buckets(self.kinds), problems: Bucket::default() });
        let mut users = self.users();
        if users.shares.len() >= users.tidy_at {
            users.tidy(self.began.elapsed());
        }
        let user = users.shares.entry(user).or_insert_with(share).clone();
        SocketLimits { began: self.began, per_second: self.per_second, events: OnceLock::new(), user }
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Users {
    /// Forgets those who have no sockets and have used nothing lately.
    fn tidy(&mut self, now: Duration) {
        self.shares.retain(|_, user| Arc::strong_count(user) > 1 || !user.is_forgotten(now));
        self.tidy_at = (2 * self.shares.len()).max(FEW);
    }
}

impl Share {
    fn is_forgotten(&self, now: Duration) -> bool {
        self.events.iter().chain([&self.problems]).all(|bucket| bucket.is_forgotten(now))
    }
}

impl SocketLimits {
    /// Once more an event of this kind, or so long later.
    pub fn event(&self, kind: usize, pace: Pace) -> Result<(), Duration> {
        let (pace, now) = (pace.scaled(self.per_second, USUAL), self.began.elapsed());
        self.events.get_or_init(|| buckets(self.user.events.len()))[kind].take(pace, now)?;
        self.user.events[kind].take(pace.scaled(TOGETHER, 1), now)
    }

    /// Whether one more problem of its own making is borne with.
    pub fn bears_problem(&self) -> bool {
        self.user.problems.take(Pace::PROBLEMS, self.began.elapsed()).is_ok()
    }
}

fn buckets(kinds: usize) -> Box<[Bucket]> {
    (0..kinds).map(|_| Bucket::default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { at_once: 10, per_second: 1 };

    fn user() -> UserId {
        UserId::generate()
    }

    #[test]
    fn sockets_have_their_own_and_share_their_users() {
        let limits = Limits::new(2, USUAL);
        let (ana, ben) = (user(), user());
        let sockets: Vec<_> = (0..5).map(|_| limits.of_socket(ana)).collect();
        let done = |socket: &SocketLimits| (0..20).filter(|_| socket.event(1, PACE).is_ok()).count();
        let all: Vec<_> = sockets.iter().map(done).collect();
        assert_eq!(all, [10, 10, 10, 10, 0]);
        assert!(sockets[4].event(0, PACE).is_ok(), "another kind is counted apart");
        assert_eq!(done(&limits.of_socket(ben)), 10);
        assert_eq!(done(&limits.of_socket(ana)), 0, "a new socket doesn't bring more");
    }

    #[test]
    fn who_has_gone_is_remembered_until_nothing_is_used_up() {
        let limits = Limits::new(1, USUAL);
        let (quick, slow) = (user(), user());
        let socket = limits.of_socket(quick);
        limits.of_socket(slow).event(0, PACE).unwrap();
        let left = || {
            limits.users().tidy(limits.began.elapsed());
            limits.users().shares.keys().copied().collect::<Vec<_>>()
        };
        assert_eq!(left().len(), 2);
        drop(socket);
        assert_eq!(left(), [slow]);
    }
}
