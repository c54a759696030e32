//! The people who are connected to this node, as the other nodes are told of them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use crate::wire::UserId;

/// Whoever comes back within this time hasn't been away: official clients try again after a second, then later.
const GRACE: Duration = Duration::from_secs(5);
/// Of whoever stays it is noted so often that they were here, lest a dying node takes it along.
const NOTED_EVERY: Duration = Duration::from_secs(5 * 60);

/// Who is here, and for how long without a socket.
#[derive(Default)]
pub struct Present(Mutex<HashMap<UserId, Stay>>);

struct Stay {
    /// Since when there is no socket.
    left: Option<(Instant, DateTime<Utc>)>,
    /// When it was last noted; not at all before the others were told.
    noted: Option<Instant>,
}

/// What has changed since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Turn {
    pub arrived: Vec<UserId>,
    /// And when their last socket went.
    pub gone: Vec<(UserId, DateTime<Utc>)>,
    /// Who was here at which moment, to be stored.
    pub seen: Vec<(UserId, DateTime<Utc>)>,
}

impl Present {
    /// Notes that a socket of this person has come; says whether the others have to be told.
    pub fn arrive(&self, user: UserId) -> bool {
        let mut table = self.table();
        let stay = table.entry(user).or_insert(Stay { left: None, noted: None });
        stay.left = None;
        stay.noted.is_none()
    }

    pub fn has(&self, user: UserId) -> bool {
        self.table().contains_key(&user)
    }

    pub fn all(&self) -> Vec<UserId> {
        self.table().keys().copied().collect()
    }

    /// Who has come and gone, as the sockets are now.
    pub fn look(&self, connected: impl Fn(UserId) -> bool, now: Instant, time: DateTime<Utc>) -> Turn {
        let mut turn = Turn::default();
        self.table().retain(|user, stay| {
            match stay.noted {
                None => turn.arrived.push(*user),
                Some(noted) if now.duration_since(noted) < NOTED_EVERY => {}
                Some(_) if stay.left.is_some() => {}
                Some(_) => stay.noted = None,
            }
            if stay.noted.is_none() {
                stay.noted = Some(now);
                turn.seen.push((*user, time));
            }
            if connected(*user) {
                stay.left = None;
                return true;
            }
            let (since, at) = *stay.left.get_or_insert((now, time));
            let stays = now.duration_since(since) < GRACE;
            if !stays {
                turn.gone.push((*user, at));
                turn.seen.push((*user, at));
            }
            stays
        });
        turn
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn table(&self) -> MutexGuard<'_, HashMap<UserId, Stay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn who_comes_back_soon_was_never_away() {
        let (present, ana, begun) = (Present::default(), UserId::generate(), Instant::now());
        assert!(present.arrive(ana));
        let first = present.look(|_| true, begun, time(0));
        assert_eq!(first, Turn { arrived: vec![ana], seen: vec![(ana, time(0))], ..Turn::default() });
        assert_eq!(present.look(|_| false, begun + SECOND, time(1)), Turn::default());
        assert!(!present.arrive(ana), "the others know");
        assert_eq!(present.look(|_| true, begun + 9 * SECOND, time(9)), Turn::default());
    }

    #[test]
    fn who_stays_away_is_gone_since_the_last_socket_went() {
        let (present, ana, begun) = (Present::default(), UserId::generate(), Instant::now());
        present.arrive(ana);
        present.look(|_| true, begun, time(0));
        present.look(|_| false, begun + SECOND, time(1));
        assert!(present.has(ana));
        let gone = present.look(|_| false, begun + SECOND + GRACE, time(6));
        assert_eq!(gone, Turn { gone: vec![(ana, time(1))], seen: vec![(ana, time(1))], ..Turn::default() });
        assert!(!present.has(ana));
        assert!(present.arrive(ana), "the others have to be told again");
    }

    #[test]
    fn who_stays_is_noted_now_and_then() {
        let (present, ana, begun) = (Present::default(), UserId::generate(), Instant::now());
        present.arrive(ana);
        present.look(|_| true, begun, time(0));
        assert_eq!(present.look(|_| true, begun + NOTED_EVERY - SECOND, time(299)), Turn::default());
        let again = present.look(|_| true, begun + NOTED_EVERY, time(300));
        assert_eq!(again, Turn { seen: vec![(ana, time(300))], ..Turn::default() });
    }
}
