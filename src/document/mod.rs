//! The documents. OpenAPI: what poem-openapi generates, and what it can't say: guards and refusals. AsyncAPI: the typed
//! events of sockets.

mod asyncapi;
mod conditions;
mod graph;
mod guards;
mod parameters;
mod policy;
mod refusals;
mod schemas;

use serde_json::{Map, Value, json};

use crate::problem::Code;

pub use asyncapi::asyncapi;
pub use graph::graph;
pub use policy::{Access, accesses, table};

/// Merges the operations under the API's prefix with those at the root; shows one security scheme,
/// `bearerAuth`, instead of one per guard, and every refusal under its status.
///
/// # Panics
/// When an operation hasn't exactly one guard, or refuses with a code that no module lists: nothing is
/// served until that is mended.
pub fn merge(api: &str, root: &str, codes: &[&'static Code]) -> Value {
    let mut document: Value = serde_json::from_str(api).expect("poem-openapi generates JSON");
    let mut root: Value = serde_json::from_str(root).expect("poem-openapi generates JSON");
    for place in ["/paths", "/components/schemas"] {
        if let (Some(Value::Object(into)), Some(Value::Object(from))) =
            (document.pointer_mut(place), root.pointer_mut(place))
        {
            into.append(from);
        }
    }
    let tags = [document["tags"].take(), root["tags"].take()];
    document["tags"] = union_by_name(tags);
    guards::fold(&mut document);
    conditions::show(&mut document);
    parameters::fold(&mut document);
    refusals::fold(&mut document, codes);
    close_bodies(&mut document);
    schemas::fold(&mut document);
    document
}

/// Every operation, with its path and method.
pub fn operations_of(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Where the document shows the request bodies.
pub fn bodies(document: &Value) -> impl Iterator<Item = &str> {
    const SCHEMA: &str = "/requestBody/content/application~1json/schema/$ref";
    operations_of(document).filter_map(|(_, _, operation)| operation.pointer(SCHEMA)?.as_str())
}

fn union_by_name(lists: [Value; 2]) -> Value {
    let items = lists.into_iter().flat_map(|list| match list {
        Value::Array(items) => items,
        _ => Vec::new(),
    });
    let by_name =
        items.map(|tag| (tag["name"].to_string(), tag)).collect::<std::collections::BTreeMap<_, _>>();
    Value::Array(by_name.into_values().collect())
}

/// A request body has the fields it is shown with and no others, and at least one of them; the library enforces
/// the former without saying so.
fn close_bodies(document: &mut Value) {
    let bodies: Vec<String> = bodies(document).map(|body| body.trim_start_matches('#').to_owned()).collect();
    for body in bodies {
        if let Some(schema) = document.pointer_mut(&body).and_then(Value::as_object_mut) {
            schema.insert("additionalProperties".into(), json!(false));
            if schema.get("required").and_then(Value::as_array).is_none_or(Vec::is_empty) {
                schema.insert("minProperties".into(), json!(1));
            }
        }
    }
}

/// Every operation, to be changed.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let methods = paths.flat_map(|path| path.as_object_mut().into_iter().flat_map(|path| path.values_mut()));
    methods.filter_map(Value::as_object_mut)
}
