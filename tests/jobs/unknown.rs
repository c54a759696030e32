use super::{How, all_done, dead, is_written, order, start};
use crate::support::{TestApp, eventually};

/// Stores a job as another version of the program would.
async fn kept(app: &TestApp, kind: &str, version: i32, payload: &str, age: &str) {
    let moment = match app.database.file() {
        None => format!("now() - interval '{age}'"),
        Some(_) => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-{age}')"),
    };
    let id = uuid::Uuid::now_v7();
    let id = if app.database.file().is_some() { format!("x'{}'", id.simple()) } else { format!("'{id}'") };
    let sql = format!(
        "INSERT INTO jobs (id, kind, version, payload, priority, created_at, run_at, due_at) \
         VALUES ({id}, '{kind}', {version}, '{payload}', 1, {moment}, {moment}, {moment})"
    );
    app.database.execute(&sql).await;
}

#[tokio::test]
async fn what_an_older_version_has_kept_is_read_as_long_as_it_can_be() {
    let (app, _) = start(4).await;
    kept(&app, "test.write", 1, r#"{"text": "old"}"#, "1 second").await;
    is_written(&app, "old").await;
    kept(&app, "test.write", 0, r#"{"text": "too old"}"#, "1 second").await;
    assert_eq!(dead(&app).await, "it is of version 0, which this program can't read any more: its is 2");
}

#[tokio::test]
async fn what_can_not_be_read_is_a_dead_letter_that_quotes_nothing() {
    let (app, _) = start(4).await;
    kept(&app, "test.write", 2, r#"{"word": 7, "how": "canary"}"#, "1 second").await;
    assert_eq!(dead(&app).await, "what is kept of it is of another shape (column 10)");
}

#[tokio::test]
async fn what_nobody_knows_waits_for_a_newer_node_but_not_for_ever() {
    for (kind, version, reason) in [
        ("test.unheard", 1, "no node knows jobs of the kind test.unheard"),
        ("test.write", 3, "it is of version 3, and no node knows a newer one than 2"),
    ] {
        let (app, _) = start(4).await;
        kept(&app, kind, version, "{}", "1 minute").await;
        // It was claimed, and is left for others, as if nothing had been.
        let left = "SELECT count(*) FROM jobs WHERE fence = 2 AND attempt = 0 AND holder IS NULL AND dead_at IS NULL";
        eventually(async || (app.database.number(left).await == 1).then_some(())).await;
        order(&app, "meanwhile", How::Well).await;
        is_written(&app, "meanwhile").await;
        app.database.execute("DELETE FROM jobs").await;
        all_done(&app).await;
        kept(&app, kind, version, "{}", "11 minutes").await;
        assert_eq!(dead(&app).await, reason);
    }
}
