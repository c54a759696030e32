//! A TCP stream that can be cut from elsewhere, also after it was upgraded to a WebSocket.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A peer that takes nothing for so long is given up: it would hold its place for ever.
const MAX_STALL: Duration = Duration::from_secs(30);

/// Reads and writes like the stream beneath, until the token is cancelled; then both fail.
pub struct Cuttable {
    stream: TcpStream,
    /// One each, because reader and writer may be different tasks and each must be woken.
    read_cut: Pin<Box<WaitForCancellationFutureOwned>>,
    write_cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Set while the peer takes nothing of what is written.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Dropped with the connection.
    _held: Box<dyn Send>,
}

impl Cuttable {
    /// `held` lives as long as the connection does, through upgrades too.
    pub fn new(stream: TcpStream, cut: &CancellationToken, held: Box<dyn Send>) -> Self {
        let wait = || Box::pin(cut.clone().cancelled_owned());
        Self { stream, read_cut: wait(), write_cut: wait(), stalled: None, _held: held }
    }
}

impl Cuttable {
    /// Whether the peer begins as HTTP/2 does; waits for its first bytes and leaves them unread.
    pub async fn begins_http2(&mut self) -> io::Result<bool> {
        let mut begin = [0; 4];
        let seen = self.stream.peek(&mut begin).await?;
        // No method of HTTP/1 begins so. Whoever sends this in pieces is refused as HTTP/1 would be.
        Ok(&begin[..seen] == b"PRI ")
    }

    /// Whether writing goes on: not when it was cut, nor when the peer has taken nothing for too long.
    fn may_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.write_cut.as_mut().poll(cx).is_ready() {
            return Err(cut());
        }
        let stalled = self.stalled.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready());
        match stalled {
            true => Err(io::Error::new(io::ErrorKind::TimedOut, "the peer doesn't read")),
            false => Ok(()),
        }
    }

    /// Notes whether a write got anywhere; a stall's deadline begins with its first failure to.
    fn note<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &written {
            Poll::Ready(_) => self.stalled = None,
            Poll::Pending if self.stalled.is_none() => {
                let mut deadline = Box::pin(sleep(MAX_STALL));
                // Polled once, so that it wakes this task.
                if deadline.as_mut().poll(cx).is_pending() {
                    self.stalled = Some(deadline);
                }
            }
            Poll::Pending => {}
        }
        written
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was cut")
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.read_cut.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(cut())),
            Poll::Pending => Pin::new(&mut self.stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.may_write(cx)?;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.may_write(cx)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.may_write(cx)?;
        let written = Pin::new(&mut self.stream).poll_flush(cx);
        self.note(cx, written)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
