//! How often something may happen: so many at once, and so many a second from then on.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

const SECOND: u64 = 1_000_000;

/// So many at once, and so many a second in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub at_once: u32,
    pub per_second: u32,
}

impl Pace {
    /// What a client may have waiting after an outage, and sends all at once: as much as a mailbox takes.
    pub const QUEUED: Self = Self { at_once: 4096, per_second: 100 };
    /// Once for each of the conversations that a socket may follow, and once more with pages.
    pub const JOINING: Self = Self { at_once: 2048, per_second: 50 };
    /// What people do now and then.
    pub const ORDINARY: Self = Self { at_once: 1024, per_second: 50 };
    /// What isn't kept, and is sent again and again.
    pub const FLEETING: Self = Self { at_once: 100, per_second: 20 };
    /// Problems: as many as a queue may hold that is refused as a whole.
    pub const PROBLEMS: Self = Self { at_once: 5000, per_second: 5 };

    /// More in this proportion; less makes it slower, but takes nothing from what may come at once.
    pub fn scaled(self, by: u32, of: u32) -> Self {
        let scaled = |number: u32| {
            u32::try_from(u64::from(number) * u64::from(by) / u64::from(of)).unwrap_or(u32::MAX)
        };
        let per_second = scaled(self.per_second).clamp(1, 1_000_000);
        Self { at_once: scaled(self.at_once).max(self.at_once), per_second }
    }
}

/// Counts against a pace, which is always the same one. A number: when it will be as if nothing had happened yet
/// (the generic cell rate algorithm of ATM), in microseconds since the limits were made.
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

impl Bucket {
    /// Once more now, or so long later.
    pub fn take(&self, pace: Pace, now: Duration) -> Result<(), Duration> {
        let now = micros(now);
        let step = SECOND / u64::from(pace.per_second);
        let most = step * u64::from(pace.at_once);
        let next = |until: u64| Some(until.max(now) + step).filter(|until| *until <= now + most);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        taken.map(|_| ()).map_err(|until| Duration::from_micros(until + step - now - most))
    }

    /// Whether it is as if nothing had happened.
    pub fn is_forgotten(&self, now: Duration) -> bool {
        self.0.load(Ordering::Relaxed) <= micros(now)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { at_once: 3, per_second: 2 };

    fn taken(bucket: &Bucket, tries: usize, at: Duration) -> usize {
        (0..tries).filter(|_| bucket.take(PACE, at).is_ok()).count()
    }

    #[test]
    fn so_many_at_once_and_so_many_a_second() {
        let bucket = Bucket::default();
        let at = Duration::from_secs;
        assert_eq!(taken(&bucket, 10, at(100)), 3);
        assert_eq!(bucket.take(PACE, at(100)), Err(Duration::from_millis(500)), "says how long to wait");
        assert_eq!(taken(&bucket, 10, at(101)), 2);
        assert!(!bucket.is_forgotten(at(102)));
        assert!(bucket.is_forgotten(at(103)));
        assert_eq!(taken(&bucket, 10, at(1000)), 3, "patience isn't saved up");
    }

    #[test]
    fn waiting_as_long_as_was_said_is_enough() {
        let bucket = Bucket::default();
        let mut now = Duration::from_secs(7);
        let mut waited = Duration::ZERO;
        for _ in 0..1000 {
            if let Err(wait) = bucket.take(PACE, now) {
                (now, waited) = (now + wait, waited + wait);
                assert_eq!(bucket.take(PACE, now), Ok(()));
            }
        }
        assert_eq!(waited, Duration::from_millis(997 * 500));
    }
}
