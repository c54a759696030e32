//! Jobs for administrators to look at.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Statement,
};
use uuid::Uuid;

use super::{
    entity::jobs::{self, Column},
    moment::now,
};
use crate::{
    infra::db::{Db, Tx},
    jobs::{JobRow, JobState},
};

/// The jobs that there are.
#[derive(Clone)]
pub struct Letters(Db);

impl Letters {
    pub fn new(db: Db) -> Self {
        Self(db)
    }

    /// Those in this state and of this kind, newest first, after this one.
    pub async fn list(
        &self,
        state: Option<JobState>,
        kind: Option<String>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<JobRow>, DbErr> {
        let query = jobs::Entity::find()
            .apply_if(state, |query, state| match state {
                JobState::Dead => query.filter(Column::DeadAt.is_not_null()),
                JobState::Running => {
                    query.filter(Column::DeadAt.is_null()).filter(Column::Holder.is_not_null())
                }
                JobState::Waiting => query.filter(Column::DeadAt.is_null()).filter(Column::Holder.is_null()),
            })
            .apply_if(kind, |query, kind| query.filter(Column::Kind.eq(kind)))
            .apply_if(after, |query, after| query.filter(Column::Id.lt(after)))
            .order_by_desc(Column::Id)
            .limit(limit);
        Ok(query.all(self.0.reader()).await?.into_iter().map(JobRow::from).collect())
    }

    pub async fn find(tx: &Tx, id: Uuid) -> Result<Option<JobRow>, DbErr> {
        Ok(jobs::Entity::find_by_id(id).one(tx).await?.map(JobRow::from))
    }

    /// A dead letter is a job again, as if it had just been ordered. Says no when it isn't one.
    pub async fn revive(tx: &Tx, id: Uuid) -> Result<bool, DbErr> {
        let (backend, mut values) = (tx.get_database_backend(), vec![id.into()]);
        let now = now(backend, &mut values);
        let sql = format!(
            "UPDATE jobs SET dead_at = NULL, deadline = NULL, unique_key = NULL, attempt = 0, fence = fence + 1, run_at = {now}, due_at = {now} \
             WHERE id = $1 AND dead_at IS NOT NULL"
        );
        Ok(tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected() > 0)
    }

    /// Throws a job away that nobody works on. Says no when somebody does, or there is none.
    pub async fn remove(tx: &Tx, id: Uuid) -> Result<bool, DbErr> {
        let gone = jobs::Entity::delete_many()
            .filter(Column::Id.eq(id))
            .filter(Column::Holder.is_null())
            .exec(tx)
            .await?;
        Ok(gone.rows_affected > 0)
    }
}
