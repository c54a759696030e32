//! Appending: the stream's row lock gives the next number, in the transaction that stores the fact.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::Streams;
use crate::{
    infra::db::Tx,
    wire::{StreamId, UserId},
};

/// The table of streams: how far each has grown.
pub mod stream_rows {
    use crate::wire::StreamId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "streams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: StreamId,
        pub last_seq: i64,
        pub last_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table of events: which fact has which number. Content lives in its module's table.
pub mod event_rows {
    use crate::wire::{StreamId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stream_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream_id: StreamId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub kind: String,
        pub subject_id: Uuid,
        pub actor_id: Option<UserId>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The next place in a stream, held until the transaction ends. Rolling back burns no number.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    pub stream: StreamId,
    pub seq: i64,
    pub at: DateTime<Utc>,
}

impl Streams {
    /// Begins a stream, inside the transaction that makes what it is about.
    pub async fn create(tx: &Tx, stream: StreamId, at: DateTime<Utc>) -> Result<(), DbErr> {
        let row = stream_rows::ActiveModel { id: Set(stream), last_seq: Set(0), last_at: Set(at) };
        stream_rows::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }

    /// Takes the stream's lock and its next number; nothing when there is no such stream.
    pub async fn reserve(tx: &Tx, stream: StreamId, at: DateTime<Utc>) -> Result<Option<Slot>, DbErr> {
        Self::grow(tx, stream, 1, at, Expr::value(at)).await
    }

    /// Like [`Streams::reserve`], for what is no news: when something happened last stays as it is. Takes so many
    /// numbers, and gives the first.
    pub async fn reserve_quietly(
        tx: &Tx,
        stream: StreamId,
        count: usize,
        at: DateTime<Utc>,
    ) -> Result<Option<Slot>, DbErr> {
        Self::grow(tx, stream, count, at, Expr::col(stream_rows::Column::LastAt)).await
    }

    async fn grow(
        tx: &Tx,
        stream: StreamId,
        count: usize,
        at: DateTime<Utc>,
        last_at: Expr,
    ) -> Result<Option<Slot>, DbErr> {
        let count = i64::try_from(count).expect("nobody takes so many");
        let grown = stream_rows::Entity::update_many()
            .col_expr(stream_rows::Column::LastSeq, Expr::col(stream_rows::Column::LastSeq).add(count))
            .col_expr(stream_rows::Column::LastAt, last_at)
            .filter(stream_rows::Column::Id.eq(stream))
            .exec_with_returning(tx)
            .await?;
        Ok(grown.first().map(|row| Slot { stream, seq: row.last_seq - count + 1, at }))
    }

    /// Takes this many more numbers, which follow on one the transaction holds already.
    pub async fn reserve_many(
        tx: &Tx,
        stream: StreamId,
        count: usize,
        at: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let count = i64::try_from(count).expect("nobody takes so many");
        stream_rows::Entity::update_many()
            .col_expr(stream_rows::Column::LastSeq, Expr::col(stream_rows::Column::LastSeq).add(count))
            .col_expr(stream_rows::Column::LastAt, Expr::value(at))
            .filter(stream_rows::Column::Id.eq(stream))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Writes down what happened at places that the transaction has reserved.
    pub async fn record(tx: &Tx, events: Vec<event_rows::Model>) -> Result<(), DbErr> {
        let rows = events.into_iter().map(|event| event.into_active_model().reset_all());
        event_rows::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }

    /// Like [`Streams::reserve`], for a stream that begins with its first event.
    pub async fn append(tx: &Tx, stream: StreamId, at: DateTime<Utc>) -> Result<Slot, DbErr> {
        use stream_rows::{ActiveModel, Column, Entity};
        let first = ActiveModel { id: Set(stream), last_seq: Set(1), last_at: Set(at) };
        let or_next = OnConflict::column(Column::Id)
            // As wide as in `append_all`: the text is the same, and PostgreSQL prepares it once, with its values' types.
            .value(Column::LastSeq, Expr::col((Entity, Column::LastSeq)).add(1_i64))
            .value(Column::LastAt, Expr::value(at))
            .to_owned();
        let row = Entity::insert(first).on_conflict(or_next).exec_with_returning(tx).await?;
        Ok(Slot { stream, seq: row.last_seq, at })
    }
}

impl Slot {
    /// Writes down what happened at this place.
    pub async fn record(
        &self,
        tx: &Tx,
        kind: &str,
        subject: Uuid,
        actor: Option<UserId>,
    ) -> Result<(), DbErr> {
        let row = event_rows::ActiveModel {
            stream_id: Set(self.stream),
            seq: Set(self.seq),
            kind: Set(kind.to_owned()),
            subject_id: Set(subject),
            actor_id: Set(actor),
            at: Set(self.at),
        };
        event_rows::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }
}
