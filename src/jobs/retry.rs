//! How often a job is tried, and how long it rests in between.

use std::time::Duration;

use rand::RngExt;

/// Doubling pauses, at random up to half as long again: what failed together doesn't come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// After so many it is a dead letter.
    pub attempts: i32,
    /// After the first.
    pub pause: Duration,
    pub longest: Duration,
}

impl Retry {
    /// Twelve attempts in some five hours.
    pub const ORDINARY: Self =
        Self { attempts: 12, pause: Duration::from_secs(5), longest: Duration::from_secs(3600) };

    /// After this attempt, counted from 1; nothing when it was the last.
    pub(super) fn after(&self, attempt: i32) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doublings = attempt.clamp(1, 31).unsigned_abs() - 1;
        let pause = self.pause.saturating_mul(1 << doublings).min(self.longest);
        Some(pause.mul_f64(rand::rng().random_range(1.0..=1.5)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_then_there_is_none() {
        let retry = Retry { attempts: 6, pause: Duration::from_secs(2), longest: Duration::from_secs(10) };
        for (attempt, least) in [(1, 2), (2, 4), (3, 8), (4, 10), (5, 10)] {
            let (pause, least) = (retry.after(attempt).unwrap(), Duration::from_secs(least));
            assert!(least <= pause && pause <= least.mul_f64(1.5), "{attempt}: {pause:?}");
        }
        assert_eq!((retry.after(6), retry.after(7)), (None, None));
        assert!(Retry { attempts: i32::MAX, ..retry }.after(i32::MAX - 1).is_some());
        let pauses: Vec<_> = (0..20).map(|_| retry.after(5)).collect();
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "they don't come back together");
    }
}
