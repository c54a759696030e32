//! Who is connected, on all nodes together, as those may see it who share a conversation.
//!
//! A node counts as a person's as long as a socket of theirs is there, and some seconds more, for whoever reconnects
//! wasn't away. It writes that to the roll and then says so; a node whose sockets watch that person hears first and reads
//! then. So nothing falls between the two, and what is lost on the way is read within seconds. Before anybody is
//! told, the database is asked who may see it now.

mod present;
mod roll;
mod state;
mod watched;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::{
    sync::{Notify, broadcast::error::RecvError},
    time::{Interval, MissedTickBehavior, interval},
};

use self::{
    present::{Present, Turn},
    roll::Roll,
    watched::{Change, Watched},
};
use super::{Bus, Client, Notice, Reply, Sockets, bus::Sign};
use crate::{
    infra::{clock::Clock, deadline::in_time},
    problem::Problem,
    wire::UserId,
};

pub use state::{PresenceDto, Sight, Watching};

/// How often it is looked who has gone.
const LOOK: Duration = Duration::from_secs(1);
/// How often a node says that it is there, and reads what it may have missed.
const BEAT: Duration = Duration::from_secs(3);
/// Between two rounds: what comes in between goes together.
const PACE: Duration = Duration::from_millis(50);
/// Pairs of people asked about in one statement, about.
const ASKED_AT_ONCE: usize = 1000;
/// How often it is stored who was seen.
const STORED_EVERY: Duration = Duration::from_secs(5);

/// Who may see whom, and where it is kept when somebody was here.
#[async_trait]
pub trait Onlookers: Send + Sync {
    /// For each pair of a watched person and a watcher what the one may see of the other; nothing when they share no
    /// conversation.
    async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, Problem>;

    /// These people were here at these moments.
    async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), Problem>;
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Inner>);

struct Inner {
    sockets: Arc<Sockets>,
    bus: Bus,
    clock: Clock,
    roll: Roll,
    present: Present,
    watched: Watched,
    /// Somebody has come.
    arrived: Notify,
    /// Somebody may have to be told.
    looks: Notify,
    /// To be stored.
    seen: Mutex<HashMap<UserId, DateTime<Utc>>>,
}

impl Presence {
    pub fn new(sockets: Arc<Sockets>, bus: Bus, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            sockets,
            roll: Roll::new(&bus),
            bus,
            clock,
            present: Present::default(),
            watched: Watched::default(),
            arrived: Notify::new(),
            looks: Notify::new(),
            seen: Mutex::default(),
        }))
    }

    /// A socket of this person has connected here.
    pub(super) fn connected(&self, user: UserId) {
        if self.0.present.arrive(user) {
            self.0.arrived.notify_one();
        }
    }

    /// A socket has gone, whatever it watched. That its user has gone is noticed soon.
    pub(super) fn gone(&self, client: &Client) {
        self.0.unwatch(self.0.watched.forget(client.sid()));
    }

    /// Makes a socket watch the people of these sights, and no others, and answers with how they are.
    pub async fn watch(&self, client: &Arc<Client>, sights: Vec<Sight>, reply: Reply) -> &'static str {
        let inner = &*self.0;
        let users: Vec<UserId> = sights.iter().map(|sight| sight.watched).collect();
        let Change { begun, ended } = inner.watched.set(client, &users);
        inner.unwatch(ended);
        if !client.is_connected() {
            // It may have been forgotten before it was added.
            self.gone(client);
        }
        // First, so that whoever comes after the read is heard of.
        let mut following = Vec::with_capacity(begun.len());
        inner.watched.align(&begun, |user, watched| {
            if watched {
                following.push(inner.bus.watch(user).begun());
            }
        });
        join_all(following).await;
        inner.read(&begun).await;
        let is_here = |user| inner.present.has(user);
        inner.watched.answer(client, &sights, is_here, |people| _ = reply.data(&Watching { people }));
        inner.looks.notify_one();
        "ok"
    }

    /// Whether this person is connected anywhere, as far as this node can know.
    pub async fn is_online(&self, user: UserId) -> bool {
        if self.0.present.has(user) {
            return true;
        }
        let found = self.0.roll.read(&[user]).await.unwrap_or_default();
        found.iter().any(|(_, has)| !has.is_empty())
    }

    /// Who may see this person, or whom the person may see, has changed: shows it, on all nodes.
    pub fn look_again(&self, user: UserId) {
        self.look(Some(user));
        self.0.bus.notify(Notice::Look { user });
    }

    /// The same on this node alone; about everybody when it isn't known whom it was about.
    pub(super) fn look(&self, user: Option<UserId>) {
        self.0.watched.look(user);
        self.0.looks.notify_one();
    }

    /// Until it is dropped.
    pub async fn run(self, onlookers: Arc<dyn Onlookers>) {
        let inner = &*self.0;
        let _resting = Resting(&inner.roll);
        tokio::join!(inner.turn(), inner.listen(), inner.show(&*onlookers), inner.store(&*onlookers));
    }
}

