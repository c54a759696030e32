//! What a client may ask and what it is answered, whatever document says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// By what a client writes: `POST /api/v1/posts`, `emit sendMessage`, `on receiveMessage`.
pub type Exchanges = BTreeMap<String, Exchange>;

#[derive(Default)]
pub struct Exchange {
    /// What generated clients call it.
    pub id: String,
    /// Who passes; nobody is asked about what the server sends by itself.
    pub guard: String,
    pub takes: BTreeMap<String, Taken>,
    /// By status and media type, or by header; without a schema anything may come.
    pub gives: BTreeMap<String, Value>,
    /// The statuses of success.
    pub successes: BTreeSet<String>,
    pub problems: BTreeSet<String>,
}

/// A parameter, a body, a payload.
pub struct Taken {
    pub required: bool,
    pub schema: Value,
}

/// The operations of an OpenAPI document.
pub fn operations(document: &Value) -> Exchanges {
    let mut all = Exchanges::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            let name = format!("{} {}", method.to_uppercase(), unnamed(path));
            all.insert(name, operation_of(operation));
        }
    }
    all
}

fn operation_of(operation: &Value) -> Exchange {
    let mut exchange = named(operation, "operationId");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let place = text(parameter, "in");
        // What a parameter of the path is called never travels.
        let name = if place == "path" { String::new() } else { format!(" {}", text(parameter, "name")) };
        let required = parameter["required"] == true;
        let key = unused(&exchange.takes, format!("{place}{name}"));
        exchange.takes.insert(key, Taken { required, schema: parameter["schema"].clone() });
    }
    let required = operation["requestBody"]["required"] == true;
    for (kind, content) in members(&operation["requestBody"]["content"]) {
        exchange.takes.insert(format!("body {kind}"), Taken { required, schema: content["schema"].clone() });
    }
    for (status, answer) in members(&operation["responses"]) {
        if status.starts_with('2') {
            exchange.successes.insert(status.clone());
        }
        exchange.gives.insert(status.clone(), json!({}));
        for (kind, content) in members(&answer["content"]) {
            exchange.gives.insert(format!("{status} {kind}"), content["schema"].clone());
        }
        for (header, shown) in members(&answer["headers"]) {
            exchange.gives.insert(format!("{status} header {header}"), shown["schema"].clone());
        }
        exchange.problems.extend(problems(answer));
    }
    exchange
}

/// The events of an AsyncAPI document: those that clients emit, each with its answer, and those they hear.
pub fn events(document: &Value) -> Exchanges {
    let mut all = Exchanges::new();
    for (id, operation) in members(&document["operations"]) {
        let mut exchange = Exchange { id: id.clone(), ..named(operation, "") };
        exchange.problems.extend(problems(operation));
        let payloads = |of: &Value| -> Vec<Value> {
            let messages = of["messages"].as_array().into_iter().flatten();
            messages.map(|message| resolve(message, document)["payload"].clone()).collect()
        };
        let emitted = operation["action"] == "receive";
        for schema in payloads(operation) {
            match emitted {
                true => _ = exchange.takes.insert("payload".into(), Taken { required: true, schema }),
                false => _ = exchange.gives.insert("payload".into(), schema),
            }
        }
        for schema in payloads(&operation["reply"]) {
            let refused = !schema["properties"]["problem"].is_null();
            exchange.gives.insert(if refused { "refusal" } else { "answer" }.into(), schema);
        }
        let name = format!("{} {}", if emitted { "emit" } else { "on" }, text(operation, "title"));
        all.insert(name, exchange);
    }
    all
}

/// What this stands for, through any number of references.
pub fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let mut value = value;
    // Longer chains than this are rings.
    for _ in 0..16 {
        let Some(place) = value["$ref"].as_str() else { return value };
        value = document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null);
    }
    &Value::Null
}

fn named(operation: &Value, id: &str) -> Exchange {
    Exchange { id: text(operation, id), guard: text(operation, "x-permission"), ..Exchange::default() }
}

fn problems(of: &Value) -> impl Iterator<Item = String> {
    of["x-problems"].as_array().into_iter().flatten().filter_map(|code| Some(code.as_str()?.to_owned()))
}

/// `/posts/{id}` and `/posts/{postId}` are one place.
fn unnamed(path: &str) -> String {
    let pieces = path.split('/').map(|piece| if piece.starts_with('{') { "{}" } else { piece });
    pieces.collect::<Vec<_>>().join("/")
}

fn unused(takes: &BTreeMap<String, Taken>, key: String) -> String {
    let numbered = (2..).map(|number| format!("{key} {number}"));
    let mut keys = std::iter::once(key.clone()).chain(numbered);
    keys.find(|key| !takes.contains_key(key)).expect("numbers don't end")
}

fn text(of: &Value, member: &str) -> String {
    of[member].as_str().unwrap_or_default().to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
