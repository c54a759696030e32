//! Where problems are met, as the documents say.

use serde_json::{Map, Value};

use crate::document::operations_of;

/// An operation of the OpenAPI document.
pub struct Operation<'a> {
    pub id: &'a str,
    pub method: String,
    pub path: &'a str,
    tag: &'a str,
    shown: &'a Value,
}

/// A place where a problem is met: what it is called, and where it is shown.
pub struct Place {
    pub name: String,
    pub link: String,
}

pub fn operations(openapi: &Value) -> impl Iterator<Item = Operation<'_>> {
    operations_of(openapi).map(|(path, method, shown)| Operation {
        id: shown["operationId"].as_str().unwrap_or_default(),
        method: method.to_uppercase(),
        path,
        tag: shown["tags"][0].as_str().unwrap_or("default"),
        shown,
    })
}

/// The operations that are refused with this code.
pub fn by_operations(openapi: &Value, code: &str) -> Vec<Place> {
    operations(openapi)
        .filter(|operation| members(&operation.shown["responses"]).any(|(_, answer)| lists(answer, code)))
        .map(|Operation { id, method, path, tag, .. }| Place {
            name: format!("{method} {path}"),
            link: format!("/api-docs#/{tag}/{id}"),
        })
        .collect()
}

/// The events that are refused with this code, and the handshake.
pub fn by_sockets(asyncapi: &Value, code: &str) -> Vec<Place> {
    let handshake = members(&asyncapi["channels"])
        .filter(|(_, channel)| lists(channel, code))
        .map(|_| Place { name: "connecting".into(), link: "/api-docs/sockets#connecting".into() });
    let events = members(&asyncapi["operations"])
        .filter(|(_, operation)| operation["action"] == "receive" && lists(operation, code))
        .map(|(id, operation)| Place {
            name: operation["title"].as_str().unwrap_or(id).to_owned(),
            link: format!("/api-docs/sockets#{id}"),
        });
    handshake.chain(events).collect()
}

/// Whether it is met where there is neither an operation nor an event.
pub fn by_anything_else(openapi: &Value, asyncapi: &Value, code: &str) -> bool {
    lists(openapi, code) || lists(&asyncapi["components"]["messages"]["refused"], code)
}

fn lists(shown: &Value, code: &str) -> bool {
    shown["x-problems"].as_array().is_some_and(|codes| codes.iter().any(|listed| listed == code))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
