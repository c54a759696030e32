//! What sending asks and writes, for many at once. Each is one statement.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Statement};

use super::MessagesStore;
use crate::{
    infra::db::{Rows, Tx},
    modules::messages::entity::{MessageType, messages},
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
}

/// What sending asks for each message, under the stream's lock.
pub struct SendCheck {
    pub is_member: bool,
    /// The message that has the id already.
    pub existing: Option<messages::Model>,
    pub reply_exists: bool,
}

impl Draft {
    pub fn is_stored_as(&self, row: &messages::Model) -> bool {
        row.sender_id == self.sender_id && row.fingerprint == self.fingerprint
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
        }
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
             (SELECT m.seq FROM messages m WHERE m.conversation_id = $1 AND m.message_id = r.reply_to) AS replied \
             FROM {rows} r ORDER BY r.place"
        );
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        let rows = tx.query_all_raw(statement).await?;
        let mut head = None;
        let mut found: Vec<(Option<UserId>, Option<i64>, Option<i64>)> = Vec::with_capacity(rows.len());
        for row in &rows {
            head = row.try_get("", "head")?;
            found.push((
                row.try_get("", "member")?,
                row.try_get("", "existing")?,
                row.try_get("", "replied")?,
            ));
        }
        let Some(head) = head else { return Ok(None) };
        let existing =
            Self::at(tx, id, found.iter().filter_map(|(_, existing, _)| *existing).collect()).await?;
        let check = |(member, at, replied): (Option<UserId>, Option<i64>, Option<i64>)| SendCheck {
            is_member: member.is_some(),
            existing: at.and_then(|seq| existing.get(&seq).cloned()),
            reply_exists: replied.is_some(),
        };
        Ok(Some((head, found.into_iter().map(check).collect())))
    }

    /// The messages at these places; asks nothing when there are none, as almost always.
    async fn at(tx: &Tx, id: ConversationId, seqs: Vec<i64>) -> Result<HashMap<i64, messages::Model>, DbErr> {
        if seqs.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = messages::Entity::find()
            .filter(messages::Column::ConversationId.eq(id))
            .filter(messages::Column::Seq.is_in(seqs))
            .all(tx)
            .await?;
        Ok(rows.into_iter().map(|row| (row.seq, row)).collect())
    }

    /// Inserts messages from this place on.
    pub fn insert_messages(tx: &Tx, first: &Slot, rows: &[messages::Model]) -> Statement {
        let mut values = vec![first.stream.into(), first.seq.into(), first.at.into()];
        let rows = Rows::default()
            .column("message_id", rows.iter().map(|row| row.message_id))
            .column("sender_id", rows.iter().map(|row| row.sender_id))
            .column("kind", rows.iter().map(|row| row.kind))
            .column("content", rows.iter().map(|row| row.content.clone()))
            .nullable("reply_to", rows.iter().map(|row| row.reply_to))
            .column("fingerprint", rows.iter().map(|row| row.fingerprint.clone()))
            .bind(tx.get_database_backend(), &mut values);
        let sql = format!(
            "INSERT INTO messages \
             (conversation_id, message_id, seq, sender_id, type, content, reply_to, fingerprint, created_at) \
             SELECT $1, r.message_id, $2 + r.place, r.sender_id, r.kind, r.content, r.reply_to, r.fingerprint, $3 \
             FROM {rows} r"
        );
        Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
    }
}
