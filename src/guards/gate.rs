//! Decides whether a token still speaks for someone: signature, session, account, role.

use std::{collections::HashSet, sync::Arc, time::Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Keys, Principal, Role,
    memory::{Memory, Remembered},
    token::Claims,
};
use crate::{
    infra::clock::Clock,
    problem::{Problem, codes},
    wire::{SessionId, UserId},
};

/// What the gate needs to know about a session; nothing when it has ended or its user can't sign in.
#[derive(Debug, Clone, Copy)]
pub struct LiveSession {
    pub user_id: UserId,
    pub role: Role,
    /// However often it is refreshed.
    pub expires_at: DateTime<Utc>,
}

/// A session that lives no more, and why: a word for its sockets.
pub type EndedSession = (SessionId, String);

/// Where sessions are kept.
#[async_trait]
pub trait SessionPort: Send + Sync {
    /// The session, if it hasn't ended and its user may sign in.
    async fn live(&self, id: SessionId) -> Result<Option<LiveSession>, Problem>;

    /// Those of these sessions that have ended, or whose users may not sign in any more.
    async fn ended_among(&self, ids: &[SessionId]) -> Result<Vec<EndedSession>, Problem>;
}

/// Whoever must act when this node ends sessions or changes users: its sockets, and the other nodes.
pub trait SessionWatcher: Send + Sync {
    fn ended(&self, sessions: &[SessionId], reason: &str);
    fn changed(&self, user: UserId);
}

/// The kinds of events in a user's own stream after which the gate asks again who that is, on every node.
pub mod kind {
    /// A session has ended; it is the subject.
    pub const SESSION_ENDED: &str = "sessionEnded";
    /// The account has another role or status.
    pub const ACCOUNT_CHANGED: &str = "accountChanged";

    pub const ALL: [&str; 2] = [SESSION_ENDED, ACCOUNT_CHANGED];
}

/// Checks tokens and remembers what the database said about their sessions, for as long as the change
/// feed tells when that is no longer so.
pub struct Gate {
    keys: Keys,
    clock: Clock,
    sessions: Arc<dyn SessionPort>,
    watcher: Arc<dyn SessionWatcher>,
    memory: Memory,
}

impl Gate {
    pub fn new(
        keys: Keys,
        clock: Clock,
        sessions: Arc<dyn SessionPort>,
        watcher: Arc<dyn SessionWatcher>,
    ) -> Self {
        Self { keys, clock, sessions, watcher, memory: Memory::new() }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The token's claims and who stands behind them. Nobody goes on for longer than their session.
    pub async fn admit(&self, token: &str) -> Result<(Principal, Claims), Problem> {
        let claims = self.keys.verify(token, self.clock.now())?;
        let Remembered { principal, expires_at, .. } = self.session(claims.session_id).await?;
        match principal.user_id == claims.user_id {
            true => Ok((principal, Claims { expires_at: claims.expires_at.min(expires_at), ..claims })),
            false => Err(super::TokenError::Invalid.into()),
        }
    }

    /// The session's user as of now; fails when the session has ended.
    pub async fn principal(&self, id: SessionId) -> Result<Principal, Problem> {
        Ok(self.session(id).await?.principal)
    }

    async fn session(&self, id: SessionId) -> Result<Remembered, Problem> {
        let read_at = self.clock.now();
        let unknown = match self.memory.recall(id, read_at) {
            Ok(remembered) => return Ok(remembered),
            Err(unknown) => unknown,
        };
        let Some(LiveSession { user_id, role, expires_at }) = self.sessions.live(id).await? else {
            return Err(Problem::of::<codes::SessionEnded>("Sign in again."));
        };
        let principal = Principal { user_id, session_id: id, role };
        let seen = Remembered { principal, expires_at, read_at };
        self.memory.remember(unknown, seen);
        Ok(seen)
    }

    /// Tells the gate, after the commit, that these sessions have ended.
    pub fn end(&self, sessions: &[SessionId], reason: &str) {
        self.ended(sessions);
        self.watcher.ended(sessions, reason);
    }

    /// Tells the gate, after the commit, that something about this user has changed.
    pub fn change(&self, user: UserId) {
        self.changed(&HashSet::from([user]));
        self.watcher.changed(user);
    }

    /// Tells the gate that somebody has ended these sessions.
    pub fn ended(&self, sessions: &[SessionId]) {
        self.memory.forget_sessions(sessions);
    }

    /// Tells the gate that somebody has changed something about these users.
    pub fn changed(&self, users: &HashSet<UserId>) {
        self.memory.forget_users(users);
    }

    /// Tells the gate that anything may have changed.
    pub fn all_changed(&self) {
        self.memory.forget_all();
    }

    /// Tells the gate that it has been told of everything that was committed before this moment.
    pub fn heard_until(&self, moment: Instant) {
        self.memory.heard_until(moment);
    }

    /// Whether it has been told so recently enough for what it remembers to be good.
    pub fn is_current(&self) -> bool {
        self.memory.is_current()
    }
}
