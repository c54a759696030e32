use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef,
    sea_query::{Expr, ExprTrait},
};

use super::{
    entity::{credentials, reason, sessions},
    error::AuthError,
};
use crate::{
    guards::{LiveSession, Role},
    infra::db::{Db, Tx},
    modules::users::{UserStatus, entity as user_rows},
    wire::{PageQuery, SessionId, UserId},
};

/// The queries on passwords and sessions.
pub struct AuthStore {
    db: Db,
}

/// A person and what their password hashes to.
pub type Account = (user_rows::Model, String);

/// The sessions that are meant: they are one person's.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    One(SessionId),
    /// This one, if it is this person's.
    OneOf(UserId, SessionId),
    AllOf(UserId),
}

impl AuthStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// By username, or by e-mail address when it has an `@`, which no username has.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, AuthError> {
        let login = login.trim().to_lowercase();
        let column =
            if login.contains('@') { user_rows::Column::EmailKey } else { user_rows::Column::UsernameKey };
        self.account(Condition::all().add(column.eq(login))).await
    }

    pub async fn account_by_id(&self, id: UserId) -> Result<Option<Account>, AuthError> {
        self.account(Condition::all().add(user_rows::Column::Id.eq(id))).await
    }

    async fn account(&self, which: Condition) -> Result<Option<Account>, AuthError> {
        let found = credentials::Entity::find()
            .join(JoinType::InnerJoin, user_of_credentials())
            .select_also(user_rows::Entity)
            .filter(which)
            .one(self.db.reader())
            .await?;
        Ok(found.and_then(|(credentials, user)| Some((user?, credentials.password_hash))))
    }

    pub async fn insert_credentials(tx: &Tx, row: credentials::Model) -> Result<(), AuthError> {
        credentials::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        Ok(())
    }

    pub async fn set_password_hash(&self, user_id: UserId, password_hash: String) -> Result<(), AuthError> {
        let row = credentials::ActiveModel {
            user_id: Set(user_id),
            password_hash: Set(password_hash),
            ..Default::default()
        };
        row.update(self.db.writer()).await?;
        Ok(())
    }

    pub async fn insert_session(&self, row: sessions::Model) -> Result<(), AuthError> {
        Self::insert_session_in(self.db.writer(), row).await
    }

    pub async fn insert_session_in(db: &impl ConnectionTrait, row: sessions::Model) -> Result<(), AuthError> {
        sessions::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
        Ok(())
    }

    /// One conditional statement, so that of any number of callers exactly one rotates.
    pub async fn rotate(
        &self,
        id: SessionId,
        generation: i64,
        presented_hash: Vec<u8>,
        successor_hash: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<bool, AuthError> {
        let rotated = sessions::Entity::update_many()
            .col_expr(sessions::Column::Generation, Expr::value(generation + 1))
            .col_expr(sessions::Column::RefreshHash, Expr::value(successor_hash))
            .col_expr(sessions::Column::RotatedAt, Expr::value(now))
            .col_expr(sessions::Column::LastUsedAt, Expr::value(now))
            .filter(sessions::Column::Id.eq(id))
            .filter(sessions::Column::Generation.eq(generation))
            .filter(sessions::Column::RefreshHash.eq(presented_hash))
            .filter(still_alive(now))
            .exec(self.db.writer())
            .await?;
        Ok(rotated.rows_affected == 1)
    }

    /// A session, ended or not, and its user.
    pub async fn session(
        &self,
        id: SessionId,
    ) -> Result<Option<(sessions::Model, user_rows::Model)>, AuthError> {
        let found = sessions::Entity::find_by_id(id)
            .join(JoinType::InnerJoin, user_of_session())
            .select_also(user_rows::Entity)
            .one(self.db.reader())
            .await?;
        Ok(found.and_then(|(session, user)| Some((session, user?))))
    }

    /// What the gate asks: a session that lives, of a user who may sign in.
    pub async fn live(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<LiveSession>, AuthError> {
        let found: Option<(UserId, Role, DateTime<Utc>)> = sessions::Entity::find_by_id(id)
            .join(JoinType::InnerJoin, user_of_session())
            .filter(still_alive(now))
            .filter(user_rows::Column::Status.eq(UserStatus::Active))
            .select_only()
            .column(sessions::Column::UserId)
            .column(user_rows::Column::Role)
            .column(sessions::Column::ExpiresAt)
            .into_tuple()
            .one(self.db.reader())
            .await?;
        Ok(found.map(|(user_id, role, expires_at)| LiveSession { user_id, role, expires_at }))
    }

    /// The same question about many: those that live, with nothing, and those that have ended but aren't
    /// forgotten yet, with the reason.
    pub async fn states(
        &self,
        ids: &[SessionId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<SessionId, Option<String>>, AuthError> {
        let found: Vec<(SessionId, DateTime<Utc>, Option<String>, UserStatus)> = sessions::Entity::find()
            .join(JoinType::InnerJoin, user_of_session())
            .filter(sessions::Column::Id.is_in(ids.iter().copied()))
            .select_only()
            .columns([sessions::Column::Id, sessions::Column::ExpiresAt, sessions::Column::RevokedReason])
            .column(user_rows::Column::Status)
            .into_tuple()
            .all(self.db.reader())
            .await?;
        let state = |(id, expires_at, revoked, status)| match (revoked, status) {
            (Some(reason), _) => (id, Some(reason)),
            (None, UserStatus::Suspended) => (id, Some(reason::ACCOUNT_SUSPENDED.to_owned())),
            (None, UserStatus::Active) => (id, (expires_at <= now).then(|| reason::SESSION_ENDED.to_owned())),
        };
        Ok(found.into_iter().map(state).collect())
    }

    /// A person's role, and why these sessions of theirs have ended; those whose rows are gone are left out.
    pub async fn of_user(
        &self,
        user_id: UserId,
        ended: &[SessionId],
    ) -> Result<(Role, HashMap<SessionId, String>), AuthError> {
        let found: Vec<(Role, Option<SessionId>, Option<String>)> = user_rows::Entity::find_by_id(user_id)
            .join(JoinType::LeftJoin, ended_of_user(ended.to_vec()))
            .select_only()
            .column(user_rows::Column::Role)
            .columns([sessions::Column::Id, sessions::Column::RevokedReason])
            .into_tuple()
            .all(self.db.reader())
            .await?;
        let role = found.first().ok_or(AuthError::NoSuchSession)?.0;
        Ok((role, found.into_iter().filter_map(|(_, id, reason)| Some((id?, reason?))).collect()))
    }

    /// Live sessions of this person, newest first, one more than the page holds.
    pub async fn sessions_of(
        &self,
        user_id: UserId,
        now: DateTime<Utc>,
        page: &PageQuery<SessionId>,
    ) -> Result<Vec<sessions::Model>, AuthError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user_id))
            .filter(still_alive(now))
            .apply_if(page.after, |query, after| query.filter(sessions::Column::Id.lt(after)))
            .order_by_desc(sessions::Column::Id)
            .limit(page.limit + 1)
            .all(self.db.reader())
            .await?;
        Ok(rows)
    }

    /// Ends the sessions that fit, and says which they were, and whose.
    pub async fn revoke(
        tx: &Tx,
        which: Which,
        reason: &'static str,
        now: DateTime<Utc>,
    ) -> Result<Option<(UserId, Vec<SessionId>)>, AuthError> {
        let ended = sessions::Entity::update_many()
            .col_expr(sessions::Column::RevokedAt, Expr::value(now))
            .col_expr(sessions::Column::RevokedReason, Expr::value(reason))
            .filter(which.condition())
            .filter(sessions::Column::RevokedAt.is_null())
            .exec_with_returning(tx)
            .await?;
        let of = ended.first().map(|row| row.user_id);
        Ok(of.map(|user| (user, ended.into_iter().map(|row| row.id).collect())))
    }

    pub async fn delete_expired(&self, before: DateTime<Utc>) -> Result<u64, AuthError> {
        let expired = sessions::Entity::delete_many().filter(sessions::Column::ExpiresAt.lt(before));
        Ok(expired.exec(self.db.writer()).await?.rows_affected)
    }

    pub async fn begin(&self) -> Result<Tx, AuthError> {
        Ok(self.db.begin().await?)
    }
}