impl Inner {
    /// Tells who comes and goes, says that this node is there, and reads what it may have missed.
    async fn turn(&self) {
        let (mut look, mut pace) = (every(LOOK), every(PACE));
        let (mut beaten, mut condition) = (None::<Instant>, self.bus.condition());
        loop {
            tokio::select! {
                _ = look.tick() => {}
                () = self.arrived.notified() => {}
                // It has become better, or worse; who holds the other end lives as long as the bus.
                Ok(()) = condition.changed() => beaten = None,
            }
            pace.tick().await;
            let turn = self.present.look(|user| self.sockets.has(user), Instant::now(), self.clock.now());
            let beats = beaten.is_none_or(|at| at.elapsed() >= BEAT);
            if beats {
                beaten = Some(Instant::now());
            }
            self.tell(turn, beats).await;
            if beats {
                self.read(&self.watched.all()).await;
            }
            self.watched.expire(Instant::now());
            self.looks.notify_one();
        }
    }

    /// Written first and said then: whoever hears nothing yet reads it.
    async fn tell(&self, Turn { arrived, gone, seen }: Turn, beats: bool) {
        let left: Vec<UserId> = gone.iter().map(|(user, _)| *user).collect();
        if beats || !arrived.is_empty() || !gone.is_empty() {
            self.roll.write(&arrived, &left, || self.present.all()).await;
        }
        for user in arrived {
            self.watched.turned(user, None);
            self.bus.sign(user, Sign::Here);
        }
        for (user, at) in gone {
            self.watched.turned(user, Some(at));
            self.bus.sign(user, Sign::Gone(at));
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
    }

    async fn read(&self, users: &[UserId]) {
        let asked_at = Instant::now();
        if !users.is_empty()
            && let Some(found) = self.roll.read(users).await
        {
            self.watched.learn(users, found, asked_at);
        }
    }

    async fn listen(&self) {
        let mut signs = self.bus.signs();
        loop {
            match signs.recv().await {
                Ok((user, node, Sign::Here)) => self.watched.hear(user, node, true, None),
                Ok((user, node, Sign::Gone(at))) => self.watched.hear(user, node, false, Some(at)),
                // What was missed is read with the next beat.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
            self.looks.notify_one();
        }
    }

    /// Pushes what has changed to those who may see it at this moment.
    async fn show(&self, onlookers: &dyn Onlookers) {
        let mut pace = every(PACE);
        loop {
            self.looks.notified().await;
            loop {
                pace.tick().await;
                let pairs = self.watched.take(ASKED_AT_ONCE);
                if pairs.is_empty() {
                    break;
                }
                match in_time(onlookers.sights(&pairs)).await {
                    Ok(sights) => {
                        let is_here = |user| self.present.has(user);
                        self.unwatch(self.watched.show(&pairs, &sights, is_here));
                    }
                    Err(problem) => {
                        tracing::warn!(%problem, "who may see whom couldn't be read; nobody is told yet");
                        // With the next look: it is tried again every second.
                        self.watched.put_back(&pairs);
                        break;
                    }
                }
            }
        }
    }

    async fn store(&self, onlookers: &dyn Onlookers) {
        let mut tick = every(STORED_EVERY);
        loop {
            tick.tick().await;
            let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
            let seen: Vec<_> = seen.into_iter().collect();
            for some in seen.chunks(ASKED_AT_ONCE) {
                if let Err(problem) = in_time(onlookers.seen(some)).await {
                    tracing::warn!(%problem, "when people were here last couldn't be stored");
                }
            }
        }
    }

    fn unwatch(&self, users: Vec<UserId>) {
        // Somebody else may have begun to meanwhile.
        self.watched.align(&users, |user, watched| {
            if !watched {
                self.bus.unwatch(user);
            }
        });
    }
}

/// Nobody is told anything more when this is dropped.
struct Resting<'a>(&'a Roll);

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        self.0.rest();
    }
}

fn every(period: Duration) -> Interval {
    let mut tick = interval(period);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}
