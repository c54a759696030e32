//! A connection that speaks HTTP/2: many requests at once, each of which can be cut by itself.
//!
//! hyper waits for the peer's first words, and for it to take its answers, without a deadline, so the deadlines
//! are here: a connection ends when it has no requests, or one of its answers isn't taken, for as long as a head
//! may take.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::{Request, Response, body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use poem::Endpoint;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::{Instant, timeout_at},
};
use tower::Service;

use super::{
    body::{Pieces, Taker},
    front::{SocketService, session_unknown},
    serving::{MAX_HEAD, Serving},
};
use crate::realtime::{Connection, Transports};

/// Requests at once.
const MAX_STREAMS: u32 = 100;
/// What may wait to be read, of one request's body and of all.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// What may wait to be sent, of one answer.
const MAX_UNSENT: usize = 64 * 1024;
/// Requests taken back before they were looked at, and requests refused for breaking the protocol: beyond so
/// many the connection ends ("rapid reset").
const MAX_RESETS: usize = 20;
/// Whether the peer is still there is asked so often, and so long is waited for its answer.
const PING_EVERY: Duration = Duration::from_secs(20);
/// From the farewell to the end of a connection on which nothing is in flight.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves until the connection ends.
pub async fn serve<E: Endpoint<Output = poem::Response> + 'static, S: SocketService>(
    of: &Serving<E, S>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    connection: Connection,
) {
    let Serving { front, header_timeout, finish, tls: _ } = of;
    let header_timeout = *header_timeout;
    let (peer, open) = (connection.peer, Arc::new(OpenRequests::new()));
    let transports = front.connector.transports.clone();
    let rest = front.clone().service(|request: &Request<Incoming>| {
        request.extensions().get::<Connection>().cloned().expect("each has its own, given to it below")
    });
    let of_requests = open.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        // Cutting a socket must cut neither the others on this connection nor what REST does beside them.
        let own = Connection::new(peer, connection.cut.child_token());
        request.extensions_mut().insert(own.clone());
        let in_flight = InFlight::new(&of_requests, own.clone(), transports.clone());
        let mut rest = rest.clone();
        async move {
            let answer = own.cut.run_until_cancelled(rest.call(request)).await;
            let Ok(answer) = answer.unwrap_or_else(|| Ok(session_unknown()));
            in_flight.is_taken();
            Ok::<_, Infallible>(Response::map(answer, |body| Pieces::new(body, in_flight)))
        }
    });
    let serving = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD as u32)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(MAX_UNSENT)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_EVERY)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    let mut leaving = None;
    loop {
        let deadline = || match leaving {
            None => open.deadline(None, header_timeout, header_timeout),
            since => open.deadline(since, FAREWELL, header_timeout),
        };
        tokio::select! {
            ended = timeout_at(deadline(), serving.as_mut()) => match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => return tracing::debug!(%error, %peer, "a connection ended early"),
                Err(_) if deadline() > Instant::now() => continue,
                Err(_) if leaving.is_some() || open.any() => {
                    return tracing::debug!(%peer, "a connection was given up");
                }
                Err(_) => {}
            },
            () = finish.cancelled(), if leaving.is_none() => {}
            // The deadline is an earlier one then.
            () = open.emptied.notified(), if leaving.is_some() => continue,
        }
        serving.as_mut().graceful_shutdown();
        leaving = Some(Instant::now());
    }
}

/// The requests of one connection that haven't been answered whole.
struct OpenRequests {
    table: Mutex<Table>,
    /// Notified when the last of them has ended.
    emptied: Notify,
}

struct Table {
    next: u64,
    /// By number; with when something of its answer was last taken.
    taken: BTreeMap<u64, Option<Instant>>,
    idle_since: Instant,
}

impl OpenRequests {
    fn new() -> Self {
        let table = Table { next: 0, taken: BTreeMap::new(), idle_since: Instant::now() };
        Self { table: Mutex::new(table), emptied: Notify::new() }
    }

    /// When to end the connection unless something happens before: it is without requests for `idle` at most,
    /// from `since` on at the earliest, and takes something of each answer within `taken`.
    fn deadline(&self, since: Option<Instant>, idle: Duration, taken: Duration) -> Instant {
        let table = self.table();
        match table.taken.values().flatten().min() {
            Some(oldest) => *oldest + taken,
            None if table.taken.is_empty() => {
                since.map_or(table.idle_since, |since| table.idle_since.max(since)) + idle
            }
            // That they are answered is the services' business; to look again is enough.
            None => Instant::now() + taken,
        }
    }

    fn any(&self) -> bool {
        !self.table().taken.is_empty()
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by a request from its head to the last byte of its answer.
struct InFlight {
    open: Arc<OpenRequests>,
    number: u64,
    own: Connection,
    transports: Arc<Transports>,
}

impl InFlight {
    fn new(open: &Arc<OpenRequests>, own: Connection, transports: Arc<Transports>) -> Self {
        let mut table = open.table();
        let number = table.next;
        table.next += 1;
        table.taken.insert(number, None);
        drop(table);
        Self { open: open.clone(), number, own, transports }
    }

    /// The peer takes its answer.
    fn is_taken(&self) {
        self.open.table().taken.insert(self.number, Some(Instant::now()));
    }
}

/// With the last piece of its answer, or its end, a request isn't in flight any more.
impl Taker for InFlight {
    fn takes(&self, _: usize) {
        self.is_taken();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.own.cut.cancel();
        self.transports.unbind(&self.own);
        let mut table = self.open.table();
        table.taken.remove(&self.number);
        table.idle_since = Instant::now();
        let empty = table.taken.is_empty();
        drop(table);
        if empty {
            self.open.emptied.notify_one();
        }
    }
}
