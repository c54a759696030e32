//! The one way to wait: for a condition, and not for ever.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Short enough not to be felt, long enough not to keep a core busy.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks `condition` until it answers, and at most for `limit`; `None` when the time is up.
pub fn until<T>(limit: Duration, mut condition: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = condition()? {
            return Ok(Some(answer));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_holds_is_answered_at_once() {
        let answer = until(Duration::ZERO, || Ok(Some(7))).expect("the condition doesn't fail");
        assert_eq!(answer, Some(7));
    }

    #[test]
    fn a_condition_that_never_holds_is_given_up() {
        let answer = until(Duration::from_millis(30), || Ok(None::<()>)).expect("the condition doesn't fail");
        assert_eq!(answer, None);
    }
}
