//! The database: SQLite with one writer and several readers, or PostgreSQL with one pool.
//!
//! A store reads through [`Db::reader`] and writes inside [`Db::begin`], and knows no more than that.

mod migrate;
mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqlErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sqlx,
};

use super::metrics::Metrics;
use crate::{
    config::DatabaseConfig,
    problem::{Problem, codes},
};

pub use migrate::{MigrateError, migrate};

/// A transaction that may write.
pub type Tx = DatabaseTransaction;

/// How long a statement waits for a free connection, or for SQLite's write lock.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The handle every store holds; cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Db {
    /// Opens the database; creates the file and its folder on SQLite.
    pub async fn connect(config: &DatabaseConfig, metrics: &Arc<Metrics>) -> Result<Self, DbErr> {
        let (mut writer, mut reader) = match config {
            DatabaseConfig::Sqlite { path } => sqlite::open(path).await?,
            DatabaseConfig::Postgres { url, pool_max, pool_min } => {
                let pool = postgres::open(url, *pool_max, *pool_min).await?;
                (pool.clone(), pool)
            }
        };
        for connection in [&mut writer, &mut reader] {
            let metrics = metrics.clone();
            connection.set_metric_callback(move |info| {
                metrics.query(&info.statement.sql, info.elapsed, info.failed)
            });
        }
        Ok(Self { writer, reader })
    }

    /// For statements that read.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For a single statement that writes and needs no transaction around it.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: a transaction
    /// that begins by reading and then writes would fail, not wait, when another process wrote meanwhile.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        self.writer
            .begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() })
            .await
    }

    pub fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Connections that are in use now.
    pub fn held(&self) -> usize {
        let in_use = |size: u32, idle: usize| (size as usize).saturating_sub(idle);
        if self.is_postgres() {
            let pool = self.writer.get_postgres_connection_pool();
            return in_use(pool.size(), pool.num_idle());
        }
        [&self.writer, &self.reader]
            .map(DatabaseConnection::get_sqlite_connection_pool)
            .into_iter()
            .map(|pool| in_use(pool.size(), pool.num_idle()))
            .sum()
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    ///
    /// Waits for those in use as long as a statement would wait for a free one, and no longer.
    pub async fn close(self) -> Result<(), DbErr> {
        let close = async {
            self.reader.close_by_ref().await?;
            self.writer.close_by_ref().await
        };
        tokio::time::timeout(ACQUIRE_TIMEOUT, close).await.unwrap_or(Ok(()))
    }
}

/// The constraint that a statement broke: `posts_pkey` on PostgreSQL, `posts.id` on SQLite.
pub fn broken_constraint(error: &DbErr) -> Option<String> {
    match error.sql_err()? {
        SqlErr::UniqueConstraintViolation(message) | SqlErr::ForeignKeyConstraintViolation(message) => {
            Some(message)
        }
        _ => None,
    }
}

/// Whether the statement failed because others hold what it needs, or because the database is away;
/// trying again later makes sense.
pub fn is_busy(error: &DbErr) -> bool {
    /// SQLite's busy codes; PostgreSQL's conflicts, deadlocks, lock timeouts, shutdowns, too many clients.
    const BUSY: [&str; 9] = ["5", "517", "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300"];
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
            // Class 08: the connection failed, as a pooler says it of its own.
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| BUSY.contains(&code.as_ref()) || code.starts_with("08"))
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
            _ => false,
        },
        _ => false,
    }
}

/// A statement that failed for a reason no module foresaw.
impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        if is_busy(&error) {
            tracing::warn!(%error, "the database is busy or away");
            return Self::of::<codes::Overloaded>("The database can't be reached; try again shortly.")
                .retry_after(1);
        }
        Self::internal(error)
    }
}
