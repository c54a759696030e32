//! The messages: what is emitted, acknowledged and pushed, each with an example.

use poem_openapi::types::Type;
use serde_json::{Map, Value, json};

use super::{refusals, schemas::Schemas};
use crate::{
    document::refusals::problem,
    problem::{Code, ProblemDocument},
    realtime::{EventMeta, Namespace, PushMeta},
};

/// The answer to any event that was refused.
pub const REFUSED: &str = "refused";

pub fn emit(event: &str) -> String {
    prefixed("emit", event)
}

pub fn ack(event: &str) -> String {
    prefixed("ack", event)
}

pub fn on(event: &str) -> String {
    prefixed("on", event)
}

fn prefixed(prefix: &str, event: &str) -> String {
    let mut letters = event.chars();
    prefix.chars().chain(letters.next().map(|first| first.to_ascii_uppercase())).chain(letters).collect()
}

/// Every message, by its name in the document.
pub fn all(namespace: &Namespace, schemas: &Schemas, codes: &[&'static Code]) -> Map<String, Value> {
    let mut all = Map::new();
    for event in namespace.events() {
        all.insert(emit(event.name), emitted(event, schemas));
        all.insert(ack(event.name), acknowledged(event, schemas));
    }
    all.insert(REFUSED.into(), refused(namespace, codes));
    for push in namespace.pushes() {
        all.insert(on(push.name), pushed(push, schemas));
    }
    all
}

fn emitted(event: &EventMeta, schemas: &Schemas) -> Value {
    let payload = (event.payload.reference)();
    json!({
        "name": event.name,
        "title": event.name,
        "summary": event.summary,
        "payload": Schemas::reference(&payload),
        "examples": [{ "payload": schemas.example(&payload) }],
    })
}

fn acknowledged(event: &EventMeta, schemas: &Schemas) -> Value {
    let data = (event.ack.reference)();
    json!({
        "title": format!("{} was done", event.name),
        "payload": answer(true, "data", Schemas::reference(&data)),
        "examples": [{ "payload": { "ok": true, "data": schemas.example(&data) } }],
    })
}

fn pushed(push: &PushMeta, schemas: &Schemas) -> Value {
    let payload = (push.payload.reference)();
    json!({
        "name": push.name,
        "title": push.name,
        "summary": push.summary,
        "payload": Schemas::reference(&payload),
        "examples": [{ "payload": schemas.example(&payload) }],
    })
}

/// One for all events, because the problem says which it was; an example for each code.
fn refused(namespace: &Namespace, codes: &[&'static Code]) -> Value {
    let met = refusals::of_any_event(namespace, codes);
    let example = |code: &&'static Code| {
        let payload = json!({ "ok": false, "problem": problem(code, "sendMessage") });
        json!({ "name": code.name, "summary": code.title, "payload": payload })
    };
    json!({
        "title": "The event was refused",
        "payload": answer(false, "problem", json!(ProblemDocument::schema_ref())),
        "examples": met.iter().map(example).collect::<Vec<_>>(),
        "x-problems": refusals::names(&met),
    })
}

fn answer(ok: bool, member: &str, schema: Value) -> Value {
    json!({
        "type": "object",
        "required": ["ok", member],
        "properties": { "ok": { "type": "boolean", "enum": [ok] }, member: schema },
        "additionalProperties": false,
    })
}
