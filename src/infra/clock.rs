//! The time, as a value that tests can set.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Tells the time to the millisecond, which is all that is stored and sent.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    Machine,
    /// Stands still until it is moved by hand, and all its clones with it. Milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(at.timestamp_millis().into()))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Machine => Utc::now().trunc_subsecs(3),
            Self::Fixed(millis) => {
                DateTime::from_timestamp_millis(millis.load(Ordering::Relaxed)).unwrap_or_default()
            }
        }
    }

    /// Moves a fixed clock, and all its clones, forward; the machine's isn't ours to move.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(millis) = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
        }
    }
}
