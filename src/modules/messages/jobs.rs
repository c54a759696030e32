//! What runs beside the requests.

use std::{sync::Arc, time::Duration};

use super::service::MessagesService;
use crate::{infra::deadline::in_time, problem::Problem};

/// How often it is asked what has expired: one look at an index that holds nothing else. Nothing of it is shown
/// meanwhile, so that this is only how long it stays in the database.
const EVERY: Duration = Duration::from_secs(5);

/// Sweeps up what expires.
pub async fn sweep(messages: Arc<MessagesService>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
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
