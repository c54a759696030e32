//! One look at what has been stored since the look before.

use std::collections::HashSet;

use crate::{
    guards::kind,
    infra::db::Db,
    wire::{StreamId, UserId},
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use uuid::Uuid;

/// Events of one look. When there are more, they aren't told one by one.
const MOST: i64 = 10_000;

/// How far a look has seen: on PostgreSQL a snapshot (`xmin:xmax:xip`), on SQLite the newest event's position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

/// What has happened since the place before.
#[derive(Debug)]
pub struct News {
    /// Events, all of which are told here.
    pub events: u64,
    /// Streams and how far they have grown.
    pub grown: Vec<(StreamId, i64)>,
    /// People whose sessions have ended, or who are something else now.
    pub changed: HashSet<UserId>,
}

/// What a look has found.
pub struct Look {
    pub place: Place,
    /// Which life of the database this is.
    pub epoch: Uuid,
    /// Nothing when it can't be told what has happened: too much, or this isn't what was looked at before.
    pub news: Option<News>,
}

/// Every look is one statement: what it reads and the place that it reaches are of the same moment. So it works
/// through a pooler, too, whichever connection it is given.
///
/// Ranges and orders, also where one id is meant, leave the planner nothing but the index, whatever it believes of
/// how ids are spread: after a restore all events have one.
const POSTGRES: &str = "WITH fresh AS (\
     (SELECT stream_id, seq, kind FROM stream_events \
      WHERE xid >= pg_snapshot_xmax($1::pg_snapshot) AND xid < pg_snapshot_xmax(pg_current_snapshot()) \
      ORDER BY xid LIMIT $2) \
     UNION ALL \
     (SELECT e.stream_id, e.seq, e.kind FROM pg_snapshot_xip($1::pg_snapshot) AS open (xid) \
      CROSS JOIN LATERAL (SELECT stream_id, seq, kind FROM stream_events \
      WHERE xid BETWEEN open.xid AND open.xid ORDER BY xid LIMIT $2) e LIMIT $2)) \
     SELECT pg_current_snapshot()::text AS place, \
     pg_snapshot_xmax(pg_current_snapshot()) >= pg_snapshot_xmax($1::pg_snapshot) AS onward, \
     (SELECT epoch FROM installation) AS epoch, \
     f.stream_id, max(f.seq) AS seq, count(f.seq) AS events, \
     coalesce(bool_or(f.kind IN ($3, $4)), false) AS concerns \
     FROM (SELECT 1) always LEFT JOIN fresh f ON true GROUP BY f.stream_id";

const SQLITE: &str = "WITH fresh AS (\
     SELECT stream_id, seq, kind FROM stream_events \
     WHERE position > CAST($1 AS integer) ORDER BY position LIMIT $2), \
     place AS (SELECT coalesce(max(seq), 0) AS reached FROM sqlite_sequence WHERE name = 'stream_events') \
     SELECT CAST(p.reached AS text) AS place, p.reached >= CAST($1 AS integer) AS onward, \
     (SELECT epoch FROM installation) AS epoch, \
     f.stream_id, max(f.seq) AS seq, count(f.seq) AS events, \
     coalesce(max(f.kind IN ($3, $4)), 0) AS concerns \
     FROM place p LEFT JOIN fresh f ON true GROUP BY f.stream_id";

/// Where one begins who has never looked before: nothing was fresh then.
const POSTGRES_BEGIN: &str =
    "SELECT pg_current_snapshot()::text AS place, (SELECT epoch FROM installation) AS epoch";
const SQLITE_BEGIN: &str = "SELECT CAST(coalesce(max(seq), 0) AS text) AS place, \
     (SELECT epoch FROM installation) AS epoch FROM sqlite_sequence WHERE name = 'stream_events'";

impl Look {
    /// Looks for what wasn't to be seen from this place yet, whatever the order in which transactions end.
    pub async fn from(db: &Db, place: Option<&Place>) -> Result<Self, DbErr> {
        let Some(before) = place else { return Self::first(db).await };
        let sql = if db.is_postgres() { POSTGRES } else { SQLITE };
        let [ended, changed] = kind::ALL;
        let values = [before.0.clone().into(), (MOST + 1).into(), ended.into(), changed.into()];
        let backend = db.reader().get_database_backend();
        let rows = db.reader().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let first = rows.first().ok_or_else(no_row)?;
        let (place, epoch) = (Place(first.try_get("", "place")?), first.try_get("", "epoch")?);
        let events = |row: &QueryResult| row.try_get::<i64>("", "events");
        let count = rows.iter().map(events).sum::<Result<i64, _>>()?;
        let whole = count <= MOST && first.try_get("", "onward")?;
        let news = if whole { Some(News::of(&rows, count)?) } else { None };
        Ok(Self { place, epoch, news })
    }

    async fn first(db: &Db) -> Result<Self, DbErr> {
        let sql = if db.is_postgres() { POSTGRES_BEGIN } else { SQLITE_BEGIN };
        let statement = Statement::from_string(db.reader().get_database_backend(), sql);
        let row = db.reader().query_one_raw(statement).await?.ok_or_else(no_row)?;
        let (place, epoch) = (Place(row.try_get("", "place")?), row.try_get("", "epoch")?);
        Ok(Self { place, epoch, news: None })
    }
}

impl News {
    fn of(rows: &[QueryResult], count: i64) -> Result<Self, DbErr> {
        let (mut grown, mut changed) = (Vec::with_capacity(rows.len()), HashSet::new());
        for row in rows {
            // A look that finds nothing is one row without a stream.
            let Some(stream) = row.try_get::<Option<StreamId>>("", "stream_id")? else { continue };
            grown.push((stream, row.try_get("", "seq")?));
            if row.try_get("", "concerns")? {
                changed.insert(UserId(stream.0));
            }
        }
        Ok(Self { events: count.unsigned_abs(), grown, changed })
    }
}

fn no_row() -> DbErr {
    DbErr::RecordNotFound("a look is always at least one row".into())
}
