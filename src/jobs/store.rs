//! The queries on jobs. Each is one statement.

mod claimed;
mod due;
mod ending;
mod entity;
mod letters;
mod moment;
mod schedules;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

use self::moment::now;
use crate::infra::db::{Db, Rows, Tx};

pub use {claimed::Claimed, due::LEASE, entity::jobs, letters::Letters};

/// A job that is to be stored.
pub struct Draft {
    pub id: Uuid,
    pub kind: &'static str,
    pub version: i32,
    pub payload: String,
    pub priority: i32,
    pub unique_key: Option<String>,
    /// Now, by the database's clock, where there is none.
    pub run_at: Option<DateTime<Utc>>,
    pub deadline: Option<DateTime<Utc>>,
}

/// What workers ask and write.
#[derive(Clone)]
pub struct Store {
    db: Db,
}

impl Store {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Stores jobs, but for those whose unique key another has; says how many.
    pub async fn add(tx: &Tx, drafts: &[Draft]) -> Result<u64, DbErr> {
        let (backend, mut values) = (tx.get_database_backend(), Vec::new());
        let rows = Rows::default()
            .column("id", drafts.iter().map(|draft| draft.id))
            .column("kind", drafts.iter().map(|draft| draft.kind.to_owned()))
            .column("version", drafts.iter().map(|draft| draft.version))
            .column("payload", drafts.iter().map(|draft| draft.payload.clone()))
            .column("priority", drafts.iter().map(|draft| draft.priority))
            .nullable("unique_key", drafts.iter().map(|draft| draft.unique_key.clone()))
            .nullable("run_at", drafts.iter().map(|draft| draft.run_at))
            .nullable("deadline", drafts.iter().map(|draft| draft.deadline))
            .bind(backend, &mut values);
        let now = now(backend, &mut values);
        let sql = format!(
            "INSERT INTO jobs (id, kind, version, payload, priority, unique_key, created_at, run_at, due_at, deadline) \
             SELECT r.id, r.kind, r.version, r.payload, r.priority, r.unique_key, {now}, coalesce(r.run_at, {now}), \
             coalesce(r.run_at, {now}), r.deadline FROM {rows} r WHERE true \
             ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND dead_at IS NULL DO NOTHING"
        );
        Ok(tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected())
    }
}
