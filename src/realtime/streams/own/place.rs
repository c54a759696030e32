//! Who has which sockets, and where each is in its user's own stream.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use super::OwnSource;
use crate::{realtime::Client, wire::UserId};

/// The sockets of each person on this node.
#[derive(Default)]
pub struct OwnSockets(Mutex<HashMap<UserId, Vec<Arc<Client>>>>);

impl OwnSockets {
    pub fn add(&self, client: &Arc<Client>) {
        // Most people have one.
        self.table().entry(client.user_id).or_insert_with(|| Vec::with_capacity(1)).push(client.clone());
    }

    pub fn remove(&self, client: &Client) {
        let mut table = self.table();
        let Some(sockets) = table.get_mut(&client.user_id) else { return };
        sockets.retain(|other| other.sid() != client.sid());
        if sockets.is_empty() {
            table.remove(&client.user_id);
        }
    }

    /// Whoever is connected.
    pub fn users(&self) -> Vec<UserId> {
        self.table().keys().copied().collect()
    }

    pub fn of(&self, user: UserId) -> Vec<Arc<Client>> {
        self.table().get(&user).cloned().unwrap_or_default()
    }

    fn table(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Arc<Client>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changed only under the lock of the streams' tasks: either a task knows where the socket is, or this does.
pub struct OwnPlace {
    pub source: Arc<OwnSource>,
    /// It has everything up to here; less than nothing before it was welcomed.
    seen: AtomicI64,
    /// The newest number that anybody has told of.
    heard: AtomicI64,
}

impl OwnPlace {
    pub fn new(source: Arc<OwnSource>) -> Self {
        Self { source, seen: AtomicI64::new(-1), heard: AtomicI64::new(0) }
    }

    /// Notes how far the stream has grown; where to go on from, if the socket lacks something.
    pub fn hear(&self, newest: i64) -> Option<i64> {
        let heard = self.heard.fetch_max(newest, Ordering::Relaxed).max(newest);
        let seen = self.seen.load(Ordering::Relaxed);
        (0..heard).contains(&seen).then_some(seen)
    }

    pub fn heard(&self) -> i64 {
        self.heard.load(Ordering::Relaxed)
    }

    /// Goes on from here.
    pub fn reach(&self, seen: i64) {
        self.seen.store(seen, Ordering::Relaxed);
    }
}
