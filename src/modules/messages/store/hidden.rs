//! What somebody has deleted for themselves.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::MessagesStore;
use crate::{
    infra::db::Tx,
    modules::messages::{entity::hidden, error::MessageError},
    wire::{ConversationId, MessageId, UserId},
};

impl MessagesStore {
    /// Whether the message is hidden from this member already.
    pub async fn is_hidden(
        &self,
        tx: &Tx,
        user: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<bool, MessageError> {
        let sql = "SELECT m.message_id, h.id AS hidden_id FROM conversation_members me \
             LEFT JOIN messages m ON m.conversation_id = me.conversation_id AND m.message_id = $3 \
             LEFT JOIN hidden_messages h ON h.conversation_id = me.conversation_id AND h.message_id = $3 \
             AND h.user_id = me.user_id WHERE me.user_id = $1 AND me.conversation_id = $2";
        let statement = self.statement(sql.to_owned(), [user.into(), id.into(), message_id.into()]);
        let row = tx.query_one_raw(statement).await?.ok_or(MessageError::NotFound)?;
        row.try_get::<Option<MessageId>>("", "message_id")?.ok_or(MessageError::NoSuchMessage)?;
        Ok(row.try_get::<Option<Uuid>>("", "hidden_id")?.is_some())
    }

    /// Says no when it is hidden already.
    pub async fn hide(tx: &Tx, row: hidden::Model) -> Result<bool, MessageError> {
        use hidden::Column::{ConversationId, MessageId, UserId};
        let again = OnConflict::columns([ConversationId, MessageId, UserId]).do_nothing().to_owned();
        let row = row.into_active_model().reset_all();
        Ok(hidden::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await? > 0)
    }

    /// What these of somebody's own events are about.
    pub async fn hidden(&self, user: UserId, ids: &[Uuid]) -> Result<Vec<hidden::Model>, MessageError> {
        let rows = hidden::Entity::find()
            .filter(hidden::Column::Id.is_in(ids.iter().copied()))
            .filter(hidden::Column::UserId.eq(user))
            .all(self.db.reader())
            .await?;
        Ok(rows)
    }
}
