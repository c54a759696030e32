//! Decides whether a token still speaks for someone: signature, session, account, role.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Keys, Principal, Role, token::Claims};
use crate::{
    infra::clock::Clock,
    problem::{Problem, codes},
    wire::{SessionId, UserId},
};

/// A session's row may be this old before it is read again. It bounds how long a change made by
/// another process stays unseen; a change made by this one is seen at once.
const FRESH: TimeDelta = TimeDelta::seconds(3);
/// Sessions remembered; when there are more, all are forgotten and read again.
const REMEMBERED: usize = 100_000;

/// What the gate needs to know about a session; nothing when it has ended or its user can't sign in.
#[derive(Debug, Clone, Copy)]
pub struct LiveSession {
    pub user_id: UserId,
    pub role: Role,
}

/// Where sessions are kept.
#[async_trait]
pub trait SessionPort: Send + Sync {
    /// The session, if it hasn't ended and its user may sign in.
    async fn live(&self, id: SessionId) -> Result<Option<LiveSession>, Problem>;

    /// Those of these sessions that haven't ended and whose users may sign in.
    async fn live_among(&self, ids: &[SessionId]) -> Result<HashSet<SessionId>, Problem>;
}

/// Whoever must act when sessions end: the sockets.
pub trait SessionWatcher: Send + Sync {
    fn ended(&self, sessions: &[SessionId], reason: &'static str);
}

/// Checks tokens and remembers, briefly, what the database said about their sessions.
pub struct Gate {
    keys: Keys,
    clock: Clock,
    sessions: Arc<dyn SessionPort>,
    watcher: Arc<dyn SessionWatcher>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Grows whenever something is forgotten: a read that began before must not be remembered.
    generation: u64,
    seen: HashMap<SessionId, (Principal, DateTime<Utc>)>,
}

impl Gate {
    pub fn new(
        keys: Keys,
        clock: Clock,
        sessions: Arc<dyn SessionPort>,
        watcher: Arc<dyn SessionWatcher>,
    ) -> Self {
        Self { keys, clock, sessions, watcher, memory: Mutex::default() }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The token's claims and who stands behind them.
    pub async fn admit(&self, token: &str) -> Result<(Principal, Claims), Problem> {
        let claims = self.keys.verify(token, self.clock.now())?;
        let principal = self.principal(claims.session_id).await?;
        match principal.user_id == claims.user_id {
            true => Ok((principal, claims)),
            false => Err(super::TokenError::Invalid.into()),
        }
    }

    /// The session's user as of now; fails when the session has ended.
    pub async fn principal(&self, id: SessionId) -> Result<Principal, Problem> {
        let generation = {
            let memory = self.memory();
            if let Some((principal, read_at)) = memory.seen.get(&id)
                && self.is_fresh(*read_at)
            {
                return Ok(*principal);
            }
            memory.generation
        };
        let read_at = self.clock.now();
        let Some(LiveSession { user_id, role }) = self.sessions.live(id).await? else {
            return Err(Problem::of::<codes::SessionEnded>("Sign in again."));
        };
        let principal = Principal { user_id, session_id: id, role };
        let mut memory = self.memory();
        if memory.generation == generation {
            if memory.seen.len() >= REMEMBERED {
                memory.seen.clear();
            }
            memory.seen.insert(id, (principal, read_at));
        }
        Ok(principal)
    }

    /// Not when the clock was set back meanwhile, either.
    fn is_fresh(&self, read_at: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..FRESH).contains(&(self.clock.now() - read_at))
    }

    /// Tells the gate, after the commit, that these sessions have ended.
    pub fn end(&self, sessions: &[SessionId], reason: &'static str) {
        let mut memory = self.memory();
        memory.generation += 1;
        for id in sessions {
            memory.seen.remove(id);
        }
        drop(memory);
        self.watcher.ended(sessions, reason);
    }

    /// Tells the gate, after the commit, that something about this user has changed.
    pub fn changed(&self, user: UserId) {
        let mut memory = self.memory();
        memory.generation += 1;
        memory.seen.retain(|_, (principal, _)| principal.user_id != user);
    }

    /// The memory is whole whatever happened to whoever held the lock: it is never half-written.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
