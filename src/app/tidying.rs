//! Housekeeping, until there are jobs for it.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use crate::{
    guards::IdempotencyKey,
    infra::{clock::Clock, db::Db},
    modules::auth::Sessions,
    problem::Problem,
};

/// Throws away what has had its time: idempotency keys after a day, sessions long expired.
#[derive(Clone)]
pub struct Tidying {
    pub db: Db,
    pub clock: Clock,
    pub sessions: Arc<Sessions>,
}

impl Tidying {
    /// Once an hour, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(3600));
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            match self.tidy().await {
                Ok((keys, sessions)) => tracing::debug!(keys, sessions, "tidied"),
                Err(problem) => tracing::warn!(%problem, "what has had its time couldn't be thrown away"),
            }
        }
    }

    async fn tidy(&self) -> Result<(u64, u64), Problem> {
        let keys = IdempotencyKey::forget_before(&self.db, self.clock.now() - TimeDelta::days(1)).await?;
        Ok((keys, self.sessions.forget_expired().await?))
    }
}
