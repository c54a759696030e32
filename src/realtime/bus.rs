//! What nodes tell each other: that a stream has grown, and facts not worth keeping.
//!
//! The bus only wakes. What is on it may be lost; what matters is in the database.

use std::sync::Arc;

use serde_json::value::RawValue;
use socketioxide::socket::Sid;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::wire::StreamId;

/// Words that a slow node may be behind; further back it re-reads what it follows.
const BACKLOG: usize = 4096;

/// How nodes reach each other.
#[derive(Clone)]
pub enum Bus {
    /// Nodes of one process; also the bus of a single node.
    Memory(broadcast::Sender<Word>),
}

/// One message on the bus.
#[derive(Debug, Clone)]
pub struct Word {
    /// The node that says it; a node doesn't listen to itself.
    pub from: Uuid,
    pub stream: StreamId,
    pub news: News,
}

#[derive(Debug, Clone)]
pub enum News {
    /// The stream has grown to this number. No content: that is read from the database.
    Grown(i64),
    /// Not kept anywhere: typing, read marks.
    Ephemeral { name: &'static str, payload: Arc<RawValue>, except: Option<Sid> },
}

impl Bus {
    pub fn memory() -> Self {
        Self::Memory(broadcast::Sender::new(BACKLOG))
    }

    /// Tells the other nodes; nobody listening is no error.
    pub fn publish(&self, word: Word) {
        let Self::Memory(sender) = self;
        let _listeners = sender.send(word).unwrap_or(0);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Word> {
        let Self::Memory(sender) = self;
        sender.subscribe()
    }
}
