//! Reads that a page is made of, each one statement.
//!
//! They begin at the asker's own membership, so that it can't be forgotten: no row at all means that
//! they aren't a member. `$n` stands for a value on both databases.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement, Value};

use super::{
    MessagesStore,
    rows::{
        CatchUpRows, EVENT_COLUMNS, EVENT_JOINS, EventRow, FoundMessage, History, MESSAGE_COLUMNS, MemberRow,
        MessageRow, NOBODYS, NOT_BLOCKED, NOT_BY_BLOCKED, NOT_HIDDEN, OF_EVENT, REPLIED, message, mine,
    },
};
use crate::{
    infra::db::Tx,
    modules::messages::error::MessageError,
    wire::{ConversationId, Head, MessageId, PageQuery, StreamId, UserId},
};

impl MessagesStore {
    /// By user id, one more than the page holds; nothing when the asker isn't a member.
    pub async fn members(
        &self,
        asker: UserId,
        id: ConversationId,
        page: &PageQuery<UserId>,
    ) -> Result<Vec<MemberRow>, MessageError> {
        let after = page.after.unwrap_or(UserId(uuid::Uuid::nil()));
        let sql = format!(
            "SELECT o.role, o.joined_at, o.last_read_seq, o.last_delivered_seq, u.id AS u_id, u.username AS u_username, \
             u.display_name AS u_display_name, u.avatar_url AS u_avatar_url \
             FROM conversation_members me \
             JOIN conversation_members o ON o.conversation_id = me.conversation_id AND o.user_id > $3 \
             JOIN users u ON u.id = o.user_id \
             WHERE me.user_id = $1 AND me.conversation_id = $2 ORDER BY o.user_id LIMIT {}",
            page.limit + 1
        );
        self.all(sql, [asker.into(), id.into(), after.into()]).await
    }

    /// Messages before a place, newest first, one more than the page holds.
    pub async fn history(
        &self,
        asker: UserId,
        id: ConversationId,
        page: &PageQuery<i64>,
    ) -> Result<History, MessageError> {
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS}, {} FROM conversation_members me \
             LEFT JOIN messages m ON m.conversation_id = me.conversation_id AND m.seq < $3 AND {NOT_HIDDEN} AND {NOT_BLOCKED} {REPLIED} \
             WHERE me.user_id = $1 AND me.conversation_id = $2 ORDER BY m.seq DESC LIMIT {}",
            mine(),
            page.limit + 1
        );
        let before = page.after.unwrap_or(i64::MAX);
        let rows: Vec<Joined> = self.all(sql, [asker.into(), id.into(), before.into()]).await?;
        match rows.is_empty() {
            true => Err(MessageError::NotFound),
            false => Ok(rows.into_iter().filter_map(|Joined(message)| message).collect()),
        }
    }

    /// One message, unless the asker has deleted it for themselves.
    pub async fn message(
        &self,
        asker: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<FoundMessage, MessageError> {
        self.found(self.db.reader(), asker, id, message_id).await
    }

    /// The same inside a transaction, under the stream's lock.
    pub async fn message_in(
        &self,
        tx: &Tx,
        asker: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<FoundMessage, MessageError> {
        self.found(tx, asker, id, message_id).await
    }

    async fn found(
        &self,
        db: &impl ConnectionTrait,
        asker: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<FoundMessage, MessageError> {
        let sql = format!(
            "SELECT me.role, c.kind, {MESSAGE_COLUMNS}, {} FROM conversation_members me \
             JOIN conversations c ON c.id = me.conversation_id \
             LEFT JOIN messages m ON m.conversation_id = me.conversation_id AND m.message_id = $3 AND {NOT_HIDDEN} {REPLIED} \
             WHERE me.user_id = $1 AND me.conversation_id = $2",
            mine()
        );
        let values = [asker.into(), id.into(), message_id.into()];
        let row = db.query_one_raw(self.statement(sql, values)).await?.ok_or(MessageError::NotFound)?;
        let (kind, role) = (row.try_get("", "kind")?, row.try_get("", "role")?);
        let row = message(&row)?.ok_or(MessageError::NoSuchMessage)?;
        Ok(FoundMessage { row, kind, role })
    }

    /// Events after a place, in order, with the head of the same moment.
    pub async fn catch_up(
        &self,
        asker: UserId,
        id: ConversationId,
        after: i64,
        limit: u64,
    ) -> Result<CatchUpRows, MessageError> {
        let sql = format!(
            "SELECT s.last_seq AS head, (SELECT epoch FROM installation) AS epoch, \
             {EVENT_COLUMNS}, {MESSAGE_COLUMNS}, {} \
             FROM conversation_members me JOIN streams s ON s.id = me.conversation_id \
             LEFT JOIN stream_events e ON e.stream_id = s.id AND e.seq > $3 AND e.seq <= s.last_seq \
             {EVENT_JOINS} LEFT JOIN messages m ON {OF_EVENT} AND {NOT_HIDDEN} AND {NOT_BY_BLOCKED} {REPLIED} \
             WHERE me.user_id = $1 AND me.conversation_id = $2 ORDER BY e.seq LIMIT {limit}",
            mine()
        );
        let statement = self.statement(sql, [asker.into(), id.into(), after.into()]);
        let rows = self.db.reader().query_all_raw(statement).await?;
        let first = rows.first().ok_or(MessageError::NotFound)?;
        let head = Head { seq: first.try_get("", "head")?, epoch: first.try_get("", "epoch")? };
        let has_event = |row: &&QueryResult| matches!(row.try_get::<Option<i64>>("", "seq"), Ok(Some(_)));
        let events = rows.iter().filter(has_event).map(|row| EventRow::from_query_result(row, ""));
        Ok(CatchUpRows { head, events: events.collect::<Result<_, _>>()? })
    }

    /// Events for whoever follows: membership was checked when they joined.
    pub async fn events(
        &self,
        stream: StreamId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<EventRow>, MessageError> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS}, {MESSAGE_COLUMNS}, {NOBODYS} FROM stream_events e \
             {EVENT_JOINS} LEFT JOIN messages m ON {OF_EVENT} {REPLIED} \
             WHERE e.stream_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT {limit}"
        );
        self.all(sql, [stream.into(), after.into()]).await
    }

    pub(super) fn statement(&self, sql: String, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.db.reader().get_database_backend(), sql, values)
    }

    pub(super) async fn all<T: FromQueryResult>(
        &self,
        sql: String,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, MessageError> {
        Ok(T::find_by_statement(self.statement(sql, values)).all(self.db.reader()).await?)
    }
}

/// A row of which only the joined message matters.
pub struct Joined(pub Option<MessageRow>);

impl FromQueryResult for Joined {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        message(row).map(Self)
    }
}
