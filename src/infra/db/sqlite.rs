//! Opens one SQLite file twice: a single writer, so that writers queue instead of failing, and
//! several readers that never wait for it.

use std::path::Path;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, sqlx::sqlite};

/// Readers at once; each costs a file descriptor and its page cache.
const READERS: u32 = 4;

pub async fn open(path: &Path) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            DbErr::Custom(format!("the folder {} can't be made: {error}", folder.display()))
        })?;
    }
    let open = async |connections, only_reads| {
        Database::connect(options(path, connections, only_reads)).await.map_err(|error| {
            DbErr::Custom(format!("the database file {} can't be opened: {error}", path.display()))
        })
    };
    Ok((open(1, false).await?, open(READERS, true).await?))
}

fn options(path: &Path, connections: u32, only_reads: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(super::ACQUIRE_TIMEOUT)
        // A file doesn't hang up.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .journal_mode(sqlite::SqliteJournalMode::Wal)
                // FULL: what was acknowledged survives a power cut, not only a crash of ours.
                .synchronous(sqlite::SqliteSynchronous::Full)
                .busy_timeout(super::ACQUIRE_TIMEOUT)
                .foreign_keys(true)
                // Deleted text is overwritten, not just unlinked.
                .pragma("secure_delete", "ON");
            if only_reads { options.pragma("query_only", "ON") } else { options }
        });
    options
}
