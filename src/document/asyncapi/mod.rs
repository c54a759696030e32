//! The AsyncAPI document: what travels over sockets, from the typed events.
//!
//! For an event `sendMessage` from clients there are the operation and message `emitSendMessage` and the
//! answer `ackSendMessage`; for one to clients, `onReceiveMessage`. Official clients call them so, too.

mod messages;
mod refusals;
mod schemas;

use serde_json::{Map, Value, json};

use self::schemas::Schemas;
use crate::{
    problem::{Code, ProblemDocument},
    realtime::{EventMeta, Namespace, PushMeta, ServerEvent},
};

/// The one namespace, which is the channel of everything.
const CHANNEL: &str = "default";

/// Describes these events.
///
/// # Panics
/// When an event refuses with a code that isn't among these.
pub fn asyncapi(namespace: &Namespace, codes: &[&'static Code]) -> Value {
    let schemas = Schemas::of(namespace);
    let messages = messages::all(namespace, &schemas, codes);
    let of_channel = |name: &String| (name.clone(), reference(&format!("components/messages/{name}")));
    let mut operations = Map::new();
    for event in namespace.events() {
        operations.insert(messages::emit(event.name), receive(event, codes));
    }
    for push in namespace.pushes() {
        operations.insert(messages::on(push.name), send(push, namespace, codes));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rookery",
            "version": env!("CARGO_PKG_VERSION"),
            "description": include_str!("description.md"),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "here": {
                "host": "{host}",
                "pathname": "/socket.io/",
                "protocol": "socket.io",
                "protocolVersion": "5",
                "description": "Socket.IO over WebSocket or long polling, on the API's own port.",
                "variables": { "host": { "default": "127.0.0.1:4000", "description": "Where the API is." } },
                "security": [reference("components/securitySchemes/bearerAuth")],
            },
        },
        "channels": {
            CHANNEL: {
                "address": "/",
                "title": "The default namespace",
                "description": "`x-problems` are what a handshake may be refused with, as the message of `connect_error`. \
                    `E_ORIGIN_REFUSED` comes before it, as an HTTP 403, which official clients call `xhr poll error` or `websocket error`.",
                "servers": [reference("servers/here")],
                "messages": messages.keys().map(of_channel).collect::<Map<_, _>>(),
                "x-problems": refusals::names(&refusals::of_handshake(codes)),
            },
        },
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas.into_value(),
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token, in the handshake: `io({ auth: { token } })`.",
                },
            },
        },
    })
}

/// What clients send, the program receives, and answers.
fn receive(event: &EventMeta, codes: &[&'static Code]) -> Value {
    json!({
        "action": "receive",
        "title": event.name,
        "summary": event.summary,
        "channel": channel(),
        "messages": [of_channel(&messages::emit(event.name))],
        "reply": {
            "channel": channel(),
            "messages": [of_channel(&messages::ack(event.name)), of_channel(messages::REFUSED)],
        },
        "x-permission": event.guard,
        "x-pace": { "atOnce": event.pace.at_once, "perSecond": event.pace.per_second },
        "x-problems": refusals::names(&refusals::of_event(event, codes)),
    })
}

fn send(push: &PushMeta, namespace: &Namespace, codes: &[&'static Code]) -> Value {
    let mut operation = json!({
        "action": "send",
        "title": push.name,
        "summary": push.summary,
        "channel": channel(),
        "messages": [of_channel(&messages::on(push.name))],
    });
    if push.name == ProblemDocument::NAME {
        operation["x-problems"] = refusals::names(&refusals::of_any_event(namespace, codes));
    }
    operation
}

fn channel() -> Value {
    reference(&format!("channels/{CHANNEL}"))
}

fn of_channel(message: &str) -> Value {
    reference(&format!("channels/{CHANNEL}/messages/{message}"))
}

fn reference(place: &str) -> Value {
    json!({ "$ref": format!("#/{place}") })
}
