//! Brings the schema up to this binary's version, and refuses one that is newer.

use rookery_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait};

use super::{Db, immediate};

/// Why the schema couldn't be brought up to date. Nothing has been changed then.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "the database has migration {0}, which this binary doesn't know: it belongs to a newer version. \
         Nothing was changed. Run that version, or one that is newer still."
    )]
    Newer(String),
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// An arbitrary number that names our migrations among PostgreSQL's advisory locks.
const LOCK: i64 = 0x0072_6f6f_6b65_7279;

/// Applies what is missing, in one transaction; returns how many migrations that were.
///
/// Several processes may start at once: a lock that lives as long as the transaction (so it holds
/// through a pooler too) lets one of them do it, and the others find nothing left to do.
pub async fn migrate(db: &Db) -> Result<usize, MigrateError> {
    let library = db.of_the_library().await?;
    let tx = library.begin_with_options(immediate()).await?;
    if db.is_postgres() {
        let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
        tx.execute_raw(Statement::from_string(DbBackend::Postgres, lock)).await?;
    }
    let known: Vec<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = applied(&tx, db.is_postgres()).await?;
    if let Some(unknown) = applied.iter().find(|name| !known.contains(name)) {
        return Err(MigrateError::Newer(unknown.clone()));
    }
    if applied.len() < known.len() {
        Migrator::up(&tx, None).await?;
    }
    tx.commit().await?;
    Ok(known.len() - applied.len())
}

/// Names of the migrations that this database has; none when it is new.
async fn applied(db: &impl ConnectionTrait, postgres: bool) -> Result<Vec<String>, DbErr> {
    let (backend, exists) = match postgres {
        true => (
            DbBackend::Postgres,
            "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'",
        ),
        false => (
            DbBackend::Sqlite,
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        ),
    };
    if db.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let names = Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version");
    db.query_all_raw(names).await?.iter().map(|row| row.try_get("", "version")).collect()
}
