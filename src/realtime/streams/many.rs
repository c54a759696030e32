//! Appending many at once: one lock, one statement that writes, one commit.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::{Slot, Streams};
use crate::{
    infra::db::{Db, Rows, Tx},
    wire::{StreamId, UserId},
};

/// What happened: an event without its place.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    pub kind: &'static str,
    pub subject: Uuid,
    pub actor: Option<UserId>,
}

impl Streams {
    /// Begins a transaction that holds the stream's lock, for [`Slot::record_many`]. What it reads from then on is
    /// what the lock's last holder has left; first of all `streams.last_seq`, if there is such a stream.
    pub async fn lock(db: &Db, stream: StreamId) -> Result<Tx, DbErr> {
        db.begin_locking(&format!("SELECT 1 FROM streams WHERE id = '{stream}' FOR UPDATE")).await
    }
}

impl Slot {
    /// Writes down what happened at this place and at those after it, in a transaction that [`Streams::lock`] has
    /// begun, and moves the stream's head there. `content` inserts what the facts are about. On PostgreSQL all of
    /// it is one statement.
    pub async fn record_many(&self, tx: &Tx, facts: &[Fact], content: Statement) -> Result<(), DbErr> {
        let backend = tx.get_database_backend();
        if backend == DbBackend::Postgres {
            let mut values = content.values.map_or(vec![], |values| values.0);
            let events = self.insert_events(backend, facts, &mut values);
            let grow = self.grow(facts.len(), &mut values);
            let sql = format!("WITH content AS ({}), events AS ({events}) {grow}", content.sql);
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
            return Ok(());
        }
        tx.execute_raw(content).await?;
        let mut values = vec![];
        let events = self.insert_events(backend, facts, &mut values);
        tx.execute_raw(Statement::from_sql_and_values(backend, events, values)).await?;
        let mut values = vec![];
        let grow = self.grow(facts.len(), &mut values);
        tx.execute_raw(Statement::from_sql_and_values(backend, grow, values)).await?;
        Ok(())
    }

    fn insert_events(&self, backend: DbBackend, facts: &[Fact], values: &mut Vec<Value>) -> String {
        let [stream, first, at] = add(values, [self.stream.into(), self.seq.into(), self.at.into()]);
        let rows = Rows::default()
            .column("kind", facts.iter().map(|fact| fact.kind.to_owned()))
            .column("subject_id", facts.iter().map(|fact| fact.subject))
            .nullable("actor_id", facts.iter().map(|fact| fact.actor))
            .bind(backend, values);
        format!(
            "INSERT INTO stream_events (stream_id, seq, kind, subject_id, actor_id, at) \
             SELECT {stream}, {first} + r.place, r.kind, r.subject_id, r.actor_id, {at} FROM {rows} r"
        )
    }

    fn grow(&self, by: usize, values: &mut Vec<Value>) -> String {
        let newest = self.seq - 1 + by as i64;
        let [stream, newest, at] = add(values, [self.stream.into(), newest.into(), self.at.into()]);
        format!("UPDATE streams SET last_seq = {newest}, last_at = {at} WHERE id = {stream}")
    }
}

/// Adds values to a statement's, and says by which names it knows them.
fn add<const N: usize>(values: &mut Vec<Value>, added: [Value; N]) -> [String; N] {
    let first = values.len() + 1;
    values.extend(added);
    std::array::from_fn(|n| format!("${}", first + n))
}
