//! The roll in Redis. Each node has a key of its own, a set of people that lives for [`LIVES`] unless its node says again
//! that it is there: one command, however many are connected. Whom a dead node had is gone with its key.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{Cmd, RedisError, Value, cmd, from_redis_value};
use uuid::Uuid;

use super::{Found, LIVES};
use crate::{
    infra::redis::{Commands, RedisFault},
    realtime::bus::RedisBus,
    wire::UserId,
};

/// Everybody is written anew so often, in case Redis has lost some in changing servers.
const WHOLE_EVERY: Duration = Duration::from_secs(60);
/// People in one command.
const AT_ONCE: usize = 1000;

pub struct Shared {
    bus: RedisBus,
    commands: Commands,
    written: Mutex<Written>,
    /// It has been said that nothing can be written.
    complained: AtomicBool,
}

#[derive(Default)]
struct Written {
    /// Who has come or gone, and couldn't be written yet.
    not_yet: HashMap<UserId, bool>,
    /// When anything was written last,
    last: Option<Instant>,
    /// and when everybody was. Nothing: they have to be.
    whole: Option<Instant>,
}

impl Shared {
    pub fn new(bus: RedisBus) -> Self {
        Self {
            commands: Commands::new(bus.redis().clone()),
            bus,
            written: Mutex::default(),
            complained: AtomicBool::default(),
        }
    }

    pub async fn write(
        &self,
        arrived: &[UserId],
        gone: &[UserId],
        all: impl Fn() -> Vec<UserId>,
    ) -> Result<(), RedisFault> {
        let (mut here, left, whole) = self.written().plan(arrived, gone);
        if whole {
            here = all();
        }
        let key = self.key(self.bus.node());
        let mut lives = cmd("PEXPIRE");
        lives.arg(&key).arg(LIVES.as_millis() as u64);
        // First, for its answer tells whether there was a key; last, for there may be one only now.
        let mut commands = vec![lives.clone()];
        commands.extend(here.chunks(AT_ONCE).map(|some| about("SADD", &key, some)));
        commands.extend(left.chunks(AT_ONCE).map(|some| about("SREM", &key, some)));
        commands.push(lives);
        let answers = self.ask(commands.into_iter().map(|command| (key.clone(), command)).collect()).await?;
        let was_there = answers.first() == Some(&Value::Int(1));
        self.written().done(arrived.iter().chain(gone).chain(&here).chain(&left), whole, was_there);
        if !was_there && !whole {
            // Redis has been emptied.
            return Box::pin(self.write(&[], &[], all)).await;
        }
        Ok(())
    }

    pub async fn read(&self, users: &[UserId]) -> Result<Found, RedisFault> {
        let nodes = self.bus.others();
        let mut commands = Vec::new();
        for (node, _) in &nodes {
            let key = self.key(*node);
            let mut exists = cmd("EXISTS");
            exists.arg(&key);
            let asks = users.chunks(AT_ONCE).map(|some| about("SMISMEMBER", &key, some));
            commands.extend(std::iter::once(exists).chain(asks).map(|command| (key.clone(), command)));
        }
        let mut answers = self.ask(commands).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let mut found = Vec::with_capacity(nodes.len());
        for (node, is_heard) in nodes {
            let exists: bool = from_redis_value(next()).map_err(RedisError::from)?;
            let mut has = Vec::new();
            for some in users.chunks(AT_ONCE) {
                let is_there: Vec<bool> = from_redis_value(next()).map_err(RedisError::from)?;
                has.extend(
                    some.iter().zip(is_there).filter(|(_, is_there)| *is_there).map(|(user, _)| *user),
                );
            }
            // One that lives and has no key has nobody, or Redis was emptied and will soon be told again.
            if exists || !is_heard {
                found.push((node, has));
            }
        }
        Ok(found)
    }

    /// Says that nothing can be written, once for as long as that is so; of a Redis that is away others have said it.
    pub fn complain(&self, fault: &RedisFault) {
        if self.bus.is_connected() && !self.complained.swap(true, Ordering::Relaxed) {
            tracing::warn!(%fault, "Redis doesn't keep who is connected here: other nodes take them for gone");
        } else {
            tracing::debug!(%fault, "who is connected here couldn't be written; it is with the next beat");
        }
    }

    /// It was written.
    pub fn is_well(&self) {
        if self.complained.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis keeps again who is connected here");
        }
    }

    /// Closes the connections.
    pub fn rest(&self) {
        self.commands.rest();
    }

    /// Nobody waits for a Redis that is known to be away.
    async fn ask(&self, commands: Vec<(String, Cmd)>) -> Result<Vec<Value>, RedisFault> {
        if !self.bus.is_connected() {
            return Err(RedisFault::Closed);
        }
        self.commands.ask(commands).await
    }

    fn key(&self, node: Uuid) -> String {
        format!("{}:people:{node}", self.commands.prefix())
    }

    /// Each change is a single step, so it is whole even after a panic.
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    /// Who is to be added and removed now, and whether everybody has to be added anew.
    fn plan(&mut self, arrived: &[UserId], gone: &[UserId]) -> (Vec<UserId>, Vec<UserId>, bool) {
        if self.last.is_none_or(|last| last.elapsed() > 2 * LIVES) {
            // The key has gone meanwhile, and with it whoever is to be removed.
            (self.not_yet, self.whole) = (HashMap::new(), None);
        }
        self.not_yet.extend(arrived.iter().map(|user| (*user, true)));
        self.not_yet.extend(gone.iter().map(|user| (*user, false)));
        let of = |here: bool| {
            self.not_yet.iter().filter(|(_, is)| **is == here).map(|(user, _)| *user).collect::<Vec<_>>()
        };
        (of(true), of(false), self.whole.is_none_or(|whole| whole.elapsed() > WHOLE_EVERY))
    }

    fn done<'a>(&mut self, users: impl Iterator<Item = &'a UserId>, whole: bool, was_there: bool) {
        let now = Instant::now();
        users.for_each(|user| _ = self.not_yet.remove(user));
        self.last = Some(now);
        self.whole = if whole { Some(now) } else { self.whole.filter(|_| was_there) };
    }
}

fn about(verb: &str, key: &str, users: &[UserId]) -> Cmd {
    let mut command = cmd(verb);
    command.arg(key);
    users.iter().for_each(|user| _ = command.arg(user.0.as_bytes()));
    command
}
