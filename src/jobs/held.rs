//! The jobs that this node has claimed, and until when.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store::LEASE;

/// Jobs and their leases, by this machine's clock: from when they were asked for, so that they end here first.
#[derive(Default)]
pub struct Held(Mutex<HashMap<Uuid, Lease>>);

struct Lease {
    fence: i64,
    until: Instant,
    /// The job isn't ours any more.
    lost: CancellationToken,
}

impl Held {
    /// Notes a claim that was asked for at this moment.
    pub fn hold(&self, id: Uuid, fence: i64, asked: Instant) -> CancellationToken {
        let lost = CancellationToken::new();
        self.table().insert(id, Lease { fence, until: asked + LEASE, lost: lost.clone() });
        lost
    }

    pub fn drop(&self, id: Uuid, fence: i64) {
        let mut table = self.table();
        // It may have been claimed here again.
        if table.get(&id).is_some_and(|lease| lease.fence == fence) {
            table.remove(&id);
        }
    }

    pub fn all(&self) -> Vec<(Uuid, i64)> {
        self.table().iter().map(|(id, lease)| (*id, lease.fence)).collect()
    }

    /// These were to be renewed, and those were: what wasn't is lost.
    pub fn renewed(&self, asked_for: &[(Uuid, i64)], renewed: &[Uuid], asked: Instant) {
        let mut table = self.table();
        for (id, fence) in asked_for {
            let Some(lease) = table.get_mut(id).filter(|lease| lease.fence == *fence) else { continue };
            match renewed.contains(id) {
                true => lease.until = asked + LEASE,
                false => lease.lost.cancel(),
            }
        }
    }

    /// What couldn't be renewed in time may be another's by now.
    pub fn expire(&self, now: Instant) {
        self.table().values().filter(|lease| lease.until <= now).for_each(|lease| lease.lost.cancel());
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn table(&self) -> MutexGuard<'_, HashMap<Uuid, Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_not_renewed_is_lost_and_nothing_else() {
        let (held, begun) = (Held::default(), Instant::now());
        let (kept, taken) = (Uuid::now_v7(), Uuid::now_v7());
        let [of_kept, of_taken] = [kept, taken].map(|id| held.hold(id, 1, begun));
        let all = held.all();
        assert_eq!(all.len(), 2);
        let later = held.hold(Uuid::now_v7(), 1, begun + Duration::from_secs(1));
        held.renewed(&all, &[kept], begun + Duration::from_secs(9));
        assert_eq!((of_kept.is_cancelled(), of_taken.is_cancelled()), (false, true));
        assert!(!later.is_cancelled(), "it was claimed after these were asked for");
        held.expire(begun + LEASE + Duration::from_secs(1));
        assert_eq!((of_kept.is_cancelled(), later.is_cancelled()), (false, true));
    }

    #[test]
    fn whoever_gives_up_an_old_claim_keeps_the_new_one() {
        let (held, id) = (Held::default(), Uuid::now_v7());
        held.hold(id, 1, Instant::now());
        held.hold(id, 2, Instant::now());
        held.drop(id, 1);
        assert_eq!(held.all(), [(id, 2)]);
        held.drop(id, 2);
        assert_eq!(held.all(), []);
    }
}
