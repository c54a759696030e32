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

type Cut = Pin<Box<WaitForCancellationFutureOwned>>;

/// Reads and writes like the stream beneath, until the token is cancelled; then both fail.
pub struct Cuttable {
    stream: TcpStream,
    cut: CancellationToken,
    /// One each, because reader and writer may be different tasks and each must be woken. Made and asked only by a
    /// task that is about to wait: it costs more than to look at the token, and most writers never wait.
    read_cut: Option<Cut>,
    write_cut: Option<Cut>,
    /// Set while the peer takes nothing of what is written.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Dropped with the connection.
    _held: Box<dyn Send>,
}

impl Cuttable {
    /// `held` lives as long as the connection does, through upgrades too.
    pub fn new(stream: TcpStream, cut: &CancellationToken, held: Box<dyn Send>) -> Self {
        Self { stream, cut: cut.clone(), read_cut: None, write_cut: None, stalled: None, _held: held }
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

    /// Writes, unless it was cut, or the peer has taken nothing for too long. A stall's deadline begins when it
    /// first takes nothing.
    fn write<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.cut.is_cancelled() {
            return Poll::Ready(Err(cut()));
        }
        let written = write(Pin::new(&mut self.stream), cx);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(MAX_STALL)));
        if stalled.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer doesn't read")));
        }
        waits(&mut self.write_cut, &self.cut, cx)
    }
}

/// Until the token is cancelled.
fn waits<T>(wait: &mut Option<Cut>, token: &CancellationToken, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
    let wait = wait.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
    wait.as_mut().poll(cx).map(|()| Err(cut()))
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
        if self.cut.is_cancelled() {
            return Poll::Ready(Err(cut()));
        }
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Pending => waits(&mut this.read_cut, &this.cut, cx),
            read => read,
        }
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
