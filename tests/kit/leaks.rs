//! A test that leaks fails, and says what.

use std::{future::pending, panic::AssertUnwindSafe};

use crate::support::TestApp;

/// What is said when this app is stopped.
fn said(app: TestApp) -> String {
    let stopped = std::panic::catch_unwind(AssertUnwindSafe(|| app.stop()));
    let said = stopped.expect_err("it leaks, and stops as if it didn't");
    *said.downcast::<String>().expect("a failure is told in words")
}

#[tokio::test]
async fn a_task_that_goes_on_is_told() {
    let app = TestApp::start().await;
    app.inside.runtime.spawn(pending::<()>());
    assert_eq!(said(app), "the server has stopped and leaks 1 task");
}

#[tokio::test]
async fn a_transaction_that_is_kept_is_told() {
    let app = TestApp::start().await;
    let kept = app.inside.db.begin().await.unwrap();
    assert_eq!(said(app), "the server has stopped and leaks 1 database connection in use");
    drop(kept);
}
