//! The TCP connections beneath the sockets, so that one can be cut when nothing politer works.
//!
//! Neither closing a namespace nor dropping messages helps against a client that doesn't read: only
//! its connection can be ended. A Socket.IO session may use several, one after another (polling, then
//! WebSocket), so each request that names a session is noted here.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use socketioxide::socket::Sid;
use tokio_util::sync::CancellationToken;

/// Longer than a polling session outlives its last request (ping interval and timeout).
const REMEMBER_CUT: Duration = Duration::from_secs(60);

/// What a request came over: an accepted TCP connection, or its part of one that it shares with others (HTTP/2).
/// Every request carries one.
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// Cancel it and the connection ends, whatever is using it. Cancelled, too, when it has ended.
    pub cut: CancellationToken,
    /// The session that uses it. A connection serves one, unless a proxy shares it.
    session: Arc<Mutex<Option<Sid>>>,
}

impl Connection {
    pub fn new(peer: SocketAddr, cut: CancellationToken) -> Self {
        Self { peer, cut, session: Arc::default() }
    }

    /// Notes who uses it now, and says who did.
    fn note(&self, sid: Option<Sid>) -> Option<Sid> {
        std::mem::replace(&mut *self.session.lock().unwrap_or_else(PoisonError::into_inner), sid)
    }
}

/// Which connection each Socket.IO session uses now.
#[derive(Default)]
pub struct Transports {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    current: HashMap<Sid, Connection>,
    /// Sessions that were cut: further requests of theirs are refused until they are forgotten.
    cut: HashMap<Sid, Instant>,
}

impl Table {
    /// Forgets the session's connection, unless it uses another by now.
    fn release(&mut self, sid: Sid, connection: &Connection) {
        if self.current.get(&sid).is_some_and(|current| Arc::ptr_eq(&current.session, &connection.session)) {
            self.current.remove(&sid);
        }
    }
}

impl Transports {
    /// Notes that a request of this session came over this connection. Says no when it was cut.
    pub fn bind(&self, sid: Sid, connection: &Connection) -> bool {
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
        table.current.insert(sid, connection.clone());
        true
    }

    /// Notes the connection a session began on, unless it has moved to another since.
    pub fn bind_first(&self, sid: Sid, connection: &Connection) {
        let mut table = self.table();
        if connection.cut.is_cancelled() {
            // The handshake's has ended, and nobody would forget it.
            return;
        }
        table.current.entry(sid).or_insert_with(|| {
            connection.note(Some(sid));
            connection.clone()
        });
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
        if let Some(connection) = table.current.remove(&sid) {
            connection.cut.cancel();
        }
    }

    /// Each change is a single step, so the table is whole even after a panic.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
