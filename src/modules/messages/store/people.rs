//! Who is in a conversation, as what, and what is changed about it: all under the stream's lock.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use super::{EventRow, MessagesStore};
use crate::{
    infra::db::Tx,
    modules::messages::{
        entity::{MemberRole, changes, conversations, members},
        error::MessageError,
    },
    realtime::Streams,
    wire::{ConversationId, UserId},
};

impl MessagesStore {
    /// The conversation and my role, read inside the transaction that holds the stream's lock.
    pub async fn membership(
        tx: &Tx,
        id: ConversationId,
        user: UserId,
    ) -> Result<(conversations::Model, MemberRole), MessageError> {
        let member = members::Entity::find_by_id((id, user)).one(tx).await?.ok_or(MessageError::NotFound)?;
        let conversation =
            conversations::Entity::find_by_id(id).one(tx).await?.ok_or(MessageError::NotFound)?;
        Ok((conversation, member.role))
    }

    pub async fn member_ids(tx: &Tx, id: ConversationId) -> Result<Vec<UserId>, MessageError> {
        let rows = members::Entity::find()
            .filter(members::Column::ConversationId.eq(id))
            .order_by_asc(members::Column::JoinedAt)
            .order_by_asc(members::Column::UserId)
            .all(tx)
            .await?;
        Ok(rows.into_iter().map(|row| row.user_id).collect())
    }

    pub async fn remove_member(tx: &Tx, id: ConversationId, user: UserId) -> Result<bool, MessageError> {
        Ok(members::Entity::delete_by_id((id, user)).exec(tx).await?.rows_affected > 0)
    }

    pub async fn set_role(
        tx: &Tx,
        id: ConversationId,
        user: UserId,
        role: MemberRole,
    ) -> Result<(), MessageError> {
        let change = members::ActiveModel {
            conversation_id: Set(id),
            user_id: Set(user),
            role: Set(role),
            ..Default::default()
        };
        change.update(tx).await?;
        Ok(())
    }

    /// Whom a member has blocked.
    pub async fn admit(&self, asker: UserId, id: ConversationId) -> Result<Vec<UserId>, MessageError> {
        let sql = "SELECT b.blocked_id FROM conversation_members me \
             LEFT JOIN blocks b ON b.blocker_id = me.user_id WHERE me.user_id = $1 AND me.conversation_id = $2";
        let statement = self.statement(sql.into(), [asker.into(), id.into()]);
        let rows = self.db.reader().query_all_raw(statement).await?;
        if rows.is_empty() {
            return Err(MessageError::NotFound);
        }
        let blocked = rows.iter().map(|row| row.try_get("", "blocked_id"));
        Ok(blocked.collect::<Result<Vec<Option<UserId>>, _>>()?.into_iter().flatten().collect())
    }

    pub async fn has_blocked(&self, blocker: UserId, blocked: UserId) -> Result<bool, MessageError> {
        let sql = "SELECT 1 AS found FROM blocks WHERE blocker_id = $1 AND blocked_id = $2";
        let statement = self.statement(sql.into(), [blocker.into(), blocked.into()]);
        Ok(self.db.reader().query_one_raw(statement).await?.is_some())
    }

    /// Nothing when they aren't a member.
    pub async fn role(tx: &Tx, id: ConversationId, user: UserId) -> Result<Option<MemberRole>, MessageError> {
        Ok(members::Entity::find_by_id((id, user)).one(tx).await?.map(|member| member.role))
    }

    /// Who owns a group that its owner has left, and what they were: admins first, then by how long they have been
    /// there.
    pub async fn heir(tx: &Tx, id: ConversationId) -> Result<Option<(UserId, MemberRole)>, MessageError> {
        let heir = members::Entity::find()
            .filter(members::Column::ConversationId.eq(id))
            .order_by_desc(members::Column::Role.eq(MemberRole::Admin))
            .order_by_asc(members::Column::JoinedAt)
            .order_by_asc(members::Column::UserId)
            .one(tx)
            .await?;
        Ok(heir.map(|member| (member.user_id, member.role)))
    }

    /// The conversation under its new name.
    pub async fn rename(
        tx: &Tx,
        conversation: &conversations::Model,
        name: &str,
    ) -> Result<conversations::Model, MessageError> {
        let change = conversations::ActiveModel {
            id: Set(conversation.id),
            name: Set(Some(name.to_owned())),
            version: Set(conversation.version + 1),
            ..Default::default()
        };
        Ok(change.update(tx).await?)
    }

    /// Writes down what has happened to a group, with what became of whom.
    pub async fn record(tx: &Tx, id: ConversationId, facts: &[EventRow]) -> Result<(), MessageError> {
        Streams::record(tx, facts.iter().map(|fact| fact.event(id.into())).collect()).await?;
        let changes: Vec<changes::ActiveModel> = facts
            .iter()
            .filter(|fact| fact.role.is_some() || fact.name.is_some())
            .map(|fact| {
                let (seq, role, name) = (fact.seq, fact.role, fact.name.clone());
                changes::Model { conversation_id: id, seq, role, name }.into_active_model().reset_all()
            })
            .collect();
        if !changes.is_empty() {
            changes::Entity::insert_many(changes).exec_without_returning(tx).await?;
        }
        Ok(())
    }
}
