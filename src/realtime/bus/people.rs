//! Whether people are connected, as nodes tell each other: each person has a channel, and only nodes whose sockets
//! watch that person hear it.

use tokio::sync::broadcast;
use uuid::Uuid;

use super::{
    Bus, Following,
    word::{Sign, Word},
};
use crate::wire::UserId;

impl Bus {
    /// What the other nodes call this one.
    pub fn node(&self) -> Uuid {
        match self {
            Self::Memory(bus) => bus.node(),
            Self::Redis(bus) => bus.node(),
        }
    }

    /// Says something of a person to the nodes that watch.
    pub fn sign(&self, user: UserId, sign: Sign) {
        match self {
            Self::Memory(bus) => bus.tell(Word::Sign(user, bus.node(), sign)),
            Self::Redis(bus) => bus.sign(user, sign),
        }
    }

    /// Begins to hear what the others say of this person.
    pub fn watch(&self, user: UserId) -> Following {
        Following(match self {
            // Everybody hears everything.
            Self::Memory(_) => None,
            Self::Redis(bus) => bus.watch(user),
        })
    }

    pub fn unwatch(&self, user: UserId) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(bus) => bus.unwatch(user),
        }
    }

    /// Of the people who are watched, which node says what. Who is slow misses some, and learns of it.
    pub fn signs(&self) -> broadcast::Receiver<(UserId, Uuid, Sign)> {
        self.ears().signs.subscribe()
    }
}