impl Which {
    fn condition(self) -> Condition {
        let one = |id| Condition::all().add(sessions::Column::Id.eq(id));
        let all_of = |user_id| Condition::all().add(sessions::Column::UserId.eq(user_id));
        match self {
            Self::One(id) => one(id),
            Self::OneOf(user_id, id) => all_of(user_id).add(one(id)),
            Self::AllOf(user_id) => all_of(user_id),
        }
    }
}

fn still_alive(now: DateTime<Utc>) -> Condition {
    Condition::all().add(sessions::Column::RevokedAt.is_null()).add(sessions::Column::ExpiresAt.gt(now))
}

fn user_of_session() -> RelationDef {
    sessions::Entity::belongs_to(user_rows::Entity)
        .from(sessions::Column::UserId)
        .to(user_rows::Column::Id)
        .into()
}

fn ended_of_user(ids: Vec<SessionId>) -> RelationDef {
    let relation: RelationDef = user_rows::Entity::belongs_to(sessions::Entity)
        .from(user_rows::Column::Id)
        .to(sessions::Column::UserId)
        .into();
    relation.on_condition(move |_, sessions| {
        Condition::all().add(Expr::col((sessions, sessions::Column::Id)).is_in(ids.iter().copied()))
    })
}

fn user_of_credentials() -> RelationDef {
    credentials::Entity::belongs_to(user_rows::Entity)
        .from(credentials::Column::UserId)
        .to(user_rows::Column::Id)
        .into()
}
