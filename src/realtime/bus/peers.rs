//! The other nodes, as far as they are heard.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

/// How often a node says that it is here.
pub const BEAT: Duration = Duration::from_millis(500);
/// Who hasn't been heard for so long is cut off, or has stopped without a word.
const SILENT: Duration = Duration::from_secs(2);
/// Who hasn't been heard for so long has stopped.
const GONE: Duration = Duration::from_secs(60);

/// When each was heard last. One that is cut off goes on storing messages, and can't say so: while any is silent the
/// database has to be asked.
#[derive(Default)]
pub struct Peers(Mutex<HashMap<Uuid, Instant>>);

impl Peers {
    /// Says whether it is new.
    pub fn heard(&self, node: Uuid) -> bool {
        self.table().insert(node, Instant::now()).is_none()
    }

    pub fn left(&self, node: Uuid) {
        self.table().remove(&node);
    }

    /// All that there are or were lately, and whether they are heard.
    pub fn all(&self) -> Vec<(Uuid, bool)> {
        let now = Instant::now();
        let heard = |(node, heard): (&Uuid, &Instant)| (*node, now.duration_since(*heard) < SILENT);
        self.table().iter().map(heard).collect()
    }

    /// Those that are heard.
    pub fn count(&self) -> usize {
        let now = Instant::now();
        self.table().values().filter(|heard| now.duration_since(**heard) < SILENT).count()
    }

    /// Nobody can be heard now, so nobody is judged by it.
    pub fn excuse(&self) {
        let now = Instant::now();
        self.table().values_mut().for_each(|heard| *heard = now);
    }

    pub fn any_silent(&self) -> bool {
        let now = Instant::now();
        let mut table = self.table();
        table.retain(|_, heard| now.duration_since(*heard) < GONE);
        table.values().any(|heard| now.duration_since(*heard) >= SILENT)
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
