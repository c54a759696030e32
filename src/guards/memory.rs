//! What the gate remembers of sessions, and how long that is good.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::Principal;
use crate::wire::{SessionId, UserId};

/// Nothing is remembered longer than since the change feed was last read, and that must be so recent: a
/// change made by another process is seen within this time, or nobody passes from memory.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// Everything is asked for again after this: the feed doesn't tell what is changed past the program.
const KEPT: TimeDelta = TimeDelta::seconds(60);
/// Sessions remembered; when there are more, all are forgotten and read again.
const MOST: usize = 100_000;

/// What the database said about sessions. It is good because whatever changes it is told: by this process
/// at once, by others through the change feed.
pub struct Memory {
    began: Instant,
    /// When the feed was last read whole, in milliseconds after the beginning; 0 when it never was.
    heard: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    /// Grows whenever something is forgotten: a read that began before must not be remembered.
    generation: u64,
    seen: HashMap<SessionId, Remembered>,
}

/// One session that lives, as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    pub principal: Principal,
    pub expires_at: DateTime<Utc>,
    pub read_at: DateTime<Utc>,
}

/// Nothing good is remembered: the database has to be asked. Its answer may be remembered if nothing is
/// forgotten meanwhile.
pub struct Unknown(u64);

impl Memory {
    pub fn new() -> Self {
        Self { began: Instant::now(), heard: AtomicU64::new(0), table: Mutex::default() }
    }

    pub fn recall(&self, id: SessionId, now: DateTime<Utc>) -> Result<Remembered, Unknown> {
        let table = self.table();
        match table.seen.get(&id) {
            Some(seen) if self.is_current() && seen.is_good(now) => Ok(*seen),
            _ => Err(Unknown(table.generation)),
        }
    }

    pub fn remember(&self, asked: Unknown, seen: Remembered) {
        let mut table = self.table();
        if table.generation == asked.0 {
            if table.seen.len() >= MOST {
                table.seen.clear();
            }
            table.seen.insert(seen.principal.session_id, seen);
        }
    }

    pub fn forget_sessions(&self, ids: &[SessionId]) {
        self.forget(|table| ids.iter().for_each(|id| _ = table.seen.remove(id)));
    }

    pub fn forget_users(&self, users: &HashSet<UserId>) {
        self.forget(|table| table.seen.retain(|_, seen| !users.contains(&seen.principal.user_id)));
    }

    pub fn forget_all(&self) {
        self.forget(|table| table.seen.clear());
    }

    fn forget(&self, what: impl FnOnce(&mut Table)) {
        let mut table = self.table();
        table.generation += 1;
        what(&mut table);
    }

    /// Everything that was committed before this moment has been read, and what it changes forgotten.
    pub fn heard_until(&self, moment: Instant) {
        let millis = moment.saturating_duration_since(self.began).as_millis();
        self.heard.fetch_max(u64::try_from(millis).unwrap_or(u64::MAX).max(1), Ordering::Release);
    }

    /// Whether the feed was read so recently that what is remembered is good.
    pub fn is_current(&self) -> bool {
        let heard = self.heard.load(Ordering::Acquire);
        heard > 0 && self.began.elapsed().saturating_sub(Duration::from_millis(heard)) < HEARD_WITHIN
    }

    /// The table is whole whatever happened to whoever held the lock: it is never half-written.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// Not when the clock was set back meanwhile, either.
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at && (TimeDelta::zero()..KEPT).contains(&(now - self.read_at))
    }
}
