//! Workers are killed, and stopped for longer than anybody waits for them.

use std::{env, process::Stdio, sync::Arc, time::Duration};

use rookery::{
    config::Config,
    infra::{db::Db, metrics::Metrics},
    jobs::{Jobs, Works, WorksDeps},
};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::{Desk, How, Write, is_written, order, start, written};
use crate::support::{TestApp, eventually, in_time};

/// Says to this program, started once more, that it is a worker on this database.
const WORKS_ON: &str = "ROOKERY_TEST_WORKS_ON";
/// The lease of whoever was killed last has to end first.
const DONE_WITHIN: Duration = Duration::from_secs(60);

/// A worker in a process of its own; killed when it is dropped.
fn worker(app: &TestApp) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "jobs::dying::is_a_worker_when_it_is_told_so", "--nocapture"]);
    command.env(WORKS_ON, app.database.url()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

/// Not a test: what a worker's process does.
#[tokio::test]
async fn is_a_worker_when_it_is_told_so() {
    let Ok(url) = env::var(WORKS_ON) else { return };
    let config = Config::read(&|name| (name == "DATABASE_URL").then(|| url.clone())).unwrap();
    let metrics = Arc::new(Metrics::new());
    let db = Db::connect(&config.database, &metrics).await.unwrap();
    let desk = Desk::new();
    let deps = WorksDeps {
        handlers: desk.handlers()(&db),
        db,
        jobs: Jobs::default(),
        metrics,
        schedules: Vec::new(),
        at_once: 8,
    };
    Works::new(deps).run(CancellationToken::new()).await;
}

#[tokio::test]
async fn of_a_thousand_jobs_each_is_done_once_whoever_is_killed() {
    let (app, _) = start(0).await;
    let mut workers = [worker(&app), worker(&app)];
    let jobs: Vec<Write> = (0..1000).map(|n| Write { word: n.to_string(), how: How::Well }).collect();
    for (round, some) in jobs.chunks(100).enumerate() {
        let tx = app.inside.db.begin().await.unwrap();
        app.inside.jobs.order_all(&tx, some).await.unwrap();
        tx.commit().await.unwrap();
        // In the middle of them.
        let done = (round as i64) * 100 + 30;
        let count = "SELECT count(*) FROM written";
        in_time(DONE_WITHIN, async || (app.database.number(count).await >= done - 60).then_some(()))
            .await
            .unwrap();
        let dying = &mut workers[round % 2];
        dying.kill().await.unwrap();
        *dying = worker(&app);
    }
    let left = "SELECT count(*) FROM jobs";
    in_time(DONE_WITHIN, async || (app.database.number(left).await == 0).then_some(())).await.unwrap();
    let once = "SELECT count(*) FROM (SELECT word FROM written GROUP BY word HAVING count(*) = 1) once";
    assert_eq!(app.database.number(once).await, 1000);
    assert_eq!(app.database.number("SELECT count(*) FROM written").await, 1000);
}

#[tokio::test]
async fn a_worker_that_was_stopped_past_its_lease_and_wakes_completes_nothing() {
    let (app, _) = start(0).await;
    let sleeper = worker(&app);
    order(&app, "word", How::Waits).await;
    let held = "SELECT count(*) FROM jobs WHERE fence = 1 AND holder IS NOT NULL";
    eventually(async || (app.database.number(held).await == 1).then_some(())).await;
    signal(&sleeper, "STOP").await;
    // Sooner than its lease would end, and it can't renew it.
    app.database.execute("UPDATE jobs SET due_at = created_at").await;
    let mut other = worker(&app);
    let taken = "SELECT count(*) FROM jobs WHERE fence = 2 AND holder IS NOT NULL";
    eventually(async || (app.database.number(taken).await == 1).then_some(())).await;
    signal(&sleeper, "CONT").await;
    app.database.execute("INSERT INTO written VALUES ('go')").await;
    is_written(&app, "word").await;
    other.kill().await.unwrap();
    // By whoever was asleep: it lives, and does what is its own.
    order(&app, "after", How::Well).await;
    is_written(&app, "after").await;
    assert_eq!(written(&app, "word").await, 1);
}

async fn signal(worker: &Child, name: &str) {
    let id = worker.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().await.unwrap().success());
}
