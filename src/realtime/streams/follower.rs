//! A socket that follows a stream.

use std::sync::Arc;

use super::Pushed;
use crate::{
    infra::metrics::{Counted, Metrics},
    realtime::{Client, Packet, client::PushError},
};

/// Events that may wait for a follower that is being answered.
const WINDOW: usize = 1024;

/// How far one socket has got, and what is kept for it meanwhile.
pub struct Follower {
    pub client: Arc<Client>,
    /// It has everything up to here already.
    pub seen: i64,
    /// It was a member as of this place.
    pub admitted: i64,
    /// It waits for the answer to its joining, the first time or again.
    pub joining: bool,
    /// What it gets once its joining has been answered.
    pub held: Option<Vec<Pushed>>,
    /// Where its user left, while it was joining.
    pub removed_at: Option<i64>,
    _counted: Counted,
}

impl Follower {
    pub fn new(client: Arc<Client>, seen: i64, metrics: &Metrics) -> Self {
        let _counted = Counted::in_gauge(&metrics.followers);
        let held = Some(Vec::new());
        Self { client, seen, admitted: 0, joining: true, held, removed_at: None, _counted }
    }

    /// One that follows its user's own stream, and is being answered nothing.
    pub fn attached(client: Arc<Client>, seen: i64, metrics: &Metrics) -> Self {
        Self { joining: false, held: None, ..Self::new(client, seen, metrics) }
    }

    /// Pushes it as this packet, or holds it back. Says whether something was sent.
    pub fn take(&mut self, event: &Pushed, packet: &Packet<'_>) -> Result<bool, PushError> {
        match &mut self.held {
            None => self.client.pass(packet).map(|()| true),
            Some(held) if held.len() < WINDOW => {
                held.push(event.clone());
                Ok(false)
            }
            Some(_) => Err(PushError::Lagging),
        }
    }
}
