//! Commands to Redis over pooled connections, each command at the server that has its key.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool::managed::{self, Manager, Metrics, Object, PoolError, RecycleResult};
use futures_util::future::try_join_all;
use redis::{Cmd, Pipeline, Value, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::{Redis, RedisFault, Server, slot};

/// For all answers, finding the servers and connecting included.
const WITHIN: Duration = Duration::from_secs(1);
/// Connections to each server. Each carries any number of commands at once, but one after the other.
const CONNECTIONS: usize = 4;

/// Asks Redis something, wherever it is now.
pub struct Commands {
    redis: Redis,
    /// Unknown at first, and whenever something went wrong.
    places: Mutex<Option<Arc<[Place]>>>,
}

/// A server, and the connections to it.
struct Place {
    server: Server,
    pool: managed::Pool<Connector>,
}

/// Makes connections to a server. The library that does this for others (deadpool-redis) knows neither authorities of
/// one's own nor a login that differs between sentinels and servers.
struct Connector {
    redis: Redis,
    server: Server,
}

impl Manager for Connector {
    type Type = MultiplexedConnection;
    type Error = RedisFault;

    async fn create(&self) -> Result<MultiplexedConnection, RedisFault> {
        self.redis.connect(&self.server, |_| {}).await
    }

    /// One that has failed was thrown away then.
    async fn recycle(&self, _: &mut MultiplexedConnection, _: &Metrics) -> RecycleResult<RedisFault> {
        Ok(())
    }
}

impl Commands {
    pub fn new(redis: Redis) -> Self {
        Self { redis, places: Mutex::default() }
    }

    pub fn prefix(&self) -> &str {
        self.redis.prefix()
    }

    /// Asks all of this, in one round trip to each server, and gives the answers in order. Each command comes with its
    /// key.
    pub async fn ask(&self, commands: Vec<(String, Cmd)>) -> Result<Vec<Value>, RedisFault> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let asked = timeout(WITHIN, self.ask_all(commands)).await.unwrap_or(Err(RedisFault::Late(WITHIN)));
        if asked.is_err() {
            // The servers may be others by now, and the connections are in the middle of something.
            self.know(None);
        }
        asked
    }

    /// Closes what is idle; asking opens it again.
    pub fn rest(&self) {
        self.know(None);
    }

    async fn ask_all(&self, commands: Vec<(String, Cmd)>) -> Result<Vec<Value>, RedisFault> {
        let places = self.places().await?;
        let mut errands = vec![(Pipeline::new(), Vec::new()); places.len()];
        let count = commands.len();
        for (at, (key, command)) in commands.into_iter().enumerate() {
            let (pipeline, answers) = &mut errands[place(&places, &key)?];
            pipeline.add_command(command);
            answers.push(at);
        }
        let errands = places.iter().zip(errands).filter(|(_, (pipeline, _))| !pipeline.is_empty());
        let asked = errands.map(async |(place, (pipeline, at))| {
            let mut connection = place.pool.get().await.map_err(fault)?;
            let answers: Result<Vec<Value>, _> = pipeline.query_async(&mut *connection).await;
            let answers = answers.inspect_err(|_| drop(Object::take(connection)))?;
            Ok::<_, RedisFault>(at.into_iter().zip(answers))
        });
        let mut answers = vec![Value::Nil; count];
        for (at, answer) in try_join_all(asked).await?.into_iter().flatten() {
            answers[at] = answer;
        }
        Ok(answers)
    }

    async fn places(&self) -> Result<Arc<[Place]>, RedisFault> {
        let known = self.places.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(places) = known {
            return Ok(places);
        }
        let places = self.redis.locate().await?.into_iter().map(|server| {
            let connector = Connector { redis: self.redis.clone(), server: server.clone() };
            let pool = managed::Pool::builder(connector).max_size(CONNECTIONS).build();
            Place { server, pool: pool.expect("without deadlines of its own it needs no runtime") }
        });
        let places: Arc<[Place]> = places.collect();
        self.know(Some(places.clone()));
        Ok(places)
    }

    fn know(&self, places: Option<Arc<[Place]>>) {
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = places;
    }
}

/// Which of them has this key.
fn place(places: &[Place], key: &str) -> Result<usize, RedisFault> {
    if places.len() == 1 {
        return Ok(0);
    }
    let slot = slot(key);
    let owns = |place: &Place| place.server.slots.iter().any(|slots| slots.contains(&slot));
    places.iter().position(owns).ok_or(RedisFault::Uncovered)
}

fn fault(error: PoolError<RedisFault>) -> RedisFault {
    match error {
        PoolError::Backend(fault) => fault,
        // Its deadlines aren't set, and it is never closed.
        _ => RedisFault::Late(WITHIN),
    }
}
