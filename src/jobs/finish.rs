//! Notes what is done, many jobs by one statement.

use std::{collections::HashSet, time::Duration};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::store::Store;
use crate::infra::deadline::in_time;

/// Jobs of one statement, and jobs that may wait for it.
const MOST: usize = 256;
/// Before it is tried again. Until it succeeds the leases are renewed.
const RETRY: Duration = Duration::from_millis(500);

/// A job that is done, and who waits until that is stored: it is told whether the job was still its own.
type Done = (Uuid, i64, oneshot::Sender<bool>);

/// Takes what is done.
#[derive(Clone)]
pub struct Finish(mpsc::Sender<Done>);

impl Finish {
    /// And what stores it, as long as it is run.
    pub fn new(store: Store) -> (Self, impl Future<Output = ()> + Send) {
        let (done, mut waiting) = mpsc::channel(MOST);
        let run = async move {
            let mut batch: Vec<Done> = Vec::with_capacity(MOST);
            while waiting.recv_many(&mut batch, MOST).await > 0 {
                let finished = finish(&store, &batch).await;
                for (id, _, told) in batch.drain(..) {
                    // Nobody may be waiting any more.
                    _ = told.send(finished.contains(&id));
                }
            }
        };
        (Self(done), run)
    }

    /// Stores that a job is done; says whether it was still its worker's.
    pub async fn finish(&self, id: Uuid, fence: i64) -> bool {
        let (told, stored) = oneshot::channel();
        // When nothing is stored any more, the program is stopping: others will do it again.
        self.0.send((id, fence, told)).await.is_ok() && stored.await.unwrap_or(false)
    }
}

async fn finish(store: &Store, batch: &[Done]) -> HashSet<Uuid> {
    let done: Vec<(Uuid, i64)> = batch.iter().map(|(id, fence, _)| (*id, *fence)).collect();
    loop {
        match in_time(store.finish(&done)).await {
            Ok(finished) => return finished.into_iter().collect(),
            Err(problem) => {
                tracing::warn!(%problem, jobs = done.len(), "what is done couldn't be stored yet");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}
