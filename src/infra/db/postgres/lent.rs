//! A connection while it is lent: statements run on it, and it knows whether it can be lent again.

use std::{
    mem,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Instant,
};

use deadpool::managed::Object;
use futures_util::future::BoxFuture;
use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Connection as _, Executor, PgConnection, Postgres, query::Query, query_with,
        raw_sql,
    },
};
use sea_query_sqlx::SqlxValues;

use super::{Connector, Shared, in_time};
use crate::infra::metrics::verb;

/// Whatever has a connection to run a statement on.
pub trait Lends: Send + Sync {
    type Lent<'a>: DerefMut<Target = Connection> + Send
    where
        Self: 'a;

    fn lend(&self) -> impl Future<Output = Result<Self::Lent<'_>, DbErr>> + Send;
}

/// A connection that is given back when this is dropped; when it is in doubt, only after that has been settled.
#[derive(Debug)]
pub struct Lent(Option<Connection>);

/// Runs statements.
#[derive(Debug)]
pub struct Connection {
    inner: Object<Connector>,
    doubt: Doubt,
    shared: Arc<Shared>,
}

/// What keeps a connection from being lent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    /// A statement hasn't ended well: does the connection still work, and what is left of the answer?
    Statement,
    /// A transaction is open.
    Transaction,
    /// One in which a statement hasn't ended well. PostgreSQL would answer its COMMIT by a ROLLBACK, and no error.
    FailedTransaction,
}

impl Lent {
    pub(super) fn new(inner: Object<Connector>, shared: Arc<Shared>) -> Self {
        Self(Some(Connection { inner, doubt: Doubt::None, shared }))
    }
}

const KEPT: &str = "the connection is here until this is dropped";

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0.as_ref().expect(KEPT)
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0.as_mut().expect(KEPT)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take().filter(|connection| connection.doubt != Doubt::None) {
            connection.shared.runtime.clone().spawn(connection.settle());
        }
    }
}

impl Connection {
    pub async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let verb = verb(&statement.sql);
        let rows = self.run(verb, |connection| connection.fetch_all(prepared(statement))).await;
        Ok(rows.map_err(query_failed)?.into_iter().map(QueryResult::from).collect())
    }

    pub async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let verb = verb(&statement.sql);
        let done = self.run(verb, |connection| connection.execute(prepared(statement))).await;
        Ok(done.map_err(execution_failed)?.into())
    }

    pub async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let text = raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = self.run(verb(sql), |connection| connection.execute(text)).await;
        Ok(done.map_err(execution_failed)?.into())
    }

    pub(super) async fn ping(&mut self) -> Result<(), DbErr> {
        self.run("OTHER", |connection| Box::pin(connection.ping())).await.map_err(query_failed)
    }

    /// However far it gets before it is given up: the transaction counts as open from here on.
    pub(super) async fn begin(&mut self, how: &str) -> Result<(), DbErr> {
        self.doubt = Doubt::Transaction;
        self.execute_unprepared(how).await.map(drop)
    }

    pub(super) async fn commit(&mut self) -> Result<(), DbErr> {
        if self.doubt == Doubt::FailedTransaction {
            return Err(DbErr::Custom(
                "a transaction in which a statement failed can't be committed".to_owned(),
            ));
        }
        self.end("COMMIT").await
    }

    pub(super) async fn roll_back(&mut self) -> Result<(), DbErr> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, how: &str) -> Result<(), DbErr> {
        self.execute_unprepared(how).await?;
        self.doubt = Doubt::None;
        Ok(())
    }

    /// In doubt until it has ended well: it may fail, or its future be dropped.
    async fn run<T>(
        &mut self,
        verb: &'static str,
        work: impl FnOnce(&mut PgConnection) -> BoxFuture<'_, Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let meanwhile = match self.doubt {
            Doubt::None | Doubt::Statement => Doubt::Statement,
            Doubt::Transaction | Doubt::FailedTransaction => Doubt::FailedTransaction,
        };
        let before = mem::replace(&mut self.doubt, meanwhile);
        let begun = Instant::now();
        let done = work(&mut self.inner).await;
        if done.is_ok() {
            self.doubt = before;
        }
        self.shared.metrics.query(verb, begun.elapsed(), done.is_err());
        done
    }

    /// Ends what it is in the middle of, or the connection.
    async fn settle(mut self) {
        let settled = match self.doubt {
            Doubt::None | Doubt::Statement => in_time(self.inner.ping()).await,
            Doubt::Transaction | Doubt::FailedTransaction => {
                in_time(self.inner.execute(raw_sql("ROLLBACK"))).await.map(drop)
            }
        };
        if let Err(error) = settled {
            tracing::debug!(%error, "a connection to the database is given up");
            drop(Object::take(self.inner));
        }
    }
}

/// Its values move into the query, as they are.
fn prepared(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    query_with(AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or(Values(Vec::new()))))
}

fn query_failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn execution_failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}
