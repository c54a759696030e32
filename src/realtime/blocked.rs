//! Whom the user of a socket has blocked: what those write is pushed to it as hidden.

use std::{
    collections::HashSet,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use crate::{problem::Problem, wire::UserId};

/// Where blocks are kept.
#[async_trait]
pub trait BlocksPort: Send + Sync {
    /// Everybody whom these people have blocked, each beside who blocked them.
    async fn blocked_by(&self, blockers: &[UserId]) -> Result<Vec<(UserId, UserId)>, Problem>;
}

/// Asked for every event and every follower. Almost nobody blocks anybody, and that is seen at a glance.
#[derive(Debug, Default)]
pub struct Blocked {
    any: AtomicBool,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Grows with every change that is told, so that a list that was read before it isn't taken for newer.
    changes: u32,
    users: HashSet<UserId>,
}

/// When a list began to be read.
#[derive(Debug, Clone, Copy)]
pub struct Asked(u32);

impl Blocked {
    pub fn holds(&self, user: UserId) -> bool {
        self.any.load(Ordering::Acquire) && self.read().users.contains(&user)
    }

    /// Somebody was blocked, or isn't any more.
    pub fn change(&self, user: UserId, is_blocked: bool) {
        let mut known = self.write();
        known.changes = known.changes.wrapping_add(1);
        match is_blocked {
            true => _ = known.users.insert(user),
            false => _ = known.users.remove(&user),
        }
        self.any.store(!known.users.is_empty(), Ordering::Release);
    }

    /// The list is about to be read.
    pub fn ask(&self) -> Asked {
        Asked(self.read().changes)
    }

    /// Everybody who is blocked, as it was read. Says no when something has changed since it was asked for.
    pub fn learn(&self, asked: Asked, users: impl IntoIterator<Item = UserId>) -> bool {
        let mut known = self.write();
        let is_newest = known.changes == asked.0;
        if is_newest {
            known.users = users.into_iter().collect();
            self.any.store(!known.users.is_empty(), Ordering::Release);
        }
        is_newest
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_taken_for_newer() {
        let (blocked, [ana, ben]) = (Blocked::default(), [UserId::generate(), UserId::generate()]);
        assert!(!blocked.holds(ana));
        let early = blocked.ask();
        blocked.change(ana, true);
        assert!(!blocked.learn(early, []), "it was read before Ana was blocked");
        assert!(blocked.holds(ana));
        assert!(blocked.learn(blocked.ask(), [ben]));
        assert_eq!((blocked.holds(ana), blocked.holds(ben)), (false, true));
        blocked.change(ben, false);
        assert!(!blocked.holds(ben));
    }
}
