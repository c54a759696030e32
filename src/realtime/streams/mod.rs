//! Streams: durable facts, numbered without gaps, pushed in order.
//!
//! A module appends inside its own transaction ([`Streams::reserve`], [`Slot::record`]) and, after the
//! commit, says so ([`Streams::committed`]). What many append at once is committed together ([`Together`]).
//! Per followed stream one task owns the cursor and is the only one that pushes. Whatever wakes it (a local
//! commit, a word on the bus, the poll) is a hint: the truth is read from the database.

mod append;
mod append_all;
mod follower;
mod grown;
mod handle;
mod hub;
mod join;
mod many;
mod own;
mod retain;
mod task;
mod together;
mod window;

pub use append::{Slot, event_rows, stream_rows};
pub use hub::Streams;
pub use join::Joining;
pub use many::Fact;
pub use own::{Noted, OwnFacts, OwnPlace, OwnSource, Passed, Since, Welcome};
pub use retain::{Forgets, Retention};
pub use together::{AppendMany, Outcome, Together, unknown};

use async_trait::async_trait;
use serde_json::value::RawValue;
use std::sync::Arc;

use crate::{
    problem::Problem,
    realtime::{Packet, ServerEvent},
    wire::{StreamId, UserId},
};

/// An event as it is pushed: serialised once, however many sockets it goes to.
#[derive(Debug, Clone)]
pub struct Pushed {
    pub seq: i64,
    pub name: &'static str,
    pub payload: Arc<RawValue>,
    /// Whoever has blocked one of these is pushed, in its place, that there is something hidden.
    pub authors: [Option<UserId>; 2],
    /// Somebody whom it quotes, and what whoever has blocked them is pushed in the place of the payload.
    pub quoting: Option<(UserId, Arc<RawValue>)>,
    /// This user stops following with this event.
    pub removes: Option<UserId>,
}

impl Pushed {
    /// An event that removes nobody, and is shown to everybody.
    pub fn of<E: ServerEvent>(seq: i64, event: &E) -> Self {
        let payload = event.encode();
        Self { seq, name: E::NAME, payload, authors: [None; 2], quoting: None, removes: None }
    }

    /// As all that are pushed it share it.
    pub fn packet(&self) -> Packet<'_> {
        Packet::new(self.name, &self.payload)
    }
}

/// Reads a stream's events with their content; the module whose facts they are provides it.
#[async_trait]
pub trait StreamSource: Send + Sync {
    /// Up to `limit` events after `after`, in order, without gaps.
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem>;

    /// What is pushed in the place of an event to whoever has blocked its author: that there is one at this place. A
    /// module whose events have authors says of which stream.
    fn hidden(&self, _: StreamId, seq: i64) -> Pushed {
        Pushed::of(seq, &Passed { seq })
    }
}
