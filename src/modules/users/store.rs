mod blocks;
mod seen;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, Query},
};

use super::{
    entity::{self, blocks as block_rows},
    error::UserError,
};
use crate::{
    infra::db::{Db, Tx, broken_constraint},
    wire::{PageQuery, UserId},
};

pub use blocks::BlockRow;

/// The queries on accounts.
#[derive(Clone)]
pub struct UsersStore {
    db: Db,
}

/// What to change of a profile: `None` stays as it is, `Some(None)` is cleared.
pub struct ProfileChange {
    pub display_name: Option<Option<String>>,
    pub bio: Option<Option<String>>,
    pub avatar_url: Option<Option<String>>,
    pub presence_for: Option<entity::PresenceFor>,
}

impl UsersStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn find(&self, id: UserId) -> Result<entity::Model, UserError> {
        entity::Entity::find_by_id(id).one(self.db.reader()).await?.ok_or(UserError::NotFound)
    }

    pub async fn find_by_username(&self, username: &str) -> Result<entity::Model, UserError> {
        entity::Entity::find()
            .filter(entity::Column::UsernameKey.eq(username.to_lowercase()))
            .one(self.db.reader())
            .await?
            .ok_or(UserError::NotFound)
    }

    /// One more than the page holds, by username; the text is searched for at the start of usernames
    /// and anywhere in display names.
    pub async fn list(
        &self,
        text: Option<&str>,
        page: &PageQuery<String>,
    ) -> Result<Vec<entity::Model>, UserError> {
        let mut query = entity::Entity::find()
            .filter(entity::Column::Status.eq(entity::UserStatus::Active))
            .order_by_asc(entity::Column::UsernameKey)
            .limit(page.limit + 1);
        if let Some(text) = text {
            query = query.filter(matching(text));
        }
        if let Some(after) = &page.after {
            query = query.filter(entity::Column::UsernameKey.gt(after));
        }
        Ok(query.all(self.db.reader()).await?)
    }

    /// Which of these people exist, may sign in, and haven't blocked the asker.
    pub async fn reachable(&self, asker: UserId, ids: &[UserId]) -> Result<Vec<UserId>, UserError> {
        let blocked_by = Query::select()
            .column(block_rows::Column::BlockerId)
            .from(block_rows::Entity)
            .and_where(block_rows::Column::BlockedId.eq(asker))
            .to_owned();
        let found = entity::Entity::find()
            .select_only()
            .column(entity::Column::Id)
            .filter(entity::Column::Id.is_in(ids.iter().copied()))
            .filter(entity::Column::Status.eq(entity::UserStatus::Active))
            .filter(entity::Column::Id.not_in_subquery(blocked_by))
            .into_tuple()
            .all(self.db.reader())
            .await?;
        Ok(found)
    }

    pub async fn count(&self) -> Result<u64, UserError> {
        Ok(entity::Entity::find().count(self.db.reader()).await?)
    }

    pub async fn insert(tx: &Tx, account: entity::Model) -> Result<entity::Model, UserError> {
        use sea_orm::IntoActiveModel;
        let inserted = account.into_active_model().reset_all().insert(tx).await;
        inserted.map_err(|error| match broken_constraint(&error) {
            Some(name) if name.contains("username_key") => UserError::UsernameTaken,
            Some(name) if name.contains("email_key") => UserError::EmailTaken,
            _ => error.into(),
        })
    }

    pub async fn update(
        &self,
        id: UserId,
        change: ProfileChange,
        now: DateTime<Utc>,
    ) -> Result<entity::Model, UserError> {
        let ProfileChange { display_name, bio, avatar_url, presence_for } = change;
        let row = entity::ActiveModel {
            id: Set(id),
            display_name: display_name.map_or(NotSet, Set),
            bio: bio.map_or(NotSet, Set),
            avatar_url: avatar_url.map_or(NotSet, Set),
            presence_for: presence_for.map_or(NotSet, Set),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.update(self.db.writer()).await?)
    }
}

/// Usernames that begin with the text, or display names that hold it, whatever the case.
pub fn matching(text: &str) -> Condition {
    let text = text.to_lowercase();
    let escaped: String = text
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    let like = |pattern: String| LikeExpr::new(pattern).escape('\\');
    let display_name = Expr::expr(Func::lower(Expr::col(entity::Column::DisplayName)));
    Condition::any()
        .add(Expr::col(entity::Column::UsernameKey).like(like(format!("{escaped}%"))))
        .add(display_name.like(like(format!("%{escaped}%"))))
}
