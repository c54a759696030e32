//! One of two databases, for the library to run statements on.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::postgres::Lends;

/// SQLite by the library's own pool, or PostgreSQL by ours.
#[derive(Debug, Clone)]
pub enum Either<S, P> {
    Sqlite(S),
    Postgres(P),
}

#[async_trait]
impl<S: ConnectionTrait + Send, P: Lends> ConnectionTrait for Either<S, P> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(on) => on.execute_raw(statement).await,
            Self::Postgres(on) => on.lend().await?.execute(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(on) => on.execute_unprepared(sql).await,
            Self::Postgres(on) => on.lend().await?.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(on) => on.query_one_raw(statement).await,
            Self::Postgres(on) => Ok(on.lend().await?.query_all(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(on) => on.query_all_raw(statement).await,
            Self::Postgres(on) => on.lend().await?.query_all(statement).await,
        }
    }
}
