//! The database schema, as migrations that only ever move forward.
//!
//! Every `m0000_name.rs` beside this file is one, applied in the order of their numbers; `build.rs`
//! finds them. See this crate's README for expand and contract.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

include!(concat!(env!("OUT_DIR"), "/all.rs"));

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        all()
    }
}
