//! What a socket has been sent and its peer hasn't taken yet, in bytes.
//!
//! The library bounds packets, and a packet may be large. So every packet is counted when it is handed over, and
//! counted off when the connection takes it: what a WebSocket writes, what an answer to polling is taken of. What
//! a connection carries besides (pings, frames' heads) makes the count a little too low, never too high: nobody
//! is cut who has taken everything.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use socketioxide::socket::Sid;
use tokio::{sync::Notify, time::timeout};

use super::Transports;
use crate::infra::metrics::Metrics;

/// What may wait for one socket, in bytes; a single packet may be larger.
pub const MOST: usize = 1024 * 1024;
/// What may wait for one while more than [`MOST_OF_ALL`] waits for all.
const MOST_IN_A_CROWD: usize = 128 * 1024;
/// What may wait for all sockets of this node before those that take the least are cut.
const MOST_OF_ALL: i64 = 256 * 1024 * 1024;
/// So long its events wait for a socket to take its answers. A network that stands still isn't given up before.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way to one socket, and what is on it.
pub struct Outbox {
    sid: Sid,
    transports: Arc<Transports>,
    metrics: Arc<Metrics>,
    waiting: AtomicUsize,
    /// Nobody takes anything any more.
    closed: AtomicBool,
    /// Told when something was taken of much.
    taken: Notify,
}

impl Outbox {
    pub fn new(sid: Sid, transports: Arc<Transports>, metrics: Arc<Metrics>) -> Self {
        let (waiting, closed, taken) = (AtomicUsize::new(0), AtomicBool::new(false), Notify::new());
        Self { sid, transports, metrics, waiting, closed, taken }
    }

    /// Counts a packet that is about to be handed over. Says no when too much waits already.
    pub fn owe(&self, bytes: usize) -> bool {
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        self.metrics.waiting.inc_by(bytes as i64);
        before == 0 || before + bytes <= self.most()
    }

    /// The connection has taken so much.
    pub fn took(&self, bytes: usize) {
        let less = |waiting: usize| Some(waiting.saturating_sub(bytes));
        let taken = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let before = taken.unwrap_or_else(|unchanged| unchanged);
        self.metrics.waiting.dec_by(before.min(bytes) as i64);
        if before >= MOST_IN_A_CROWD / 2 {
            self.taken.notify_one();
        }
    }

    /// Waits until an answer has room: who doesn't take answers gets no more of them. Who takes nothing for long
    /// is cut.
    pub async fn room(&self) {
        self.room_within(PATIENCE).await;
    }

    async fn room_within(&self, patience: Duration) {
        let room = async {
            while self.waiting.load(Ordering::Relaxed) > self.most() / 2 && !self.is_closed() {
                self.taken.notified().await;
            }
        };
        if timeout(patience, room).await.is_err() {
            self.lagging();
        }
    }

    /// Cuts a peer that doesn't take what it is sent; counted once. Official clients connect again by themselves
    /// and catch up.
    pub fn lagging(&self) {
        if !self.close() {
            self.metrics.lagging.inc();
        }
        self.cut();
    }

    /// Ends the connection beneath.
    pub fn cut(&self) {
        self.close();
        self.transports.cut(self.sid);
    }

    /// Nobody has to wait for it any more. Says whether that was so before.
    pub fn close(&self) -> bool {
        let before = self.closed.swap(true, Ordering::Relaxed);
        self.taken.notify_one();
        before
    }

    /// Whether everything was taken.
    pub fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn most(&self) -> usize {
        if self.metrics.waiting.get() > MOST_OF_ALL { MOST_IN_A_CROWD } else { MOST }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes for {}", self.waiting.load(Ordering::Relaxed), self.sid)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.metrics.waiting.dec_by(*self.waiting.get_mut() as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(metrics: &Arc<Metrics>) -> Outbox {
        Outbox::new(Sid::new(), Arc::default(), metrics.clone())
    }

    #[test]
    fn what_was_taken_makes_room_and_nothing_else_does() {
        let metrics = Arc::new(Metrics::new());
        let outbox = outbox(&metrics);
        assert!(outbox.owe(2 * MOST), "a single packet always passes");
        assert!(!outbox.owe(1));
        outbox.took(MOST + 1);
        assert!(!outbox.owe(1), "full to the last byte");
        outbox.took(2);
        assert!(outbox.owe(1));
        outbox.took(10 * MOST);
        assert_eq!(metrics.waiting.get(), 0, "what a connection carries besides counts for nothing later");
        assert!(outbox.owe(MOST) && !outbox.owe(1));
        drop(outbox);
        assert_eq!(metrics.waiting.get(), 0);
    }

    #[test]
    fn in_a_crowd_each_has_less() {
        let metrics = Arc::new(Metrics::new());
        let (slow, quick) = (outbox(&metrics), outbox(&metrics));
        let crowd: Vec<_> = (0..255).map(|_| outbox(&metrics)).collect();
        assert!(crowd.iter().all(|other| other.owe(MOST)));
        assert!(slow.owe(MOST - 1) && slow.owe(1));
        assert!(quick.owe(MOST_IN_A_CROWD - 1), "full to the last byte");
        assert!(quick.owe(1), "who takes its packets has room");
        assert!(!quick.owe(1) && !slow.owe(1) && !crowd[0].owe(1));
        crowd.iter().for_each(|other| other.took(MOST));
        assert!(quick.owe(MOST / 2), "the crowd is over");
    }

    #[tokio::test]
    async fn answers_wait_for_room_and_who_never_makes_any_is_cut() {
        let metrics = Arc::new(Metrics::new());
        let outbox = Arc::new(outbox(&metrics));
        outbox.room().await;
        outbox.owe(MOST);
        let waits = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.room().await }
        });
        tokio::task::yield_now().await;
        outbox.took(MOST / 4);
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        outbox.took(MOST / 4);
        waits.await.unwrap();
        assert_eq!(metrics.lagging.get(), 0);
        outbox.owe(MOST);
        outbox.room_within(Duration::from_millis(10)).await;
        assert_eq!(metrics.lagging.get(), 1);
        outbox.room().await;
        outbox.lagging();
        assert_eq!(metrics.lagging.get(), 1, "it is cut once, and nobody waits for it again");
    }
}
