//! What runs beside the requests.

use std::{sync::Arc, time::Duration};

use tokio::time::{Interval, MissedTickBehavior};

use super::service::MessagesService;
use crate::{infra::deadline::in_time, problem::Problem};

/// How often it is asked what has expired: one look at an index that holds nothing else. Nothing of it is shown
/// meanwhile, so that this is only how long it stays in the database.
const EVERY: Duration = Duration::from_secs(5);

/// How often members are told that conversations go on: so often at most of each.
const ACTIVITY_EVERY: Duration = Duration::from_secs(1);

/// Sweeps up what expires.
pub async fn sweep(messages: Arc<MessagesService>) {
    let mut tick = every(EVERY);
    loop {
        tick.tick().await;
        if let Err(problem) = sweep_all(&messages).await {
            tracing::warn!(%problem, "what has expired couldn't be looked for");
        }
    }
}

/// As long as there is something.
async fn sweep_all(messages: &MessagesService) -> Result<(), Problem> {
    while in_time(messages.sweep()).await? > 0 {}
    Ok(())
}

/// Tells members of what they haven't joined.
pub async fn tell_activity(messages: Arc<MessagesService>) {
    let mut tick = every(ACTIVITY_EVERY);
    loop {
        tick.tick().await;
        if let Err(problem) = in_time(messages.tell_activity()).await {
            tracing::warn!(%problem, "nobody was told which conversations go on");
        }
    }
}

/// Never sooner than so long after the time before, however late that was.
fn every(pause: Duration) -> Interval {
    let mut tick = tokio::time::interval(pause);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}
