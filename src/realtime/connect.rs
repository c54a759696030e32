//! From a connection to an authenticated socket, and from a packet to its event's handler.

use std::{
    borrow::Cow,
    fmt::Display,
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use socketioxide::{
    extract::{Data, Event, SocketRef},
    handler::{ConnectHandler, FromConnectParts, FromMessageParts, MessageHandler, Value as Raw},
    socket::{DisconnectReason, Sid, Socket},
};
use tokio_util::task::TaskTracker;

use super::{
    Adapter, Addresses, Census, Client, Connection, Ios, Namespace, Outbox, OwnSource, Pace, Place, Presence,
    Reply, Sockets, Streams, Transports, Way,
    handshake::Handshake,
    io::MAX_MESSAGE,
    limits::Limits,
    parser::{bytes_of, payload_of},
    streams::OwnPlace,
};
use crate::{
    guards::{Gate, Principal, TokenError},
    infra::{clock::Clock, metrics::Metrics},
    problem::{Problem, codes},
};

/// The most that an event may take: longer than what goes on when its asker has gone, which is then over.
const EVENT_WITHIN: Duration = Duration::from_secs(15);
/// What metrics call every event that there isn't.
const UNKNOWN: &str = "unknown";

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

    /// The registered client; the first to ask registers it.
    fn client(&self, socket: &Arc<Socket<Adapter>>) -> Option<Arc<Client>> {
        if let Some(client) = self.sockets.get(socket.id) {
            return Some(client);
        }
        self.sockets.get_or_insert(socket.id, || {
            let Admitted { principal, expires_at } = socket.extensions.remove()?;
            let outbox = Outbox::new(socket.id, self.transports.clone(), self.metrics.clone());
            let limits = self.0.limits.of_socket(principal.user_id);
            let (socket, own) = (socket.clone().into(), OwnPlace::new(self.own.clone()));
            Some(Client::new(socket, outbox, limits, principal, expires_at, self.rooms, own))
        })
    }

    /// Registers a new socket; then asks again whether its session lives, because it may have ended
    /// while the socket wasn't registered yet and couldn't be told. And tells it where its user's stream is.
    fn connected(&self, socket: Arc<Socket<Adapter>>) {
        let Some(client) = self.client(&socket) else { return };
        client.enter_own_rooms();
        let first = socket.req_parts();
        if let Some(connection) = first.extensions.get::<Connection>() {
            self.transports.begin(socket.id, connection, Way::of(&first.uri), &client.outbox);
        }
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

    /// Who the client is at this moment; asked before every event.
    async fn admit(&self, client: &Client) -> Result<Principal, Problem> {
        if client.is_revoked() {
            return Err(Problem::of::<codes::SessionEnded>("Sign in again."));
        }
        if client.is_expired(self.clock.now()) {
            return Err(TokenError::Expired.into());
        }
        self.gate.principal(client.session_id).await
    }

    fn unknown_event(&self) -> Problem {
        let names: Vec<&str> = self.namespace.events().map(|event| event.name).collect();
        Problem::of::<codes::EventUnknown>(format!("The events are {}.", names.join(", ")))
    }

    /// Handles one event, in its socket's turn and within its deadline.
    async fn handle(self, client: Arc<Client>, event: &'static str, payload: Value, reply: Reply) {
        let (started, spare) = (Instant::now(), reply.spare());
        let answered = self.answer(&client, event, payload, reply);
        let answered = tokio::time::timeout(self.request_timeout.min(EVENT_WITHIN), answered).await;
        let outcome = answered.unwrap_or_else(|_| {
            tracing::error!(event, "a socket event took too long");
            let detail = "It may or may not have been done; ask again with the same id.";
            spare.problem(&Problem::of::<codes::Unavailable>(detail).retry_after(1))
        });
        self.metrics.event(event, outcome, started.elapsed());
    }

    async fn answer(
        &self,
        client: &Arc<Client>,
        event: &'static str,
        payload: Value,
        reply: Reply,
    ) -> &'static str {
        match self.admit(client).await {
            Ok(principal) => match self.namespace.event(event) {
                Some(event) => event.handle(client.clone(), principal, payload, reply).await,
                None => reply.problem(&self.unknown_event()),
            },
            Err(problem) => {
                let outcome = reply.problem(&problem);
                if problem.is::<codes::SessionEnded>() {
                    client.revoke("sessionEnded");
                }
                outcome
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
            admitted.map_err(|problem| Box::new(problem.code.name) as Box<dyn Display + Send>)
        })
    }
}

/// Why an event isn't queued.
fn not_taken(client: &Client) -> Problem {
    if client.is_revoked() {
        Problem::of::<codes::SessionEnded>("Sign in again.")
    } else if client.mailbox.is_closed() {
        let detail = "This server is stopping: connect again, and send it once more.";
        Problem::of::<codes::Unavailable>(detail).retry_after(1)
    } else {
        Problem::of::<codes::TooManyEvents>("Wait for answers before you send more.").retry_after(1)
    }
}

/// Called packet by packet, in order: it queues and returns.
impl MessageHandler<Adapter, ()> for Connector {
    fn call(&self, socket: Arc<Socket<Adapter>>, mut raw: Raw, ack_id: Option<i64>) {
        let Some(client) = self.client(&socket) else { return };
        let bytes = bytes_of(&raw);
        let name = match Event::from_message_parts(&socket, &mut raw, &ack_id) {
            Ok(Event(name)) => name,
            Err(error) => return tracing::debug!(%error, "a packet names no event"),
        };
        let known = self.namespace.event(&name);
        let (kind, pace) = known.map_or((0, Pace::ORDINARY), |event| (event.kind, event.meta.pace));
        let known = known.map(|event| event.meta.name);
        let label = known.map_or_else(|| Cow::Owned(name.chars().take(64).collect()), Cow::Borrowed);
        let reply = Reply::new(client.clone(), socket.clone(), ack_id, label);
        let event = known.unwrap_or(UNKNOWN);
        let admitted = match client.limits.event(kind, pace) {
            Err(wait) => Err(Problem::of::<codes::TooManyEvents>("Send fewer of these.").retry_in(wait)),
            Ok(()) if bytes > MAX_MESSAGE => Err(Problem::of::<codes::BodyTooLarge>("Send less at a time.")),
            Ok(()) => Ok(()),
        };
        if let Err(problem) = admitted {
            return self.metrics.event(event, reply.problem(&problem), Duration::ZERO);
        }
        // One that can't be read is refused as such by the event's schema.
        let payload = payload_of(&socket, &mut raw);
        let spare = reply.spare();
        let work = self.clone().handle(client.clone(), event, payload, reply);
        if !client.mailbox.clone().post(bytes, work) {
            let problem = not_taken(&client);
            self.metrics.event(event, spare.problem(&problem), Duration::ZERO);
        }
    }
}
