//! Work that goes on when whoever asked for it has gone.

use std::future::Future;

use super::deadline::in_time;
use crate::problem::Problem;

/// Runs to the end on a task of its own, and waits for it; what doesn't end is given up.
///
/// A request's future is dropped when its client hangs up, possibly in the middle of a COMMIT: the
/// fact would be stored and nobody told. What must follow a commit runs in here.
pub async fn to_the_end<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Problem> + Send + 'static,
{
    match tokio::spawn(in_time(async { Ok::<_, Problem>(work.await) })).await {
        Ok(Ok(result)) => result,
        Ok(Err(given_up)) => Err(given_up.into()),
        Err(error) => Err(Problem::internal(error).into()),
    }
}
