//! Work in the background, and when it is due again and again.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = Table::create()
            .table("jobs")
            .col(uuid("id").primary_key())
            .col(text("kind"))
            .col(integer("version"))
            .col(text("payload"))
            .col(integer("priority"))
            .col(integer("attempt").default(0))
            .col(big_integer("fence").default(0))
            .col(text_null("unique_key"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("run_at"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("deadline"))
            .col(uuid_null("holder"))
            .col(text_null("error"))
            .col(timestamp_with_time_zone_null("dead_at"))
            .to_owned();
        manager.create_table(jobs).await?;
        let schedules = Table::create()
            .table("schedules")
            .col(text("name").primary_key())
            .col(text("cron"))
            .col(timestamp_with_time_zone("next_at"))
            .to_owned();
        manager.create_table(schedules).await?;
        for index in [
            // What is due is found by one look for each priority.
            "CREATE INDEX jobs_due ON jobs (priority, due_at) WHERE dead_at IS NULL",
            "CREATE UNIQUE INDEX jobs_unique ON jobs (kind, unique_key) WHERE unique_key IS NOT NULL AND dead_at IS NULL",
            "CREATE INDEX jobs_dead ON jobs (id) WHERE dead_at IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}
