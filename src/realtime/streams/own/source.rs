//! What happened to a person, read from the modules that know.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

use super::Passed;
use crate::{
    infra::db::{Db, Tx},
    problem::Problem,
    realtime::{Forgets, Pushed, StreamSource, event_rows},
    wire::{Head, StreamId, UserId},
};

/// Facts that a module notes in people's own streams.
#[async_trait]
pub trait OwnFacts: Send + Sync {
    /// The kinds of events that are its own.
    fn kinds(&self) -> &'static [&'static str];

    /// These events of one person, with their content as it is now. One that can't be shown any more is left out.
    async fn pushed(&self, user: UserId, events: &[Noted]) -> Result<Vec<Pushed>, Problem>;
}

/// An event of a person's own stream, as it was noted.
#[derive(Debug, Clone)]
pub struct Noted {
    pub seq: i64,
    pub kind: String,
    /// What it is about.
    pub subject: Uuid,
    pub actor: Option<UserId>,
    pub at: DateTime<Utc>,
}

/// Where somebody's stream was when it was read.
#[derive(Debug, Clone, Copy)]
pub struct OwnHead {
    pub head: Head,
    /// The oldest event that is kept, or the next when none is.
    pub first: i64,
}

/// Reads people's own streams.
pub struct OwnSource {
    db: Db,
    facts: Vec<Arc<dyn OwnFacts>>,
    /// Which of them knows this kind.
    of_kind: HashMap<&'static str, usize>,
}

impl OwnSource {
    /// # Panics
    /// When two modules claim one kind.
    pub fn new(db: Db, facts: Vec<Arc<dyn OwnFacts>>) -> Self {
        let mut of_kind = HashMap::new();
        for (place, kind) in
            facts.iter().enumerate().flat_map(|(n, of)| of.kinds().iter().map(move |k| (n, *k)))
        {
            assert!(of_kind.insert(kind, place).is_none(), "two modules note the kind {kind}");
        }
        Self { db, facts, of_kind }
    }

    /// Where somebody's stream is; nowhere, before anything has happened.
    pub async fn head(&self, user: UserId) -> Result<OwnHead, Problem> {
        let sql = "SELECT i.epoch, coalesce(s.last_seq, 0) AS seq, \
             (SELECT min(e.seq) FROM stream_events e WHERE e.stream_id = $1) AS first \
             FROM installation i LEFT JOIN streams s ON s.id = $1";
        let on = self.db.reader();
        let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, [user.into()]);
        let row =
            on.query_one_raw(statement).await?.ok_or_else(|| DbErr::RecordNotFound("installation".into()))?;
        let head = Head { seq: row.try_get("", "seq")?, epoch: row.try_get("", "epoch")? };
        let first: Option<i64> = row.try_get("", "first")?;
        Ok(OwnHead { head, first: first.unwrap_or(head.seq + 1) })
    }

    /// Up to `limit` events after a place, in order: one statement, and what each module needs for its own.
    pub async fn events(&self, user: UserId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        let rows = event_rows::Entity::find()
            .filter(event_rows::Column::StreamId.eq(StreamId::from(user)))
            .filter(event_rows::Column::Seq.gt(after))
            .order_by_asc(event_rows::Column::Seq)
            .limit(limit)
            .all(self.db.reader())
            .await?;
        let mut pushed: Vec<Pushed> =
            rows.iter().map(|row| Pushed::of(row.seq, &Passed { seq: row.seq })).collect();
        let mut of_modules = vec![Vec::new(); self.facts.len()];
        for row in rows {
            let event_rows::Model { seq, kind, subject_id: subject, actor_id: actor, at, .. } = row;
            // A kind that only a newer version knows passes, too.
            if let Some(place) = self.of_kind.get(kind.as_str()) {
                of_modules[*place].push(Noted { seq, kind, subject, actor, at });
            }
        }
        for (module, events) in self.facts.iter().zip(&of_modules).filter(|(_, events)| !events.is_empty()) {
            for event in module.pushed(user, events).await? {
                if let Ok(place) = pushed.binary_search_by_key(&event.seq, |event| event.seq) {
                    pushed[place] = event;
                }
            }
        }
        Ok(pushed)
    }
}

/// What the events were about has a life of its own.
#[async_trait]
impl Forgets for OwnSource {
    fn kinds(&self) -> Vec<&'static str> {
        self.of_kind.keys().copied().collect()
    }

    async fn forget(&self, _: &Tx, _: StreamId, _: i64) -> Result<(), DbErr> {
        Ok(())
    }
}

#[async_trait]
impl StreamSource for OwnSource {
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        self.events(UserId(stream.0), after, limit).await
    }
}
