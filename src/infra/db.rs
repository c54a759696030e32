//! The database: SQLite with one writer and several readers, or PostgreSQL with one pool.
//!
//! A store reads through [`Db::reader`] and writes inside [`Db::begin`], and knows no more than that.

mod either;
mod epoch;
mod migrate;
mod postgres;
mod rows;
mod sqlite;

use std::{sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqlErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sqlx,
};
use tokio_util::sync::CancellationToken;

use super::metrics::{Metrics, verb};
use crate::{
    config::DatabaseConfig,
    problem::{Problem, codes},
};

pub use {
    either::Either,
    migrate::{MigrateError, migrate},
    rows::Rows,
};

/// Runs a statement on any connection that is free.
pub type Pool = Either<DatabaseConnection, postgres::Pool>;
/// A transaction that may write. Rolled back when it is dropped.
pub type Tx = Either<DatabaseTransaction, postgres::Transaction>;

/// How long a statement waits for a free connection, or for SQLite's write lock.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that haven't been used for so long are closed, except for those that are kept.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// The handle every store holds; cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    writer: Pool,
    reader: Pool,
}

impl Db {
    /// Opens the database; creates the file and its folder on SQLite.
    pub async fn connect(config: &DatabaseConfig, metrics: &Arc<Metrics>) -> Result<Self, DbErr> {
        match config {
            DatabaseConfig::Sqlite { path } => {
                let (mut writer, mut reader) = sqlite::open(path).await?;
                for connections in [&mut writer, &mut reader] {
                    let metrics = metrics.clone();
                    connections.set_metric_callback(move |info| {
                        metrics.query(verb(&info.statement.sql), info.elapsed, info.failed)
                    });
                }
                Ok(Self { writer: Either::Sqlite(writer), reader: Either::Sqlite(reader) })
            }
            DatabaseConfig::Postgres { url, pool_max, pool_min } => {
                let pool = postgres::Pool::open(url, *pool_max, *pool_min, metrics.clone()).await?;
                Ok(Self { writer: Either::Postgres(pool.clone()), reader: Either::Postgres(pool) })
            }
        }
    }

    /// For statements that read.
    pub fn reader(&self) -> &Pool {
        &self.reader
    }

    /// For a single statement that writes and needs no transaction around it.
    pub fn writer(&self) -> &Pool {
        &self.writer
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: a transaction
    /// that begins by reading and then writes would fail, not wait, when another process wrote meanwhile.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        match &self.writer {
            Either::Sqlite(writer) => Ok(Either::Sqlite(writer.begin_with_options(immediate()).await?)),
            Either::Postgres(pool) => Ok(Either::Postgres(pool.begin().await?)),
        }
    }

    /// Begins a transaction that may write, and takes a row's lock in the same round trip: the statement selects
    /// it for update. Whatever the transaction reads after that is as new as what the lock's last holder has
    /// committed. On SQLite every transaction that may write holds the one lock that there is.
    pub async fn begin_locking(&self, lock: &str) -> Result<Tx, DbErr> {
        match &self.writer {
            Either::Sqlite(_) => self.begin().await,
            Either::Postgres(pool) => Ok(Either::Postgres(pool.begin_locking(lock).await?)),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        match &self.reader {
            Either::Sqlite(reader) => reader.ping().await,
            Either::Postgres(pool) => pool.ping().await,
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.writer, Either::Postgres(_))
    }

    /// Connections that are in use now.
    pub fn held(&self) -> usize {
        let in_use = |size: u32, idle: usize| (size as usize).saturating_sub(idle);
        match (&self.writer, &self.reader) {
            (Either::Sqlite(writer), Either::Sqlite(reader)) => [writer, reader]
                .map(DatabaseConnection::get_sqlite_connection_pool)
                .into_iter()
                .map(|pool| in_use(pool.size(), pool.num_idle()))
                .sum(),
            (Either::Postgres(pool), _) | (_, Either::Postgres(pool)) => pool.held(),
        }
    }

    /// Closes connections that nobody needs any more, each minute until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(60));
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            if stop.run_until_cancelled(self.trim(IDLE)).await.is_none() {
                return;
            }
        }
    }

    /// Closes what nobody has used for so long, except for the few that are kept, and what is old.
    pub async fn trim(&self, idle: Duration) {
        match &self.writer {
            // The library looks after these.
            Either::Sqlite(_) => {}
            Either::Postgres(pool) => pool.trim(idle).await,
        }
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    ///
    /// On SQLite it waits for those in use as long as a statement would wait for a free one, and no longer; on
    /// PostgreSQL they are dropped when they are given back.
    pub async fn close(self) -> Result<(), DbErr> {
        let close = async {
            match (self.writer, self.reader) {
                (Either::Sqlite(writer), Either::Sqlite(reader)) => {
                    reader.close().await?;
                    writer.close().await
                }
                (Either::Postgres(pool), _) | (_, Either::Postgres(pool)) => {
                    pool.close().await;
                    Ok(())
                }
            }
        };
        tokio::time::timeout(ACQUIRE_TIMEOUT, close).await.unwrap_or(Ok(()))
    }

    /// What the library's own transactions can be begun on.
    async fn of_the_library(&self) -> Result<DatabaseConnection, DbErr> {
        match &self.writer {
            Either::Sqlite(writer) => Ok(writer.clone()),
            Either::Postgres(pool) => pool.apart().await,
        }
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
    }
}

/// Takes SQLite's write lock at once; PostgreSQL knows no such thing.
fn immediate() -> TransactionOptions {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    TransactionOptions { sqlite_transaction_mode, ..Default::default() }
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
    /// SQLite's busy codes; PostgreSQL's conflicts, deadlocks, lock, statement and idle timeouts, shutdowns, too
    /// many clients.
    const BUSY: [&str; 12] = [
        "5", "517", "40001", "40P01", "55P03", "57014", "25P03", "57P01", "57P02", "57P03", "57P05", "53300",
    ];
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
