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

/// One accepted TCP connection; every request on it carries this.
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// Cancel it and the connection ends, whatever is using it.
    pub cut: CancellationToken,
    /// The session that uses it. A connection serves one, unless a proxy shares it.
    session: Arc<Mutex<Option<Sid>>>,
}

impl Connection {
    pub fn new(peer: SocketAddr, cut: CancellationToken) -> Self {
        Self { peer, cut, session: Arc::default() }
    }

    fn note(&self, sid: Sid) -> Option<Sid> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).replace(sid)
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

impl Transports {
    /// Notes that a request of this session came over this connection. Says no when it was cut.
    pub fn bind(&self, sid: Sid, connection: &Connection) -> bool {
        let mut table = self.table();
        if table.cut.contains_key(&sid) {
            return false;
        }
        // A proxy's connection carries one session after another: the one before isn't cut with it.
        if let Some(before) = connection.note(sid)
            && before != sid
        {
            table.current.remove(&before);
        }
        table.current.insert(sid, connection.clone());
        true
    }

    /// Notes the connection a session began on, unless it has moved to another since.
    pub fn bind_first(&self, sid: Sid, connection: &Connection) {
        self.table().current.entry(sid).or_insert_with(|| {
            connection.note(sid);
            connection.clone()
        });
    }

    /// Forgets a connection that has closed.
    pub fn closed(&self, connection: &Connection) {
        let Some(sid) = *connection.session.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        let mut table = self.table();
        if table.current.get(&sid).is_some_and(|current| Arc::ptr_eq(&current.session, &connection.session)) {
            table.current.remove(&sid);
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
