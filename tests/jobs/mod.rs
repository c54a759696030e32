//! Work in the background: once, whoever fails, stops or dies.

mod doing;
mod dying;
mod failing;
mod letters;
mod sharing;
mod unknown;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use rookery::{
    infra::db::Db,
    jobs::{Failure, Handler, Job, Retry, Terms, Turn},
};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::support::{TestApp, eventually};

/// Writes a word into a table, in the transaction that also says that this is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Write {
    word: String,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum How {
    Well,
    /// Not before the test says so,
    Held,
    /// or before there is the word `go`.
    Waits,
    FailsOnce,
    Fails,
    Never,
    Panics,
    TooSlow,
}

/// What the test holds of its jobs.
#[derive(Clone)]
pub struct Desk {
    begun: Arc<Mutex<Vec<String>>>,
    gate: Arc<Semaphore>,
}

pub struct Writer {
    db: Db,
    desk: Desk,
}

#[async_trait]
impl Job for Write {
    const KIND: &'static str = "test.write";
    const VERSION: i32 = 2;
    const RETRY: Retry =
        Retry { attempts: 3, pause: Duration::from_millis(20), longest: Duration::from_millis(50) };
    const WITHIN: Duration = Duration::from_secs(5);
    type By = Writer;

    fn upgrade(version: i32, kept: serde_json::Value) -> Option<Self> {
        let word = kept.get("text")?.as_str()?.to_owned();
        (version == 1).then_some(Self { word, how: How::Well })
    }

    async fn run(self, by: &Writer, turn: &mut Turn) -> Result<(), Failure> {
        by.desk.begun.lock().unwrap().push(self.word.clone());
        if self.how == How::Held {
            by.desk.gate.acquire().await.expect("it is never closed").forget();
        }
        if self.how == How::Waits {
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            while !is_there(&by.db, "go").await? {
                tick.tick().await;
            }
        }
        let tx = by.db.begin().await?;
        let sql = "INSERT INTO written (word) VALUES ($1)";
        let backend = tx.get_database_backend();
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, [self.word.as_str().into()])).await?;
        match self.how {
            How::Well | How::Held | How::Waits => {}
            How::FailsOnce if turn.attempt() > 1 => {}
            How::FailsOnce | How::Fails => return Err(Failure::Again("no ink".into())),
            How::Never => return Err(Failure::Never("no such word".into())),
            How::Panics => panic!("a test's job panics"),
            How::TooSlow => std::future::pending().await,
        }
        turn.commit(tx).await
    }
}

async fn is_there(db: &Db, word: &str) -> Result<bool, sea_orm::DbErr> {
    let sql = format!("SELECT word FROM written WHERE word = '{word}'");
    let on = db.reader();
    Ok(on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await?.is_some())
}

impl Desk {
    fn new() -> Self {
        Self { begun: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    /// The jobs that are done at it.
    fn handlers(&self) -> impl FnOnce(&Db) -> Vec<Handler> + Send + use<> {
        let desk = self.clone();
        move |db| vec![Handler::of::<Write>(Arc::new(Writer { db: db.clone(), desk }))]
    }

    async fn begun(&self, word: &str) {
        eventually(async || self.begun.lock().unwrap().iter().any(|begun| begun == word).then_some(())).await;
    }

    fn count(&self, word: &str) -> usize {
        self.begun.lock().unwrap().iter().filter(|begun| *begun == word).count()
    }
}

async fn start(at_once: usize) -> (TestApp, Desk) {
    let desk = Desk::new();
    let app = TestApp::with_jobs(at_once, desk.handlers()).await;
    app.database.execute("CREATE TABLE written (word text NOT NULL)").await;
    (app, desk)
}

async fn order(app: &TestApp, word: &str, how: How) {
    assert!(order_as(app, word, how, Terms::default()).await);
}

async fn order_as(app: &TestApp, word: &str, how: How, terms: Terms) -> bool {
    let tx = app.inside.db.begin().await.unwrap();
    let job = Write { word: word.to_owned(), how };
    let ordered = app.inside.jobs.order_as(&tx, &job, terms).await.unwrap();
    tx.commit().await.unwrap();
    ordered
}

async fn written(app: &TestApp, word: &str) -> i64 {
    app.database.number(&format!("SELECT count(*) FROM written WHERE word = '{word}'")).await
}

async fn is_written(app: &TestApp, word: &str) {
    eventually(async || (written(app, word).await == 1).then_some(())).await;
}

/// Every job but the dead letters is done.
async fn all_done(app: &TestApp) {
    let left = "SELECT count(*) FROM jobs WHERE dead_at IS NULL";
    eventually(async || (app.database.number(left).await == 0).then_some(())).await;
}

/// Why the only dead letter is one.
async fn dead(app: &TestApp) -> String {
    let sql = "SELECT error FROM jobs WHERE dead_at IS NOT NULL";
    let rows = eventually(async || Some(app.database.rows(sql).await).filter(|rows| !rows.is_empty())).await;
    assert_eq!(rows.len(), 1);
    rows[0].try_get_by_index(0).unwrap()
}
