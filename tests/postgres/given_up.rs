//! A statement is given up in the middle, and its connection used again.

use serde_json::json;

use crate::support::{TestApp, eventually};

/// One connection, so that whatever comes next has the one that was left in the middle.
async fn start() -> TestApp {
    TestApp::with_proxied_database(|settings| {
        settings.set("REQUEST_TIMEOUT_SECS", 1).set("DB_POOL_MAX", 1);
    })
    .await
}

async fn all_given_back(app: &TestApp) {
    eventually(async || (app.inside.db.held() == 0).then_some(())).await;
}

/// PostgreSQL has begun a transaction of which nobody knows. Were the connection used as it is, what follows
/// would be written inside of it, acknowledged, and never committed.
#[tokio::test]
async fn a_transaction_that_was_given_up_at_its_beginning_swallows_nothing() {
    let app = start().await;
    let ana = app.user("ana").await;
    let post = ana.write("hello").await;
    all_given_back(&app).await;
    app.network().stall_answers();
    ana.patch(&format!("/posts/{post}"), json!({ "content": "changed" })).await.problem("E_UNAVAILABLE", 503);
    app.network().heal();
    all_given_back(&app).await;
    ana.write("hello again").await;
    assert_eq!(app.database.number("SELECT count(*) FROM posts").await, 2);
}

#[tokio::test]
async fn a_statement_that_was_given_up_answers_nobody_else() {
    let app = start().await;
    let ana = app.user("ana").await;
    let post = ana.write("hello").await;
    all_given_back(&app).await;
    app.network().stall_answers();
    ana.get("/posts").await.problem("E_UNAVAILABLE", 503);
    app.network().heal();
    let shown = ana.get(&format!("/posts/{post}")).await.expect(200);
    assert_eq!(shown.text("content"), "hello");
}
