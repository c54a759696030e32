use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Statement, sea_query::LockType,
};

use super::{
    entity::{Column, Entity, Model, WidgetChangeKind, WidgetId},
    error::WidgetError,
};
use crate::{
    infra::db::{Db, Tx},
    realtime::Slot,
    wire::{Head, PageQuery, StreamId, UserId},
};

/// The queries on ~widgets~. Each begins at the owner or at the owner's stream, so that neither can be forgotten; a
/// new one names its owner itself.
pub struct WidgetsStore {
    db: Db,
}

/// A change with what it changed, as that is by now.
pub struct ChangeRow {
    pub seq: i64,
    pub kind: WidgetChangeKind,
    pub at: DateTime<Utc>,
    pub id: WidgetId,
    pub now: Option<Model>,
}

impl WidgetsStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn find(&self, owner: UserId, id: WidgetId) -> Result<Model, WidgetError> {
        let query = Entity::find_by_id(id).filter(Column::OwnerId.eq(owner));
        query.one(self.db.reader()).await?.ok_or(WidgetError::NotFound)
    }

    /// Newest first, one more than the page holds.
    pub async fn list(&self, owner: UserId, page: &PageQuery<WidgetId>) -> Result<Vec<Model>, WidgetError> {
        let mut query = Entity::find().filter(Column::OwnerId.eq(owner));
        if let Some(after) = page.after {
            query = query.filter(Column::Id.lt(after));
        }
        Ok(query.order_by_desc(Column::Id).limit(page.limit + 1).all(self.db.reader()).await?)
    }

    pub async fn insert(tx: &Tx, row: Model) -> Result<(), WidgetError> {
        Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
        Ok(())
    }

    /// The row, locked until the transaction ends.
    pub async fn lock(tx: &Tx, owner: UserId, id: WidgetId) -> Result<Model, WidgetError> {
        let query = Entity::find_by_id(id).filter(Column::OwnerId.eq(owner));
        query.lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(WidgetError::NotFound)
    }

    pub async fn update(tx: &Tx, owner: UserId, row: Model) -> Result<(), WidgetError> {
        let update = Entity::update(row.into_active_model().reset_all()).validate()?;
        update.filter(Column::OwnerId.eq(owner)).exec_without_returning(tx).await?;
        Ok(())
    }

    pub async fn delete(tx: &Tx, owner: UserId, id: WidgetId) -> Result<(), WidgetError> {
        Entity::delete_by_id(id).filter(Column::OwnerId.eq(owner)).exec(tx).await?;
        Ok(())
    }

    /// Writes down what happened, at the place that was taken for it.
    pub async fn record(
        tx: &Tx,
        slot: &Slot,
        kind: WidgetChangeKind,
        owner: UserId,
        id: WidgetId,
    ) -> Result<(), WidgetError> {
        Ok(slot.record(tx, &kind.to_value(), id.0, Some(owner)).await?)
    }

    /// Changes after a place, in order, with the head and the epoch of the same moment. A stream that
    /// hasn't begun has no changes.
    pub async fn changes(
        &self,
        stream: StreamId,
        after: i64,
        limit: u64,
    ) -> Result<(Head, Vec<ChangeRow>), WidgetError> {
        let sql = format!(
            "SELECT i.epoch, coalesce(s.last_seq, 0) AS head, e.seq, e.kind, e.subject_id, e.at, \
             w.id, w.owner_id, w.title, w.version, w.created_at, w.edited_at \
             FROM installation i LEFT JOIN streams s ON s.id = $1 \
             LEFT JOIN stream_events e ON e.stream_id = s.id AND e.seq > $2 AND e.seq <= s.last_seq \
             LEFT JOIN \"widgets\" w ON w.id = e.subject_id ORDER BY e.seq LIMIT {limit}"
        );
        let reader = self.db.reader();
        let values = [stream.into(), after.into()];
        let rows =
            reader.query_all_raw(Statement::from_sql_and_values(reader.get_database_backend(), sql, values));
        let rows = rows.await?;
        let first = rows.first().ok_or_else(|| DbErr::RecordNotFound("the installation's row".into()))?;
        let head = Head { seq: first.try_get("", "head")?, epoch: first.try_get("", "epoch")? };
        let changes = rows.iter().filter_map(|row| change(row).transpose());
        Ok((head, changes.collect::<Result<_, DbErr>>()?))
    }
}

/// Nothing for the one row of a stream without changes.
fn change(row: &QueryResult) -> Result<Option<ChangeRow>, DbErr> {
    let Some(seq) = row.try_get::<Option<i64>>("", "seq")? else { return Ok(None) };
    Ok(Some(ChangeRow {
        seq,
        kind: row.try_get("", "kind")?,
        at: row.try_get("", "at")?,
        id: row.try_get("", "subject_id")?,
        now: match row.try_get::<Option<WidgetId>>("", "id")? {
            Some(_) => Some(Model::from_query_result(row, "")?),
            None => None,
        },
    }))
}
