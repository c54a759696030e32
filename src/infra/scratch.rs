//! What a module's own tests stand on: a migrated database in a temporary folder, and a clock.

use std::sync::Arc;

use tempfile::TempDir;

use super::{
    clock::Clock,
    db::{Db, migrate},
    metrics::Metrics,
};
use crate::config::DatabaseConfig;

/// Gone when it is dropped.
pub struct Scratch {
    pub db: Db,
    /// Stands still until it is moved.
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    _folder: TempDir,
}

impl Scratch {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (clock, metrics) = (Clock::fixed(Clock::Machine.now()), Arc::new(Metrics::new()));
        let config = DatabaseConfig::Sqlite { path: folder.path().join("scratch.db") };
        let db = Db::connect(&config, &metrics).await.expect("the file can be made");
        migrate(&db).await.expect("the migrations apply");
        Self { db, clock, metrics, _folder: folder }
    }
}
