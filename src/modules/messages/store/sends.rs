//! What sending asks and writes, for many at once. Each is one statement.

use std::{collections::HashMap, iter};

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::{
    MessagesStore,
    rows::{MESSAGE_COLUMNS, MessageRow, REPLIED, RepliedRow, is_kept_from, message, mine},
};
use crate::{
    infra::db::{Rows, Tx},
    modules::messages::entity::{MessageType, Reactions, messages},
    realtime::Slot,
    wire::{ConversationId, MessageId, UserId},
};

/// A message that hasn't got its place yet.
pub struct Draft {
    pub sender_id: UserId,
    pub message_id: MessageId,
    pub kind: MessageType,
    pub content: String,
    pub reply_to: Option<MessageId>,
    pub fingerprint: Vec<u8>,
    pub expires_in: Option<TimeDelta>,
}

/// What sending asks for each message, under the stream's lock.
pub struct SendCheck {
    pub is_member: bool,
    /// The message that has the id already.
    pub existing: Option<MessageRow>,
    pub replied: Option<RepliedRow>,
    pub closed: Option<Closed>,
}

/// Why nobody can send into a direct conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The sender has blocked the other one.
    BlockedThem,
    /// The other one is suspended, or has blocked the sender: the same to them.
    Unreachable,
}

/// Whether the conversation is closed to the sender, and by what. One answer also for a stranger, who is told nothing of it.
const CLOSED: &str = "(SELECT min(CASE \
     WHEN EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.sender_id AND b.blocked_id = o.user_id) THEN 1 \
     WHEN u.status <> 'active' OR EXISTS \
     (SELECT 1 FROM blocks b WHERE b.blocker_id = o.user_id AND b.blocked_id = r.sender_id) THEN 2 END) \
     FROM conversations c JOIN conversation_members o ON o.conversation_id = c.id AND o.user_id <> r.sender_id \
     JOIN users u ON u.id = o.user_id WHERE c.id = $1 AND c.kind = 'direct')";

impl Draft {
    /// What was edited or deleted since is known by its sender only: its fingerprint has gone with the content.
    pub fn is_stored_as(&self, row: &messages::Model) -> bool {
        let same = row.fingerprint.is_empty() || row.fingerprint == self.fingerprint;
        row.sender_id == self.sender_id && same
    }

    /// The message so many places after the first.
    pub fn row(&self, first: &Slot, place: usize) -> messages::Model {
        messages::Model {
            conversation_id: ConversationId(first.stream.0),
            message_id: self.message_id,
            seq: first.seq + place as i64,
            sender_id: self.sender_id,
            kind: self.kind,
            content: self.content.clone(),
            reply_to: self.reply_to,
            fingerprint: self.fingerprint.clone(),
            created_at: first.at,
            edited_at: None,
            deleted_at: None,
            version: 1,
            reactions: Reactions::default(),
            expires_at: self.expires_in.map(|after| first.at + after),
        }
    }
}

/// What was found for one draft.
struct Found {
    member: Option<UserId>,
    existing: Option<i64>,
    replied: Option<i64>,
    /// Whether that is kept from the sender.
    is_kept: Option<bool>,
    closed: Option<i32>,
}

impl Found {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            member: row.try_get("", "member")?,
            existing: row.try_get("", "existing")?,
            replied: row.try_get("", "replied")?,
            is_kept: row.try_get("", "is_kept")?,
            closed: row.try_get("", "closed")?,
        })
    }
}

