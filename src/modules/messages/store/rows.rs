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
    wire::{ConversationId, Head, MessageId, StreamId, UserId},
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
    pub muted_until: Option<DateTime<Utc>>,
    pub member_count: i64,
    pub unread: i64,
    pub peer: Option<AuthorDto>,
}

pub struct MemberRow {
    pub user: AuthorDto,
    pub role: MemberRole,
    pub joined_at: DateTime<Utc>,
    pub last_read_seq: i64,
    pub last_delivered_seq: i64,
}

/// A message as it is stored, with what it replies to.
#[derive(Debug, Clone)]
pub struct MessageRow {
    pub message: messages::Model,
    pub replied: Option<RepliedRow>,
    /// The reader's own reactions; none where nobody in particular reads.
    pub mine: Vec<String>,
}

/// A message that somebody asked for, and what they are where it is.
#[derive(Debug, Clone)]
pub struct FoundMessage {
    pub row: MessageRow,
    pub kind: ConversationKind,
    pub role: MemberRole,
}

/// Characters of a message that its replies show; as in [`MESSAGE_COLUMNS`].
const SHOWN_OF_REPLIED: usize = 140;

/// As much of a message as its replies show.
#[derive(Debug, Clone)]
pub struct RepliedRow {
    pub id: MessageId,
    pub sender_id: UserId,
    /// How it begins.
    pub content: String,
    pub deleted_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// The reader has blocked who wrote it, or has deleted it for themselves; never where nobody in particular reads.
    pub is_kept: bool,
}

impl MessageRow {
    /// What is the same to everybody.
    pub fn for_everybody(mut self) -> Self {
        self.mine.clear();
        self.replied.iter_mut().for_each(|replied| replied.is_kept = false);
        self
    }
}

impl RepliedRow {
    /// The message that a new one replies to.
    pub fn of(row: &messages::Model, is_kept: bool) -> Self {
        let messages::Model { message_id: id, sender_id, content, deleted_at, expires_at, .. } = row;
        let content = content.chars().take(SHOWN_OF_REPLIED).collect();
        let (deleted_at, expires_at) = (*deleted_at, *expires_at);
        Self { id: *id, sender_id: *sender_id, content, deleted_at, expires_at, is_kept }
    }
}

/// What a reaction's event is about.
#[derive(Debug, Clone)]
pub struct ReactionRow {
    pub emoji: String,
    pub is_on: bool,
}

/// An event and what it is about: what became of somebody or of the group with it, or a message as it is now,
/// and a reaction to it. An event about a message that its reader doesn't get, or about a reaction that has
/// changed again since, has none.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub seq: i64,
    pub kind: String,
    pub subject_id: Uuid,
    pub actor_id: Option<UserId>,
    pub at: DateTime<Utc>,
    pub role: Option<MemberRole>,
    pub name: Option<String>,
    pub message: Option<MessageRow>,
    pub reaction: Option<ReactionRow>,
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
pub type History = Vec<MessageRow>;

/// The columns of an event and of what came with it, for queries that join them by [`EVENT_JOINS`].
pub const EVENT_COLUMNS: &str = "e.seq, e.kind, e.subject_id, e.actor_id, e.at, x.role AS x_role, x.name AS x_name, \
     r.emoji AS r_emoji, r.is_on AS r_is_on";

/// What came with an event `e`: a change of the group, or of a reaction; none when another event has changed
/// that again since.
pub const EVENT_JOINS: &str = "LEFT JOIN conversation_changes x ON x.conversation_id = e.stream_id AND x.seq = e.seq \
     LEFT JOIN message_reactions r ON e.kind = 'reactionChanged' AND r.conversation_id = e.stream_id AND r.seq = e.seq";

/// The message `m` that an event `e` is about. By its kind, for whoever sends chooses the message's id: it may be
/// somebody's own.
pub const OF_EVENT: &str = "e.kind IN ('message', 'messageEdited', 'messageDeleted', 'messageExpired', 'reactionChanged') \
     AND m.conversation_id = e.stream_id AND m.message_id = e.subject_id";

/// The message `m` is one that the member `me` hasn't deleted for themselves.
pub const NOT_HIDDEN: &str = "NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.conversation_id = m.conversation_id \
     AND h.message_id = m.message_id AND h.user_id = me.user_id)";

/// The message `m` is by nobody whom the member `me` has blocked.
pub const NOT_BLOCKED: &str =
    "NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = me.user_id AND b.blocked_id = m.sender_id)";

