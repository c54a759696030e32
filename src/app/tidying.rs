//! Housekeeping, once an hour.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    guards::IdempotencyKey,
    infra::{clock::Clock, db::Db},
    jobs::{Failure, Handler, Job, Schedule, Turn},
    modules::auth::Sessions,
};

/// Throws away what has had its time: idempotency keys after a day, sessions long expired.
#[derive(Serialize, Deserialize)]
pub struct Tidy {}

/// What there is to tidy.
#[derive(Clone)]
pub struct Tidying {
    pub db: Db,
    pub clock: Clock,
    pub sessions: Arc<Sessions>,
}

impl Tidying {
    pub fn handler(self) -> Handler {
        Handler::of::<Tidy>(Arc::new(self))
    }

    pub fn schedule() -> Schedule {
        Schedule::new("17 * * * *", Tidy {})
    }
}

#[async_trait]
impl Job for Tidy {
    const KIND: &'static str = "tidy";
    type By = Tidying;

    async fn run(self, by: &Tidying, _: &mut Turn) -> Result<(), Failure> {
        let keys = IdempotencyKey::forget_before(&by.db, by.clock.now() - TimeDelta::days(1)).await?;
        let sessions = by.sessions.forget_expired().await?;
        tracing::debug!(keys, sessions, "tidied");
        Ok(())
    }
}
