//! When people were here last.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

use super::UsersStore;
use crate::{infra::db::Rows, modules::users::error::UserError, wire::UserId};

impl UsersStore {
    /// Moves everybody's moment forward, in one statement.
    pub async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), UserError> {
        let (backend, mut values) = (self.db.writer().get_database_backend(), Vec::new());
        let rows = Rows::default()
            .column("user_id", people.iter().map(|(user, _)| *user))
            .column("seen_at", people.iter().map(|(_, at)| *at))
            .bind(backend, &mut values);
        let sql = format!(
            "UPDATE users SET last_seen_at = r.seen_at FROM {rows} r \
             WHERE users.id = r.user_id AND (users.last_seen_at IS NULL OR users.last_seen_at < r.seen_at)"
        );
        self.db.writer().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }
}
