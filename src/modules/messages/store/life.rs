//! What becomes of messages, and of reactions to them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::MessagesStore;
use crate::{
    infra::db::Tx,
    modules::messages::{
        entity::{Reactions, changes, messages, reactions},
        error::MessageError,
    },
    wire::{ConversationId, MessageId},
};

impl MessagesStore {
    /// Stores what may change about a message.
    pub async fn update_message(tx: &Tx, row: &messages::Model) -> Result<(), MessageError> {
        let change = messages::ActiveModel {
            content: Set(row.content.clone()),
            reply_to: Set(row.reply_to),
            fingerprint: Set(row.fingerprint.clone()),
            edited_at: Set(row.edited_at),
            deleted_at: Set(row.deleted_at),
            version: Set(row.version),
            reactions: Set(row.reactions.clone()),
            ..Default::default()
        };
        messages::Entity::update_many()
            .set(change)
            .filter(messages::Column::ConversationId.eq(row.conversation_id))
            .filter(messages::Column::MessageId.eq(row.message_id))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Gives a reaction or takes it back, whatever it was before.
    pub async fn set_reaction(tx: &Tx, row: reactions::Model) -> Result<(), MessageError> {
        use reactions::Column::{ConversationId, Emoji, IsOn, MessageId, Seq, UserId};
        let again = OnConflict::columns([ConversationId, MessageId, UserId, Emoji])
            .update_columns([IsOn, Seq])
            .to_owned();
        let row = row.into_active_model().reset_all();
        reactions::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
        Ok(())
    }

    /// How many react with each emoji. Counted, not kept count of: what cascades took away is noticed, too.
    pub async fn count_reactions(
        tx: &Tx,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<Reactions, MessageError> {
        let counts: Vec<(String, i64)> = reactions::Entity::find()
            .select_only()
            .column(reactions::Column::Emoji)
            .column_as(Expr::col(reactions::Column::UserId).count(), "people")
            .filter(reactions::Column::ConversationId.eq(id))
            .filter(reactions::Column::MessageId.eq(message_id))
            .filter(reactions::Column::IsOn.eq(true))
            .group_by(reactions::Column::Emoji)
            .into_tuple()
            .all(tx)
            .await?;
        Ok(Reactions(counts.into_iter().collect()))
    }

    /// The reactions to what is gone go with it.
    pub async fn forget_reactions(
        tx: &Tx,
        id: ConversationId,
        message_ids: &[MessageId],
    ) -> Result<(), MessageError> {
        reactions::Entity::delete_many()
            .filter(reactions::Column::ConversationId.eq(id))
            .filter(reactions::Column::MessageId.is_in(message_ids.iter().copied()))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Conversations in which something has expired.
    pub async fn with_due(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<ConversationId>, MessageError> {
        let due = messages::Entity::find()
            .select_only()
            .column(messages::Column::ConversationId)
            .distinct()
            .filter(messages::Column::ExpiresAt.lte(now))
            .filter(messages::Column::DeletedAt.is_null())
            .limit(limit)
            .into_tuple()
            .all(self.db.reader())
            .await?;
        Ok(due)
    }

    /// What has expired in one of them, in order; asked under the stream's lock.
    pub async fn due(
        tx: &Tx,
        id: ConversationId,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<messages::Model>, MessageError> {
        let due = messages::Entity::find()
            .filter(messages::Column::ConversationId.eq(id))
            .filter(messages::Column::ExpiresAt.lte(now))
            .filter(messages::Column::DeletedAt.is_null())
            .order_by_asc(messages::Column::Seq)
            .limit(limit)
            .all(tx)
            .await?;
        Ok(due)
    }

    /// Messages up to this place go, with the reactions to them, and what became of the group up to there.
    pub async fn forget(tx: &Tx, id: ConversationId, up_to: i64) -> Result<(), DbErr> {
        messages::Entity::delete_many()
            .filter(messages::Column::ConversationId.eq(id))
            .filter(messages::Column::Seq.lte(up_to))
            .exec(tx)
            .await?;
        changes::Entity::delete_many()
            .filter(changes::Column::ConversationId.eq(id))
            .filter(changes::Column::Seq.lte(up_to))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Stores that these have expired: each as it was erased, which is the same for all but for their moments.
    pub async fn expire(tx: &Tx, id: ConversationId, due: &[messages::Model]) -> Result<(), MessageError> {
        use messages::Column::{self, DeletedAt, ExpiresAt, Version};
        let ids: Vec<MessageId> = due.iter().map(|row| row.message_id).collect();
        let erased = messages::ActiveModel {
            content: Set(String::new()),
            reply_to: Set(None),
            fingerprint: Set(Vec::new()),
            reactions: Set(Reactions::default()),
            ..Default::default()
        };
        messages::Entity::update_many()
            .set(erased)
            .col_expr(DeletedAt, Expr::col(ExpiresAt))
            .col_expr(Version, Expr::col(Version).add(1))
            .filter(Column::ConversationId.eq(id))
            .filter(Column::MessageId.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
        Self::forget_reactions(tx, id, &ids).await
    }
}
