//! What the change feed reads by: which events the last look couldn't see yet.
//!
//! On PostgreSQL commits finish in any order, so an event carries its transaction's id, and a look is
//! a snapshot. On SQLite one transaction writes at a time: there the events get a position, which isn't
//! a plain rowid, because those change with VACUUM, and are given out again.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => positions(manager).await,
            _ => transactions(manager).await,
        }
    }
}

async fn transactions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Events that are there already get this transaction's id, without being written anew.
    let column = "ALTER TABLE stream_events ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()";
    manager.get_connection().execute_unprepared(column).await?;
    let index = Index::create().name("stream_events_xid").table("stream_events").col("xid").to_owned();
    manager.create_index(index).await
}

async fn positions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("stream_events_in_order")
        // AUTOINCREMENT: the place of an event that is deleted isn't given to another.
        .col(big_integer("position").auto_increment().primary_key())
        .col(uuid("stream_id"))
        .col(big_integer("seq"))
        .col(text("kind"))
        .col(uuid("subject_id"))
        .col(uuid_null("actor_id"))
        .col(timestamp_with_time_zone("at"))
        .to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    let copy = "INSERT INTO stream_events_in_order (stream_id, seq, kind, subject_id, actor_id, at) \
                SELECT stream_id, seq, kind, subject_id, actor_id, at FROM stream_events ORDER BY rowid";
    connection.execute_unprepared(copy).await?;
    connection.execute_unprepared("DROP TABLE stream_events").await?;
    let rename = "ALTER TABLE stream_events_in_order RENAME TO stream_events";
    connection.execute_unprepared(rename).await?;
    let order = Index::create()
        .name("stream_events_order")
        .table("stream_events")
        .col("stream_id")
        .col("seq")
        .unique()
        .to_owned();
    manager.create_index(order).await
}
