//! How many connections there are, and for how long.

use std::time::Duration;

use crate::support::{TestApp, eventually};

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn it_grows_as_it_must_and_shrinks_to_what_is_kept() {
    let app = TestApp::with_proxied_database(|settings| {
        settings.set("DB_POOL_MIN", 2).set("DB_POOL_MAX", 5);
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
    db.trim(LONG, LONG).await;
    app.network().carries(5).await;
    db.trim(Duration::ZERO, LONG).await;
    app.network().carries(2).await;
    db.trim(LONG, Duration::ZERO).await;
    app.network().carries(0).await;
    app.user("ana").await.write("hello").await;
}

/// In PostgreSQL a failed statement ends its transaction, whatever is asked of it afterwards, and its COMMIT
/// doesn't say so.
#[tokio::test]
async fn a_transaction_in_which_a_statement_failed_is_not_said_to_be_committed() {
    use sea_orm::ConnectionTrait;
    let app = TestApp::with_proxied_database(|_| {}).await;
    let tx = app.inside.db.begin().await.unwrap();
    tx.execute_unprepared("SELECT 1/0").await.unwrap_err();
    let said = tx.commit().await.unwrap_err().to_string();
    assert!(said.contains("a statement failed"), "{said}");
}
