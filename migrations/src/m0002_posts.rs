//! Posts and reactions to them. Ids grow with time (UUID version 7): the primary key is the order.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut posts = Table::create();
        posts
            .table("posts")
            .col(uuid("id").primary_key())
            .col(uuid("author_id"))
            .col(text("content"))
            // Grows with every edit; the entity tag that `If-Match` names.
            .col(integer("version").default(1))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("edited_at"))
            .col(integer("comment_count").default(0))
            .foreign_key(
                ForeignKey::create()
                    .from("posts", "author_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        for kind in ["like", "love", "laugh", "wow", "sad", "angry"] {
            posts.col(integer(format!("{kind}_count")).default(0));
        }
        manager.create_table(posts).await?;
        let by_author =
            Index::create().name("posts_author").table("posts").col("author_id").col("id").to_owned();
        manager.create_index(by_author).await?;

        let reactions = Table::create()
            .table("post_reactions")
            .col(uuid("post_id"))
            .col(uuid("user_id"))
            .col(text("kind"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("post_id").col("user_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("post_reactions", "post_id")
                    .to("posts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("post_reactions", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(reactions).await
    }
}
