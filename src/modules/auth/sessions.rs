//! Which sessions live, and ending them.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{
    error::AuthError,
    store::{AuthStore, Which},
};
use crate::{
    guards::{LiveSession, SessionPort},
    infra::{
        clock::Clock,
        db::{Db, Tx},
    },
    problem::Problem,
    wire::{SessionId, UserId},
};

/// An expired session's row answers "ended", not "unknown", for so long.
const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(7);

/// The sessions table, for the gate and for whoever must end somebody's sessions.
pub struct Sessions {
    store: AuthStore,
    clock: Clock,
}

impl Sessions {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { store: AuthStore::new(db), clock }
    }

    /// Ends all of a person's sessions inside the caller's transaction. After the commit the caller
    /// tells the gate, which tells the sockets.
    pub async fn end_all(
        &self,
        tx: &Tx,
        user: UserId,
        reason: &'static str,
    ) -> Result<Vec<SessionId>, Problem> {
        Ok(AuthStore::revoke(tx, Which::AllOf(user), reason, self.clock.now()).await?)
    }

    /// Ends the sessions that fit, and says which they were.
    pub(super) async fn end(&self, which: Which, reason: &'static str) -> Result<Vec<SessionId>, AuthError> {
        AuthStore::revoke(self.store.db().writer(), which, reason, self.clock.now()).await
    }

    /// Forgets sessions that expired so long ago that nobody asks about them any more.
    pub async fn forget_expired(&self) -> Result<u64, AuthError> {
        self.store.delete_expired(self.clock.now() - KEPT_AFTER_EXPIRY).await
    }
}

#[async_trait]
impl SessionPort for Sessions {
    async fn live(&self, id: SessionId) -> Result<Option<LiveSession>, Problem> {
        Ok(self.store.live(id, self.clock.now()).await?)
    }

    async fn live_among(&self, ids: &[SessionId]) -> Result<HashSet<SessionId>, Problem> {
        Ok(self.store.live_among(ids, self.clock.now()).await?)
    }
}
