//! Streams and their events; conversations, their members and messages.
//!
//! Every key begins with the conversation (a stream has its conversation's id), so that the large
//! tables can be partitioned by it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        streams(manager).await?;
        stream_events(manager).await?;
        conversations(manager).await?;
        members(manager).await?;
        messages(manager).await
    }
}

async fn streams(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("streams")
        .col(uuid("id").primary_key())
        // The newest event's number; the row's lock is what orders appends.
        .col(big_integer("last_seq").default(0))
        .col(timestamp_with_time_zone("last_at"))
        .to_owned();
    manager.create_table(table).await
}

async fn stream_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("stream_events")
        .col(uuid("stream_id"))
        .col(big_integer("seq"))
        .col(text("kind"))
        // What it is about; its content lives in its module's table.
        .col(uuid("subject_id"))
        .col(uuid_null("actor_id"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("stream_id").col("seq"))
        .to_owned();
    manager.create_table(table).await
}

async fn conversations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("conversations")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text_null("name"))
        // Both members' ids in order: two people have one direct conversation.
        .col(text_null("direct_key").unique_key())
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    manager.create_table(table).await
}

async fn members(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("conversation_members")
        .col(uuid("conversation_id"))
        .col(uuid("user_id"))
        .col(text("role"))
        .col(timestamp_with_time_zone("joined_at"))
        .col(big_integer("last_read_seq").default(0))
        .primary_key(Index::create().col("conversation_id").col("user_id"))
        .foreign_key(
            ForeignKey::create()
                .from("conversation_members", "conversation_id")
                .to("conversations", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from("conversation_members", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("conversation_members_user")
        .table("conversation_members")
        .col("user_id")
        .col("conversation_id")
        .to_owned();
    manager.create_index(index).await
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("messages")
        .col(uuid("conversation_id"))
        .col(uuid("message_id"))
        .col(big_integer("seq"))
        .col(uuid("sender_id"))
        .col(text("type"))
        .col(text("content"))
        .col(uuid_null("reply_to"))
        // SHA-256 of what was sent: tells a repetition from another message of the same id.
        .col(binary_len("fingerprint", 32))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("edited_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .primary_key(Index::create().col("conversation_id").col("message_id"))
        .to_owned();
    manager.create_table(table).await?;
    let order = Index::create()
        .name("messages_order")
        .table("messages")
        .col("conversation_id")
        .col("seq")
        .unique()
        .to_owned();
    manager.create_index(order).await
}
