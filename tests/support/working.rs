//! Nodes with jobs of the test's.

use std::sync::Arc;

use rookery::{
    app::App,
    infra::db::Db,
    jobs::{Handler, Schedule, Works, WorksDeps},
};

use super::{Settings, TestApp, TestDatabase, app::of_tests};

impl TestApp {
    /// With these jobs in place of the modules', so many of them at once.
    pub async fn with_jobs(at_once: usize, jobs: impl FnOnce(&Db) -> Vec<Handler> + Send + 'static) -> Self {
        Self::with_jobs_and(at_once, jobs, |_| {}).await
    }

    /// The same with other settings.
    pub async fn with_jobs_and(
        at_once: usize,
        jobs: impl FnOnce(&Db) -> Vec<Handler> + Send + 'static,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let mut settings = Settings::of_tests();
        settings.set("DATABASE_URL", database.url()).share_redis();
        change(&mut settings);
        Self::launch_changed(settings, of_tests(), database, works(at_once, jobs, Vec::new())).await
    }

    /// Another node beside this one, with jobs and schedules of its own.
    pub async fn second_node_with_jobs(
        first: &TestApp,
        at_once: usize,
        jobs: impl FnOnce(&Db) -> Vec<Handler> + Send + 'static,
        schedules: Vec<Schedule>,
    ) -> Self {
        let (settings, outside) = (first.settings.clone(), first.outside.clone());
        let change = works(at_once, jobs, schedules);
        Self::launch_changed(settings, outside, first.database.clone(), change).await
    }
}

fn works(
    at_once: usize,
    jobs: impl FnOnce(&Db) -> Vec<Handler> + Send,
    schedules: Vec<Schedule>,
) -> impl FnOnce(&mut App) + Send {
    move |app| {
        app.works = Works::new(WorksDeps {
            db: app.db.clone(),
            jobs: app.works.jobs(),
            metrics: app.metrics.clone(),
            handlers: jobs(&app.db),
            schedules,
            at_once,
        });
    }
}
