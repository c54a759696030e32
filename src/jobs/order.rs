//! Ordering jobs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    Job, Priority,
    store::{Draft, Store},
};
use crate::infra::db::Tx;

/// Where jobs are ordered. Cheap to clone.
#[derive(Clone, Default)]
pub struct Jobs {
    /// Told when something was ordered here: it is committed soon.
    pub(super) ordered: Arc<Notify>,
}

/// How a job is done, where it isn't as its kind says.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Not before; at once where there is none.
    pub at: Option<DateTime<Utc>>,
    /// Rather not at all than begun after this: then it is a dead letter.
    pub deadline: Option<DateTime<Utc>>,
    /// While another of its kind with this key waits or is worked on, it isn't ordered.
    pub unique: Option<String>,
    pub priority: Option<Priority>,
}

impl Jobs {
    /// Orders a job: it is done once this transaction is committed, and never when it isn't. One statement.
    pub async fn order<J: Job>(&self, tx: &Tx, job: &J) -> Result<(), DbErr> {
        self.order_as(tx, job, Terms::default()).await?;
        Ok(())
    }

    /// The same on terms of its own. Says no when its unique key is another's.
    pub async fn order_as<J: Job>(&self, tx: &Tx, job: &J, terms: Terms) -> Result<bool, DbErr> {
        let ordered = Store::add(tx, &[draft(job, terms)?]).await? > 0;
        self.ordered.notify_one();
        Ok(ordered)
    }

    /// Orders many by one statement.
    pub async fn order_all<J: Job>(&self, tx: &Tx, jobs: &[J]) -> Result<(), DbErr> {
        let drafts: Vec<Draft> =
            jobs.iter().map(|job| draft(job, Terms::default())).collect::<Result<_, _>>()?;
        if !drafts.is_empty() {
            Store::add(tx, &drafts).await?;
            self.ordered.notify_one();
        }
        Ok(())
    }
}

pub fn draft<J: Job>(job: &J, Terms { at, deadline, unique, priority }: Terms) -> Result<Draft, DbErr> {
    let payload = serde_json::to_string(job).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(Draft {
        id: Uuid::now_v7(),
        kind: J::KIND,
        version: J::VERSION,
        payload,
        priority: priority.unwrap_or(J::PRIORITY).number(),
        unique_key: unique,
        run_at: at,
        deadline,
    })
}
