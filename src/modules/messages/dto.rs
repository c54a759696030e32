mod event;
mod message;

use chrono::{DateTime, Utc};
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

/// How far it has arrived at one of my devices.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct DeliveredMark {
    /// The newest event I have got. An older mark than before changes nothing.
    #[oai(validator(minimum(value = "0")))]
    pub seq: i64,
}

/// How long I don't want to hear of a conversation.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct Mute {
    /// A moment in the future; the year 9999 stands for good.
    pub until: Timestamp,
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
    /// Messages by others after that; 100 stands for 100 and more. None that is gone or that I don't get: deleted for
    /// everyone or by me, expired, or by people I have blocked.
    pub unread: i64,
    /// Until then I don't want to hear of it; the year 9999 stands for good.
    #[oai(nullable)]
    pub muted_until: Option<Timestamp>,
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
    /// How far they have read.
    pub last_read_seq: i64,
    /// How far they have got it, read or not.
    pub last_delivered_seq: i64,
}

impl ConversationDto {
    /// As it is at this moment.
    pub fn of(row: ConversationRow, now: DateTime<Utc>) -> Self {
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
            muted_until,
            member_count,
            unread,
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
            unread,
            muted_until: muted_until.filter(|until| *until > now).map(Into::into),
            created_at: created_at.into(),
            last_at: last_at.into(),
        }
    }
}

impl From<MemberRow> for MemberDto {
    fn from(row: MemberRow) -> Self {
        let MemberRow { user, role, joined_at, last_read_seq, last_delivered_seq } = row;
        // Who has read something has got it.
        let last_delivered_seq = last_delivered_seq.max(last_read_seq);
        Self { user, role, joined_at: joined_at.into(), last_read_seq, last_delivered_seq }
    }
}
