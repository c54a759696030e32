//! Opens a pool of connections to PostgreSQL, or to a pooler before it.
//!
//! A network can lose connections without a word. So the pool asks each one whether it is alive, with a
//! deadline, where it would otherwise wait: before one that was idle is used, and when one is given back,
//! for a request that was given up may have left it in the middle of a statement.
//!
//! One gap stays: the library asks once more itself when a connection is given back, and without a deadline.
//! Whoever is lost just then is missed until TCP gives up, after a quarter of an hour.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{Connection, Error, PgConnection},
};

use crate::config::Secret;

/// For a connection to say that it is alive.
const ALIVE_WITHIN: Duration = Duration::from_secs(2);
/// One that was used so recently isn't asked before it is used again: nothing is in between on a busy node.
const STILL_WARM: Duration = Duration::from_secs(1);

pub async fn open(url: &Secret, pool_max: u32, pool_min: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.expose());
    options
        .max_connections(pool_max)
        .min_connections(pool_min)
        .acquire_timeout(super::ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .test_before_acquire(false)
        // A pooler refuses start-up parameters that it doesn't track.
        .map_sqlx_postgres_opts(|options| options.extra_float_digits(None))
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.before_acquire(|connection, seen| {
                Box::pin(async move {
                    if seen.idle_for > STILL_WARM {
                        alive(connection).await?;
                    }
                    Ok(true)
                })
            })
            .after_release(|connection, _| {
                Box::pin(async move {
                    alive(connection).await?;
                    Ok(true)
                })
            })
        });
    Database::connect(options).await
}

/// Waits for whatever it was in the middle of, too.
async fn alive(connection: &mut PgConnection) -> Result<(), Error> {
    let silent = || Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(ALIVE_WITHIN, connection.ping()).await.unwrap_or_else(|_| Err(silent()))
}
