//! The database schema, as migrations that only ever move forward.
//!
//! Names sort in the order they are applied. See this crate's README for expand and contract.

mod m0001_accounts;
mod m0002_posts;
mod m0003_messaging;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_posts::Migration),
            Box::new(m0003_messaging::Migration),
        ]
    }
}
