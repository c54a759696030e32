//! Posts, with their counters, and who reacted how.

crate::wire::id!(
    /// A post.
    PostId, "01980a1e-7c00-7000-8000-000000000003"
);

pub mod posts {
    use super::PostId;
    use crate::wire::UserId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PostId,
        pub author_id: UserId,
        pub content: String,
        /// Grows with every edit.
        pub version: i32,
        pub created_at: DateTimeUtc,
        pub edited_at: Option<DateTimeUtc>,
        pub comment_count: i32,
        pub like_count: i32,
        pub love_count: i32,
        pub laugh_count: i32,
        pub wow_count: i32,
        pub sad_count: i32,
        pub angry_count: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod reactions {
    use super::PostId;
    use crate::wire::UserId;
    use poem_openapi::Enum;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "post_reactions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: PostId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        pub kind: ReactionKind,
        pub created_at: DateTimeUtc,
    }

    /// How one may react to a post.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, Serialize, EnumIter, DeriveActiveEnum)]
    #[oai(rename_all = "lowercase")]
    #[serde(rename_all = "lowercase")]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
    pub enum ReactionKind {
        Like,
        Love,
        Laugh,
        Wow,
        Sad,
        Angry,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
