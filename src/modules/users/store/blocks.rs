//! The queries on blocks.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait, sea_query::OnConflict,
};

use super::UsersStore;
use crate::{
    infra::db::{Tx, broken_constraint},
    modules::users::{
        entity::{self, blocks},
        error::UserError,
    },
    wire::{PageQuery, UserId},
};

/// Blocks that one person may have: every socket of theirs knows them all.
const MOST: u64 = 5000;

/// Somebody who is blocked, and since when.
pub struct BlockRow {
    pub user: entity::Model,
    pub created_at: DateTime<Utc>,
}

impl UsersStore {
    /// Writes a block down; says no when it is there already.
    pub async fn block(
        tx: &Tx,
        blocker: UserId,
        blocked: UserId,
        now: DateTime<Utc>,
    ) -> Result<bool, UserError> {
        let others = blocks::Entity::find()
            .filter(blocks::Column::BlockerId.eq(blocker))
            .filter(blocks::Column::BlockedId.ne(blocked));
        if others.count(tx).await? >= MOST {
            return Err(UserError::TooManyBlocked { most: MOST });
        }
        let (blocker_id, blocked_id, created_at) = (Set(blocker), Set(blocked), Set(now));
        let row = blocks::ActiveModel { blocker_id, blocked_id, created_at };
        let pair = [blocks::Column::BlockerId, blocks::Column::BlockedId];
        let inserted = blocks::Entity::insert(row)
            .on_conflict(OnConflict::columns(pair).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await;
        inserted.map(|rows| rows > 0).map_err(|error| match broken_constraint(&error) {
            // Only the blocked may not exist: the blocker has asked.
            Some(_) => UserError::NotFound,
            None => error.into(),
        })
    }

    /// Says no when there is no such block.
    pub async fn unblock(tx: &Tx, blocker: UserId, blocked: UserId) -> Result<bool, UserError> {
        Ok(blocks::Entity::delete_by_id((blocker, blocked)).exec(tx).await?.rows_affected > 0)
    }

    /// All blocks of these people.
    pub async fn blocked_by(&self, blockers: &[UserId]) -> Result<Vec<(UserId, UserId)>, UserError> {
        let found = blocks::Entity::find()
            .filter(blocks::Column::BlockerId.is_in(blockers.iter().copied()))
            .all(self.db.reader())
            .await?;
        Ok(found.into_iter().map(|block| (block.blocker_id, block.blocked_id)).collect())
    }

    /// One more than the page holds, by username.
    pub async fn blocks(
        &self,
        blocker: UserId,
        page: &PageQuery<String>,
    ) -> Result<Vec<BlockRow>, UserError> {
        let mut query = blocks::Entity::find()
            .select_also(entity::Entity)
            .join(JoinType::InnerJoin, blocks::Relation::Blocked.def())
            .filter(blocks::Column::BlockerId.eq(blocker))
            .order_by_asc(entity::Column::UsernameKey)
            .limit(page.limit + 1);
        if let Some(after) = &page.after {
            query = query.filter(entity::Column::UsernameKey.gt(after));
        }
        let rows = query.all(self.db.reader()).await?;
        let row = |(block, user): (blocks::Model, Option<entity::Model>)| {
            Some(BlockRow { user: user?, created_at: block.created_at })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }
}
