//! All that happens between a websocket and its session, in one task: reading, writing and, unless the session began
//! by polling, the heartbeat.
//!
//! None of the three waits for another: whenever the task is woken each goes on as far as it can, up to
//! [`AT_ONCE`], so that none can keep the others from their turn.
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};

use engineioxide_core::{Packet, PacketBuf, ProtocolVersion};
use futures_util::{Sink, Stream, task::waker_ref};
use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OwnedMutexGuard,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{ws_bytes_to_str, ws_str_to_text};
use crate::{
    DisconnectReason, Socket,
    engine::EngineIo,
    errors::Error,
    handler::EngineIoHandler,
    heartbeat::{Heartbeat, Lost},
    queue::Waiting,
    socket::InternalRx,
};

/// Messages that are read, and packets that are written, before the others' turn.
const AT_ONCE: usize = 32;

pin_project! {
    /// Ready once the session has ended and all it had to say is written.
    pub(super) struct Pipe<H: EngineIoHandler, S> {
        engine: Arc<EngineIo<H>>,
        socket: Arc<Socket<H::Data>>,
        ws: WebSocketStream<S>,
        writer: Writer,
        #[pin]
        heartbeat: Option<Heartbeat>,
    }

    impl<H: EngineIoHandler, S> PinnedDrop for Pipe<H, S> {
        fn drop(this: Pin<&mut Self>) {
            // The handler's panic ends this task, heartbeat included: nobody else would end the session.
            if std::thread::panicking() {
                this.engine.close_session(this.socket.id, DisconnectReason::TransportError);
            }
        }
    }
}

/// How far writing has got.
struct Writer {
    turn: Turn,
    /// Something is written and not flushed.
    unflushed: bool,
    /// Takes no more packets before all are flushed,
    flushing: bool,
    /// and here none ever.
    ending: bool,
}

/// Who takes packets from the queue holds its lock.
enum Turn {
    /// A polling request that was in progress during the upgrade may still hold it.
    Waits(Pin<Box<dyn Future<Output = OwnedMutexGuard<InternalRx>> + Send>>),
    Holds(OwnedMutexGuard<InternalRx>),
}

impl<H: EngineIoHandler, S> Pipe<H, S> {
    pub fn new(
        engine: Arc<EngineIo<H>>,
        socket: Arc<Socket<H::Data>>,
        ws: WebSocketStream<S>,
        heartbeat: Option<Heartbeat>,
    ) -> Self {
        let lock = socket.internal_rx.clone().lock_owned();
        Self {
            engine,
            socket,
            ws,
            writer: Writer {
                turn: Turn::Waits(Box::pin(lock)),
                unflushed: false,
                flushing: false,
                ending: false,
            },
            heartbeat,
        }
    }
}

impl<H: EngineIoHandler, S> Future for Pipe<H, S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        this.socket.transport_waker.register(cx.waker());
        if !this.socket.is_cancelled() && this.socket.readable.swap(false, Ordering::SeqCst) {
            read(this.engine, this.socket, this.ws);
        }
        if let Some(heartbeat) = this.heartbeat.as_mut().as_pin_mut()
            && !this.socket.is_cancelled()
            && let Poll::Ready(Lost) = heartbeat.poll_lost(this.socket, cx)
        {
            this.socket.close(DisconnectReason::HeartbeatTimeout);
        }
        this.writer.write(this.socket, this.ws, cx)
    }
}

/// Handles what has arrived. Ends the session when the client does, or can't be understood.
fn read<H: EngineIoHandler, S>(
    engine: &Arc<EngineIo<H>>,
    socket: &Arc<Socket<H::Data>>,
    ws: &mut WebSocketStream<S>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let waker = waker_ref(socket);
    let cx = &mut Context::from_waker(&waker);
    for _ in 0..AT_ONCE {
        let handled = match Pin::new(&mut *ws).poll_next(cx) {
            Poll::Pending => return,
            Poll::Ready(None) => Ok(Some(DisconnectReason::TransportClose)),
            Poll::Ready(Some(Ok(msg))) => handle(engine, socket, msg),
            Poll::Ready(Some(Err(e))) => Err(e.into()),
        };
        let reason = match handled {
            Ok(None) if !socket.is_cancelled() => continue,
            Ok(None) => return,
            Ok(Some(reason)) => reason,
            Err(ref e) => {
                #[cfg(feature = "tracing")]
                tracing::debug!("error when handling packet: {:?}", e);
                Option::from(e).unwrap_or(DisconnectReason::TransportError)
            }
        };
        #[cfg(feature = "tracing")]
        tracing::debug!(sid = %socket.id, ?reason, "ws transport was closed");
        engine.close_session(socket.id, reason);
        return;
    }
    // There may be more.
    waker.wake_by_ref();
}