/// Neither is what happened to it by any of those.
pub const NOT_BY_BLOCKED: &str = "NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = me.user_id \
     AND b.blocked_id IN (m.sender_id, e.actor_id))";

/// The columns of a message under the prefix `m_`, for queries that join it as `m`, join [`REPLIED`] to it, and
/// select [`mine`] or [`NOBODYS`].
pub const MESSAGE_COLUMNS: &str = "m.conversation_id AS m_conversation_id, m.message_id AS m_message_id, m.seq AS m_seq, \
     m.sender_id AS m_sender_id, m.type AS m_type, m.content AS m_content, m.reply_to AS m_reply_to, \
     m.fingerprint AS m_fingerprint, m.created_at AS m_created_at, m.edited_at AS m_edited_at, m.deleted_at AS m_deleted_at, \
     m.version AS m_version, m.reactions AS m_reactions, m.expires_at AS m_expires_at, \
     q.message_id AS q_message_id, q.sender_id AS q_sender_id, substr(q.content, 1, 140) AS q_content, \
     q.deleted_at AS q_deleted_at, q.expires_at AS q_expires_at";

/// What the message `m` replies to.
pub const REPLIED: &str =
    "LEFT JOIN messages q ON q.conversation_id = m.conversation_id AND q.message_id = m.reply_to";

/// Whether a reader, named by this column, has blocked who wrote `q`, or has deleted it for themselves.
pub fn is_kept_from(reader: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = {reader} AND b.blocked_id = q.sender_id) \
         OR EXISTS (SELECT 1 FROM hidden_messages h WHERE h.conversation_id = q.conversation_id \
         AND h.message_id = q.message_id AND h.user_id = {reader}))"
    )
}

/// What is another for each reader: the reactions to `m` of the member `me`, and whether what it replies to is kept
/// from them.
pub fn mine() -> String {
    format!(
        "(SELECT string_agg(mine.emoji, ' ' ORDER BY mine.seq) FROM message_reactions mine \
         WHERE mine.conversation_id = m.conversation_id AND mine.message_id = m.message_id AND mine.user_id = me.user_id \
         AND mine.is_on) AS my_reactions, {} AS q_is_kept",
        is_kept_from("me.user_id")
    )
}

/// For what is the same to everybody.
pub const NOBODYS: &str = "NULL AS my_reactions, FALSE AS q_is_kept";

/// The message of a row, if its join found one.
pub fn message(row: &QueryResult) -> Result<Option<MessageRow>, DbErr> {
    let Some(message) = messages::Model::from_query_result_optional(row, "m_")? else { return Ok(None) };
    let mine: Option<String> = row.try_get("", "my_reactions")?;
    let mine = mine.iter().flat_map(|emoji| emoji.split(' ')).map(str::to_owned).collect();
    Ok(Some(MessageRow { message, replied: replied(row)?, mine }))
}

/// What the message of a row replies to.
fn replied(row: &QueryResult) -> Result<Option<RepliedRow>, DbErr> {
    let Some(id) = row.try_get("q_", "message_id")? else { return Ok(None) };
    Ok(Some(RepliedRow {
        id,
        sender_id: row.try_get("q_", "sender_id")?,
        content: row.try_get("q_", "content")?,
        deleted_at: row.try_get("q_", "deleted_at")?,
        expires_at: row.try_get("q_", "expires_at")?,
        is_kept: row.try_get("q_", "is_kept")?,
    }))
}

fn reaction(row: &QueryResult) -> Result<Option<ReactionRow>, DbErr> {
    let Some(emoji) = row.try_get("r_", "emoji")? else { return Ok(None) };
    Ok(Some(ReactionRow { emoji, is_on: row.try_get("r_", "is_on")? }))
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
            reaction: reaction(row)?,
        })
    }
}

pub fn author(row: &QueryResult) -> Result<Option<AuthorDto>, DbErr> {
    let Some(id) = row.try_get("u_", "id")? else { return Ok(None) };
    Ok(Some(AuthorDto {
        id,
        username: row.try_get("u_", "username")?,
        display_name: row.try_get("u_", "display_name")?,
        avatar_url: row.try_get("u_", "avatar_url")?,
    }))
}

impl FromQueryResult for MemberRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            user: author(row)?.ok_or_else(|| DbErr::RecordNotFound("a member without an account".into()))?,
            role: row.try_get("", "role")?,
            joined_at: row.try_get("", "joined_at")?,
            last_read_seq: row.try_get("", "last_read_seq")?,
            last_delivered_seq: row.try_get("", "last_delivered_seq")?,
        })
    }
}
