use poem_openapi::Object;
use serde::Serialize;
use validator::Validate;

use super::{
    entity::{ConversationKind, MemberRole, MessageType, messages},
    store::{ConversationRow, EventRow, MemberRow},
};
use crate::{
    modules::users::AuthorDto,
    wire::{ConversationId, MessageId, Text, Timestamp, UserId},
};

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

/// A message.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "Message", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct MessageDto {
    /// The `messageId` its sender chose.
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// Its place in the conversation.
    pub seq: i64,
    pub sender_id: UserId,
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: MessageType,
    pub content: String,
    #[oai(nullable)]
    pub reply_to: Option<MessageId>,
    pub created_at: Timestamp,
    #[oai(nullable)]
    pub edited_at: Option<Timestamp>,
    #[oai(nullable)]
    pub deleted_at: Option<Timestamp>,
}

/// Something that happened in a conversation.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Event", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct EventDto {
    pub seq: i64,
    /// `message`, `memberJoined`, `memberLeft`, `roleChanged` or `conversationRenamed`; more may come.
    pub kind: String,
    pub at: Timestamp,
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageDto>,
    /// Who joined or left, or has another role.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Who did it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// What they became.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<MemberRole>,
    /// What the group was called from then on.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl From<messages::Model> for MessageDto {
    fn from(model: messages::Model) -> Self {
        let messages::Model {
            conversation_id,
            message_id,
            seq,
            sender_id,
            kind,
            content,
            reply_to,
            fingerprint: _,
            created_at,
            edited_at,
            deleted_at,
        } = model;
        Self {
            id: message_id,
            conversation_id,
            seq,
            sender_id,
            kind,
            content,
            reply_to,
            created_at: created_at.into(),
            edited_at: edited_at.map(Into::into),
            deleted_at: deleted_at.map(Into::into),
        }
    }
}

impl From<EventRow> for EventDto {
    fn from(EventRow { seq, kind, subject_id, actor_id, at, role, name, message }: EventRow) -> Self {
        let about_a_message = message.is_some();
        let about_a_member = !about_a_message && name.is_none();
        Self {
            seq,
            kind,
            at: at.into(),
            message: message.map(Into::into),
            user_id: about_a_member.then_some(UserId(subject_id)),
            actor_id: actor_id.filter(|_| !about_a_message),
            role,
            name,
        }
    }
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
