//! What is due, and claiming it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::{
    Claimed, Store,
    moment::{before, later, now},
};
use crate::{infra::db::Rows, jobs::Priority};

/// A claim is good for so long, unless it is renewed.
pub const LEASE: Duration = Duration::from_secs(15);
/// Nobody knows what has been due for so long and is given back by everybody.
const OLD: Duration = Duration::from_secs(10 * 60);

impl Store {
    /// How long it takes until something is due: negative when something has been for so long; nothing when there is
    /// nothing.
    pub async fn until_due(&self) -> Result<Option<i64>, DbErr> {
        let (on, mut values) = (self.db.reader(), Vec::new());
        let backend = on.get_database_backend();
        let now = now(backend, &mut values);
        let first = |priority: Priority| {
            let number = priority.number();
            format!("SELECT min(due_at) AS due_at FROM jobs WHERE dead_at IS NULL AND priority = {number}")
        };
        let firsts = Priority::ALL.map(first).join(" UNION ALL ");
        let sql = format!("SELECT {now} AS now, min(f.due_at) AS due_at FROM ({firsts}) f");
        let row = on.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let Some(row) = row else { return Ok(None) };
        let due: Option<DateTime<Utc>> = row.try_get("", "due_at")?;
        let now: DateTime<Utc> = row.try_get("", "now")?;
        Ok(due.map(|due| (due - now).num_milliseconds()))
    }

    /// Claims at most so many of what is due, those of the highest priority first, of each the longest due.
    pub async fn claim(&self, most: usize, holder: Uuid) -> Result<Vec<Claimed>, DbErr> {
        let on = self.db.writer();
        let (backend, is_postgres) = (on.get_database_backend(), self.db.is_postgres());
        let mut values = vec![i64::try_from(most).unwrap_or(i64::MAX).into(), holder.into()];
        let lease = later(backend, LEASE, &mut values);
        let now = now(backend, &mut values);
        // Whoever waits for a row that another claims would get it afterwards: they pass each other by.
        let lock = if is_postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let of = |priority: Priority| {
            let number = priority.number();
            format!(
                "SELECT id FROM (SELECT id FROM jobs WHERE dead_at IS NULL AND priority = {number} AND due_at <= {now} \
                 ORDER BY due_at LIMIT $1 {lock}) p{number}"
            )
        };
        let due = Priority::ALL.map(of).join(" UNION ALL ");
        // As an array it is read once, whatever PostgreSQL thinks of the table.
        let among = match is_postgres {
            true => format!("= ANY (ARRAY ({due} LIMIT $1))"),
            false => format!("IN (SELECT id FROM ({due}) LIMIT $1)"),
        };
        let since = before(backend, OLD, &mut values);
        let sql = format!(
            "UPDATE jobs SET fence = fence + 1, attempt = attempt + 1, holder = $2, due_at = {lease} WHERE id {among} \
             RETURNING id, kind, version, payload, attempt, fence, coalesce(deadline < {now}, false) AS is_late, \
             run_at < {since} AS is_old"
        );
        let rows = on.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        rows.iter().map(|row| Claimed::from_query_result(row, "")).collect()
    }

    /// Renews leases; says of which jobs.
    pub async fn renew(&self, held: &[(Uuid, i64)]) -> Result<Vec<Uuid>, DbErr> {
        let (on, mut values) = (self.db.writer(), Vec::new());
        let backend = on.get_database_backend();
        let rows = rows(held).bind(backend, &mut values);
        let lease = later(backend, LEASE, &mut values);
        let sql = format!(
            "UPDATE jobs SET due_at = {lease} WHERE (id, fence) IN (SELECT r.id, r.fence FROM {rows} r) \
             AND dead_at IS NULL RETURNING id"
        );
        let rows = on.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }
}

/// Jobs and their fences.
pub fn rows(held: &[(Uuid, i64)]) -> Rows {
    Rows::default()
        .column("id", held.iter().map(|(id, _)| *id))
        .column("fence", held.iter().map(|(_, fence)| *fence))
}