impl MessagesStore {
    /// How far the conversation's stream has grown, and for each draft whether its sender may send, whether its id
    /// is used already, and whether the message that is replied to is there. Nothing when there is no such stream.
    pub async fn check_sends(
        tx: &Tx,
        id: ConversationId,
        drafts: &[Draft],
    ) -> Result<Option<(i64, Vec<SendCheck>)>, DbErr> {
        let mut values = vec![id.into()];
        let rows = Rows::default()
            .column("sender_id", drafts.iter().map(|draft| draft.sender_id))
            .column("message_id", drafts.iter().map(|draft| draft.message_id))
            .nullable("reply_to", drafts.iter().map(|draft| draft.reply_to))
            .bind(tx.get_database_backend(), &mut values);
        // Each question is a look at a primary key, whatever PostgreSQL thinks of the tables' sizes: a join might
        // be done by reading all of a conversation.
        let sql = format!(
            "SELECT (SELECT s.last_seq FROM streams s WHERE s.id = $1) AS head, \
             (SELECT me.user_id FROM conversation_members me \
              WHERE me.conversation_id = $1 AND me.user_id = r.sender_id) AS member, \
             (SELECT m.seq FROM messages m WHERE m.conversation_id = $1 AND m.message_id = r.message_id) AS existing, \
             (SELECT m.seq FROM messages m WHERE m.conversation_id = $1 AND m.message_id = r.reply_to) AS replied, \
             (SELECT {} FROM messages q WHERE q.conversation_id = $1 AND q.message_id = r.reply_to) AS is_kept, \
             {CLOSED} AS closed \
             FROM {rows} r ORDER BY r.place",
            is_kept_from("r.sender_id")
        );
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        let rows = tx.query_all_raw(statement).await?;
        let mut head = None;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            head = row.try_get("", "head")?;
            found.push(Found::read(row)?);
        }
        let Some(head) = head else { return Ok(None) };
        let places = found.iter().flat_map(|found| [found.existing, found.replied]);
        let rows = Self::at(tx, id, places.flatten().collect()).await?;
        let at = |seq: Option<i64>| rows.get(&seq?);
        let check = |Found { member, existing, replied, is_kept, closed }| SendCheck {
            is_member: member.is_some(),
            existing: at(existing).cloned(),
            replied: at(replied).map(|row| RepliedRow::of(&row.message, is_kept == Some(true))),
            closed: closed.map(|by| if by == 1 { Closed::BlockedThem } else { Closed::Unreachable }),
        };
        Ok(Some((head, found.into_iter().map(check).collect())))
    }

    /// The messages at these places, as their senders see them; asks nothing when there are none, as almost always.
    async fn at(tx: &Tx, id: ConversationId, seqs: Vec<i64>) -> Result<HashMap<i64, MessageRow>, DbErr> {
        if seqs.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<String> = (0..seqs.len()).map(|n| format!("${}", n + 2)).collect();
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS}, {} FROM messages m \
             LEFT JOIN conversation_members me ON me.conversation_id = m.conversation_id AND me.user_id = m.sender_id \
             {REPLIED} WHERE m.conversation_id = $1 AND m.seq IN ({})",
            mine(),
            places.join(", ")
        );
        let values: Vec<Value> = iter::once(id.into()).chain(seqs.into_iter().map(Into::into)).collect();
        let backend = tx.get_database_backend();
        let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let rows = rows.iter().filter_map(|row| message(row).transpose());
        rows.map(|row| row.map(|row| (row.message.seq, row))).collect()
    }

    /// Inserts messages from this place on.
    pub fn insert_messages(tx: &Tx, first: &Slot, rows: &[MessageRow]) -> Statement {
        let mut values = vec![first.stream.into(), first.seq.into(), first.at.into()];
        let rows = Rows::default()
            .column("message_id", rows.iter().map(|row| row.message.message_id))
            .column("sender_id", rows.iter().map(|row| row.message.sender_id))
            .column("kind", rows.iter().map(|row| row.message.kind))
            .column("content", rows.iter().map(|row| row.message.content.clone()))
            .nullable("reply_to", rows.iter().map(|row| row.message.reply_to))
            .column("fingerprint", rows.iter().map(|row| row.message.fingerprint.clone()))
            .nullable("expires_at", rows.iter().map(|row| row.message.expires_at))
            .bind(tx.get_database_backend(), &mut values);
        let sql = format!(
            "INSERT INTO messages \
             (conversation_id, message_id, seq, sender_id, type, content, reply_to, fingerprint, created_at, expires_at) \
             SELECT $1, r.message_id, $2 + r.place, r.sender_id, r.kind, r.content, r.reply_to, r.fingerprint, $3, r.expires_at \
             FROM {rows} r"
        );
        Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
    }
}
