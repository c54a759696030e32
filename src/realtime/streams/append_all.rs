//! Appending several events of one kind at once, to a stream that begins with its first event.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    DbErr, EntityTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{Streams, event_rows, stream_rows};
use crate::{
    infra::db::Tx,
    wire::{StreamId, UserId},
};

/// Events inserted by one statement, which may hold so many values and no more.
const AT_ONCE: usize = 1000;

impl Streams {
    /// Writes down one event for each subject, in order, and says the number of the last. Two statements for
    /// up to a thousand.
    pub async fn append_all(
        tx: &Tx,
        stream: StreamId,
        at: DateTime<Utc>,
        kind: &str,
        subjects: &[Uuid],
        actor: Option<UserId>,
    ) -> Result<i64, DbErr> {
        let count = subjects.len() as i64;
        let first = stream_rows::ActiveModel { id: Set(stream), last_seq: Set(count), last_at: Set(at) };
        let or_next = OnConflict::column(stream_rows::Column::Id)
            .value(
                stream_rows::Column::LastSeq,
                Expr::col((stream_rows::Entity, stream_rows::Column::LastSeq)).add(count),
            )
            .value(stream_rows::Column::LastAt, Expr::value(at))
            .to_owned();
        let grown = stream_rows::Entity::insert(first).on_conflict(or_next).exec_with_returning(tx).await?;
        let event = |(seq, subject): (i64, &Uuid)| event_rows::ActiveModel {
            stream_id: Set(stream),
            seq: Set(seq),
            kind: Set(kind.to_owned()),
            subject_id: Set(*subject),
            actor_id: Set(actor),
            at: Set(at),
        };
        let mut rows = (grown.last_seq - count + 1..).zip(subjects).map(event).peekable();
        while rows.peek().is_some() {
            event_rows::Entity::insert_many(rows.by_ref().take(AT_ONCE)).exec_without_returning(tx).await?;
        }
        Ok(grown.last_seq)
    }
}
