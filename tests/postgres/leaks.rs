use std::panic::{AssertUnwindSafe, catch_unwind};

use sea_orm::sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::support::TestDatabase;

#[tokio::test]
async fn a_connection_that_nobody_closes_is_told() {
    let database = TestDatabase::create().await;
    let options: PgConnectOptions = database.url().parse().unwrap();
    let kept = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(database)));
    let said = dropped.expect_err("it leaks, and ends as if it didn't").downcast::<String>().unwrap();
    assert_eq!(*said, "the test leaks 1 database connections: the pooler still has them");
    drop(kept);
}
