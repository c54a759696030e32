//! What travels over sockets, typed: the document is made of these.

use std::sync::Arc;

use poem_openapi::{
    Object,
    registry::{MetaSchemaRef, Registry},
    types::{Example, ParseFromJSON, Type},
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use validator::Validate;

use super::pace::Pace;
use crate::{
    guards::{Guard, Role},
    problem::{Code, Kinds, ProblemDocument},
};

/// An event that clients send.
pub trait ClientEvent: 'static {
    const NAME: &'static str;
    /// What it does, in one line, for the document.
    const SUMMARY: &'static str;
    type Payload: ParseFromJSON + Validate + Send + 'static;
    /// What the answer's `data` holds.
    type Ack: Type + Serialize + Send;
    /// What it refuses with; its guard's and its payload's refusals go without saying.
    type Refusals: Kinds;
    /// How often one socket may send it.
    const PACE: Pace = Pace::ORDINARY;
}

/// An event that the server sends.
pub trait ServerEvent: Type + Serialize {
    const NAME: &'static str;
    /// What it tells, in one line, for the document.
    const SUMMARY: &'static str;

    /// Serialised once, for any number of sockets.
    fn encode(&self) -> Arc<RawValue> {
        Arc::from(to_raw_value(self).expect("events are plain data"))
    }
}

/// What the documents say about an event that clients send.
#[derive(Debug, Clone)]
pub struct EventMeta {
    pub name: &'static str,
    pub summary: &'static str,
    /// The guard's name: a permission, or `signed-in`.
    pub guard: &'static str,
    pub roles: &'static [Role],
    pub payload: Shape,
    pub ack: Shape,
    /// What it refuses with, beyond its guard and its payload.
    pub refusals: Vec<&'static Code>,
    pub pace: Pace,
}

/// What the documents say about an event that the server sends.
#[derive(Debug, Clone, Copy)]
pub struct PushMeta {
    pub name: &'static str,
    pub summary: &'static str,
    pub payload: Shape,
}

/// A type's schema, without the type.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub reference: fn() -> MetaSchemaRef,
    pub register: fn(&mut Registry),
}

impl Shape {
    fn of<T: Type>() -> Self {
        Self { reference: T::schema_ref, register: T::register }
    }
}

impl EventMeta {
    pub(super) fn of<E: ClientEvent, G: Guard>() -> Self {
        Self {
            name: E::NAME,
            summary: E::SUMMARY,
            guard: G::NAME,
            roles: G::ROLES,
            payload: Shape::of::<E::Payload>(),
            ack: Shape::of::<E::Ack>(),
            refusals: E::Refusals::codes(),
            pace: E::PACE,
        }
    }
}

impl PushMeta {
    pub(super) fn of<E: ServerEvent>() -> Self {
        Self { name: E::NAME, summary: E::SUMMARY, payload: Shape::of::<E>() }
    }
}

/// Nothing to say: asking says it all, or it is done.
#[derive(Debug, Object, Serialize, Validate)]
#[oai(deny_unknown_fields, example)]
pub struct Nothing {}

impl Example for Nothing {
    fn example() -> Self {
        Self {}
    }
}

/// The session has ended; the connection closes and doesn't come back by itself.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub(super) struct Revoked {
    /// `tokenExpired`, `sessionEnded`, `loggedOut` …; more may come.
    pub reason: String,
}

impl ServerEvent for Revoked {
    const NAME: &'static str = "revoked";
    const SUMMARY: &'static str = "The session has ended, and this connection with it";
}

impl Example for Revoked {
    fn example() -> Self {
        Self { reason: "sessionEnded".into() }
    }
}

/// This node is going away; the connection closes soon, and the client connects to another.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub(super) struct Draining {
    /// Milliseconds to wait before connecting again; a little at random more keeps clients apart.
    pub retry_after_ms: u32,
}

impl ServerEvent for Draining {
    const NAME: &'static str = "draining";
    const SUMMARY: &'static str = "This node is shutting down; connect again";
}

impl Example for Draining {
    fn example() -> Self {
        Self { retry_after_ms: 1000 }
    }
}

/// Sent in the place of an answer that wasn't asked for.
impl ServerEvent for ProblemDocument {
    const NAME: &'static str = "exception";
    const SUMMARY: &'static str = "An event sent without asking for an answer was refused";
}
