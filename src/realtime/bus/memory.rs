//! Nodes of one process, without any Redis.

use std::sync::{Arc, PoisonError, RwLock, Weak};

use tokio::sync::watch;

use super::{Condition, ears::Ears, word::Word};

/// Where nodes of one process meet; its clones are one place.
#[derive(Clone, Default)]
pub struct Exchange {
    nodes: Arc<RwLock<Vec<Weak<Ears>>>>,
}

/// One of the nodes that meet.
#[derive(Clone)]
pub struct MemoryBus {
    exchange: Exchange,
    ears: Arc<Ears>,
    condition: watch::Sender<Condition>,
}

impl Exchange {
    /// Another node.
    pub(super) fn node(&self) -> MemoryBus {
        let ears = Arc::new(Ears::default());
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        nodes.retain(|node| node.strong_count() > 0);
        nodes.push(Arc::downgrade(&ears));
        drop(nodes);
        MemoryBus { exchange: self.clone(), ears, condition: watch::Sender::new(Condition::Well) }
    }
}

impl MemoryBus {
    /// To everybody but itself.
    pub fn tell(&self, word: Word) {
        let nodes = self.exchange.nodes.read().unwrap_or_else(PoisonError::into_inner);
        let others = nodes.iter().filter(|node| !std::ptr::eq(node.as_ptr(), Arc::as_ptr(&self.ears)));
        for other in others.filter_map(Weak::upgrade) {
            other.hear(word.clone());
        }
    }

    /// How many nodes listen to this channel of the adapters'.
    pub fn listeners(&self, channel: &str) -> usize {
        let nodes = self.exchange.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.iter().filter_map(Weak::upgrade).filter(|node| node.listens(channel)).count()
    }

    pub fn ears(&self) -> &Ears {
        &self.ears
    }

    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }
}
