//! The events that clients may send, each with its guard. There is no way to add one without.

use std::{
    collections::BTreeMap, future::Future, marker::PhantomData, panic::AssertUnwindSafe, pin::Pin, sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use poem_openapi::types::ParseFromJSON;
use serde::Serialize;
use serde_json::Value;
use validator::Validate;

use super::{Client, Reply};
use crate::{
    guards::{Guard, Principal, Role},
    problem::{Problem, codes},
    wire::Schema,
};

/// How long an event may take. What it was doing may still be done: the client asks again.
const DEADLINE: Duration = Duration::from_secs(15);

/// An event that clients send.
pub trait ClientEvent: 'static {
    const NAME: &'static str;
    /// What it does, in one line, for the document.
    const SUMMARY: &'static str;
    type Payload: ParseFromJSON + Validate + Send + 'static;
    /// What the answer's `data` holds.
    type Ack: Serialize + Send;
}

/// An event that the server sends.
pub trait ServerEvent: Serialize {
    const NAME: &'static str;
}

/// The events of all modules.
#[derive(Default)]
pub struct Namespace {
    events: BTreeMap<&'static str, Event>,
}

/// What the documents say about an event.
#[derive(Debug, Clone, Copy)]
pub struct EventMeta {
    pub name: &'static str,
    pub summary: &'static str,
    /// The guard's name: a permission, or `signed-in`.
    pub guard: &'static str,
    pub roles: &'static [Role],
}

pub(super) struct Event {
    pub meta: EventMeta,
    handler: Box<dyn Erased>,
}

/// A handler: some state and an async function of it, the client, the guard and the payload.
pub trait Handler<E: ClientEvent, G>: Send + Sync + 'static {
    fn call(
        &self,
        client: Arc<Client>,
        who: G,
        payload: E::Payload,
    ) -> impl Future<Output = Result<E::Ack, Problem>> + Send;
}

/// A handler that answers by itself, later or from another task.
pub trait ReplyingHandler<E: ClientEvent, G>: Send + Sync + 'static {
    fn call(
        &self,
        client: Arc<Client>,
        who: G,
        payload: E::Payload,
        reply: Reply,
    ) -> impl Future<Output = &'static str> + Send;
}

impl<E, G, S, F, Fut> Handler<E, G> for (S, F)
where
    E: ClientEvent,
    S: Clone + Send + Sync + 'static,
    F: Fn(S, Arc<Client>, G, E::Payload) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<E::Ack, Problem>> + Send,
{
    fn call(
        &self,
        client: Arc<Client>,
        who: G,
        payload: E::Payload,
    ) -> impl Future<Output = Result<E::Ack, Problem>> + Send {
        (self.1)(self.0.clone(), client, who, payload)
    }
}

impl<E, G, S, F, Fut> ReplyingHandler<E, G> for (S, F)
where
    E: ClientEvent,
    S: Clone + Send + Sync + 'static,
    F: Fn(S, Arc<Client>, G, E::Payload, Reply) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = &'static str> + Send,
{
    fn call(
        &self,
        client: Arc<Client>,
        who: G,
        payload: E::Payload,
        reply: Reply,
    ) -> impl Future<Output = &'static str> + Send {
        (self.1)(self.0.clone(), client, who, payload, reply)
    }
}

impl Namespace {
    /// Adds an event: `ns.on::<SendMessage, Can<WriteMessages>>((gateway, Gateway::send))`.
    ///
    /// # Panics
    /// When two modules claim one name.
    pub fn on<E: ClientEvent, G: Guard>(&mut self, handler: impl Handler<E, G>) {
        self.on_replying::<E, G>(Answers(handler));
    }

    /// Adds an event whose handler answers by itself.
    ///
    /// # Panics
    /// When two modules claim one name.
    pub fn on_replying<E: ClientEvent, G: Guard>(&mut self, handler: impl ReplyingHandler<E, G>) {
        let meta = EventMeta { name: E::NAME, summary: E::SUMMARY, guard: G::NAME, roles: G::ROLES };
        let handler: Guarded<E, G, _> = Guarded { schema: Schema::compile(), handler, guard: PhantomData };
        let earlier = self.events.insert(E::NAME, Event { meta, handler: Box::new(handler) });
        assert!(earlier.is_none(), "two modules handle the event {}", E::NAME);
    }

    /// All events, by name.
    pub fn meta(&self) -> impl Iterator<Item = EventMeta> {
        self.events.values().map(|event| event.meta)
    }

    pub(super) fn event(&self, name: &str) -> Option<&Event> {
        self.events.get(name)
    }
}

type Outcome<'a> = Pin<Box<dyn Future<Output = &'static str> + Send + 'a>>;

/// A handler whose types are behind it: from JSON to an answer. Resolves to `ok` or a code's name.
trait Erased: Send + Sync + 'static {
    fn handle(&self, client: Arc<Client>, principal: Principal, payload: Value, reply: Reply) -> Outcome<'_>;
}

impl Event {
    /// Handles one event within its deadline; a panic is a problem like any other.
    pub async fn handle(
        &self,
        client: Arc<Client>,
        principal: Principal,
        payload: Value,
        reply: Reply,
    ) -> &'static str {
        let spare = reply.spare();
        let work = AssertUnwindSafe(self.handler.handle(client, principal, payload, reply)).catch_unwind();
        match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                spare.problem(&Problem::internal(format!("the handler of {} panicked", self.meta.name)))
            }
            Err(_) => {
                tracing::error!(event = self.meta.name, "a socket event took too long");
                let detail = "It may or may not have been done; ask again with the same id.";
                spare.problem(&Problem::of::<codes::Unavailable>(detail).retry_after(1))
            }
        }
    }
}

/// A handler that answers with its result.
struct Answers<H>(H);

impl<E: ClientEvent, G: Guard, H: Handler<E, G>> ReplyingHandler<E, G> for Answers<H> {
    async fn call(&self, client: Arc<Client>, who: G, payload: E::Payload, reply: Reply) -> &'static str {
        reply.result(self.0.call(client, who, payload).await.as_ref())
    }
}

/// A handler with its guard before it and its payload's schema.
struct Guarded<E: ClientEvent, G, H> {
    schema: Schema<E::Payload>,
    handler: H,
    guard: PhantomData<fn() -> G>,
}

impl<E: ClientEvent, G: Guard, H: ReplyingHandler<E, G>> Erased for Guarded<E, G, H> {
    fn handle(&self, client: Arc<Client>, principal: Principal, payload: Value, reply: Reply) -> Outcome<'_> {
        Box::pin(async move {
            let admitted = G::admit(principal).and_then(|who| Ok((who, self.schema.parse(payload)?)));
            match admitted {
                Ok((who, payload)) => self.handler.call(client, who, payload, reply).await,
                Err(problem) => reply.problem(&problem),
            }
        })
    }
}
