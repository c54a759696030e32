//! Who shares a conversation with whom, and so may see whether they are there.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::MessagesStore;
use crate::{infra::db::Rows, modules::messages::error::MessageError, realtime::Sight, wire::UserId};

impl MessagesStore {
    /// For each pair of a watched person and a watcher who share a conversation what the one may see of the other.
    pub async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, MessageError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let (backend, mut values) = (self.db.reader().get_database_backend(), Vec::new());
        let rows = Rows::default()
            .column("watched", pairs.iter().map(|(watched, _)| *watched))
            .column("watcher", pairs.iter().map(|(_, watcher)| *watcher))
            .bind(backend, &mut values);
        let sql = format!(
            "SELECT r.watched, r.watcher, u.last_seen_at, \
             u.presence_for = 'conversations' AND w.presence_for = 'conversations' AND NOT EXISTS \
             (SELECT 1 FROM blocks b WHERE (b.blocker_id = r.watched AND b.blocked_id = r.watcher) \
              OR (b.blocker_id = r.watcher AND b.blocked_id = r.watched)) AS open \
             FROM {rows} r JOIN users u ON u.id = r.watched JOIN users w ON w.id = r.watcher \
             WHERE EXISTS (SELECT 1 FROM conversation_members a \
              JOIN conversation_members b ON b.conversation_id = a.conversation_id AND b.user_id = r.watcher \
              WHERE a.user_id = r.watched)"
        );
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = self.db.reader().query_all_raw(statement).await?;
        Ok(rows.iter().map(sight).collect::<Result<_, _>>()?)
    }
}

fn sight(row: &QueryResult) -> Result<Sight, DbErr> {
    Ok(Sight {
        watched: row.try_get("", "watched")?,
        watcher: row.try_get("", "watcher")?,
        open: row.try_get("", "open")?,
        last_seen_at: row.try_get("", "last_seen_at")?,
    })
}
