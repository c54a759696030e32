//! Bodies that are watched: a request's must arrive within a deadline, an answer's is given piece by piece to
//! whoever wants to know what the peer takes of it.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use crate::realtime::Outbox;

/// Given to the connection at once: it buffers little of what its peer doesn't take.
const PIECE: usize = 16 * 1024;

/// Fails with [`io::ErrorKind::TimedOut`] when the deadline passes first.
#[derive(Debug)]
pub struct Timely {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
}

impl Timely {
    pub fn new(body: Incoming, within: Duration) -> Self {
        Self { body, deadline: Box::pin(sleep(within)) }
    }
}

impl Body for Timely {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        while let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            // HTTP/2 has frames that hold nothing, and Engine.IO's parser panics at one.
            let empty = |frame: &Frame<Bytes>| frame.data_ref().is_some_and(Bytes::is_empty);
            match frame {
                Some(Ok(frame)) if empty(&frame) => {}
                frame => return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other))),
            }
        }
        let late = || io::Error::new(io::ErrorKind::TimedOut, "the body arrived too slowly");
        self.deadline.as_mut().poll(cx).map(|()| Some(Err(late())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Wants to know what is taken of an answer's body.
pub trait Taker {
    /// The connection has asked for more, and got so many bytes.
    fn takes(&self, bytes: usize);
}

/// The socket that is polled for, if there is one.
impl Taker for Option<Arc<Outbox>> {
    fn takes(&self, bytes: usize) {
        if let Some(outbox) = self {
            outbox.took(bytes);
        }
    }
}

/// An answer's body, a piece at a time, and who is told; dropped with the last of them.
pub struct Pieces<B, T> {
    body: B,
    /// Of the body's last frame.
    rest: Bytes,
    taker: T,
}

impl<B, T> Pieces<B, T> {
    pub fn new(body: B, taker: T) -> Self {
        Self { body, rest: Bytes::new(), taker }
    }
}

impl<B: Body<Data = Bytes> + Unpin, T: Taker + Unpin> Body for Pieces<B, T> {
    type Data = Bytes;
    type Error = B::Error;

    /// Asked for whenever there is room for more.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE);
        self.taker.takes(length);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (of_body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(of_body.lower() + rest);
        if let Some(upper) = of_body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
