use chrono::{TimeDelta, Utc};
use rookery::jobs::Terms;

use super::{How, all_done, dead, is_written, order, order_as, start, written};

#[tokio::test]
async fn what_fails_is_tried_again() {
    let (app, desk) = start(4).await;
    order(&app, "again", How::FailsOnce).await;
    is_written(&app, "again").await;
    all_done(&app).await;
    assert_eq!(desk.count("again"), 2);
}

#[tokio::test]
async fn what_fails_too_often_is_a_dead_letter_with_the_reason() {
    for (how, reason) in [(How::Fails, "no ink"), (How::Panics, "it panicked")] {
        let (app, desk) = start(4).await;
        order(&app, "word", how).await;
        assert_eq!(dead(&app).await, reason);
        assert_eq!((desk.count("word"), written(&app, "word").await), (3, 0));
    }
}

#[tokio::test]
async fn what_never_will_go_well_is_not_tried_again() {
    let (app, desk) = start(4).await;
    order(&app, "word", How::Never).await;
    assert_eq!(dead(&app).await, "no such word");
    assert_eq!(desk.count("word"), 1);
}

#[tokio::test]
async fn what_takes_too_long_has_failed() {
    let (app, _) = start(4).await;
    order(&app, "word", How::TooSlow).await;
    let sql = "SELECT count(*) FROM jobs WHERE error = 'it took longer than 5s'";
    crate::support::eventually(async || (app.database.number(sql).await == 1).then_some(())).await;
    app.database.execute("DELETE FROM jobs").await;
}

#[tokio::test]
async fn what_is_too_late_is_not_begun() {
    let (app, desk) = start(4).await;
    let deadline = Some(Utc::now() - TimeDelta::seconds(1));
    order_as(&app, "word", How::Well, Terms { deadline, ..Terms::default() }).await;
    assert_eq!(dead(&app).await, "it wasn't begun before its deadline");
    assert_eq!(desk.count("word"), 0);
}

#[tokio::test]
async fn what_kills_its_worker_each_time_is_given_up() {
    let (app, desk) = start(4).await;
    let at = Some(Utc::now() + TimeDelta::days(1));
    order_as(&app, "word", How::Well, Terms { at, ..Terms::default() }).await;
    // As three claims leave it of which nobody told the end.
    app.database.execute("UPDATE jobs SET attempt = 3, due_at = created_at").await;
    assert_eq!(dead(&app).await, "it was begun 3 times, and nobody lived to tell how it went");
    assert_eq!(desk.count("word"), 0);
}
