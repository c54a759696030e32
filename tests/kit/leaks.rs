//! A test that leaks fails, and says what.

use std::{future::pending, panic::AssertUnwindSafe, time::Duration};

use rookery::app::Leftovers;

use crate::support::{TestApp, leaks};

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

#[tokio::test]
async fn whatever_a_server_has_left_is_told() {
    let none = Leftovers::default();
    for (left, told) in [
        (Leftovers { connections: 1, ..none }, "1 open connection"),
        (Leftovers { sockets: 1, ..none }, "1 registered socket"),
        (Leftovers { followers: 1, ..none }, "1 follower of a stream without a socket"),
        (Leftovers { background: 1, ..none }, "1 background task"),
        (Leftovers { database: 1, ..none }, "1 database connection in use"),
        (Leftovers { connections: 2, sockets: 3, ..none }, "2 open connections, 3 registered sockets"),
        (Leftovers { followers: 2, ..none }, "2 followers of streams without sockets"),
        (
            Leftovers { background: 4, database: 5, ..none },
            "4 background tasks, 5 database connections in use",
        ),
    ] {
        let said = leaks::none(Ok(left)).await.unwrap_err();
        assert_eq!(said, format!("the server has stopped and leaks {told}"));
    }
}

#[tokio::test]
async fn what_stays_is_left_and_what_goes_in_time_is_not() {
    let one = |sockets| Leftovers { sockets, ..Leftovers::default() };
    assert_eq!(Leftovers::after(Duration::from_millis(30), || one(1)).await, one(1));
    let going = std::sync::atomic::AtomicUsize::new(3);
    let look = || one(going.fetch_sub(1, std::sync::atomic::Ordering::Relaxed));
    assert_eq!(Leftovers::after(Duration::MAX, look).await, one(0));
}
