mod event;
mod message;

use poem_openapi::Object;
use serde::Serialize;
use validator::Validate;

use super::{
    entity::{ConversationKind, MemberRole, MessageType},
    store::{ConversationRow, MemberRow},
};
use crate::{
    modules::users::AuthorDto,
    wire::{ConversationId, MessageId, Text, Timestamp, UserId},
};

pub use event::{EventDto, ReactionDto};
pub use message::{MessageDto, RepliedDto};

/// Who should talk. One other person and no name: the direct conversation with them.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, skip_serializing_if_is_none, example)]
pub struct NewConversation {
    /// The others; oneself may be named or not.
    #[oai(validator(min_items = 1, max_items = 999, unique_items))]
    pub member_ids: Vec<UserId>,
    /// Plain text; makes it a group.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub name: Option<Text>,
}

/// Who should join.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct NewMembers {
    #[oai(validator(min_items = 1, max_items = 100, unique_items))]
    pub user_ids: Vec<UserId>,
}

/// What somebody should be in the group.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct RoleChange {
    /// `owner` hands the group over: whoever owned it becomes an admin.
    pub role: MemberRole,
}

/// What to change about a group.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ConversationEdit {
    /// Plain text.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub name: Text,
}

/// A new message.
#[derive(Debug, Clone, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, skip_serializing_if_is_none, example)]
pub struct NewMessage {
    /// Chosen by the sender. The same again stores nothing new, so a lost answer is no reason to worry.
    pub message_id: MessageId,
    /// Plain text; kept as typed, never interpreted.
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub content: Text,
    #[oai(rename = "type")]
    pub kind: Option<MessageType>,
    /// A message of the same conversation.
    pub reply_to: Option<MessageId>,
    /// It disappears so many seconds after it was stored; absent: never.
    #[oai(validator(minimum(value = "1"), maximum(value = "31536000")))]
    pub expires_in_secs: Option<u32>,
}

/// What a message shall say instead.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct MessageEdit {
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub content: Text,
}

/// How far I have read.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ReadMark {
    /// The newest event I have seen. An older mark than before changes nothing.
    #[oai(validator(minimum(value = "0")))]
    pub seq: i64,
}

/// My mark as it is now.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct MyReadMark {
    pub seq: i64,
}

/// A conversation, as one of its members sees it.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Conversation", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct ConversationDto {
    pub id: ConversationId,
    pub kind: ConversationKind,
    #[oai(nullable)]
    pub name: Option<String>,
    /// The other person of a direct conversation.
    #[oai(nullable)]
    pub peer: Option<AuthorDto>,
    pub member_count: i64,
    /// Mine.
    pub role: MemberRole,
    /// The number of its newest event.
    pub head_seq: i64,
    /// How far I have read.
    pub last_read_seq: i64,
    pub unread: i64,
    pub created_at: Timestamp,
    /// When something happened last.
    pub last_at: Timestamp,
}

/// Somebody in a conversation.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Member", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct MemberDto {
    pub user: AuthorDto,
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub last_read_seq: i64,
}

impl From<ConversationRow> for ConversationDto {
    fn from(row: ConversationRow) -> Self {
        let ConversationRow {
            id,
            kind,
            name,
            created_at,
            version: _,
            last_seq,
            last_at,
            role,
            last_read_seq,
            member_count,
            peer,
        } = row;
        Self {
            id,
            kind,
            name,
            peer,
            member_count,
            role,
            head_seq: last_seq,
            last_read_seq,
            unread: (last_seq - last_read_seq).max(0),
            created_at: created_at.into(),
            last_at: last_at.into(),
        }
    }
}

impl From<MemberRow> for MemberDto {
    fn from(MemberRow { user, role, joined_at, last_read_seq }: MemberRow) -> Self {
        Self { user, role, joined_at: joined_at.into(), last_read_seq }
    }
}
