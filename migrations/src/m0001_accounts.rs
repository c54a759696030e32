//! People, their passwords and sessions, what administrators did, and idempotency keys.

use sea_orm_migration::{prelude::*, schema::*};
use uuid::Uuid;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        credentials(manager).await?;
        sessions(manager).await?;
        audit(manager).await?;
        idempotency_keys(manager).await?;
        installation(manager).await
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("users")
        .col(uuid("id").primary_key())
        .col(text("username"))
        // Lower case: two names that differ only in case are one.
        .col(text_uniq("username_key"))
        .col(text("email"))
        .col(text_uniq("email_key"))
        .col(text_null("display_name"))
        .col(text_null("bio"))
        .col(text_null("avatar_url"))
        .col(text("role"))
        .col(text("status"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    manager.create_table(table).await
}

async fn credentials(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("credentials")
        .col(uuid("user_id").primary_key())
        // PHC string: algorithm, parameters, salt and hash.
        .col(text("password_hash"))
        .col(timestamp_with_time_zone("changed_at"))
        .foreign_key(
            ForeignKey::create()
                .from("credentials", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sessions")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(text_null("user_agent"))
        .col(text_null("address"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_used_at"))
        // Absolute: refreshing doesn't move it.
        .col(timestamp_with_time_zone("expires_at"))
        // How often the refresh token has been rotated, and when last.
        .col(big_integer("generation"))
        .col(timestamp_with_time_zone("rotated_at"))
        // SHA-256 of the refresh token that is valid now.
        .col(binary_len("refresh_hash", 32))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(text_null("revoked_reason"))
        .foreign_key(
            ForeignKey::create()
                .from("sessions", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let age = Index::create().name("sessions_age").table("sessions").col("expires_at").to_owned();
    manager.create_index(age).await?;
    let index =
        Index::create().name("sessions_user").table("sessions").col("user_id").col("created_at").to_owned();
    manager.create_index(index).await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit")
        .col(uuid("id").primary_key())
        .col(timestamp_with_time_zone("at"))
        // Nothing for an act at the console.
        .col(uuid_null("actor_id"))
        .col(text("action"))
        .col(uuid_null("subject_id"))
        .col(text("detail"))
        .col(text_null("address"))
        .col(text_null("request_id"))
        .to_owned();
    manager.create_table(table).await
}

async fn idempotency_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("idempotency_keys")
        // Whose key it is: a user, or the nil UUID for requests before sign-in.
        .col(uuid("owner_id"))
        .col(text("operation"))
        .col(text("key"))
        // SHA-256 of what was asked for.
        .col(binary_len("fingerprint", 32))
        // What was made.
        .col(uuid("subject_id"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("owner_id").col("operation").col("key"))
        .to_owned();
    manager.create_table(table).await?;
    let index =
        Index::create().name("idempotency_keys_age").table("idempotency_keys").col("created_at").to_owned();
    manager.create_index(index).await
}

/// One row: which life of the database this is. A restored backup is another life.
async fn installation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table =
        Table::create().table("installation").col(integer("id").primary_key()).col(uuid("epoch")).to_owned();
    manager.create_table(table).await?;
    let row = Query::insert()
        .into_table("installation")
        .columns(["id", "epoch"])
        .values_panic([1.into(), Uuid::new_v4().into()])
        .to_owned();
    manager.execute(row).await
}
