//! Who is connected to this node.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use socketioxide::socket::Sid;
use tokio_util::sync::CancellationToken;

use super::{BlocksPort, Client};
use crate::{
    guards::SessionPort,
    infra::{clock::Clock, metrics::Metrics},
    problem::Problem,
    wire::{SessionId, UserId},
};

/// How often expired tokens are looked for.
const SWEEP: Duration = Duration::from_secs(2);
/// Sockets asked about in one statement.
const ASKED_AT_ONCE: usize = 500;

/// All authenticated sockets of this node.
pub struct Sockets {
    table: RwLock<Table>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

#[derive(Default)]
struct Table {
    clients: HashMap<Sid, Arc<Client>>,
    of_users: HashMap<UserId, Vec<Arc<Client>>>,
}

impl Sockets {
    pub fn new(metrics: Arc<Metrics>, clock: Clock) -> Self {
        Self { table: RwLock::default(), metrics, clock }
    }

    pub fn get(&self, sid: Sid) -> Option<Arc<Client>> {
        self.table().clients.get(&sid).cloned()
    }

    /// Those of a user that haven't been told to go.
    pub fn of_user(&self, user: UserId) -> Vec<Arc<Client>> {
        let table = self.table();
        let clients = table.of_users.get(&user).into_iter().flatten();
        clients.filter(|client| !client.is_revoked()).cloned().collect()
    }

    /// Whether a user has any that hasn't been told to go.
    pub fn has(&self, user: UserId) -> bool {
        self.table().of_users.get(&user).is_some_and(|of| of.iter().any(|client| !client.is_revoked()))
    }

    /// Sockets connected now.
    pub fn count(&self) -> usize {
        self.table().clients.len()
    }

    /// The client of this socket; the first to ask registers what `make` gives.
    pub(super) fn get_or_insert(
        &self,
        sid: Sid,
        make: impl FnOnce() -> Option<Client>,
    ) -> Option<Arc<Client>> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = table.clients.get(&sid) {
            return Some(client.clone());
        }
        let client = Arc::new(make()?);
        table.of_users.entry(client.user_id).or_default().push(client.clone());
        table.clients.insert(sid, client.clone());
        Some(client)
    }

    pub(super) fn remove(&self, sid: Sid) -> Option<Arc<Client>> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let removed = table.clients.remove(&sid)?;
        if let Some(others) = table.of_users.get_mut(&removed.user_id) {
            others.retain(|client| client.sid() != sid);
            if others.is_empty() {
                table.of_users.remove(&removed.user_id);
            }
        }
        Some(removed)
    }

    /// Somebody has blocked somebody, or takes it back: their sockets of this node go by that from now on.
    pub(super) fn block(&self, blocker: UserId, blocked: UserId, is_blocked: bool) {
        for client in self.of_user(blocker) {
            client.blocked.change(blocked, is_blocked);
        }
    }

    /// Reads whom the users of these sockets have blocked: somebody may have done so on another node. One statement
    /// per 500; none when there is none.
    pub(super) async fn read_blocks(
        &self,
        blocks: &dyn BlocksPort,
        these: impl Fn(&Client) -> bool,
    ) -> Result<(), Problem> {
        for some in self.select(these).chunks(ASKED_AT_ONCE) {
            let asked: Vec<_> = some.iter().map(|client| client.blocked.ask()).collect();
            let users: HashSet<UserId> = some.iter().map(|client| client.user_id).collect();
            let found = blocks.blocked_by(&users.into_iter().collect::<Vec<_>>()).await?;
            for (client, asked) in some.iter().zip(asked) {
                let own = found.iter().filter(|(blocker, _)| *blocker == client.user_id);
                if !client.blocked.learn(asked, own.map(|(_, blocked)| *blocked)) {
                    tracing::debug!(sid = %client.sid(), "blocks have changed while they were read");
                }
            }
        }
        Ok(())
    }

    /// Notes how many are connected in which way. Looked for when somebody asks: a session changes its way by itself.
    pub fn count_transports(&self) {
        let (all, websockets) = {
            let clients = &self.table().clients;
            (clients.len(), clients.values().filter(|client| client.is_websocket()).count())
        };
        self.metrics.sockets("websocket", websockets);
        self.metrics.sockets("polling", all - websockets);
    }

    /// Those that fit, outside the lock.
    pub(super) fn select(&self, fits: impl Fn(&Client) -> bool) -> Vec<Arc<Client>> {
        self.table().clients.values().filter(|client| fits(client)).cloned().collect()
    }

    /// Closes a socket because its user has too many.
    pub(super) fn too_many(&self, client: &Client) {
        self.metrics.limit("socketsOfUser");
        client.revoke("tooManySockets");
    }

    /// Each change is made at once, so the table is whole even after a panic.
    fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until told to stop: ends sockets whose token has expired without being renewed, and forgets those that
    /// were registered after their connection had gone.
    pub async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(SWEEP);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let now = self.clock.now();
            for client in self.select(|client| client.is_expired(now)) {
                client.revoke("tokenExpired");
            }
            for client in self.select(Client::was_gone_before) {
                self.remove(client.sid());
            }
        }
    }

    /// Cuts all connections; official clients connect again by themselves.
    pub(super) fn cut_all(&self) {
        self.select(|_| true).iter().for_each(|client| client.cut());
    }

    /// Ends those of these sockets whose session has ended. One statement per 500, by primary key; none when
    /// there is none.
    pub(super) async fn compare(
        &self,
        sessions: &dyn SessionPort,
        these: impl Fn(&Client) -> bool,
    ) -> Result<(), Problem> {
        let clients = self.select(|client| !client.is_revoked() && these(client));
        for some in clients.chunks(ASKED_AT_ONCE) {
            let ids: Vec<SessionId> = some.iter().map(|client| client.session_id).collect();
            for (ended, reason) in sessions.ended_among(&ids).await? {
                let sockets = some.iter().filter(|client| client.session_id == ended);
                sockets.for_each(|client| client.revoke(&reason));
            }
        }
        Ok(())
    }

    /// Ends the sockets of these sessions.
    pub(super) fn end(&self, sessions: &[SessionId], reason: &str) {
        for client in self.select(|client| sessions.contains(&client.session_id)) {
            client.revoke(reason);
        }
    }
}
