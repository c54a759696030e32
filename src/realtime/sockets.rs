//! Who is connected to this node.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use socketioxide::socket::Sid;
use tokio_util::sync::CancellationToken;

use super::Client;
use crate::{
    guards::SessionWatcher,
    infra::{clock::Clock, metrics::Metrics},
    wire::SessionId,
};

/// How often expired tokens are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// All authenticated sockets of this node.
pub struct Sockets {
    clients: RwLock<HashMap<Sid, Arc<Client>>>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Sockets {
    pub fn new(metrics: Arc<Metrics>, clock: Clock) -> Self {
        Self { clients: RwLock::default(), metrics, clock }
    }

    pub fn get(&self, sid: Sid) -> Option<Arc<Client>> {
        self.clients.read().unwrap_or_else(PoisonError::into_inner).get(&sid).cloned()
    }

    /// Sockets connected now.
    pub fn count(&self) -> usize {
        self.clients.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn insert(&self, client: Arc<Client>) {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(client.sid(), client);
        self.metrics.sockets.set(clients.len() as i64);
    }

    pub(super) fn remove(&self, sid: Sid) -> Option<Arc<Client>> {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        let removed = clients.remove(&sid);
        self.metrics.sockets.set(clients.len() as i64);
        removed
    }

    /// Those that fit, outside the lock.
    pub(super) fn select(&self, fits: impl Fn(&Client) -> bool) -> Vec<Arc<Client>> {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.values().filter(|client| fits(client)).cloned().collect()
    }

    /// Ends sockets whose token has expired without being renewed, until told to stop.
    pub async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(SWEEP);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let now = self.clock.now();
            for client in self.select(|client| client.is_expired(now)) {
                client.revoke("tokenExpired");
            }
        }
    }

    /// Tells everyone to come back later, and lets the events that have arrived finish. Later ones are
    /// refused: clients that never pause would be waited for in vain.
    ///
    /// Takes at most `patience`.
    pub async fn drain(&self, patience: Duration) {
        let clients = self.select(|_| true);
        let notice = serde_json::value::to_raw_value(&serde_json::json!({ "retryAfterMs": 1000 }))
            .expect("a literal is JSON");
        for client in &clients {
            if client.push("draining", &notice).is_err() {
                tracing::debug!(sid = %client.sid(), "couldn't be told about the drain");
            }
            client.mailbox.finish();
        }
        let idle = async {
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            while clients.iter().any(|client| !client.mailbox.is_idle()) {
                tick.tick().await;
            }
        };
        if tokio::time::timeout(patience, idle).await.is_err() {
            tracing::warn!("some socket events didn't finish in time");
        }
    }
}

impl SessionWatcher for Sockets {
    fn ended(&self, sessions: &[SessionId], reason: &'static str) {
        for client in self.select(|client| sessions.contains(&client.session_id)) {
            client.revoke(reason);
        }
    }
}
