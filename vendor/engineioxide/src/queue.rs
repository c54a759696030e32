//! What waits to be sent to a client: packets in their order, up to a bound, and the latest volatile ones.
//!
//! An `mpsc` channel allocates a block of 32 places with its first packet at the latest and keeps it; most sockets
//! have nothing to wait for nearly always. So here memory is held only for what waits.
use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use engineioxide_core::{Packet, PacketBuf, Str};
use smallvec::smallvec;
use tokio::sync::{Notify, mpsc::error::TrySendError};

/// A queue that anybody sends to, and one at a time takes from.
pub(crate) struct Queue {
    /// Packets that may wait, those that places are reserved for included.
    max: usize,
    state: Mutex<State>,
    /// Told once it is closed.
    closing: Notify,
}

/// What waits.
#[derive(Debug, PartialEq)]
pub(crate) enum Waiting {
    /// Adjacent packets.
    Packets(Box<PacketBuf>),
    /// A message as a websocket carries it, with its type in front: other sessions may be sent the same memory.
    Text(Str),
}

#[derive(Default)]
struct State {
    /// One is the usual number: it has its place here.
    first: Option<Waiting>,
    rest: VecDeque<Waiting>,
    reserved: usize,
    /// Only the latest; the one before it is dropped.
    volatile: Option<Box<PacketBuf>>,
    closed: bool,
    taker: Option<Waker>,
}

/// A place in the queue; given back when it isn't used.
pub(crate) struct Place<'a>(&'a Queue);

impl Queue {
    pub fn new(max: usize) -> Self {
        Self {
            max,
            state: Mutex::default(),
            closing: Notify::new(),
        }
    }

    /// Adds packets even if it is full. Says no when it is closed.
    pub fn send_anyway(&self, packets: PacketBuf) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        state.push(Waiting::Packets(Box::new(packets)));
        Self::wake(state);
        true
    }

    /// Adds a message as a websocket carries it, unless it is full or closed.
    pub fn send_text(&self, text: Str) -> Result<(), TrySendError<()>> {
        let mut state = self.state();
        state.has_room(self.max)?;
        state.push(Waiting::Text(text));
        Self::wake(state);
        Ok(())
    }

    /// A place for packets that stay together, unless it is full or closed.
    pub fn try_reserve(&self) -> Result<Place<'_>, TrySendError<()>> {
        let mut state = self.state();
        state.has_room(self.max)?;
        state.reserved += 1;
        Ok(Place(self))
    }

    /// Takes the place of what was sent so before and hasn't been taken. Says no when it is closed.
    pub fn send_volatile(&self, packets: PacketBuf) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        state.volatile = Some(Box::new(packets));
        Self::wake(state);
        true
    }

    /// The next packets, volatile ones last; none once it is closed and empty.
    pub fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<PacketBuf>> {
        self.poll_waiting(cx)
            .map(|next| next.map(Waiting::into_packets))
    }

    /// The same, as it was sent.
    pub fn poll_waiting(&self, cx: &mut Context<'_>) -> Poll<Option<Waiting>> {
        let mut state = self.state();
        if let Some(packets) = state.next() {
            return Poll::Ready(Some(packets));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        match &mut state.taker {
            Some(taker) => taker.clone_from(cx.waker()),
            taker => *taker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Takes nothing more. What waits can still be taken.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        Self::wake(state);
        self.closing.notify_waiters();
    }

    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    pub async fn closed(&self) {
        // Made before looking, it hears of a close in between.
        let closing = self.closing.notified();
        if !self.is_closed() {
            closing.await;
        }
    }

    /// Wakes who takes, outside the lock.
    fn wake(mut state: MutexGuard<'_, State>) {
        let taker = state.taker.take();
        drop(state);
        if let Some(taker) = taker {
            taker.wake();
        }
    }

    /// Each change is a single step, so it is whole even after a panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, max: usize) -> Result<(), TrySendError<()>> {
        let waiting = usize::from(self.first.is_some()) + self.rest.len();
        if self.closed {
            Err(TrySendError::Closed(()))
        } else if waiting + self.reserved >= max {
            Err(TrySendError::Full(()))
        } else {
            Ok(())
        }
    }

    fn push(&mut self, waiting: Waiting) {
        match self.first {
            None => self.first = Some(waiting),
            Some(_) => self.rest.push_back(waiting),
        }
    }

    fn next(&mut self) -> Option<Waiting> {
        let Some(next) = self.first.take() else {
            return self.volatile.take().map(Waiting::Packets);
        };
        self.first = self.rest.pop_front();
        if self.first.is_none() {
            self.rest = VecDeque::new();
        }
        Some(next)
    }
}