/// Handles one message from the client; with it the session may have ended.
fn handle<H: EngineIoHandler>(
    engine: &Arc<EngineIo<H>>,
    socket: &Arc<Socket<H::Data>>,
    msg: Message,
) -> Result<Option<DisconnectReason>, Error> {
    match msg {
        Message::Text(msg) => match Packet::parse(socket.protocol, ws_bytes_to_str(msg))? {
            Packet::Close => return Ok(Some(DisconnectReason::TransportClose)),
            Packet::Pong | Packet::Ping => socket.beat(),
            Packet::Message(msg) => engine.handler.on_message(msg, socket.clone()),
            p => return Err(Error::BadPacket(p)),
        },
        Message::Binary(mut data) => {
            if socket.protocol == ProtocolVersion::V3 && !data.is_empty() {
                // The first byte is the message type, which we don't need.
                data = data.split_off(1);
            }
            engine.handler.on_binary(data, socket.clone());
        }
        Message::Close(_) => return Ok(Some(DisconnectReason::TransportClose)),
        _ => {
            #[cfg(feature = "tracing")]
            tracing::debug!(sid = ?socket.id, "unexpected ws message");
        }
    }
    Ok(None)
}

impl Writer {
    /// Writes what waits, and flushes when nothing does. Ready once the session has ended and that is done.
    ///
    /// Nobody is told of errors here: reading tells of them, or the heartbeat.
    fn write<D, S>(
        &mut self,
        socket: &Socket<D>,
        ws: &mut WebSocketStream<S>,
        cx: &mut Context<'_>,
    ) -> Poll<()>
    where
        D: Default + Send + Sync + 'static,
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut ws = Pin::new(ws);
        let is_cancelled = || socket.is_cancelled();
        let rx = match &mut self.turn {
            Turn::Holds(rx) => rx,
            Turn::Waits(lock) => match lock.as_mut().poll(cx) {
                Poll::Pending if is_cancelled() => return Poll::Ready(()),
                held => {
                    self.turn = Turn::Holds(ready!(held));
                    return self.write(socket, ws.get_mut(), cx);
                }
            },
        };
        for _ in 0..AT_ONCE {
            if self.flushing || self.ending {
                _ = ready!(ws.as_mut().poll_flush(cx));
                self.flushing = false;
            }
            if self.ending {
                return ws.as_mut().poll_close(cx).map(|_| ());
            }
            _ = ready!(ws.as_mut().poll_ready(cx));
            let packets = match rx.peeked_packet.take() {
                Some(packets) => Poll::Ready(Some(Waiting::Packets(packets))),
                None => socket.queue.poll_waiting(cx),
            };
            match packets {
                Poll::Ready(Some(waiting)) => {
                    match waiting {
                        Waiting::Packets(packets) => send(*packets, socket.protocol, ws.as_mut()),
                        Waiting::Text(text) => send_message(ws_str_to_text(text), ws.as_mut()),
                    }
                    self.unflushed = true;
                }
                Poll::Ready(None) => self.ending = true,
                Poll::Pending if self.unflushed => {
                    self.unflushed = false;
                    self.flushing = true;
                }
                Poll::Pending if is_cancelled() => self.ending = true,
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Adjacent packets stay together, however much there is to flush already.
fn send<S>(packets: PacketBuf, protocol: ProtocolVersion, mut ws: Pin<&mut WebSocketStream<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for packet in packets {
        let message = match packet {
            Packet::Binary(bin) | Packet::BinaryV3(bin) if protocol == ProtocolVersion::V3 => {
                // v3 protocol requires packet type as the first byte.
                // This requires a new buffer. This is OK as it is only for the V3 protocol.
                let mut buff = Vec::with_capacity(bin.len() + 1);
                buff.push(0x04);
                buff.extend(bin);
                Message::Binary(buff.into())
            }
            Packet::Binary(bin) | Packet::BinaryV3(bin) => Message::Binary(bin),
            // A Noop Packet maybe sent by the server to upgrade from a polling connection
            // In the case that the packet was not poll in time it will remain in the buffer and therefore
            // it should be discarded here
            Packet::Noop => continue,
            packet => Message::Text(String::from(packet).into()),
        };
        send_message(message, ws.as_mut());
    }
}

fn send_message<S>(message: Message, ws: Pin<&mut WebSocketStream<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Err(_e) = ws.start_send(message) {
        #[cfg(feature = "tracing")]
        tracing::debug!("error sending packet: {}", _e);
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::atomic::AtomicUsize, time::Duration};

    use bytes::Bytes;
    use engineioxide_core::{Str, TransportType};
    use futures_util::{SinkExt, StreamExt};
    use http::Request;
    use tokio::{
        io::{DuplexStream, ReadBuf},
        sync::mpsc::{self, error::TrySendError},
        time::timeout,
    };
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;
    use crate::{config::EngineIoConfig, socket::Direct};

    const WITHIN: Duration = Duration::from_secs(5);
    const WAITING: usize = 8;

    #[derive(Debug, Default)]
    struct Counts(AtomicUsize);
    impl EngineIoHandler for Counts {
        type Data = ();
        fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}
        fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}
        fn on_message(self: &Arc<Self>, msg: Str, _: Arc<Socket<()>>) {
            assert_ne!(msg, Str::from("panic"));
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn on_binary(self: &Arc<Self>, _: Bytes, _: Arc<Socket<()>>) {}
    }

    struct Stand {
        engine: Arc<EngineIo<Counts>>,
        socket: Arc<Socket<()>>,
        client: WebSocketStream<DuplexStream>,
    }

    impl Stand {
        /// The pipe between a session and a client, through a network that holds so many bytes.
        async fn new(network: usize, beats: Duration, before: impl FnOnce(&Socket<()>)) -> Self {
            let config = EngineIoConfig::builder()
                .ping_interval(beats)
                .ping_timeout(beats)
                .max_buffer_size(WAITING)
                .build();
            let engine = Arc::new(EngineIo::new(Arc::new(Counts::default()), config));
            let parts = Request::<()>::default().into_parts().0;
            let transport = TransportType::Websocket;
            let socket = engine.create_session(ProtocolVersion::V4, transport, parts, false);
            before(&socket);
            let (server, client) = tokio::io::duplex(network);
            let server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
            let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
            let heartbeat = Heartbeat::new(&engine.config, ProtocolVersion::V4);
            tokio::spawn(Pipe::new(
                engine.clone(),
                socket.clone(),
                server,
                Some(heartbeat),
            ));
            Self {
                engine,
                socket,
                client,
            }
        }

        async fn next(&mut self) -> Message {
            let next = timeout(WITHIN, self.client.next()).await;
            next.expect("nothing arrives").unwrap().unwrap()
        }

        async fn received(&self, count: usize) {
            let received = async {
                while self.engine.handler.0.load(Ordering::Relaxed) < count {
                    tokio::task::yield_now().await;
                }
            };
            timeout(WITHIN, received)
                .await
                .expect("messages aren't read")
        }
    }

    fn large() -> String {
        "x".repeat(4096)
    }

    /// Writing is stuck; messages are still handled, and the client is found to be lost.
    #[tokio::test]
    async fn a_client_that_does_not_read_is_read_and_asked() {
        let mut stand = Stand::new(64, Duration::from_millis(50), |_| ()).await;
        stand.socket.emit(large()).unwrap();
        for _ in 0..3 {
            stand.client.send(Message::text("4hello")).await.unwrap();
        }
        stand.received(3).await;
        timeout(WITHIN, stand.socket.cancellation_token.cancelled())
            .await
            .expect("the heartbeat should end the session");
    }

    /// The queue's bound holds: it isn't emptied into another one while nothing can be written.
    #[tokio::test]
    async fn what_is_stuck_counts() {
        let mut stand = Stand::new(64, WITHIN, |_| ()).await;
        stand.socket.emit(large()).unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        for _ in 0..WAITING {
            stand.socket.emit(large()).unwrap();
            tokio::task::yield_now().await;
        }
        assert!(matches!(
            stand.socket.emit("more"),
            Err(TrySendError::Full(_))
        ));
        for _ in 0..=WAITING {
            assert_eq!(stand.next().await, Message::text(format!("4{}", large())));
        }
        stand.socket.emit("more").unwrap();
        assert_eq!(stand.next().await, Message::text("4more"));
    }

    /// A client that always has another message, and reads at once.
    struct Endless {
        at: usize,
        written: mpsc::UnboundedSender<Vec<u8>>,
    }

    impl AsyncRead for Endless {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            const FRAME: &[u8] = b"\x81\x86\0\0\0\x004hello";
            let some = &FRAME[self.at..][..buf.remaining().min(FRAME.len() - self.at)];
            buf.put_slice(some);
            self.at = (self.at + some.len()) % FRAME.len();
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Endless {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.written.send(buf.to_vec()).ok();
            Poll::Ready(Ok(buf.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_sends_without_a_pause_is_answered() {
        let Stand { engine, socket, .. } = Stand::new(64, WITHIN, |_| ()).await;
        let (written, mut answers) = mpsc::unbounded_channel();
        let endless = Endless { at: 0, written };
        let ws = WebSocketStream::from_raw_socket(endless, Role::Server, None).await;
        let parts = Request::<()>::default().into_parts().0;
        let transport = TransportType::Websocket;
        drop(socket);
        let socket = engine.create_session(ProtocolVersion::V4, transport, parts, false);
        tokio::spawn(Pipe::new(engine, socket.clone(), ws, None));
        for _ in 0..100 {
            socket.emit("answer").unwrap();
            let answer = timeout(WITHIN, answers.recv()).await;
            assert_eq!(
                answer.expect("nothing is written").unwrap(),
                b"\x81\x074answer"
            );
        }
        socket.close(DisconnectReason::ClosingServer);
        timeout(WITHIN, socket.closed()).await.expect("it goes on");
    }

    #[tokio::test]
    async fn who_answers_pings_stays() {
        let mut stand = Stand::new(1024, Duration::from_millis(100), |_| ()).await;
        for _ in 0..5 {
            assert_eq!(stand.next().await, Message::text("2"));
            stand.client.send(Message::text("3")).await.unwrap();
        }
        assert!(!stand.socket.is_cancelled());
        assert_eq!(stand.next().await, Message::text("2"));
        // The sixth isn't answered.
        assert_eq!(stand.next().await, Message::text("1"));
        assert!(stand.socket.is_cancelled());
    }

    /// What is sent to many is in its order among the rest, and within the same bound.
    #[tokio::test]
    async fn what_is_shared_is_a_message_like_any() {
        let mut stand = Stand::new(1024, WITHIN, |socket| {
            let direct = socket.req_parts.extensions.get::<Direct>().unwrap();
            socket.emit("1").unwrap();
            direct.emit("42".into()).unwrap();
            socket.emit("3").unwrap();
            for _ in 3..WAITING {
                direct.emit("4more".into()).unwrap();
            }
            let full = Err(TrySendError::Full(()));
            assert_eq!(direct.emit("4more".into()), full);
            assert!(matches!(socket.emit("more"), Err(TrySendError::Full(_))));
        })
        .await;
        for text in ["41", "42", "43"] {
            assert_eq!(stand.next().await, Message::text(text));
        }
        stand.socket.close(DisconnectReason::ClosingServer);
        let direct = stand.socket.req_parts.extensions.get::<Direct>().unwrap();
        timeout(WITHIN, stand.socket.closed()).await.unwrap();
        assert_eq!(direct.emit("4".into()), Err(TrySendError::Closed(())));
    }

    /// It was taken from the queue by a polling request that hadn't room for it.
    #[tokio::test]
    async fn a_packet_that_was_peeked_at_is_sent_first() {
        let peeked = |socket: &Socket<()>| {
            let packets = smallvec::smallvec![Packet::Message("first".into())];
            socket.internal_rx.try_lock().unwrap().peeked_packet = Some(Box::new(packets));
            socket.emit("second").unwrap();
        };
        let mut stand = Stand::new(1024, WITHIN, peeked).await;
        assert_eq!(stand.next().await, Message::text("4first"));
        assert_eq!(stand.next().await, Message::text("4second"));
    }

    #[tokio::test]
    async fn a_panic_ends_the_session() {
        let mut stand = Stand::new(1024, WITHIN, |_| ()).await;
        stand.client.send(Message::text("4panic")).await.unwrap();
        let closed = timeout(WITHIN, stand.socket.closed()).await;
        closed.expect("the session goes on");
        assert!(stand.engine.get_socket(stand.socket.id).is_none());
    }

    /// What was said before the end is written before it.
    #[tokio::test]
    async fn the_end_comes_last() {
        let mut stand = Stand::new(1024, WITHIN, |_| ()).await;
        stand.socket.emit("last").unwrap();
        stand.socket.close(DisconnectReason::ClosingServer);
        assert_eq!(stand.next().await, Message::text("4last"));
        assert_eq!(stand.next().await, Message::text("1"));
        assert!(matches!(stand.next().await, Message::Close(_)));
        timeout(WITHIN, stand.socket.closed())
            .await
            .expect("the pipe lets go of the queue");
    }
}
