//! How far members are, and whether they want to hear of a conversation.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::MessagesStore;
use crate::{
    modules::messages::{entity::members, error::MessageError},
    wire::{ConversationId, UserId},
};

/// Which of a member's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Delivered,
    Read,
}

/// Both, and the conversation's newest event.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    pub delivered: i64,
    pub read: i64,
    pub head: i64,
}

impl Marks {
    pub fn of(&self, mark: Mark) -> i64 {
        match mark {
            Mark::Delivered => self.delivered,
            Mark::Read => self.read,
        }
    }
}

impl MessagesStore {
    /// Moves a mark forward, no further than the newest event; what is read is delivered, too. Says no when nothing
    /// was to be moved. One statement.
    pub async fn move_mark(
        &self,
        mark: Mark,
        user: UserId,
        id: ConversationId,
        seq: i64,
    ) -> Result<bool, MessageError> {
        let (mark, change) = match mark {
            Mark::Delivered => ("last_delivered_seq", "last_delivered_seq = $3"),
            Mark::Read => (
                "last_read_seq",
                "last_read_seq = $3, \
                 last_delivered_seq = CASE WHEN last_delivered_seq < $3 THEN $3 ELSE last_delivered_seq END",
            ),
        };
        let sql = format!(
            "UPDATE conversation_members SET {change} WHERE user_id = $1 AND conversation_id = $2 \
             AND {mark} < $3 AND $3 <= (SELECT last_seq FROM streams WHERE id = $2)"
        );
        let statement = self.statement(sql, [user.into(), id.into(), seq.into()]);
        Ok(self.db.writer().execute_raw(statement).await?.rows_affected() > 0)
    }

    pub async fn marks(&self, user: UserId, id: ConversationId) -> Result<Marks, MessageError> {
        let sql = "SELECT me.last_delivered_seq, me.last_read_seq, s.last_seq FROM conversation_members me \
             JOIN streams s ON s.id = me.conversation_id WHERE me.user_id = $1 AND me.conversation_id = $2";
        let statement = self.statement(sql.into(), [user.into(), id.into()]);
        let row = self.db.reader().query_one_raw(statement).await?.ok_or(MessageError::NotFound)?;
        Ok(Marks {
            delivered: row.try_get("", "last_delivered_seq")?,
            read: row.try_get("", "last_read_seq")?,
            head: row.try_get("", "last_seq")?,
        })
    }

    /// Says no when they aren't a member.
    pub async fn mute(
        &self,
        user: UserId,
        id: ConversationId,
        until: Option<DateTime<Utc>>,
    ) -> Result<bool, MessageError> {
        let muted = members::Entity::update_many()
            .col_expr(members::Column::MutedUntil, Expr::value(until))
            .filter(members::Column::ConversationId.eq(id))
            .filter(members::Column::UserId.eq(user))
            .exec(self.db.writer())
            .await?;
        Ok(muted.rows_affected > 0)
    }

    /// The members of these conversations who haven't muted them.
    pub async fn listening(
        &self,
        ids: &[ConversationId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<ConversationId, Vec<UserId>>, MessageError> {
        let rows: Vec<(ConversationId, UserId)> = members::Entity::find()
            .select_only()
            .columns([members::Column::ConversationId, members::Column::UserId])
            .filter(members::Column::ConversationId.is_in(ids.iter().copied()))
            .filter(members::Column::MutedUntil.is_null().or(members::Column::MutedUntil.lte(now)))
            .into_tuple()
            .all(self.db.reader())
            .await?;
        let mut of = HashMap::<_, Vec<_>>::new();
        rows.into_iter().for_each(|(id, user)| of.entry(id).or_default().push(user));
        Ok(of)
    }
}
