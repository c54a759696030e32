//! What nodes tell each other: that a stream has grown, facts not worth keeping, and who may no longer do what.
//!
//! The bus only wakes. What is on it may be lost; what matters is in the database. Telling never waits, whatever
//! became of Redis.

mod channel;
mod driver;
mod ears;
mod links;
mod memory;
mod outbox;
mod peers;
mod people;
mod redis;
mod word;

pub use channel::ADAPTER;
pub use memory::{Exchange, MemoryBus};
pub use redis::RedisBus;
pub use word::{News, Notice, Sign};

use std::{sync::Arc, time::Duration};

use tokio::sync::{broadcast, oneshot, watch};
use tokio_util::sync::CancellationToken;

use self::{ears::Ears, word::Word};
use crate::{
    infra::{metrics::Metrics, redis::Redis},
    wire::StreamId,
};

/// For a subscription to begin. Whoever waits longer is better served by the database.
const FOLLOWED_WITHIN: Duration = Duration::from_millis(300);

/// How a node reaches the others. Its clones are one node.
#[derive(Clone)]
pub enum Bus {
    /// Nodes of one process; also the bus of a single node.
    Memory(MemoryBus),
    Redis(RedisBus),
}

/// How the bus is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// What the other nodes say is heard at once.
    Well,
    /// Another node hasn't been heard for some time. It may have stopped, or be cut off; what it stores is found
    /// by asking the database.
    Unheard,
    /// Nothing is heard, and why.
    Away(String),
}

/// A subscription that may not have begun yet.
pub struct Following(Option<oneshot::Receiver<()>>);

impl Bus {
    /// The bus of a node among those that meet at this exchange.
    pub fn memory(exchange: &Exchange) -> Self {
        Self::Memory(exchange.node())
    }

    /// The bus of a node among those that share a Redis and a prefix. [`Bus::run`] connects it.
    pub fn redis(redis: Redis, metrics: Arc<Metrics>) -> Self {
        Self::Redis(RedisBus::new(redis, metrics))
    }

    /// Tells the others that a stream has grown, or what isn't kept about it.
    pub fn tell(&self, stream: StreamId, news: News) {
        match self {
            Self::Memory(bus) => bus.tell(Word::News(stream, news)),
            Self::Redis(bus) => bus.tell(stream, news),
        }
    }

    /// Tells all other nodes.
    pub fn notify(&self, notice: Notice) {
        match self {
            Self::Memory(bus) => bus.tell(Word::Notice(notice)),
            Self::Redis(bus) => bus.notify(notice),
        }
    }

    /// Begins to hear what the others say of this stream.
    pub fn follow(&self, stream: StreamId) -> Following {
        Following(match self {
            // Everybody hears everything.
            Self::Memory(_) => None,
            Self::Redis(bus) => bus.follow(stream),
        })
    }

    pub fn unfollow(&self, stream: StreamId) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(bus) => bus.unfollow(stream),
        }
    }

    /// News of the streams that are followed. Who is slow misses some, and learns of it.
    pub fn news(&self) -> broadcast::Receiver<(StreamId, News)> {
        self.ears().news.subscribe()
    }

    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.ears().notices.subscribe()
    }

    /// What official emitters say, as they write it.
    pub fn emitted(&self) -> broadcast::Receiver<Vec<u8>> {
        self.ears().emitted.subscribe()
    }

    /// Whether official emitters are heard.
    pub fn hears_emitters(&self) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::Redis(bus) => bus.hears_emitters(),
        }
    }

    /// How the bus is, and what becomes of it. Whoever relies on it asks the database while it isn't well, and once
    /// more when it has become well: what was said in between was said to nobody.
    pub fn condition(&self) -> watch::Receiver<Condition> {
        match self {
            Self::Memory(bus) => bus.condition(),
            Self::Redis(bus) => bus.condition(),
        }
    }

    /// Whether there is a way to know how it is: nobody says so when there is only this process.
    pub fn can_tell(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    pub fn is_well(&self) -> bool {
        *self.condition().borrow() == Condition::Well
    }

    /// Keeps it connected, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(bus) => bus.run(stop).await,
        }
    }

    fn ears(&self) -> &Ears {
        match self {
            Self::Memory(bus) => bus.ears(),
            Self::Redis(bus) => bus.ears(),
        }
    }
}

impl Following {
    /// Waits until what is said is heard. When that takes too long the bus isn't well, and whoever relies on it
    /// asks the database.
    pub async fn begun(self) {
        if let Some(begun) = self.0
            && tokio::time::timeout(FOLLOWED_WITHIN, begun).await.is_err()
        {
            tracing::debug!("a subscription takes long");
        }
    }
}
