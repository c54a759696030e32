use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use rookery::jobs::{Priority, Terms};

use super::{Desk, How, Write, all_done, is_written, order, order_as, start, written};
use crate::support::TestApp;

#[tokio::test]
async fn what_is_committed_is_done_and_what_is_rolled_back_never_was() {
    let (app, desk) = start(4).await;
    let tx = app.inside.db.begin().await.unwrap();
    let job = Write { word: "undone".into(), how: How::Well };
    app.inside.jobs.order(&tx, &job).await.unwrap();
    tx.rollback().await.unwrap();
    order(&app, "done", How::Well).await;
    is_written(&app, "done").await;
    all_done(&app).await;
    assert_eq!((desk.count("undone"), written(&app, "undone").await), (0, 0));
}

#[tokio::test]
async fn ordering_takes_one_statement_for_any_number() {
    let (app, _) = start(0).await;
    let jobs: Vec<Write> = (0..100).map(|n| Write { word: n.to_string(), how: How::Well }).collect();
    for count in [1, 100] {
        let before = inserts(&app).await;
        let tx = app.inside.db.begin().await.unwrap();
        app.inside.jobs.order_all(&tx, &jobs[..count]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(inserts(&app).await - before, 1.0);
    }
    assert_eq!(app.database.number("SELECT count(*) FROM jobs").await, 101);
}

async fn inserts(app: &TestApp) -> f64 {
    crate::support::figure(&app.anonymous(), "db_query_duration_seconds_count{verb=\"INSERT\"}").await
}

#[tokio::test]
async fn a_key_is_one_jobs_until_it_is_done() {
    let (app, desk) = start(4).await;
    let key = || Terms { unique: Some("ink".into()), ..Terms::default() };
    assert!(order_as(&app, "first", How::Held, key()).await);
    assert!(!order_as(&app, "second", How::Well, key()).await);
    desk.begun("first").await;
    assert!(!order_as(&app, "third", How::Well, key()).await);
    desk.gate.add_permits(1);
    all_done(&app).await;
    assert!(order_as(&app, "fourth", How::Well, key()).await);
    is_written(&app, "fourth").await;
    assert_eq!(desk.count("second") + desk.count("third"), 0);
}

#[tokio::test]
async fn the_most_urgent_goes_first_and_then_the_oldest() {
    let (app, desk) = start(1).await;
    order(&app, "held", How::Held).await;
    desk.begun("held").await;
    for (word, priority) in [("low", Priority::Low), ("one", Priority::Normal), ("two", Priority::Normal)] {
        order_as(&app, word, How::Well, Terms { priority: Some(priority), ..Terms::default() }).await;
    }
    order_as(&app, "high", How::Well, Terms { priority: Some(Priority::High), ..Terms::default() }).await;
    desk.gate.add_permits(1);
    all_done(&app).await;
    assert_eq!(*desk.begun.lock().unwrap(), ["held", "high", "one", "two", "low"]);
}

#[tokio::test]
async fn nothing_is_begun_before_its_time() {
    let (app, desk) = start(4).await;
    let moment = Utc::now() + TimeDelta::milliseconds(700);
    order_as(&app, "later", How::Well, Terms { at: Some(moment), ..Terms::default() }).await;
    order_as(
        &app,
        "tomorrow",
        How::Well,
        Terms { at: Some(Utc::now() + TimeDelta::days(1)), ..Terms::default() },
    )
    .await;
    order(&app, "now", How::Well).await;
    is_written(&app, "now").await;
    assert_eq!(desk.count("later"), 0);
    is_written(&app, "later").await;
    assert!(Utc::now() >= moment);
    assert_eq!(desk.count("tomorrow"), 0);
}

#[tokio::test]
async fn a_stopping_node_finishes_what_it_can_and_gives_back_the_rest() {
    let desk = Desk::new();
    let app = TestApp::with_jobs_and(4, desk.handlers(), |settings| {
        settings.set("DRAIN_TIMEOUT_SECS", 1);
    })
    .await;
    app.database.execute("CREATE TABLE written (word text NOT NULL)").await;
    let words = ["one", "two"];
    for word in words {
        order(&app, word, How::Held).await;
        desk.begun(word).await;
    }
    app.begin_stop();
    desk.gate.add_permits(1);
    let other = Desk::new();
    let second = TestApp::second_node_with_jobs(&app, 4, other.handlers(), Vec::new()).await;
    other.gate.add_permits(1);
    let begun = Instant::now();
    all_done(&second).await;
    // Long before its lease would have ended.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    for word in words {
        assert_eq!(written(&second, word).await, 1);
    }
    assert_eq!(words.map(|word| other.count(word)).iter().sum::<usize>(), 1);
    app.stop();
}
