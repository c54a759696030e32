//! The events of all modules: those that clients may send, each with its guard, for there is no way to
//! add one without; and those that the server sends.

use std::{
    collections::BTreeMap, future::Future, marker::PhantomData, panic::AssertUnwindSafe, pin::Pin, sync::Arc,
};

use futures_util::FutureExt;
use serde_json::Value;

use super::{
    Client, Reply,
    event::{ClientEvent, Draining, EventMeta, PushMeta, Revoked, ServerEvent},
    streams::{Passed, Welcome},
};
use crate::{
    guards::{Guard, Principal},
    problem::{Problem, ProblemDocument},
    wire::Schema,
};

/// The events of all modules.
pub struct Namespace {
    events: BTreeMap<&'static str, Event>,
    pushes: BTreeMap<&'static str, PushMeta>,
}

pub(super) struct Event {
    pub meta: EventMeta,
    /// Its place among the kinds of events; the first is of those that there aren't.
    pub kind: usize,
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

impl Default for Namespace {
    /// What every socket may be sent, whatever the modules are.
    fn default() -> Self {
        let mut empty = Self { events: BTreeMap::new(), pushes: BTreeMap::new() };
        empty.sends::<Revoked>();
        empty.sends::<Draining>();
        empty.sends::<ProblemDocument>();
        empty.sends::<Welcome>();
        empty.sends::<Passed>();
        empty
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
        let handler: Guarded<E, G, _> = Guarded { schema: Schema::compile(), handler, guard: PhantomData };
        let (meta, kind) = (EventMeta::of::<E, G>(), self.kinds());
        let earlier = self.events.insert(E::NAME, Event { meta, kind, handler: Box::new(handler) });
        assert!(earlier.is_none(), "two modules handle the event {}", E::NAME);
    }

    /// Says that the server sends this event.
    ///
    /// # Panics
    /// When two modules claim one name.
    pub fn sends<E: ServerEvent>(&mut self) {
        let earlier = self.pushes.insert(E::NAME, PushMeta::of::<E>());
        assert!(earlier.is_none(), "two modules send the event {}", E::NAME);
    }

    /// All events that clients may send, by name.
    pub fn events(&self) -> impl Iterator<Item = &EventMeta> {
        self.events.values().map(|event| &event.meta)
    }

    /// All events that the server sends, by name.
    pub fn pushes(&self) -> impl Iterator<Item = &PushMeta> {
        self.pushes.values()
    }

    /// How many kinds of events there are, with those that there aren't.
    pub(super) fn kinds(&self) -> usize {
        self.events.len() + 1
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
    /// Handles one event; a panic is a problem like any other.
    pub async fn handle(
        &self,
        client: Arc<Client>,
        principal: Principal,
        payload: Value,
        reply: Reply,
    ) -> &'static str {
        let spare = reply.spare();
        let work = AssertUnwindSafe(self.handler.handle(client, principal, payload, reply)).catch_unwind();
        work.await.unwrap_or_else(|_| {
            spare.problem(&Problem::internal(format!("the handler of {} panicked", self.meta.name)))
        })
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
