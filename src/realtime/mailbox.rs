//! One socket's events, handled in the order they were sent.
//!
//! The library would start each event's handler on its own; two messages sent one after the other
//! could then be stored the other way round. So each socket has a queue, and at most one task that
//! works it off and ends when it is empty: an idle socket costs no task.

use std::{
    collections::VecDeque,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;

use super::outbox::Outbox;

/// Events that may wait, and the bytes they may hold together.
const MAX_WAITING: usize = 4096;
const MAX_BYTES: usize = 1024 * 1024;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Queued work of one socket.
pub struct Mailbox {
    queue: Mutex<Queue>,
    /// Where its answers go.
    outbox: Arc<Outbox>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(usize, Work)>,
    bytes: usize,
    running: bool,
    closed: bool,
}

impl Mailbox {
    pub fn new(outbox: Arc<Outbox>) -> Self {
        Self { queue: Mutex::default(), outbox }
    }

    /// Queues work that holds so many bytes; says no when there is too much already.
    pub fn post(self: &Arc<Self>, bytes: usize, work: impl Future<Output = ()> + Send + 'static) -> bool {
        let mut queue = self.queue();
        if queue.closed || queue.waiting.len() >= MAX_WAITING || queue.bytes + bytes > MAX_BYTES {
            return false;
        }
        queue.bytes += bytes;
        queue.waiting.push_back((bytes, Box::pin(work)));
        if !queue.running {
            queue.running = true;
            tokio::spawn(self.clone().work_off());
        }
        true
    }

    /// Drops what waits and takes nothing more; the event being handled is finished.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        queue.waiting.clear();
        queue.bytes = 0;
    }

    /// Takes nothing more; what waits is still done.
    pub fn finish(&self) {
        self.queue().closed = true;
    }

    /// Whether it takes nothing more, however little waits.
    pub fn is_closed(&self) -> bool {
        self.queue().closed
    }

    /// Whether nothing waits and nothing runs.
    pub fn is_idle(&self) -> bool {
        !self.queue().running
    }

    async fn work_off(self: Arc<Self>) {
        while let Some(work) = self.next() {
            self.outbox.room().await;
            // Whatever panics is that event's loss, not the socket's.
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!("an event's work panicked");
            }
            // Lets the answer out before the next one is made: else quick answers fill the send buffer
            // of a client that does read.
            tokio::task::yield_now().await;
        }
    }

    fn next(&self) -> Option<Work> {
        let mut queue = self.queue();
        let Some((bytes, work)) = queue.waiting.pop_front() else {
            queue.running = false;
            return None;
        };
        queue.bytes -= bytes;
        Some(work)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socketioxide::socket::Sid;
    use tokio::sync::mpsc;

    fn mailbox() -> Arc<Mailbox> {
        let outbox = Outbox::new(Sid::new(), Arc::default(), Arc::default());
        Arc::new(Mailbox::new(Arc::new(outbox)))
    }

    #[tokio::test]
    async fn work_is_done_in_order_and_one_at_a_time() {
        let mailbox = mailbox();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for n in 0..100 {
            let sender = sender.clone();
            assert!(mailbox.post(1, async move {
                tokio::task::yield_now().await;
                sender.send(n).unwrap();
            }));
        }
        for n in 0..100 {
            assert_eq!(receiver.recv().await, Some(n));
        }
    }

    #[tokio::test]
    async fn what_waits_is_still_done_after_the_last_is_taken() {
        let mailbox = mailbox();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for n in 0..3 {
            let sender = sender.clone();
            assert!(mailbox.post(1, async move { sender.send(n).unwrap() }));
        }
        mailbox.finish();
        assert!(!mailbox.post(1, async {}));
        drop(sender);
        for n in 0..3 {
            assert_eq!(receiver.recv().await, Some(n));
        }
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn too_much_is_refused() {
        let mailbox = mailbox();
        assert!(!mailbox.post(MAX_BYTES + 1, async {}));
        for _ in 0..MAX_WAITING {
            assert!(mailbox.post(0, std::future::pending()));
        }
        assert!(!mailbox.post(0, async {}));
        mailbox.close();
        assert!(!mailbox.post(0, async {}));
    }
}
