//! Nothing waits for the database for ever.
//!
//! A connection that was lost without a word never answers, and TCP takes a quarter of an hour to say so.

use std::{future::Future, time::Duration};

use crate::problem::{Problem, codes};

/// For work that no request's deadline ends. Longer than anything takes that is going to succeed.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Does it, or gives it up.
pub async fn in_time<T, E: Into<Problem>>(work: impl Future<Output = Result<T, E>>) -> Result<T, Problem> {
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Problem::of::<codes::Unavailable>("It took too long and was given up.").retry_after(1)),
    }
}
