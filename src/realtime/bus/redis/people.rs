//! Channels of people, and which nodes there are to ask for them.

use tokio::sync::oneshot;
use uuid::Uuid;

use super::RedisBus;
use crate::{
    infra::redis::Redis,
    realtime::bus::{Condition, channel::Channel, word::Sign},
    wire::UserId,
};

impl RedisBus {
    pub fn node(&self) -> Uuid {
        self.0.node
    }

    pub fn redis(&self) -> &Redis {
        &self.0.redis
    }

    /// Whether it is worth asking Redis anything.
    pub fn is_connected(&self) -> bool {
        !matches!(&*self.0.condition.borrow(), Condition::Away(_))
    }

    /// The other nodes, and whether they are heard: one that isn't may have died.
    pub fn others(&self) -> Vec<(Uuid, bool)> {
        self.0.peers.all()
    }

    /// Now or never: who missed it asks again soon.
    pub fn sign(&self, user: UserId, sign: Sign) {
        self.0.lost(self.0.outbox.passing(Channel::Person(user), sign.encode(self.0.node)));
    }

    pub fn watch(&self, user: UserId) -> Option<oneshot::Receiver<()>> {
        self.0.outbox.follow(Channel::Person(user))
    }

    pub fn unwatch(&self, user: UserId) {
        self.0.outbox.unfollow(Channel::Person(user));
    }
}
