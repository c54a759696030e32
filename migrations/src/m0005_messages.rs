//! A message's life: versions, expiry, reactions, and whom it is hidden from.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messages(manager).await?;
        reactions(manager).await?;
        hidden(manager).await
    }
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        // Grows with every edit; the entity tag that `If-Match` names.
        integer("version").default(1).take(),
        // Counts by emoji, as JSON; counted anew from the reactions whenever one changes.
        text("reactions").default("{}").take(),
        timestamp_with_time_zone_null("expires_at"),
    ];
    // SQLite adds one column at a time.
    for column in columns {
        manager.alter_table(Table::alter().table("messages").add_column(column).to_owned()).await?;
    }
    // What has expired leaves it: looking for what is due costs the same however much was said.
    let due = Index::create()
        .name("messages_due")
        .table("messages")
        .col("expires_at")
        .cond_where(Expr::col("expires_at").is_not_null().and(Expr::col("deleted_at").is_null()))
        .to_owned();
    manager.create_index(due).await
}

/// One of each emoji a person. One that was taken back stays, with `is_on` false, because the event that
/// says so shows it.
async fn reactions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("message_reactions")
        .col(uuid("conversation_id"))
        .col(uuid("message_id"))
        .col(uuid("user_id"))
        .col(text("emoji"))
        .col(boolean("is_on"))
        // The event that changed it last.
        .col(big_integer("seq"))
        .primary_key(Index::create().col("conversation_id").col("message_id").col("user_id").col("emoji"))
        .foreign_key(&mut of_message("message_reactions"))
        .foreign_key(&mut of_user("message_reactions"))
        .to_owned();
    manager.create_table(table).await?;
    let by_event = Index::create()
        .name("message_reactions_event")
        .table("message_reactions")
        .col("conversation_id")
        .col("seq")
        .unique()
        .to_owned();
    manager.create_index(by_event).await
}

/// Messages that somebody deleted for themselves.
async fn hidden(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("hidden_messages")
        .col(uuid("conversation_id"))
        .col(uuid("message_id"))
        .col(uuid("user_id"))
        // What the event in the user's own stream names: a message's id is unique in its conversation only.
        .col(uuid_uniq("id"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("conversation_id").col("message_id").col("user_id"))
        .foreign_key(&mut of_message("hidden_messages"))
        .foreign_key(&mut of_user("hidden_messages"))
        .to_owned();
    manager.create_table(table).await
}

fn of_message(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, ("conversation_id", "message_id"))
        .to("messages", ("conversation_id", "message_id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn of_user(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
