use std::time::Duration;

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Failure, Retry, Turn};

/// Something to do in the background: what it takes to do it, kept as JSON until then.
#[async_trait]
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// By which it is found again: `auth.tidy`. It stays what it is for as long as there may be such jobs.
    const KIND: &'static str;
    /// Of what is kept. Raised with every change after which this program couldn't read what the one before has kept.
    const VERSION: i32 = 1;
    const PRIORITY: Priority = Priority::Normal;
    const RETRY: Retry = Retry::ORDINARY;
    /// For one attempt.
    const WITHIN: Duration = Duration::from_secs(60);
    /// The service that does it.
    type By: Send + Sync + 'static;

    /// Reads what a former version has kept; nothing when it can't be read any more: then it is a dead letter.
    fn upgrade(_version: i32, _kept: Value) -> Option<Self> {
        None
    }

    /// Does it, once more if it was begun before: whatever is done outside of the database should bear that, and
    /// [`Turn::id`] tells the attempts of one job from another job.
    async fn run(self, by: &Self::By, turn: &mut Turn) -> Result<(), Failure>;
}

/// Which jobs go first when more are due than can be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    Low,
    Normal,
    High,
}

impl Priority {
    /// Highest first.
    pub(super) const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// As it is stored.
    pub(super) fn number(self) -> i32 {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
        }
    }
}
