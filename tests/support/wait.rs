//! Waiting for a condition, never for time.

use std::{future::Future, panic::Location, time::Duration};

/// For anything that has to happen; on a slow machine too.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// Asks again and again until the answer is `Some`; fails the test when it never is.
#[track_caller]
pub fn eventually<T>(ask: impl AsyncFnMut() -> Option<T>) -> impl Future<Output = T> {
    let place = Location::caller();
    async move {
        let found = in_time(DEADLINE, ask).await;
        found.unwrap_or_else(|| {
            panic!("waited {} s in vain for the condition at {place} to come true", DEADLINE.as_secs())
        })
    }
}

/// Asks again and again until the answer is `Some`, or the time is up.
pub async fn in_time<T>(limit: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let found = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(limit, found).await.ok()
}

/// Waits for something that must happen before the deadline.
pub async fn within<T>(what: &str, happens: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, happens).await {
        Ok(value) => value,
        Err(_) => panic!("waited {} s in vain for {what}", DEADLINE.as_secs()),
    }
}
