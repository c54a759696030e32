//! Who has blocked whom.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("blocks")
            .col(uuid("blocker_id"))
            .col(uuid("blocked_id"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("blocker_id").col("blocked_id"))
            .foreign_key(&mut to_user("blocker_id"))
            .foreign_key(&mut to_user("blocked_id"))
            .to_owned();
        manager.create_table(table).await?;
        let by_blocked = Index::create()
            .name("blocks_blocked")
            .table("blocks")
            .col("blocked_id")
            .col("blocker_id")
            .to_owned();
        manager.create_index(by_blocked).await
    }
}

fn to_user(column: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from("blocks", column)
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
