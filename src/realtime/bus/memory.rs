//! Nodes of one process, without any Redis.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, Weak},
    time::{Duration, Instant},
};

use tokio::sync::watch;
use uuid::Uuid;

use super::{Condition, ears::Ears, word::Word};
use crate::wire::UserId;

/// Where nodes of one process meet; its clones are one place.
#[derive(Clone, Default)]
pub struct Exchange {
    nodes: Arc<RwLock<Vec<Weak<Node>>>>,
}

/// One of the nodes that meet, as the others see it.
struct Node {
    name: Uuid,
    ears: Ears,
    people: Mutex<People>,
}

/// Who is connected to a node, and when it said so last; before that, nobody.
#[derive(Default)]
struct People {
    ids: HashSet<UserId>,
    said_at: Option<Instant>,
}

/// One of the nodes that meet.
#[derive(Clone)]
pub struct MemoryBus {
    exchange: Exchange,
    node: Arc<Node>,
    condition: watch::Sender<Condition>,
}

impl Exchange {
    /// Another node.
    pub(super) fn node(&self) -> MemoryBus {
        let node = Node { name: Uuid::new_v4(), ears: Ears::default(), people: Mutex::default() };
        let node = Arc::new(node);
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|node| node.strong_count() > 0);
        nodes.push(Arc::downgrade(&node));
        drop(nodes);
        MemoryBus { exchange: self.clone(), node, condition: watch::Sender::new(Condition::Well) }
    }

    fn nodes(&self) -> RwLockReadGuard<'_, Vec<Weak<Node>>> {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryBus {
    pub fn node(&self) -> Uuid {
        self.node.name
    }

    /// To everybody but itself.
    pub fn tell(&self, word: Word) {
        for other in self.others() {
            other.ears.hear(word.clone());
        }
    }

    /// How many nodes listen to this channel of the adapters'.
    pub fn listeners(&self, channel: &str) -> usize {
        self.exchange
            .nodes()
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|node| node.ears.listens(channel))
            .count()
    }

    /// Notes who is connected here, and who isn't any more; with neither, that this is still so.
    pub fn note(&self, arrived: &[UserId], gone: &[UserId]) {
        let mut people = self.node.people();
        people.ids.extend(arrived);
        gone.iter().for_each(|user| _ = people.ids.remove(user));
        people.said_at = Some(Instant::now());
    }

    /// Of these people, whom each other node has that has said so within this time.
    pub fn elsewhere(&self, users: &[UserId], within: Duration) -> Vec<(Uuid, Vec<UserId>)> {
        let has = |node: Arc<Node>| {
            let people = node.people();
            let lives = people.said_at.is_some_and(|at| at.elapsed() < within);
            let has = |user: &UserId| lives && people.ids.contains(user);
            (node.name, users.iter().copied().filter(has).collect())
        };
        self.others().into_iter().map(has).collect()
    }

    fn others(&self) -> Vec<Arc<Node>> {
        let nodes = self.exchange.nodes();
        nodes.iter().filter_map(Weak::upgrade).filter(|node| !Arc::ptr_eq(node, &self.node)).collect()
    }

    pub fn ears(&self) -> &Ears {
        &self.node.ears
    }

    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }
}

impl Node {
    /// Each change is a single step, so the set is whole even after a panic.
    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
