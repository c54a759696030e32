//! Conversations, who is in them, and what was said.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter};
use serde::Serialize;

/// Whether two people talk, or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, Serialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
pub enum ConversationKind {
    Direct,
    Group,
}

/// What a member may do to the conversation itself; `service/rights.rs` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, Serialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
pub enum MemberRole {
    /// There is one, and may do everything.
    Owner,
    /// Adds members, removes those who are no more than that, and renames the group.
    Admin,
    Member,
}

/// What a message's content is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Enum, Serialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "lowercase")]
pub enum MessageType {
    /// Plain text.
    #[default]
    Text,
}

/// How many react with each emoji; stored as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Reactions(pub BTreeMap<String, i64>);

impl fmt::Display for Reactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Reactions {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text).map(Self)
    }
}

/// When a message went, if it has: what has expired went at the moment that was set for it, swept or not.
pub fn gone(
    deleted_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    deleted_at.or(expires_at.filter(|at| *at <= now))
}

pub mod conversations {
    use super::ConversationKind;
    use crate::wire::{ConversationId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "conversations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ConversationId,
        pub kind: ConversationKind,
        pub name: Option<String>,
        /// Both members' ids in order; only of direct conversations.
        pub direct_key: Option<String>,
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        /// Grows with every renaming.
        pub version: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod members {
    use super::MemberRole;
    use crate::wire::{ConversationId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "conversation_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub conversation_id: ConversationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        pub role: MemberRole,
        pub joined_at: DateTimeUtc,
        pub last_read_seq: i64,
        /// Not before `last_read_seq`, except where that was all there was.
        pub last_delivered_seq: i64,
        pub muted_until: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What became of somebody, or of the group, with an event of the conversation's stream.
pub mod changes {
    use super::MemberRole;
    use crate::wire::ConversationId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "conversation_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub conversation_id: ConversationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub role: Option<MemberRole>,
        pub name: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod messages {
    use super::{MessageType, Reactions};
    use crate::wire::{ConversationId, MessageId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub conversation_id: ConversationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub message_id: MessageId,
        pub seq: i64,
        pub sender_id: UserId,
        #[sea_orm(column_name = "type")]
        pub kind: MessageType,
        pub content: String,
        pub reply_to: Option<MessageId>,
        /// Of what was sent, so that a repetition is told from another message of the same id. Emptied with
        /// that content, by editing and deleting: a short text can be guessed from it.
        pub fingerprint: Vec<u8>,
        pub created_at: DateTimeUtc,
        pub edited_at: Option<DateTimeUtc>,
        pub deleted_at: Option<DateTimeUtc>,
        /// Grows with every edit.
        pub version: i32,
        pub reactions: Reactions,
        pub expires_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// When it went, if it has.
        pub fn gone(&self, now: DateTimeUtc) -> Option<DateTimeUtc> {
            super::gone(self.deleted_at, self.expires_at, now)
        }

        /// Says something else from now on; nothing is left of what it said.
        pub fn replace(&mut self, content: String, now: DateTimeUtc) {
            (self.content, self.edited_at) = (content, Some(now));
            self.version += 1;
            self.fingerprint.clear();
        }

        /// Leaves its place, and nothing of its content.
        pub fn erase(&mut self, at: DateTimeUtc) {
            (self.content, self.reply_to, self.reactions) = (String::new(), None, Reactions::default());
            self.deleted_at = Some(at);
            self.version += 1;
            self.fingerprint.clear();
        }
    }
}

pub mod reactions {
    use crate::wire::{ConversationId, MessageId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_reactions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub conversation_id: ConversationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub message_id: MessageId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub emoji: String,
        /// Not when it was taken back.
        pub is_on: bool,
        /// The event that changed it last.
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod hidden {
    use crate::wire::{ConversationId, MessageId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hidden_messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub conversation_id: ConversationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub message_id: MessageId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// What the event in the user's own stream names.
        pub id: Uuid,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
