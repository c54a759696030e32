//! The queries on conversations, members, messages and their events.

mod circle;
mod hidden;
mod life;
mod marks;
mod overview;
mod people;
mod read;
mod rows;
mod search;
mod sends;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

use super::{
    entity::{conversations, members},
    error::MessageError,
};
use crate::{
    infra::db::{Db, Tx},
    wire::ConversationId,
};

pub use {
    marks::Mark,
    rows::{
        CatchUpRows, ConversationRow, EventRow, FoundMessage, MemberRow, MessageRow, ReactionRow, RepliedRow,
    },
    search::ByTime,
    sends::{Closed, Draft, SendCheck},
};

/// Where an account list of conversations goes on: the last one's activity and id.
pub type ByActivity = (DateTime<Utc>, ConversationId);

pub struct MessagesStore {
    db: Db,
}

impl MessagesStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Says no when the two people have a direct conversation already.
    pub async fn insert_conversation(tx: &Tx, row: conversations::Model) -> Result<bool, MessageError> {
        let conflict = OnConflict::column(conversations::Column::DirectKey).do_nothing().to_owned();
        let inserted = conversations::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(conflict)
            .exec_without_returning(tx)
            .await?;
        Ok(inserted > 0)
    }

    pub async fn direct(&self, key: &str) -> Result<ConversationId, MessageError> {
        let found = conversations::Entity::find()
            .filter(conversations::Column::DirectKey.eq(key))
            .one(self.db.reader())
            .await?;
        found.map(|row| row.id).ok_or(MessageError::NotFound)
    }

    pub async fn insert_members(tx: &Tx, rows: Vec<members::Model>) -> Result<(), MessageError> {
        let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
        members::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }
}
