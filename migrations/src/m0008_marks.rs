//! What a member has been delivered, and until when they hear nothing.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            big_integer("last_delivered_seq").default(0).take(),
            timestamp_with_time_zone_null("muted_until"),
        ];
        // SQLite adds one column at a time.
        for column in columns {
            let table = Table::alter().table("conversation_members").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
