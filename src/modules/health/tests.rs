use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;

use super::{
    HealthDeps, UserCount,
    dto::{Check, Status},
    service::HealthService,
};
use crate::{
    infra::{clock::Clock, lifecycle::Lifecycle},
    module::HealthIndicator,
};

/// Answers with how often it was asked.
#[derive(Default)]
struct Asked(AtomicU64);

impl Asked {
    fn times(&self) -> u64 {
        self.0.fetch_add(1, Relaxed) + 1
    }
}

#[async_trait]
impl UserCount for Asked {
    async fn count(&self) -> Option<u64> {
        Some(self.times())
    }
}

#[async_trait]
impl HealthIndicator for Asked {
    fn name(&self) -> &'static str {
        "asked"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        Ok(Some(self.times().to_string()))
    }
}

/// Something that doesn't work.
struct Broken;

#[async_trait]
impl HealthIndicator for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        Err("it doesn't work".into())
    }
}

/// Something that doesn't work, and isn't needed.
struct Missed;

#[async_trait]
impl HealthIndicator for Missed {
    fn name(&self) -> &'static str {
        "missed"
    }

    fn is_vital(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<Option<String>, String> {
        Err("it is away".into())
    }
}

/// The service with one check that counts, and others besides; and what lets it drain.
fn service(others: Vec<Arc<dyn HealthIndicator>>) -> (HealthService, Arc<Lifecycle>) {
    let asked: Arc<dyn HealthIndicator> = Arc::new(Asked::default());
    let lifecycle = Arc::new(Lifecycle::default());
    let service = HealthService::new(HealthDeps {
        environment: "test",
        version: "1".into(),
        clock: Clock::fixed(Clock::Machine.now()),
        lifecycle: lifecycle.clone(),
        indicators: [asked].into_iter().chain(others).collect(),
        users: Arc::new(Asked::default()),
    });
    (service, lifecycle)
}

#[tokio::test]
async fn the_checks_are_run_once_a_second_however_often_probes_ask() {
    let (health, _) = service(vec![]);
    for (millis, asked) in [(0, "1"), (999, "1"), (1000, "2"), (1999, "2"), (5000, "3")] {
        let found = health.health_by(|| health.started + Duration::from_millis(millis)).await;
        assert_eq!(found.status, Status::Ok);
        assert_eq!(found.checks["asked"].detail.as_deref(), Some(asked), "after {millis} ms");
    }
}

#[tokio::test]
async fn accounts_are_counted_once_in_ten_seconds() {
    let (health, _) = service(vec![]);
    for (millis, counted) in [(0, 1), (9_999, 1), (10_000, 2), (19_999, 2)] {
        let found = health.api_health_by(|| health.started + Duration::from_millis(millis)).await;
        assert_eq!((found.status, found.users_count), (Status::Ok, Some(counted)), "after {millis} ms");
    }
}

#[tokio::test]
async fn one_check_that_fails_is_an_error_and_nobody_is_counted() {
    let (health, lifecycle) = service(vec![Arc::new(Broken)]);
    let found = health.health().await;
    assert_eq!((found.status, found.checks["asked"].status), (Status::Error, Status::Ok));
    let Check { status, detail, .. } = &found.checks["broken"];
    assert_eq!((*status, detail.as_deref()), (Status::Error, Some("it doesn't work")));
    let found = health.api_health().await;
    assert_eq!((found.status, found.users_count), (Status::Error, None));
    lifecycle.begin_drain();
    assert_eq!(health.health().await.status, Status::Error, "whether it drains or not");
}

#[tokio::test]
async fn what_is_not_vital_is_shown_and_not_judged() {
    let (health, _) = service(vec![Arc::new(Missed)]);
    let found = health.health().await;
    assert_eq!((found.status, found.checks["missed"].status), (Status::Ok, Status::Error));
    assert_eq!(health.api_health().await.status, Status::Ok);
}

#[tokio::test]
async fn a_node_that_drains_says_so_at_once() {
    let (health, lifecycle) = service(vec![]);
    let now = || health.started;
    assert_eq!(health.health_by(now).await.status, Status::Ok);
    lifecycle.begin_drain();
    let found = health.health_by(now).await;
    assert_eq!((found.status, found.checks["asked"].status), (Status::Draining, Status::Ok));
    assert_eq!(health.api_health_by(now).await.users_count, Some(1), "it still works");
}
