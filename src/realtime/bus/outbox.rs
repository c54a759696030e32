//! What is to be said over Redis: bounded, and of a stream's hints only the newest.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, oneshot};

use super::{channel::Channel, word::News};
use crate::wire::StreamId;

/// Streams whose newest number may wait.
const HINTS: usize = 65_536;
/// Words of either other kind that may wait, and the bytes they may have together.
const WORDS: usize = 1024;
const BYTES: usize = 1024 * 1024;
/// Said at once.
const AT_ONCE: usize = 512;

/// What waits to be said. Adding never waits.
#[derive(Default)]
pub struct Outbox {
    waiting: Mutex<Waiting>,
    pub wake: Notify,
}

#[derive(Default)]
struct Waiting {
    /// Whether somebody takes out what waits.
    connected: bool,
    hints: HashMap<StreamId, i64>,
    /// Worth saying late.
    lasting: Words,
    /// Worth nothing in a second.
    passing: Words,
    followed: HashSet<Channel>,
    /// Followed or left since it was last told to Redis.
    turned: HashSet<Channel>,
    /// Who wait for what they follow.
    begun: Vec<oneshot::Sender<()>>,
}

#[derive(Default)]
struct Words {
    queue: VecDeque<(Channel, Vec<u8>)>,
    bytes: usize,
}

/// What is said in one go.
#[derive(Default)]
pub struct Batch {
    pub words: Vec<(Channel, Said)>,
    pub follow: Vec<Channel>,
    pub unfollow: Vec<Channel>,
    /// Told when all of it has been said.
    pub begun: Vec<oneshot::Sender<()>>,
}

pub enum Said {
    Hint(i64),
    Bytes(Vec<u8>),
}

impl Outbox {
    /// Says how many words are lost by it.
    pub fn hint(&self, stream: StreamId, seq: i64) -> u64 {
        let mut waiting = self.waiting();
        if waiting.hints.len() >= HINTS && !waiting.hints.contains_key(&stream) {
            return 1;
        }
        let newest = waiting.hints.entry(stream).or_insert(seq);
        *newest = seq.max(*newest);
        self.wake(waiting);
        0
    }

    /// Said as soon as possible, however late; says how many words are lost by it.
    pub fn lasting(&self, channel: Channel, bytes: Vec<u8>) -> u64 {
        let mut waiting = self.waiting();
        let lost = waiting.lasting.push(channel, bytes);
        self.wake(waiting);
        lost
    }

    /// Said now or never; says how many words are lost by it.
    pub fn passing(&self, channel: Channel, bytes: Vec<u8>) -> u64 {
        let mut waiting = self.waiting();
        if !waiting.connected {
            return 1;
        }
        let lost = waiting.passing.push(channel, bytes);
        self.wake(waiting);
        lost
    }

    /// Begins to hear what is said there. Without a connection there is nothing to wait for.
    pub fn follow(&self, channel: Channel) -> Option<oneshot::Receiver<()>> {
        let mut waiting = self.waiting();
        waiting.followed.insert(channel.clone());
        if !waiting.connected {
            return None;
        }
        let (begun, begins) = oneshot::channel();
        waiting.begun.push(begun);
        waiting.turned.insert(channel);
        self.wake(waiting);
        Some(begins)
    }

    pub fn unfollow(&self, channel: Channel) {
        let mut waiting = self.waiting();
        if waiting.followed.remove(&channel) && waiting.connected {
            waiting.turned.insert(channel);
            self.wake(waiting);
        }
    }

    pub fn follows(&self, channel: &Channel) -> bool {
        *channel == Channel::All || self.waiting().followed.contains(channel)
    }

    /// Everything that has to be heard, for a new connection; from now on changes are noted.
    pub fn connected(&self) -> Vec<Channel> {
        let mut waiting = self.waiting();
        waiting.connected = true;
        waiting.turned.clear();
        [Channel::All].into_iter().chain(waiting.followed.iter().cloned()).collect()
    }

    /// Nothing is taken out any more; says how many words are lost by it.
    pub fn disconnected(&self) -> u64 {
        let mut waiting = self.waiting();
        waiting.connected = false;
        // Dropped: whoever waits goes on.
        waiting.begun.clear();
        waiting.passing.bytes = 0;
        waiting.passing.queue.drain(..).count() as u64
    }

    /// Some of what waits. [`Outbox::wake`] says when there is more.
    pub fn take(&self) -> Batch {
        let mut waiting = self.waiting();
        let turned = std::mem::take(&mut waiting.turned);
        let (follow, unfollow) = turned.into_iter().partition(|channel| waiting.followed.contains(channel));
        let mut words: Vec<_> = waiting.lasting.take(AT_ONCE);
        let hinted: Vec<StreamId> = waiting.hints.keys().copied().take(AT_ONCE).collect();
        for stream in hinted {
            if let Some(seq) = waiting.hints.remove(&stream) {
                words.push((Channel::Stream(stream), Said::Hint(seq)));
            }
        }
        words.extend(waiting.passing.take(AT_ONCE));
        let begun = std::mem::take(&mut waiting.begun);
        let Waiting { hints, lasting, passing, .. } = &*waiting;
        if !(hints.is_empty() && lasting.queue.is_empty() && passing.queue.is_empty()) {
            self.wake.notify_one();
        }
        Batch { words, follow, unfollow, begun }
    }

    fn wake(&self, waiting: MutexGuard<'_, Waiting>) {
        drop(waiting);
        self.wake.notify_one();
    }

    /// Each change is a single step, so the queues are whole even after a panic.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Words {
    /// Full, it refuses the newest: those that came before are nearer to being said.
    fn push(&mut self, channel: Channel, bytes: Vec<u8>) -> u64 {
        if self.queue.len() >= WORDS || self.bytes + bytes.len() > BYTES {
            return 1;
        }
        self.bytes += bytes.len();
        self.queue.push_back((channel, bytes));
        0
    }

    fn take(&mut self, most: usize) -> Vec<(Channel, Said)> {
        let taken = self.queue.len().min(most);
        let words: Vec<_> = self.queue.drain(..taken).collect();
        self.bytes -= words.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        words.into_iter().map(|(channel, bytes)| (channel, Said::Bytes(bytes))).collect()
    }
}

impl Said {
    pub fn bytes(self, from: uuid::Uuid) -> Vec<u8> {
        match self {
            Self::Hint(seq) => News::Grown(seq).encode(from),
            Self::Bytes(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests;
