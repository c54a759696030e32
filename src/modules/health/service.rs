use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::sync::Mutex;

use super::dto::{ApiHealth, Check, Health, Status};
use crate::{
    infra::{clock::Clock, lifecycle::Lifecycle},
    module::HealthIndicator,
};

/// How long a check may take before it counts as failed.
const DEADLINE: Duration = Duration::from_secs(2);
/// How long the outcome of the checks is good for: however often probes ask, the database is asked once.
const CHECKED_FOR: Duration = Duration::from_secs(1);
/// How long a count of accounts is good for.
const COUNTED_FOR: Duration = Duration::from_secs(10);

/// Counts accounts; another module fills it in.
#[async_trait::async_trait]
pub trait UserCount: Send + Sync {
    async fn count(&self) -> Option<u64>;
}

/// What probes need.
pub struct HealthDeps {
    pub environment: &'static str,
    pub version: String,
    pub clock: Clock,
    pub lifecycle: Arc<Lifecycle>,
    pub indicators: Vec<Arc<dyn HealthIndicator>>,
    pub users: Arc<dyn UserCount>,
}

type Checks = BTreeMap<String, Check>;

/// Runs the checks.
pub struct HealthService {
    deps: HealthDeps,
    started: Instant,
    /// When the checks were run last, and what they found.
    checked: Mutex<Option<(Instant, Checks)>>,
    /// When accounts were counted last, and how many there were.
    counted: Mutex<Option<(Instant, Option<u64>)>>,
}

impl HealthService {
    pub fn new(deps: HealthDeps) -> Self {
        Self { deps, started: Instant::now(), checked: Mutex::default(), counted: Mutex::default() }
    }

    pub async fn health(&self) -> Health {
        let checks = self.checks().await;
        Health {
            status: self.overall(checks.values().all(|check| check.status == Status::Ok)),
            uptime: self.started.elapsed().as_secs(),
            timestamp: self.deps.clock.now().into(),
            environment: self.deps.environment.into(),
            version: self.deps.version.clone(),
            checks,
        }
    }

    pub async fn api_health(&self) -> ApiHealth {
        let Health { status, timestamp, .. } = self.health().await;
        let users_count = if status == Status::Error { None } else { self.users_count().await };
        ApiHealth { status, timestamp, users_count }
    }

    fn overall(&self, works: bool) -> Status {
        match (works, self.deps.lifecycle.is_draining()) {
            (false, _) => Status::Error,
            (true, true) => Status::Draining,
            (true, false) => Status::Ok,
        }
    }

    /// Whoever holds the lock checks; others wait for the same outcome.
    async fn checks(&self) -> Checks {
        let mut checked = self.checked.lock().await;
        if let Some((at, checks)) = &*checked
            && at.elapsed() < CHECKED_FOR
        {
            return checks.clone();
        }
        let checks: Checks = join_all(self.deps.indicators.iter().map(check)).await.into_iter().collect();
        *checked = Some((Instant::now(), checks.clone()));
        checks
    }

    /// Whoever holds the lock counts; others wait for the same count.
    async fn users_count(&self) -> Option<u64> {
        let mut counted = self.counted.lock().await;
        if let Some((at, count)) = *counted
            && at.elapsed() < COUNTED_FOR
        {
            return count;
        }
        let count = tokio::time::timeout(DEADLINE, self.deps.users.count()).await.ok().flatten();
        *counted = Some((Instant::now(), count));
        count
    }
}

async fn check(indicator: &Arc<dyn HealthIndicator>) -> (String, Check) {
    let started = Instant::now();
    let result = tokio::time::timeout(DEADLINE, indicator.check()).await;
    let (status, detail) = match result {
        Ok(Ok(detail)) => (Status::Ok, detail),
        Ok(Err(detail)) => (Status::Error, Some(detail)),
        Err(_) => (Status::Error, Some(format!("no answer within {} s", DEADLINE.as_secs()))),
    };
    let response_time = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    (indicator.name().to_owned(), Check { status, response_time, detail })
}
