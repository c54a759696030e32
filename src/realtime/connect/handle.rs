//! From a packet to its event's handler.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use socketioxide::{
    extract::Event,
    handler::{FromMessageParts, MessageHandler, Value as Raw},
    socket::Socket,
};

use super::Connector;
use crate::{
    guards::{Principal, TokenError},
    problem::{Problem, codes},
    realtime::{
        Adapter, Client, Pace, Reply,
        io::MAX_MESSAGE,
        parser::{bytes_of, payload_of},
    },
};

/// The most that an event may take: longer than what goes on when its asker has gone, which is then over.
const EVENT_WITHIN: Duration = Duration::from_secs(15);
/// What metrics call every event that there isn't.
const UNKNOWN: &str = "unknown";

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
        let payload = payload_of(&socket, &mut raw);
        let spare = reply.spare();
        let work = self.clone().handle(client.clone(), event, payload, reply);
        if !client.mailbox.clone().post(bytes, work) {
            let problem = not_taken(&client);
            self.metrics.event(event, spare.problem(&problem), Duration::ZERO);
        }
    }
}

/// What was sent, or why it can't be read.
type Payload = Result<Value, Problem>;

impl Connector {
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
    async fn handle(self, client: Arc<Client>, event: &'static str, payload: Payload, reply: Reply) {
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
        payload: Payload,
        reply: Reply,
    ) -> &'static str {
        match self.admit(client).await {
            Ok(principal) => match (self.namespace.event(event), payload) {
                (Some(event), Ok(payload)) => event.handle(client.clone(), principal, payload, reply).await,
                (Some(_), Err(problem)) => reply.problem(&problem),
                (None, _) => reply.problem(&self.unknown_event()),
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
