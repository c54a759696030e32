//! What becomes of a claimed job. Whoever has lost it changes nothing.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use uuid::Uuid;

use super::{
    Store,
    due::rows,
    moment::{later, now},
};
use crate::infra::db::Tx;

/// Of what is kept of a failure.
const MOST_CHARACTERS: usize = 500;

impl Store {
    /// These are done; says of which it is so.
    pub async fn finish(&self, done: &[(Uuid, i64)]) -> Result<Vec<Uuid>, DbErr> {
        let (on, mut values) = (self.db.writer(), Vec::new());
        let backend = on.get_database_backend();
        let rows = rows(done).bind(backend, &mut values);
        let sql = format!(
            "DELETE FROM jobs WHERE (id, fence) IN (SELECT r.id, r.fence FROM {rows} r) RETURNING id"
        );
        let rows = on.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// The same inside the transaction that does it.
    pub async fn finish_in(tx: &Tx, id: Uuid, fence: i64) -> Result<bool, DbErr> {
        let sql = "DELETE FROM jobs WHERE id = $1 AND fence = $2";
        let values = [id.into(), fence.into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
    }

    /// It failed, and is tried again after this pause.
    pub async fn again(&self, id: Uuid, fence: i64, pause: Duration, error: &str) -> Result<bool, DbErr> {
        let mut values = vec![id.into(), fence.into(), cut(error).into()];
        let due = later(self.db.writer().get_database_backend(), pause, &mut values);
        self.set(format!("error = $3, due_at = {due}"), values).await
    }

    /// It is a dead letter from now on.
    pub async fn bury(&self, id: Uuid, fence: i64, error: &str) -> Result<bool, DbErr> {
        let mut values = vec![id.into(), fence.into(), cut(error).into()];
        let now = now(self.db.writer().get_database_backend(), &mut values);
        self.set(format!("error = $3, dead_at = {now}"), values).await
    }

    /// It wasn't tried, and is for others to claim after this pause.
    pub async fn give_back(&self, id: Uuid, fence: i64, pause: Duration) -> Result<bool, DbErr> {
        let mut values = vec![id.into(), fence.into()];
        let due = later(self.db.writer().get_database_backend(), pause, &mut values);
        self.set(format!("attempt = attempt - 1, due_at = {due}"), values).await
    }

    async fn set(&self, what: String, values: Vec<Value>) -> Result<bool, DbErr> {
        let on = self.db.writer();
        // A raised fence: what was said of it before doesn't hold for it any more.
        let sql = format!(
            "UPDATE jobs SET {what}, holder = NULL, fence = fence + 1 WHERE id = $1 AND fence = $2 AND dead_at IS NULL"
        );
        let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
        Ok(on.execute_raw(statement).await?.rows_affected() > 0)
    }
}

fn cut(error: &str) -> String {
    error.chars().take(MOST_CHARACTERS).collect()
}
