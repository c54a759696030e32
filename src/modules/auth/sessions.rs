//! Which sessions live, and ending them.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{
    entity::reason,
    error::AuthError,
    events::{AccountChanged, SessionEnded},
    store::{AuthStore, Which},
};
use crate::{
    guards::{EndedSession, LiveSession, SessionPort, kind},
    infra::{
        clock::Clock,
        db::{Db, Tx},
    },
    problem::Problem,
    realtime::{Noted, OwnFacts, Pushed, Streams},
    wire::{SessionId, UserId},
};

/// An expired session's row answers "ended", not "unknown", for so long.
const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(7);

/// The sessions table, for the gate and for whoever must end somebody's sessions.
///
/// Whatever it changes is an event in the user's own stream, in the same transaction: that is how other
/// nodes learn of it.
pub struct Sessions {
    store: AuthStore,
    clock: Clock,
}

/// Sessions that have ended.
pub struct Ended {
    pub user: UserId,
    pub sessions: Vec<SessionId>,
    /// The newest event about it in the user's own stream.
    pub seq: i64,
}

impl Sessions {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { store: AuthStore::new(db), clock }
    }

    /// Ends all of a person's sessions inside the caller's transaction, because the account is suspended.
    /// After the commit the caller tells the gate, which tells the sockets.
    pub async fn suspend(
        &self,
        tx: &Tx,
        user: UserId,
        actor: Option<UserId>,
    ) -> Result<Vec<SessionId>, Problem> {
        let ended = self.end_in(tx, Which::AllOf(user), reason::ACCOUNT_SUSPENDED, actor).await?;
        Ok(ended.map(|ended| ended.sessions).unwrap_or_default())
    }

    /// Notes inside the caller's transaction that the account has another role or status; the number of
    /// the event.
    pub async fn account_changed(
        &self,
        tx: &Tx,
        user: UserId,
        actor: Option<UserId>,
    ) -> Result<i64, Problem> {
        let now = self.clock.now();
        Ok(Streams::append_all(tx, user.into(), now, kind::ACCOUNT_CHANGED, &[user.0], actor).await?)
    }

    /// Ends the sessions that fit; nothing when none does.
    pub(super) async fn end(
        &self,
        which: Which,
        reason: &'static str,
        actor: Option<UserId>,
    ) -> Result<Option<Ended>, AuthError> {
        let tx = self.store.begin().await?;
        let ended = self.end_in(&tx, which, reason, actor).await?;
        match ended {
            Some(_) => tx.commit().await?,
            None => tx.rollback().await?,
        }
        Ok(ended)
    }

    async fn end_in(
        &self,
        tx: &Tx,
        which: Which,
        reason: &'static str,
        actor: Option<UserId>,
    ) -> Result<Option<Ended>, AuthError> {
        let now = self.clock.now();
        let Some((user, sessions)) = AuthStore::revoke(tx, which, reason, now).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = sessions.iter().map(|id| id.0).collect();
        let seq = Streams::append_all(tx, user.into(), now, kind::SESSION_ENDED, &ids, actor).await?;
        Ok(Some(Ended { user, sessions, seq }))
    }

    /// Forgets sessions that expired so long ago that nobody asks about them any more.
    pub async fn forget_expired(&self) -> Result<u64, AuthError> {
        self.store.delete_expired(self.clock.now() - KEPT_AFTER_EXPIRY).await
    }
}

/// What a person's sessions and account have to do with their own stream.
#[async_trait]
impl OwnFacts for Sessions {
    fn kinds(&self) -> &'static [&'static str] {
        &kind::ALL
    }

    async fn pushed(&self, user: UserId, events: &[Noted]) -> Result<Vec<Pushed>, Problem> {
        let ended = events.iter().filter(|event| event.kind == kind::SESSION_ENDED);
        let ended: Vec<SessionId> = ended.map(|event| SessionId(event.subject)).collect();
        let (role, mut reasons) = self.store.of_user(user, &ended).await?;
        let pushed = |Noted { seq, kind, subject, at, .. }: &Noted| {
            let (seq, at) = (*seq, (*at).into());
            if kind == kind::ACCOUNT_CHANGED {
                return Some(Pushed::of(seq, &AccountChanged { seq, at, role }));
            }
            let session_id = SessionId(*subject);
            let reason = reasons.remove(&session_id)?;
            Some(Pushed::of(seq, &SessionEnded { seq, at, session_id, reason }))
        };
        Ok(events.iter().filter_map(pushed).collect())
    }
}

#[async_trait]
impl SessionPort for Sessions {
    async fn live(&self, id: SessionId) -> Result<Option<LiveSession>, Problem> {
        Ok(self.store.live(id, self.clock.now()).await?)
    }

    async fn ended_among(&self, ids: &[SessionId]) -> Result<Vec<EndedSession>, Problem> {
        let states = self.store.states(ids, self.clock.now()).await?;
        let reason = |id| match states.get(id) {
            Some(state) => state.clone(),
            // A row that is gone ended long ago.
            None => Some(reason::SESSION_ENDED.to_owned()),
        };
        Ok(ids.iter().filter_map(|id| Some((*id, reason(id)?))).collect())
    }
}
