//! From a connection to an authenticated socket.

mod handle;

use std::{fmt::Display, future::Future, ops::Deref, pin::Pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use engineioxide::Direct;
use socketioxide::{
    extract::{Data, SocketRef},
    handler::{ConnectHandler, FromConnectParts, Value as Raw},
    socket::{DisconnectReason, Sid, Socket},
};
use tokio_util::task::TaskTracker;

use super::{
    Adapter, Addresses, Census, Client, Connection, Ios, Namespace, Outbox, OwnSource, Place, Presence,
    Sockets, Streams, Transports, Way, handshake::Handshake, limits::Limits, streams::OwnPlace,
};
use crate::{
    guards::{Gate, Principal, TokenError},
    infra::{clock::Clock, metrics::Metrics},
    problem::{Problem, codes},
};

/// What sockets need of the rest. Cheap to clone: every socket holds one.
#[derive(Clone)]
pub struct Connector(Arc<Inner>);

struct Inner {
    deps: ConnectorDeps,
    limits: Limits,
    /// What is done for sockets that have just connected.
    welcomes: TaskTracker,
}

pub struct ConnectorDeps {
    pub gate: Arc<Gate>,
    pub sockets: Arc<Sockets>,
    pub streams: Streams,
    /// Reads people's own streams.
    pub own: Arc<OwnSource>,
    pub transports: Arc<Transports>,
    /// Whether sockets are in rooms, where emitters reach them.
    pub rooms: bool,
    pub namespace: Namespace,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    /// For a handler to answer, as over REST; an event has less when this is long.
    pub request_timeout: Duration,
    /// Messages that a socket may send in the long run.
    pub events_per_second: u32,
    pub census: Arc<Census>,
    pub presence: Presence,
    pub addresses: Arc<Addresses>,
}

/// Kept on the socket from its admission until it is registered.
#[derive(Clone)]
struct Admitted {
    principal: Principal,
    expires_at: DateTime<Utc>,
}

impl Connector {
    /// The events of all modules.
    pub fn namespace(&self) -> &Namespace {
        &self.0.deps.namespace
    }

    pub fn new(deps: ConnectorDeps) -> Self {
        let limits = Limits::new(deps.namespace.kinds(), deps.events_per_second);
        Self(Arc::new(Inner { deps, limits, welcomes: TaskTracker::new() }))
    }

    /// Checks the handshake's token. The client sees a refusal as `connect_error`, whose message is
    /// the problem's code.
    async fn authenticate(&self, socket: &Arc<Socket<Adapter>>, auth: &Option<Raw>) -> Result<(), Problem> {
        let place = socket.req_parts().extensions.get::<Place>();
        if place.is_some_and(Place::is_too_many) {
            self.metrics.limit("socketsOfAddress");
            return Err(Problem::of::<codes::TooManySockets>("Close some of them."));
        }
        let Data(handshake) = Data::<Handshake>::from_connect_parts(socket, auth)
            .map_err(|_| Problem::from(TokenError::Missing))?;
        let (principal, claims) = self.gate.admit(&handshake.token).await?;
        socket.extensions.insert(handshake.since()?);
        socket.extensions.insert(Admitted { principal, expires_at: claims.expires_at });
        // Now, and not when it is connected: its first event must find a handler.
        socket.on_fallback(self.clone());
        let this = self.clone();
        socket.on_disconnect(move |socket: SocketRef<Adapter>, reason: DisconnectReason| {
            let this = this.clone();
            async move {
                this.gone(socket.id);
                this.transports.leaves(socket.id, reason);
            }
        });
        Ok(())
    }

    /// The registered client; the first to ask registers it: an event of its may come before it is `connected`. Whatever
    /// it is sent is counted from then on, so it has to be known by then what carries it.
    fn client(&self, socket: &Arc<Socket<Adapter>>) -> Option<Arc<Client>> {
        if let Some(client) = self.sockets.get(socket.id) {
            return Some(client);
        }
        self.sockets.get_or_insert(socket.id, || {
            let Admitted { principal, expires_at } = socket.extensions.remove()?;
            let outbox = Arc::new(Outbox::new(socket.id, self.transports.clone(), self.metrics.clone()));
            let first = socket.req_parts();
            if let Some(connection) = first.extensions.get::<Connection>() {
                self.transports.begin(socket.id, connection, Way::of(&first.uri), &outbox);
            }
            let limits = self.0.limits.of_socket(principal.user_id);
            let (socket, own) = (socket.clone().into(), OwnPlace::new(self.own.clone()));
            Some(Client::new(socket, outbox, limits, principal, expires_at, self.rooms, own))
        })
    }

    /// Registers a new socket; then asks again whether its session lives, because it may have ended
    /// while the socket wasn't registered yet and couldn't be told. And tells it where its user's stream is.
    fn connected(&self, socket: Arc<Socket<Adapter>>) {
        let Some(client) = self.client(&socket) else { return };
        if !client.is_connected() {
            // It has gone already, and nobody will say so again.
            return self.gone(client.sid());
        }
        client.enter_own_rooms();
        self.census.connected(client.user_id);
        self.presence.connected(client.user_id);
        let since = socket.extensions.remove().unwrap_or_default();
        let this = self.clone();
        self.0.welcomes.spawn(async move {
            if let Err(problem) = this.gate.principal(client.session_id).await
                && problem.is::<codes::SessionEnded>()
            {
                return client.revoke("sessionEnded");
            }
            if let Err(problem) = this.streams.welcome(&client, since).await {
                // It would never hear of what happens to its user; when it connects again, it may.
                tracing::warn!(%problem, "a socket couldn't be told where its user's stream is");
                client.cut();
            }
        });
    }

    /// Finishes what was begun for new sockets, and closes all; says whether that was done in time. Forgets those who
    /// were connected: when it closes everything, the library tells nobody.
    pub async fn close(&self, io: &Ios, until: tokio::time::Instant) -> bool {
        self.0.welcomes.close();
        let welcomed = tokio::time::timeout_at(until, self.0.welcomes.wait()).await.is_ok();
        let clients = self.sockets.select(Client::is_connected);
        let closed = tokio::time::timeout_at(until, io.close()).await.is_ok();
        clients.iter().for_each(|client| self.gone(client.sid()));
        welcomed && closed
    }

    fn gone(&self, sid: Sid) {
        if let Some(client) = self.sockets.remove(sid) {
            client.outbox.close();
            self.streams.detach(&client);
            self.presence.gone(&client);
            for stream in client.take_followed() {
                self.streams.unfollow(stream, client.sid());
            }
        }
    }
}

impl Deref for Connector {
    type Target = ConnectorDeps;
    fn deref(&self) -> &ConnectorDeps {
        &self.0.deps
    }
}

impl ConnectHandler<Adapter, ()> for Connector {
    fn call(&self, socket: Arc<Socket<Adapter>>, _: Option<Raw>) {
        self.connected(socket);
    }

    fn call_middleware<'a>(
        &'a self,
        socket: Arc<Socket<Adapter>>,
        auth: &'a Option<Raw>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Box<dyn Display + Send>>> + Send + 'a>> {
        Box::pin(async move {
            let admitted = self.authenticate(&socket, auth).await;
            if admitted.as_ref().is_err_and(|problem| problem.code.status >= 500) {
                hang_up(&socket);
            }
            admitted.map_err(|problem| Box::new(problem.code.name) as Box<dyn Display + Send>)
        })
    }
}

/// Ends the connection of somebody who can't be judged now, for the refusal that follows can't be sent: official clients
/// come again by themselves after that, and never after a refusal.
fn hang_up(socket: &Socket<Adapter>) {
    if let Some(direct) = socket.req_parts().extensions.get::<Direct>() {
        direct.close();
    }
}
