//! Retention: a stream's oldest events go, some at a time. Whoever asks for what comes after one that has gone is told to
//! begin anew.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::{Streams, event_rows};
use crate::{
    infra::{
        clock::Clock,
        db::{Db, Tx},
        deadline::in_time,
        detached::to_the_end,
    },
    problem::Problem,
    wire::StreamId,
};

const EVERY: Duration = Duration::from_secs(3600);
/// Streams that are asked about in one statement.
const STREAMS: u64 = 1000;
/// Events of a stream that go in one transaction: whoever sends waits for it.
const EVENTS: u64 = 500;

/// Facts that are kept for a time only; the module whose they are provides it.
#[async_trait]
pub trait Forgets: Send + Sync {
    /// The kinds of events that its streams hold.
    fn kinds(&self) -> Vec<&'static str>;

    /// Forgets, in the transaction, what the stream's events up to this number were about.
    async fn forget(&self, tx: &Tx, stream: StreamId, up_to: i64) -> Result<(), DbErr>;
}

/// What has had its time.
#[derive(Clone)]
pub struct Retention {
    pub db: Db,
    pub of: Arc<dyn Forgets>,
    pub clock: Clock,
    /// How long it is kept.
    pub for_so_long: TimeDelta,
}

impl Retention {
    /// Once an hour. Doesn't end by itself.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            match self.forget().await {
                Ok(events) => tracing::debug!(events, "what has had its time was forgotten"),
                Err(problem) => tracing::warn!(%problem, "what has had its time couldn't be looked for"),
            }
        }
    }

    /// Forgets what has had its time, in all streams of these kinds; says how many events that were.
    ///
    /// Any number of nodes may do so at once: whoever gets a stream's lock later finds less. One statement asks about
    /// 1,000 streams, by their primary keys, and there is one transaction for every 500 events that go.
    async fn forget(&self) -> Result<u64, Problem> {
        let moment = self.clock.now() - self.for_so_long;
        let (mut after, mut forgotten) = (StreamId(Uuid::nil()), 0);
        loop {
            let some = in_time(self.oldest(after, moment)).await?;
            let Some((last, _)) = some.last() else { return Ok(forgotten) };
            after = *last;
            for (stream, _) in some.into_iter().filter(|(_, is_due)| *is_due) {
                match self.forget_in(stream, moment).await {
                    Ok(count) => forgotten += count,
                    // One that can't be shortened doesn't keep the others from it.
                    Err(problem) => tracing::warn!(%problem, %stream, "a stream couldn't be shortened"),
                }
            }
        }
    }

    /// The streams that come after this one, and whether the oldest event of each has had its time.
    async fn oldest(&self, after: StreamId, moment: DateTime<Utc>) -> Result<Vec<(StreamId, bool)>, DbErr> {
        let kinds = self.of.kinds();
        let places: Vec<String> = (3..).take(kinds.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT s.id, coalesce(e.at < $2 AND e.kind IN ({}), false) AS is_due \
             FROM (SELECT id FROM streams WHERE id > $1 ORDER BY id LIMIT {STREAMS}) s \
             LEFT JOIN stream_events e ON e.stream_id = s.id \
             AND e.seq = (SELECT min(o.seq) FROM stream_events o WHERE o.stream_id = s.id) ORDER BY s.id",
            places.join(", ")
        );
        let on = self.db.reader();
        let values = [after.into(), moment.into()].into_iter().chain(kinds.into_iter().map(Value::from));
        let rows =
            on.query_all_raw(Statement::from_sql_and_values(on.get_database_backend(), sql, values)).await?;
        rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "is_due")?))).collect()
    }

    async fn forget_in(&self, stream: StreamId, moment: DateTime<Utc>) -> Result<u64, Problem> {
        let mut forgotten = 0;
        loop {
            let this = self.clone();
            let count = to_the_end(async move { this.forget_some(stream, moment).await }).await?;
            forgotten += count;
            if count < EVENTS {
                return Ok(forgotten);
            }
        }
    }

    /// The oldest events, as long as one after the other is from before this moment.
    async fn forget_some(&self, stream: StreamId, moment: DateTime<Utc>) -> Result<u64, Problem> {
        use event_rows::{Column, Entity};
        let tx = self.db.begin().await?;
        // Only for its lock: what is told of an event while it goes, such as a reaction, is told before or fails after.
        Streams::reserve_quietly(&tx, stream, 0, moment).await?;
        let oldest: Vec<(i64, DateTime<Utc>)> = Entity::find()
            .select_only()
            .columns([Column::Seq, Column::At])
            .filter(Column::StreamId.eq(stream))
            .order_by_asc(Column::Seq)
            .limit(EVENTS)
            .into_tuple()
            .all(&tx)
            .await?;
        let due: Vec<i64> =
            oldest.into_iter().take_while(|(_, at)| *at < moment).map(|(seq, _)| seq).collect();
        let Some(up_to) = due.last() else {
            tx.rollback().await?;
            return Ok(0);
        };
        self.of.forget(&tx, stream, *up_to).await?;
        Entity::delete_many()
            .filter(Column::StreamId.eq(stream))
            .filter(Column::Seq.lte(*up_to))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(due.len() as u64)
    }
}
