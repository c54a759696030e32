//! What the other nodes have of addresses that have many sockets.
//!
//! Every second each node says of which addresses it has a twentieth of what they may have, or more. So the sum is right
//! to within a second, and to within a twentieth for each node; those of a node that has died don't count for long.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Addresses, Open};
use crate::realtime::{Bus, Notice};

const EVERY: Duration = Duration::from_secs(1);
/// What a node has said is taken for true so long.
const FRESH: Duration = Duration::from_secs(4);
/// Addresses that a node tells of; the fullest.
const MOST_TOLD: usize = 1000;

/// The addresses of which a node has many sockets, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowds {
    node: Uuid,
    counts: Vec<(IpAddr, usize)>,
}

#[derive(Default)]
pub struct Elsewhere(Mutex<Said>);

/// By node, when it said so, and what.
type Said = HashMap<Uuid, (Instant, HashMap<IpAddr, usize>)>;

impl Elsewhere {
    /// What the other nodes have of this address.
    pub fn of(&self, address: IpAddr) -> usize {
        let said = self.said();
        let fresh = said.values().filter(|(at, _)| at.elapsed() < FRESH);
        fresh.filter_map(|(_, counts)| counts.get(&address)).sum()
    }

    fn hear(&self, Crowds { node, counts }: Crowds) {
        let mut said = self.said();
        said.retain(|_, (at, _)| at.elapsed() < FRESH);
        said.insert(node, (Instant::now(), counts.into_iter().collect()));
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Addresses {
    /// Another node says what it has.
    pub fn hear(&self, crowds: Crowds) {
        self.elsewhere.hear(crowds);
    }

    /// Tells the other nodes, until told to stop.
    pub async fn tell(self: Arc<Self>, bus: Bus, stop: CancellationToken) {
        let mut told = false;
        let mut tick = tokio::time::interval(EVERY);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let counts = self.crowded();
            // That there are none any more is said once.
            if !counts.is_empty() || told {
                told = !counts.is_empty();
                bus.notify(Notice::Crowds(Crowds { node: bus.node(), counts }));
            }
        }
    }

    fn crowded(&self) -> Vec<(IpAddr, usize)> {
        let many = (self.most / 20).max(1);
        let taken = |(address, open): (&IpAddr, &Open)| (*address, open.taken);
        let mut counts: Vec<_> = self.open().iter().map(taken).filter(|(_, count)| *count >= many).collect();
        counts.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.truncate(MOST_TOLD);
        counts
    }
}
