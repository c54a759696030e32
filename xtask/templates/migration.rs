//! ~Widgets~, each its owner's own.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("widgets")
            .col(uuid("id").primary_key())
            .col(uuid("owner_id"))
            .col(text("title"))
            .col(integer("version").default(1))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("edited_at"))
            .foreign_key(
                ForeignKey::create()
                    .from("widgets", "owner_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await?;
        // The owner's list, newest first.
        let index = Index::create().name("widgets_owner").table("widgets").col("owner_id").col("id").to_owned();
        manager.create_index(index).await
    }
}
