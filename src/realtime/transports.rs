//! The TCP connections beneath the sockets, so that one can be cut when nothing politer works.
//!
//! Neither closing a namespace nor dropping messages helps against a client that doesn't read: only
//! its connection can be ended. A Socket.IO session may use several, one after another and side by side (polling,
//! then WebSocket), so each request that names a session is noted here.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hyper::Uri;
use socketioxide::socket::{DisconnectReason, Sid};
use tokio_util::sync::CancellationToken;

use super::outbox::Outbox;

/// Longer than a polling session outlives its last request (ping interval and timeout).
const REMEMBER_CUT: Duration = Duration::from_secs(60);

/// For a client that has left, or has been told to, to end its connection by itself, as official ones do.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked for those that haven't.
const SWEEP: Duration = Duration::from_secs(1);

/// What a request came over: an accepted TCP connection, or its part of one that it shares with others (HTTP/2).
/// Every request carries one.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Accepted>);

#[derive(Debug)]
pub struct Accepted {
    pub peer: SocketAddr,
    /// Cancel it and the connection ends, whatever is using it. Cancelled, too, when it has ended.
    pub cut: CancellationToken,
    used: Mutex<Used>,
}

/// What it is used for now. A connection serves one session, unless a proxy shares it.
#[derive(Debug, Default)]
struct Used {
    session: Option<Sid>,
    /// Once it is a WebSocket: what it writes is taken of this.
    outbox: Option<Arc<Outbox>>,
}

impl Deref for Connection {
    type Target = Accepted;
    fn deref(&self) -> &Accepted {
        &self.0
    }
}

/// How a request carries its session's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Polling,
    WebSocket,
}

impl Way {
    /// As the request's address says.
    pub fn of(uri: &Uri) -> Self {
        let said =
            uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("transport=")));
        if said == Some("websocket") { Self::WebSocket } else { Self::Polling }
    }
}

impl Connection {
    pub fn new(peer: SocketAddr, cut: CancellationToken) -> Self {
        Self(Arc::new(Accepted { peer, cut, used: Mutex::default() }))
    }

    /// Counts what it writes, once it is a socket's.
    pub fn wrote(&self, bytes: usize) {
        if let Some(outbox) = &self.used().outbox {
            outbox.took(bytes);
        }
    }

    /// It is this socket's WebSocket from now on. To be told so twice is usual: by the request, and by the socket that
    /// it belongs to.
    pub fn carries(&self, outbox: &Arc<Outbox>) {
        self.used().outbox = Some(outbox.clone());
    }

    /// Notes who uses it now, and says who did.
    fn note(&self, session: Option<Sid>) -> Option<Sid> {
        let mut used = self.used();
        match used.session == session {
            true => session,
            false => std::mem::replace(&mut *used, Used { session, outbox: None }).session,
        }
    }

    /// Each change is a single step, so it is whole even after a panic.
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which connections each Socket.IO session uses now.
#[derive(Default)]
pub struct Transports {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    current: HashMap<Sid, Current>,
    /// Sessions that were cut: further requests of theirs are refused until they are forgotten.
    cut: HashMap<Sid, Instant>,
    /// Sessions that have left, in this order.
    leaving: VecDeque<(Instant, Sid)>,
}

/// The last of each way: while a session changes from one to the other it uses both.
#[derive(Default)]
struct Current {
    polling: Option<Connection>,
    websocket: Option<Connection>,
}

impl Current {
    fn by(&mut self, way: Way) -> &mut Option<Connection> {
        match way {
            Way::Polling => &mut self.polling,
            Way::WebSocket => &mut self.websocket,
        }
    }
}

impl Table {
    /// Forgets that the session uses this connection, unless it uses another by now.
    fn release(&mut self, sid: Sid, connection: &Connection) {
        let Some(current) = self.current.get_mut(&sid) else { return };
        for used in [&mut current.polling, &mut current.websocket] {
            used.take_if(|used| Arc::ptr_eq(&used.0, &connection.0));
        }
        if current.polling.is_none() && current.websocket.is_none() {
            self.current.remove(&sid);
        }
    }
}

impl Transports {
    /// Notes that a request of this session came over this connection. Says no when it was cut.
    pub fn bind(&self, sid: Sid, connection: &Connection, way: Way) -> bool {
        let mut table = self.table();
        if table.cut.contains_key(&sid) {
            return false;
        }
        // A proxy's connection carries one session after another: the one before isn't cut with it.
        if let Some(before) = connection.note(Some(sid))
            && before != sid
        {
            table.release(before, connection);
        }
        *table.current.entry(sid).or_default().by(way) = Some(connection.clone());
        true
    }

    /// Notes the connection a session began on, unless it has moved to another since; from now on it is counted
    /// what its WebSocket writes.
    pub fn begin(&self, sid: Sid, connection: &Connection, way: Way, outbox: &Arc<Outbox>) {
        let mut table = self.table();
        // When the handshake's has ended already, nobody would forget it.
        if !table.current.contains_key(&sid) && !connection.cut.is_cancelled() {
            connection.note(Some(sid));
            *table.current.entry(sid).or_default().by(way) = Some(connection.clone());
        }
        if let Some(Current { websocket: Some(connection), .. }) = table.current.get(&sid) {
            connection.carries(outbox);
        }
    }

    /// Forgets that a session uses this connection: it has closed, or carries something else now.
    pub fn unbind(&self, connection: &Connection) {
        let mut table = self.table();
        if let Some(sid) = connection.note(None) {
            table.release(sid, connection);
        }
    }

    /// Ends the session's connection and refuses it another.
    pub fn cut(&self, sid: Sid) {
        let mut table = self.table();
        let now = Instant::now();
        table.cut.retain(|_, since| now.duration_since(*since) < REMEMBER_CUT);
        table.cut.insert(sid, now);
        let Current { polling, websocket } = table.current.remove(&sid).unwrap_or_default();
        for connection in polling.into_iter().chain(websocket) {
            connection.cut.cancel();
        }
    }

    /// Its socket is gone. From the one namespace that there is: nothing is left to do on its connection.
    pub fn leaves(&self, sid: Sid, reason: DisconnectReason) {
        if matches!(reason, DisconnectReason::ClientNSDisconnect | DisconnectReason::ServerNSDisconnect) {
            self.table().leaving.push_back((Instant::now(), sid));
        }
    }

    /// Until told to stop: ends the connections of those who have left and haven't done it.
    pub async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(SWEEP);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let late = |(since, _): &mut (Instant, Sid)| since.elapsed() >= LEAVES_WITHIN;
            while let Some((_, sid)) = { self.table().leaving.pop_front_if(late) } {
                self.cut(sid);
            }
        }
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
