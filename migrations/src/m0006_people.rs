//! Groups: the version that renaming asks for, and what changes in a group, beside the event that tells of it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version =
            Table::alter().table("conversations").add_column(integer("version").default(1)).to_owned();
        manager.alter_table(version).await?;
        let changes = Table::create()
            .table("conversation_changes")
            .col(uuid("conversation_id"))
            .col(big_integer("seq"))
            // What somebody became, or the group was called, with this event.
            .col(text_null("role"))
            .col(text_null("name"))
            .primary_key(Index::create().col("conversation_id").col("seq"))
            .foreign_key(
                ForeignKey::create()
                    .from("conversation_changes", "conversation_id")
                    .to("conversations", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(changes).await
    }
}