impl Waiting {
    pub fn into_packets(self) -> PacketBuf {
        match self {
            Self::Packets(packets) => *packets,
            Self::Text(text) => smallvec![Packet::Message(text.slice(1..))],
        }
    }
}

impl Place<'_> {
    pub fn send(self, packets: PacketBuf) {
        let mut state = self.0.state();
        state.reserved -= 1;
        state.push(Waiting::Packets(Box::new(packets)));
        Queue::wake(state);
        // Else it would give its place back once more.
        std::mem::forget(self);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().reserved -= 1;
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Queue")
            .field("first", &state.first.is_some())
            .field("rest", &state.rest.len())
            .field("volatile", &state.volatile.is_some())
            .field("closed", &state.closed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::Arc, time::Duration};

    use engineioxide_core::Packet;
    use smallvec::smallvec;
    use tokio::time::timeout;

    use super::*;

    fn packet(text: &'static str) -> PacketBuf {
        smallvec![Packet::Message(text.into())]
    }

    async fn next(queue: &Queue) -> Option<PacketBuf> {
        timeout(Duration::from_secs(1), poll_fn(|cx| queue.poll_recv(cx)))
            .await
            .expect("there is nothing to take")
    }

    #[tokio::test]
    async fn packets_keep_their_order_and_volatile_ones_come_last() {
        let queue = Queue::new(8);
        queue.try_reserve().unwrap().send(packet("1"));
        assert!(queue.send_volatile(packet("dropped")));
        assert!(queue.send_volatile(packet("last")));
        queue.try_reserve().unwrap().send(packet("2"));
        for text in ["1", "2", "last"] {
            assert_eq!(next(&queue).await, Some(packet(text)));
        }
    }

    /// A polling request takes it as the packet that it is.
    #[tokio::test]
    async fn what_is_shared_is_a_packet_like_any() {
        let queue = Queue::new(2);
        queue.send_text("4shared".into()).unwrap();
        queue.try_reserve().unwrap().send(packet("2"));
        assert_eq!(queue.send_text("4more".into()), Err(TrySendError::Full(())));
        for text in ["shared", "2"] {
            assert_eq!(next(&queue).await, Some(packet(text)));
        }
        queue.close();
        assert_eq!(
            queue.send_text("4more".into()),
            Err(TrySendError::Closed(()))
        );
    }

    #[tokio::test]
    async fn places_count_until_they_are_used_or_given_back() {
        let queue = Queue::new(2);
        let place = queue.try_reserve().unwrap();
        queue.try_reserve().unwrap().send(packet("1"));
        assert!(matches!(queue.try_reserve(), Err(TrySendError::Full(()))));
        drop(place);
        queue.try_reserve().unwrap().send(packet("2"));
        assert!(matches!(queue.try_reserve(), Err(TrySendError::Full(()))));
        assert!(queue.send_anyway(packet("anyway")));
        assert_eq!(next(&queue).await, Some(packet("1")));
        assert!(queue.try_reserve().is_err());
        assert_eq!(next(&queue).await, Some(packet("2")));
        queue.try_reserve().unwrap().send(packet("3"));
        assert_eq!(next(&queue).await, Some(packet("anyway")));
        assert_eq!(next(&queue).await, Some(packet("3")));
        assert_eq!(
            queue.state().rest.capacity(),
            0,
            "an empty queue holds no memory"
        );
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_packets_and_by_the_end() {
        let queue = Arc::new(Queue::new(8));
        let waits = tokio::spawn({
            let queue = queue.clone();
            async move { [next(&queue).await, next(&queue).await, next(&queue).await] }
        });
        let ended = tokio::spawn({
            let queue = queue.clone();
            async move { queue.closed().await }
        });
        tokio::task::yield_now().await;
        queue.try_reserve().unwrap().send(packet("1"));
        tokio::task::yield_now().await;
        assert!(queue.send_volatile(packet("2")));
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        queue.close();
        assert_eq!(
            waits.await.unwrap(),
            [Some(packet("1")), Some(packet("2")), None]
        );
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn closed_it_takes_nothing_and_gives_what_it_has() {
        let queue = Queue::new(8);
        queue.try_reserve().unwrap().send(packet("1"));
        queue.close();
        queue.closed().await;
        assert!(matches!(queue.try_reserve(), Err(TrySendError::Closed(()))));
        assert!(!queue.send_volatile(packet("2")) && !queue.send_anyway(packet("2")));
        assert_eq!(next(&queue).await, Some(packet("1")));
        assert_eq!(next(&queue).await, None);
    }
}
