//! The accounts table.

use poem_openapi::Enum;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{guards::Role, wire::UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// As the person writes it.
    pub username: String,
    /// In lower case, unique.
    pub username_key: String,
    pub email: String,
    /// In lower case, unique.
    pub email_key: String,
    pub display_name: Option<String>,
    pub bio: Option<String>,
    pub avatar_url: Option<String>,
    pub role: Role,
    pub status: UserStatus,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub presence_for: PresenceFor,
    /// When they were connected last, to some minutes.
    pub last_seen_at: Option<DateTimeUtc>,
}

/// Whether the person may sign in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
pub enum UserStatus {
    Active,
    Suspended,
}

/// Who may see whether the person is connected, and when they were last. Whoever hides it doesn't see others'.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
pub enum PresenceFor {
    /// Whoever shares a conversation with them.
    #[default]
    Conversations,
    Nobody,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who has blocked whom.
pub mod blocks {
    use crate::wire::UserId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "blocks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub blocker_id: UserId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub blocked_id: UserId,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::Entity", from = "Column::BlockedId", to = "super::Column::Id")]
        Blocked,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
