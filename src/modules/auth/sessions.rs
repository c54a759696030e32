//! Which sessions live, and ending them.

use async_trait::async_trait;

use super::{
    error::AuthError,
    store::{AuthStore, all_sessions, one_session},
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
        Ok(AuthStore::revoke(tx, all_sessions(user), reason, self.clock.now()).await?)
    }

    /// Ends all of a person's sessions at once.
    pub(super) async fn end_every(&self, user: UserId) -> Result<Vec<SessionId>, AuthError> {
        AuthStore::revoke(self.store.db().writer(), all_sessions(user), "ended by the user", self.clock.now())
            .await
    }

    /// Ends one of a person's sessions; nothing when there is no such live session of theirs.
    pub(super) async fn end_one(&self, user: UserId, id: SessionId) -> Result<Vec<SessionId>, AuthError> {
        let which = all_sessions(user).add(one_session(id));
        AuthStore::revoke(self.store.db().writer(), which, "ended by the user", self.clock.now()).await
    }

    /// Ends a session whose refresh token proves the right to.
    pub(super) async fn end(&self, id: SessionId, reason: &'static str) -> Result<Vec<SessionId>, AuthError> {
        AuthStore::revoke(self.store.db().writer(), one_session(id), reason, self.clock.now()).await
    }
}

#[async_trait]
impl SessionPort for Sessions {
    async fn live(&self, id: SessionId) -> Result<Option<LiveSession>, Problem> {
        Ok(self.store.live(id, self.clock.now()).await?)
    }
}
