//! What the joined queries give, and how it is read from their columns.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::{
    modules::{
        messages::entity::{ConversationKind, MemberRole, messages},
        users::AuthorDto,
    },
    realtime::event_rows,
    wire::{ConversationId, Head, StreamId, UserId},
};

/// A conversation as one member sees it.
pub struct ConversationRow {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub name: Option<String>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
    pub last_seq: i64,
    pub last_at: DateTime<Utc>,
    pub role: MemberRole,
    pub last_read_seq: i64,
    pub member_count: i64,
    pub peer: Option<AuthorDto>,
}

pub struct MemberRow {
    pub user: AuthorDto,
    pub role: MemberRole,
    pub joined_at: DateTime<Utc>,
    pub last_read_seq: i64,
}

/// An event, what became of somebody or of the group with it, and the message that it is about, as it is now.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub seq: i64,
    pub kind: String,
    pub subject_id: Uuid,
    pub actor_id: Option<UserId>,
    pub at: DateTime<Utc>,
    pub role: Option<MemberRole>,
    pub name: Option<String>,
    pub message: Option<messages::Model>,
}

impl EventRow {
    /// The row of the stream.
    pub fn event(&self, stream_id: StreamId) -> event_rows::Model {
        let Self { seq, kind, subject_id, actor_id, at, .. } = self.clone();
        event_rows::Model { stream_id, seq, kind, subject_id, actor_id, at }
    }
}

/// A member's page of events.
pub struct CatchUpRows {
    pub head: Head,
    pub events: Vec<EventRow>,
}

/// A member's page of messages.
pub type History = Vec<messages::Model>;

/// The columns of an event and of what came with it, for queries that join them as `e`, `x` and `m`.
pub const EVENT_COLUMNS: &str =
    "e.seq, e.kind, e.subject_id, e.actor_id, e.at, x.role AS x_role, x.name AS x_name";

/// What came with an event `e`.
pub const EVENT_JOINS: &str = "LEFT JOIN conversation_changes x ON x.conversation_id = e.stream_id AND x.seq = e.seq \
     LEFT JOIN messages m ON e.kind = 'message' AND m.conversation_id = e.stream_id AND m.message_id = e.subject_id";

/// The columns of a message under the prefix `m_`, for queries that join it as `m`.
pub const MESSAGE_COLUMNS: &str = "m.conversation_id AS m_conversation_id, m.message_id AS m_message_id, m.seq AS m_seq, \
     m.sender_id AS m_sender_id, m.type AS m_type, m.content AS m_content, m.reply_to AS m_reply_to, \
     m.fingerprint AS m_fingerprint, m.created_at AS m_created_at, m.edited_at AS m_edited_at, m.deleted_at AS m_deleted_at";

/// The message of a row, if its join found one.
pub fn message(row: &QueryResult) -> Result<Option<messages::Model>, DbErr> {
    messages::Model::from_query_result_optional(row, "m_")
}

impl FromQueryResult for EventRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get(prefix, "seq")?,
            kind: row.try_get(prefix, "kind")?,
            subject_id: row.try_get(prefix, "subject_id")?,
            actor_id: row.try_get(prefix, "actor_id")?,
            at: row.try_get(prefix, "at")?,
            role: row.try_get(prefix, "x_role")?,
            name: row.try_get(prefix, "x_name")?,
            message: message(row)?,
        })
    }
}

fn author(row: &QueryResult) -> Result<Option<AuthorDto>, DbErr> {
    let Some(id) = row.try_get("u_", "id")? else { return Ok(None) };
    Ok(Some(AuthorDto {
        id,
        username: row.try_get("u_", "username")?,
        display_name: row.try_get("u_", "display_name")?,
        avatar_url: row.try_get("u_", "avatar_url")?,
    }))
}

impl FromQueryResult for ConversationRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "kind")?,
            name: row.try_get("", "name")?,
            created_at: row.try_get("", "created_at")?,
            version: row.try_get("", "version")?,
            last_seq: row.try_get("", "last_seq")?,
            last_at: row.try_get("", "last_at")?,
            role: row.try_get("", "role")?,
            last_read_seq: row.try_get("", "last_read_seq")?,
            member_count: row.try_get("", "member_count")?,
            peer: author(row)?,
        })
    }
}

impl FromQueryResult for MemberRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            user: author(row)?.ok_or_else(|| DbErr::RecordNotFound("a member without an account".into()))?,
            role: row.try_get("", "role")?,
            joined_at: row.try_get("", "joined_at")?,
            last_read_seq: row.try_get("", "last_read_seq")?,
        })
    }
}
