//! How many sockets a user has, on all nodes together.
//!
//! Nothing is kept about it. Whoever has a new socket says which ones it has of that user; whoever has some, too,
//! says which. So every node that has any knows all of them, and closes its own that are beyond the newest so many.
//! A node that is gone doesn't answer, and its sockets don't count. While the bus is away each node counts alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Bus, Sockets, bus::Notice};
use crate::wire::UserId;

/// What a node has said is taken for true so long; it is asked anew with every socket.
const FRESH: Duration = Duration::from_secs(5);
/// Users about whom something was said and may be forgotten: beyond so many it is looked for them.
const MANY: usize = 1000;

/// Counts users' sockets.
pub struct Census {
    sockets: Arc<Sockets>,
    bus: Bus,
    /// That a user may have.
    most: usize,
    said: Mutex<HashMap<UserId, Said>>,
}

/// By node, when it said so, and which sockets.
type Said = HashMap<Uuid, (Instant, Vec<Uuid>)>;

/// The sockets that a node has of a user. Their names sort by when they connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Has {
    pub user: UserId,
    node: Uuid,
    sockets: Vec<Uuid>,
    /// What have you?
    asks: bool,
}

impl Census {
    pub fn new(sockets: Arc<Sockets>, bus: Bus, most: usize) -> Self {
        Self { sockets, bus, most, said: Mutex::default() }
    }

    /// One of this user's sockets has connected here.
    pub fn connected(&self, user: UserId) {
        self.judge(user);
        self.say(user, true);
    }

    /// Another node says what it has.
    pub fn hear(&self, has: Has) {
        let Has { user, node, sockets, asks } = has;
        if self.sockets.of_user(user).is_empty() {
            return;
        }
        {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.entry(user).or_default().insert(node, (Instant::now(), sockets));
            if said.len() > MANY {
                said.retain(|_, nodes| nodes.values().any(|(at, _)| at.elapsed() < FRESH));
            }
        }
        if asks {
            self.say(user, false);
        }
        self.judge(user);
    }

    fn say(&self, user: UserId, asks: bool) {
        let sockets = self.sockets.of_user(user).iter().map(|client| client.serial).collect();
        self.bus.notify(Notice::Has(Has { user, node: self.bus.node(), sockets, asks }));
    }

    /// Closes those of this node that are too many: the oldest.
    fn judge(&self, user: UserId) {
        let own = self.sockets.of_user(user);
        let mut all: Vec<Uuid> = own.iter().map(|client| client.serial).collect();
        {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let others = said.get(&user).into_iter().flat_map(HashMap::values);
            all.extend(others.filter(|(at, _)| at.elapsed() < FRESH).flat_map(|(_, sockets)| sockets));
        }
        if all.len() <= self.most {
            return;
        }
        all.sort_unstable_by(|one, other| other.cmp(one));
        let oldest = all[self.most - 1];
        for client in own.iter().filter(|client| client.serial < oldest) {
            self.sockets.too_many(client);
        }
    }
}
