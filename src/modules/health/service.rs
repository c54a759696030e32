use std::{
    collections::BTreeMap,
    future::Future,
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

/// What the checks found, and whether all that is vital works.
type Checks = (BTreeMap<String, Check>, bool);

/// Runs the checks.
pub struct HealthService {
    deps: HealthDeps,
    pub(super) started: Instant,
    checked: Kept<Checks>,
    counted: Kept<Option<u64>>,
}

/// Tells the time by which it is judged what is still good.
pub trait Now: Fn() -> Instant + Copy + Send + Sync {}

impl<F: Fn() -> Instant + Copy + Send + Sync> Now for F {}

/// What was found last, for as long as it is good.
struct Kept<T> {
    good_for: Duration,
    found: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Kept<T> {
    fn new(good_for: Duration) -> Self {
        Self { good_for, found: Mutex::default() }
    }

    /// What is still good. Whoever holds the lock looks; others wait for what is found.
    async fn get(&self, now: impl Now, look: impl Future<Output = T>) -> T {
        let mut found = self.found.lock().await;
        if let Some((at, value)) = &*found
            && now().saturating_duration_since(*at) < self.good_for
        {
            return value.clone();
        }
        let value = look.await;
        *found = Some((now(), value.clone()));
        value
    }
}

impl HealthService {
    pub fn new(deps: HealthDeps) -> Self {
        let (checked, counted) = (Kept::new(CHECKED_FOR), Kept::new(COUNTED_FOR));
        Self { deps, started: Instant::now(), checked, counted }
    }

    pub async fn health(&self) -> Health {
        self.health_by(Instant::now).await
    }

    pub async fn api_health(&self) -> ApiHealth {
        self.api_health_by(Instant::now).await
    }

    pub(super) async fn health_by(&self, now: impl Now) -> Health {
        let (checks, works) = self.checked.get(now, self.check()).await;
        Health {
            status: self.overall(works),
            uptime: now().saturating_duration_since(self.started).as_secs(),
            timestamp: self.deps.clock.now().into(),
            environment: self.deps.environment.into(),
            version: self.deps.version.clone(),
            checks,
        }
    }

    pub(super) async fn api_health_by(&self, now: impl Now) -> ApiHealth {
        let Health { status, timestamp, .. } = self.health_by(now).await;
        let users_count =
            if status == Status::Error { None } else { self.counted.get(now, self.count()).await };
        ApiHealth { status, timestamp, users_count }
    }

    fn overall(&self, works: bool) -> Status {
        match (works, self.deps.lifecycle.is_draining()) {
            (false, _) => Status::Error,
            (true, true) => Status::Draining,
            (true, false) => Status::Ok,
        }
    }

    async fn check(&self) -> Checks {
        let found = join_all(self.deps.indicators.iter().map(check)).await;
        let vital = self.deps.indicators.iter().map(|indicator| indicator.is_vital());
        let works = vital.zip(&found).all(|(vital, (_, check))| !vital || check.status == Status::Ok);
        (found.into_iter().collect(), works)
    }

    async fn count(&self) -> Option<u64> {
        tokio::time::timeout(DEADLINE, self.deps.users.count()).await.ok().flatten()
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
