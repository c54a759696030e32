use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use rookery::jobs::{Failure, Handler, Job, Schedule, Turn};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Desk, How, all_done, is_written, order, start, written};
use crate::support::{TestApp, eventually, figure, within};

#[tokio::test]
async fn several_nodes_do_each_job_once() {
    let (app, desk) = start(8).await;
    let (desk2, desk3) = (Desk::new(), Desk::new());
    let second = TestApp::second_node_with_jobs(&app, 8, desk2.handlers(), Vec::new()).await;
    let third = TestApp::second_node_with_jobs(&app, 8, desk3.handlers(), Vec::new()).await;
    let words: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    for some in words.chunks(20) {
        let tx = app.inside.db.begin().await.unwrap();
        let jobs: Vec<_> =
            some.iter().map(|word| super::Write { word: word.clone(), how: How::Well }).collect();
        app.inside.jobs.order_all(&tx, &jobs).await.unwrap();
        tx.commit().await.unwrap();
    }
    all_done(&app).await;
    let counts = "SELECT count(*) FROM (SELECT word FROM written GROUP BY word HAVING count(*) = 1) once";
    assert_eq!(app.database.number(counts).await, 300);
    assert_eq!(app.database.number("SELECT count(*) FROM written").await, 300);
    drop(second);
    drop(third);
    let begun: usize = [desk, desk2, desk3].iter().map(|desk| desk.begun.lock().unwrap().len()).sum();
    assert_eq!(begun, 300, "nobody began what another had");
}

#[tokio::test]
async fn whoever_was_stopped_for_longer_than_the_lease_completes_nothing() {
    // Of one place, which is taken: it claims nothing more.
    let (app, desk) = start(1).await;
    order(&app, "word", How::Held).await;
    desk.begun("word").await;
    let other = Desk::new();
    let second = TestApp::second_node_with_jobs(&app, 4, other.handlers(), Vec::new()).await;
    // As when the first had been stopped until its lease had ended: the other claims the job.
    eventually(async || {
        // It isn't stopped, and may renew its lease in between.
        app.database.execute("UPDATE jobs SET due_at = created_at WHERE fence = 1").await;
        (other.count("word") == 1).then_some(())
    })
    .await;
    desk.gate.add_permits(1);
    let lost = "job_duration_seconds_count{kind=\"test.write\",outcome=\"lost\"}";
    eventually(async || (figure(&app.anonymous(), lost).await == 1.0).then_some(())).await;
    assert_eq!(written(&app, "word").await, 0, "it has rolled back what it did");
    other.gate.add_permits(1);
    all_done(&second).await;
    is_written(&app, "word").await;
    assert_eq!(written(&app, "word").await, 1);
    drop(second);
}

#[derive(Serialize, Deserialize)]
struct Tick {}

#[async_trait]
impl Job for Tick {
    const KIND: &'static str = "test.tick";
    type By = mpsc::UnboundedSender<std::time::Instant>;

    async fn run(self, by: &Self::By, _: &mut Turn) -> Result<(), Failure> {
        by.send(std::time::Instant::now()).map_err(|_| Failure::Never("the test is over".into()))
    }
}

#[tokio::test]
async fn a_schedule_of_three_nodes_is_due_once_a_tick() {
    let (app, _) = start(0).await;
    let (ticks, mut ticking) = mpsc::unbounded_channel();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let ticks = ticks.clone();
        let handlers = move |_: &_| vec![Handler::of::<Tick>(Arc::new(ticks))];
        let schedules = vec![Schedule::new("* * * * * *", Tick {})];
        nodes.push(TestApp::second_node_with_jobs(&app, 4, handlers, schedules).await);
    }
    let first = within("the first tick", ticking.recv()).await.unwrap();
    for _ in 0..4 {
        within("another tick", ticking.recv()).await.unwrap();
    }
    // Five ticks, each a second after the one before: with one more, they would come sooner.
    let took = first.elapsed();
    assert!(took > Duration::from_millis(3500), "{took:?}");
    assert_eq!(app.database.number("SELECT count(*) FROM schedules").await, 1);
}
