//! How long things took, within a stretch of a run.

use std::{collections::HashMap, fmt};

use uuid::Uuid;

use super::log::{Log, Outcome, Record};

/// Of two nodes; people talk to them in turn.
const NODES: usize = 2;

/// What began in the stretch, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From a call to its acknowledgement.
    pub sends: Share,
    /// From a call to the push, on the sender's node and on the other.
    pub near: Share,
    pub far: Share,
}

/// What half of them, and what all but one in a hundred, didn't exceed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    pub half: u64,
    pub nearly_all: u64,
}

impl Pace {
    pub fn of(log: &Log, from: u64, to: u64) -> Self {
        let (mut sends, mut near, mut far) = (Vec::new(), Vec::new(), Vec::new());
        let mut sent = HashMap::<Uuid, (usize, u64)>::new();
        for call in log.calls().filter(|call| call.attempt == 1 && (from..to).contains(&call.at)) {
            sent.insert(call.id, (call.who, call.at));
            if call.outcome == Outcome::Ok {
                sends.push(call.took);
            }
        }
        for record in &log.0 {
            let Record::Pushed { at, who, message: Some(message), .. } = record else { continue };
            let Some((sender, began)) = sent.get(&message.id) else { continue };
            let took = at.saturating_sub(*began);
            if sender % NODES == who % NODES { near.push(took) } else { far.push(took) }
        }
        Self { sends: Share::of(sends), near: Share::of(near), far: Share::of(far) }
    }
}

impl Share {
    pub fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let share = |share: f64| {
            let rank = (values.len() as f64 * share).ceil() as usize;
            values.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Self { half: share(0.5), nearly_all: share(0.99) }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sends, near, far } = self;
        write!(f, "sends {sends}, pushed on one node {near}, between nodes {far}")
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} ms", self.half, self.nearly_all)
    }
}
