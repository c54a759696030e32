//! How many connections there are, and for how long.

use std::time::Duration;

use rookery::problem::Problem;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{TestApp, eventually};

#[tokio::test]
async fn it_grows_as_it_must_and_shrinks_to_what_is_kept() {
    let app = TestApp::with_proxied_database(|settings| {
        // Nobody looks for jobs, twice a second, meanwhile.
        settings.set("DB_POOL_MIN", 2).set("DB_POOL_MAX", 5).set("JOBS_AT_ONCE", 0);
    })
    .await;
    let db = &app.inside.db;
    app.network().carries(2).await;
    let mut transactions = Vec::new();
    for _ in 0..5 {
        transactions.push(db.begin().await.unwrap());
    }
    app.network().carries(5).await;
    drop(transactions);
    eventually(async || (db.held() == 0).then_some(())).await;
    db.trim(Duration::from_secs(3600)).await;
    app.network().carries(5).await;
    db.trim(Duration::ZERO).await;
    app.network().carries(2).await;
    app.network().cut();
    app.network().carries(0).await;
    // They are found out when they are used, and what is missing of the few is opened again.
    eventually(async || db.ping().await.ok()).await;
    db.trim(Duration::ZERO).await;
    app.network().carries(2).await;
}

/// A firewall has forgotten them all: whoever comes first finds that out for the others.
#[tokio::test]
async fn idle_connections_that_are_lost_together_cost_one_wait() {
    let app = TestApp::with_proxied_database(|settings| {
        settings.set("DB_POOL_MIN", 8).set("DB_POOL_MAX", 8).set("REQUEST_TIMEOUT_SECS", 3);
    })
    .await;
    let ana = app.user("ana").await;
    app.network().carries(8).await;
    app.network().lose_open();
    // May have the one that was just used, which isn't asked; then it has waited its time out.
    ana.post("/posts", json!({ "content": "lost, perhaps" })).await;
    ana.write("hello").await;
}

/// Whoever operates the database may bound statements: the client is told to come again.
#[tokio::test]
async fn a_statement_that_the_database_gave_up_is_not_our_failure() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let tx = app.inside.db.begin().await.unwrap();
    let slow = "SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)";
    let said = Problem::from(tx.execute_unprepared(slow).await.unwrap_err());
    assert_eq!((said.code.name, said.code.status), ("E_OVERLOADED", 503));
}

/// In PostgreSQL a failed statement ends its transaction, whatever is asked of it afterwards, and its COMMIT
/// doesn't say so.
#[tokio::test]
async fn a_transaction_in_which_a_statement_failed_is_not_said_to_be_committed() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let tx = app.inside.db.begin().await.unwrap();
    tx.execute_unprepared("SELECT 1/0").await.unwrap_err();
    let said = tx.commit().await.unwrap_err().to_string();
    assert!(said.contains("a statement failed"), "{said}");
}
