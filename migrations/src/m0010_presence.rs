//! Who may see whether somebody is connected, and when they were last.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One statement each: SQLite adds one column at a time.
        let shown = text("presence_for").default("conversations").to_owned();
        for column in [shown, timestamp_with_time_zone_null("last_seen_at")] {
            manager.alter_table(Table::alter().table("users").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
