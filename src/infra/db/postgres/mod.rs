//! Lends connections to PostgreSQL, or to a pooler before it, for one statement or one transaction at a time.
//!
//! The library's own pool asks a connection whether it is alive whenever it is given back: two round trips for
//! every statement, through the pooler too, and without a deadline. Here it is asked only where that is in
//! doubt, and with a deadline, for a network can lose connections without a word: before use, when it was idle
//! meanwhile, and after a statement that failed or was given up in the middle.

mod lent;
mod transaction;

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{self, Manager, Metrics as Seen, PoolError, QueueMode, RecycleError, RecycleResult};
use futures_util::future::join_all;
use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use tokio::{runtime::Handle, time::timeout};

use super::ACQUIRE_TIMEOUT;
use crate::{config::Secret, infra::metrics::Metrics};

use lent::Lent;
pub use {lent::Lends, transaction::Transaction};

/// For a connection to say that it is alive, or to end what it was in the middle of.
const ALIVE_WITHIN: Duration = Duration::from_secs(2);
/// One that was lent so recently isn't asked before it is used again: nothing is in between on a busy node.
const STILL_WARM: Duration = Duration::from_secs(1);
/// Older ones aren't lent any more: whatever stands in between may have grown uneven meanwhile.
const AGE: Duration = Duration::from_secs(30 * 60);

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: managed::Pool<Connector>,
    shared: Arc<Shared>,
}

/// What every lent connection needs at hand.
#[derive(Debug)]
struct Shared {
    metrics: Arc<Metrics>,
    /// Where a connection is settled that was given back in the middle of something.
    runtime: Handle,
}

impl Pool {
    /// Opens as many connections as are kept.
    pub async fn open(url: &Secret, max: u32, min: u32, metrics: Arc<Metrics>) -> Result<Self, DbErr> {
        let options: PgConnectOptions = url.expose().parse().map_err(connection_failed)?;
        let options = options
            .disable_statement_logging()
            // A pooler refuses start-up parameters that it doesn't track.
            .extra_float_digits(None);
        let connections =
            managed::Pool::builder(Connector { options, kept: min as usize, lost: Mutex::default() })
                .max_size(max as usize)
                // The rest stay idle until they are closed, and those in use stay warm.
                .queue_mode(QueueMode::Lifo)
                .build()
                .map_err(|error| DbErr::Custom(error.to_string()))?;
        let pool = Self { connections, shared: Arc::new(Shared { metrics, runtime: Handle::current() }) };
        pool.fill().await?;
        Ok(pool)
    }

    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        Transaction::begin(self.lend().await?, "BEGIN").await
    }

    /// Begins, and runs this statement, which takes a lock, in the same round trip.
    pub async fn begin_locking(&self, lock: &str) -> Result<Transaction, DbErr> {
        Transaction::begin(self.lend().await?, &format!("BEGIN; {lock}")).await
    }

    pub async fn ping(&self) -> Result<(), DbErr> {
        self.lend().await?.ping().await
    }

    /// Connections that are lent now.
    pub fn held(&self) -> usize {
        let status = self.connections.status();
        status.size - status.available
    }

    /// Closes what nobody has used for so long, except for the few that are kept, and what is older than [`AGE`];
    /// then opens what is missing of the few.
    pub async fn trim(&self, idle: Duration) {
        let kept = self.connections.manager().kept;
        let mut spare = self.connections.status().size.saturating_sub(kept);
        let trimmed = self.connections.retain(|_, seen| {
            let goes = is_old(&seen) || (seen.last_used() >= idle && spare > 0);
            spare = spare.saturating_sub(usize::from(goes));
            !goes
        });
        join_all(trimmed.removed.into_iter().map(close)).await;
        if let Err(error) = self.fill().await {
            tracing::warn!(%error, "a connection to the database couldn't be opened ahead of its use");
        }
    }

    /// Opens what is missing of those that are kept.
    async fn fill(&self) -> Result<(), DbErr> {
        let mut opened = Vec::new();
        while self.connections.status().size < self.connections.manager().kept {
            opened.push(self.lend().await?);
        }
        Ok(())
    }

    /// Lends none from now on, and closes those that are idle; the others when they are given back.
    pub async fn close(&self) {
        let idle = self.connections.retain(|_, _| false).removed;
        self.connections.close();
        join_all(idle.into_iter().map(close)).await;
    }

    /// A connection of its own under the library's management, for what asks for that.
    pub async fn apart(&self) -> Result<DatabaseConnection, DbErr> {
        let options = self.connections.manager().options.clone();
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
        Ok(pool.connect_with(options).await.map_err(connection_failed)?.into())
    }
}

impl Lends for Pool {
    type Lent<'a> = Lent;

    async fn lend(&self) -> Result<Lent, DbErr> {
        match timeout(ACQUIRE_TIMEOUT, self.connections.get()).await {
            Ok(Ok(connection)) => Ok(Lent::new(connection, self.shared.clone())),
            Ok(Err(PoolError::Backend(error))) => Err(connection_failed(error)),
            Ok(Err(PoolError::Closed)) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Ok(Err(_)) | Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }
}

/// Makes connections, and says which can be lent again.
#[derive(Debug)]
struct Connector {
    options: PgConnectOptions,
    /// So many stay open, however long nobody uses them.
    kept: usize,
    /// When one was last found to be lost without a word. Others that haven't been used since will be, too:
    /// asking each would take the time of one after the other.
    lost: Mutex<Option<Instant>>,
}

impl Connector {
    fn lost(&self) -> MutexGuard<'_, Option<Instant>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options).await
    }

    async fn recycle(&self, connection: &mut PgConnection, seen: &Seen) -> RecycleResult<sqlx::Error> {
        let used = seen.recycled.unwrap_or(seen.created);
        if is_old(seen) || self.lost().is_some_and(|lost| used < lost) {
            return Err(RecycleError::message("it is too old, or others of its time were lost"));
        }
        if seen.last_used() > STILL_WARM {
            let alive = in_time(connection.ping()).await;
            if matches!(&alive, Err(sqlx::Error::Io(error)) if error.kind() == ErrorKind::TimedOut) {
                *self.lost() = Some(Instant::now());
            }
            alive?;
        }
        Ok(())
    }
}

fn is_old(seen: &Seen) -> bool {
    seen.age() >= AGE
}

/// What takes longer than a living connection needs has failed.
async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = || sqlx::Error::Io(ErrorKind::TimedOut.into());
    timeout(ALIVE_WITHIN, work).await.unwrap_or_else(|_| Err(silent()))
}

/// Says goodbye; when that fails, the connection is gone just the same.
async fn close(connection: PgConnection) {
    if let Err(error) = in_time(connection.close()).await {
        tracing::debug!(%error, "a connection to the database ended without a goodbye");
    }
}

fn connection_failed(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
