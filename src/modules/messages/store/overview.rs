//! Conversations as one of their members sees them, with what is unread.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::{
    ByActivity, MessagesStore,
    rows::{ConversationRow, NOT_BLOCKED, NOT_HIDDEN, author},
};
use crate::{
    modules::messages::error::MessageError,
    wire::{ConversationId, PageQuery, UserId},
};

/// Nobody counts further: it stands for so many and more.
const MANY: i64 = 100;
/// As far back as unread messages are looked for, newest first. It bounds what counting costs where almost all is by
/// the reader, gone or hidden; elsewhere the first hundred end it.
const LOOKED_AT: i64 = 1000;

impl MessagesStore {
    pub async fn conversation(
        &self,
        asker: UserId,
        id: ConversationId,
        now: DateTime<Utc>,
    ) -> Result<ConversationRow, MessageError> {
        let sql = conversations("AND i.conversation_id = $3", "");
        let statement = self.statement(sql, [asker.into(), now.into(), id.into()]);
        let row = ConversationRow::find_by_statement(statement).one(self.db.reader()).await?;
        row.ok_or(MessageError::NotFound)
    }

    /// By latest activity, one more than the page holds.
    pub async fn conversations(
        &self,
        asker: UserId,
        page: &PageQuery<ByActivity>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ConversationRow>, MessageError> {
        let limit = format!("LIMIT {}", page.limit + 1);
        match page.after {
            None => self.all(conversations("", &limit), [asker.into(), now.into()]).await,
            Some((last_at, id)) => {
                let sql = conversations("AND (s.last_at, i.conversation_id) < ($3, $4)", &limit);
                self.all(sql, [asker.into(), now.into(), last_at.into(), id.into()]).await
            }
        }
    }
}

/// First the page, from memberships and streams alone; then what is shown of each: nothing is counted for a
/// conversation that isn't.
///
/// Unread are messages that others have sent after my mark, and that I would get if I read on.
fn conversations(which: &str, limit: &str) -> String {
    format!(
        "SELECT c.id, c.kind, c.name, c.created_at, c.version, me.last_seq, me.last_at, me.role, me.last_read_seq, \
         me.muted_until, \
         (SELECT count(*) FROM conversation_members n WHERE n.conversation_id = c.id) AS member_count, \
         (SELECT count(*) FROM (SELECT 1 FROM \
          (SELECT n.conversation_id, n.message_id, n.sender_id, n.deleted_at, n.expires_at FROM messages n \
           WHERE n.conversation_id = me.conversation_id AND n.seq > me.last_read_seq \
           ORDER BY n.seq DESC LIMIT {LOOKED_AT}) m \
          WHERE m.sender_id <> me.user_id AND m.deleted_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > $2) \
          AND {NOT_HIDDEN} AND {NOT_BLOCKED} LIMIT {MANY}) counted) AS unread, \
         u.id AS u_id, u.username AS u_username, u.display_name AS u_display_name, u.avatar_url AS u_avatar_url \
         FROM (SELECT i.*, s.last_seq, s.last_at FROM conversation_members i \
         JOIN streams s ON s.id = i.conversation_id WHERE i.user_id = $1 {which} \
         ORDER BY s.last_at DESC, i.conversation_id DESC {limit}) me \
         JOIN conversations c ON c.id = me.conversation_id \
         LEFT JOIN conversation_members o ON c.kind = 'direct' AND o.conversation_id = c.id AND o.user_id <> me.user_id \
         LEFT JOIN users u ON u.id = o.user_id \
         ORDER BY me.last_at DESC, c.id DESC"
    )
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
            muted_until: row.try_get("", "muted_until")?,
            member_count: row.try_get("", "member_count")?,
            unread: row.try_get("", "unread")?,
            peer: author(row)?,
        })
    }
}
