//! Which service does which jobs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::error::Category;

use super::{Failure, Job, Retry, Turn, store::Claimed};

/// Does the jobs of one kind; a module lists those that it has.
#[derive(Clone)]
pub struct Handler {
    pub(super) kind: &'static str,
    pub(super) version: i32,
    pub(super) retry: Retry,
    pub(super) within: Duration,
    runs: Arc<dyn Runs>,
}

impl Handler {
    pub fn of<J: Job>(by: Arc<J::By>) -> Self {
        let runs = Arc::new(With::<J>(by));
        Self { kind: J::KIND, version: J::VERSION, retry: J::RETRY, within: J::WITHIN, runs }
    }

    pub(super) async fn run(&self, claimed: &Claimed, turn: &mut Turn) -> Result<(), Failure> {
        self.runs.run(claimed, turn).await
    }
}

#[async_trait]
trait Runs: Send + Sync {
    async fn run(&self, claimed: &Claimed, turn: &mut Turn) -> Result<(), Failure>;
}

struct With<J: Job>(Arc<J::By>);

#[async_trait]
impl<J: Job> Runs for With<J> {
    async fn run(&self, claimed: &Claimed, turn: &mut Turn) -> Result<(), Failure> {
        read::<J>(claimed)?.run(&self.0, turn).await
    }
}

fn read<J: Job>(Claimed { version, payload, .. }: &Claimed) -> Result<J, Failure> {
    // The library's own words may quote what they are about.
    let unreadable = |error: serde_json::Error| {
        let what = if error.classify() == Category::Data { "of another shape" } else { "no JSON" };
        Failure::Never(format!("what is kept of it is {what} (column {})", error.column()))
    };
    if *version == J::VERSION {
        return serde_json::from_str(payload).map_err(unreadable);
    }
    let kept = serde_json::from_str(payload).map_err(unreadable)?;
    J::upgrade(*version, kept).ok_or_else(|| {
        let now = J::VERSION;
        Failure::Never(format!(
            "it is of version {version}, which this program can't read any more: its is {now}"
        ))
    })
}
