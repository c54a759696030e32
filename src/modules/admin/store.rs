use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, sea_query::LockType,
};
use uuid::Uuid;

use super::{dto::AccountFilter, entity, error::AdminError};
use crate::{
    guards::Role,
    infra::db::{Db, Tx},
    modules::users::{UserStatus, entity as user_rows, matching},
    wire::{PageQuery, UserId},
};

/// The queries on accounts as a whole, and on the audit.
#[derive(Clone)]
pub struct AdminStore {
    db: Db,
}

#[derive(Debug, FromQueryResult)]
pub struct Counts {
    pub users: i64,
    pub suspended_users: i64,
    pub posts: i64,
    pub conversations: i64,
    pub events: i64,
}

impl AdminStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Newest first, one more than the page holds.
    pub async fn list(
        &self,
        filter: AccountFilter,
        page: &PageQuery<UserId>,
    ) -> Result<Vec<user_rows::Model>, AdminError> {
        let AccountFilter { text, role, status } = filter;
        let query = user_rows::Entity::find()
            .apply_if(text, |query, text| query.filter(matching(&text)))
            .apply_if(role, |query, role| query.filter(user_rows::Column::Role.eq(role)))
            .apply_if(status, |query, status| query.filter(user_rows::Column::Status.eq(status)))
            .apply_if(page.after, |query, after| query.filter(user_rows::Column::Id.lt(after)))
            .order_by_desc(user_rows::Column::Id)
            .limit(page.limit + 1);
        Ok(query.all(self.db.reader()).await?)
    }

    pub async fn find(&self, id: UserId) -> Result<user_rows::Model, AdminError> {
        user_rows::Entity::find_by_id(id).one(self.db.reader()).await?.ok_or(AdminError::NotFound)
    }

    /// These accounts, locked in the order of their ids until the transaction ends.
    pub async fn lock(tx: &Tx, ids: &[UserId]) -> Result<Vec<user_rows::Model>, AdminError> {
        let rows = user_rows::Entity::find()
            .filter(user_rows::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(user_rows::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(tx)
            .await?;
        Ok(rows)
    }

    pub async fn by_username(tx: &Tx, username: &str) -> Result<user_rows::Model, AdminError> {
        user_rows::Entity::find()
            .filter(user_rows::Column::UsernameKey.eq(username.to_lowercase()))
            .lock(LockType::NoKeyUpdate)
            .one(tx)
            .await?
            .ok_or(AdminError::NotFound)
    }

    pub async fn update(
        tx: &Tx,
        id: UserId,
        role: Role,
        status: UserStatus,
        now: DateTime<Utc>,
    ) -> Result<user_rows::Model, AdminError> {
        let change = user_rows::ActiveModel {
            id: Set(id),
            role: Set(role),
            status: Set(status),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(change.update(tx).await?)
    }

    pub async fn record(tx: &Tx, entry: entity::Model) -> Result<(), AdminError> {
        entity::Entity::insert(entry.into_active_model().reset_all()).exec_without_returning(tx).await?;
        Ok(())
    }

    /// Newest first, one more than the page holds.
    pub async fn audit(
        &self,
        subject: Option<UserId>,
        actor: Option<UserId>,
        page: &PageQuery<Uuid>,
    ) -> Result<Vec<entity::Model>, AdminError> {
        let query = entity::Entity::find()
            .apply_if(subject, |query, subject| query.filter(entity::Column::SubjectId.eq(subject)))
            .apply_if(actor, |query, actor| query.filter(entity::Column::ActorId.eq(actor)))
            .apply_if(page.after, |query, after| query.filter(entity::Column::Id.lt(after)))
            .order_by_desc(entity::Column::Id)
            .limit(page.limit + 1);
        Ok(query.all(self.db.reader()).await?)
    }

    pub async fn counts(&self) -> Result<Counts, AdminError> {
        let sql = "SELECT (SELECT count(*) FROM users) AS users, \
             (SELECT count(*) FROM users WHERE status = 'suspended') AS suspended_users, \
             (SELECT count(*) FROM posts) AS posts, (SELECT count(*) FROM conversations) AS conversations, \
             (SELECT CAST(coalesce(sum(s.last_seq), 0) AS bigint) \
              FROM conversations c JOIN streams s ON s.id = c.id) AS events";
        let statement = Statement::from_string(self.db.reader().get_database_backend(), sql);
        let counts = Counts::find_by_statement(statement).one(self.db.reader()).await?;
        counts.ok_or_else(|| sea_orm::DbErr::RecordNotFound("counts are always one row".into()).into())
    }
}
