//! Who is connected to which node, where all nodes can read it.

mod shared;

use std::time::Duration;

use uuid::Uuid;

use self::shared::Shared;
use crate::{
    realtime::bus::{Bus, MemoryBus},
    wire::UserId,
};

/// Where nodes write whom they have: beside each other in one process, or in Redis.
pub enum Roll {
    Memory(MemoryBus),
    Redis(Box<Shared>),
}

/// How long a node's word is good.
const LIVES: Duration = Duration::from_secs(8);

/// Which of the people who were asked about each of these nodes has.
pub type Found = Vec<(Uuid, Vec<UserId>)>;

impl Roll {
    pub fn new(bus: &Bus) -> Self {
        match bus {
            Bus::Memory(bus) => Self::Memory(bus.clone()),
            Bus::Redis(bus) => Self::Redis(Box::new(Shared::new(bus.clone()))),
        }
    }

    /// Writes who has come and who has gone; without either it says that this node is still there.
    pub async fn write(&self, arrived: &[UserId], gone: &[UserId], all: impl Fn() -> Vec<UserId>) {
        match self {
            Self::Memory(bus) => bus.note(arrived, gone),
            Self::Redis(shared) => {
                if let Err(fault) = shared.write(arrived, gone, all).await {
                    shared.complain(&fault);
                } else {
                    shared.is_well();
                }
            }
        }
    }

    /// This node says nothing more.
    pub fn rest(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(shared) => shared.rest(),
        }
    }

    /// Of these people, whom each of the other nodes has; nothing when nobody can say.
    pub async fn read(&self, users: &[UserId]) -> Option<Found> {
        match self {
            Self::Memory(bus) => Some(bus.elsewhere(users, LIVES)),
            Self::Redis(shared) => {
                let read = shared.read(users).await;
                read.inspect_err(|fault| tracing::debug!(%fault, "who is connected elsewhere isn't known"))
                    .ok()
            }
        }
    }
}
