//! The API document: what poem-openapi generates, with guards shown as `x-permission`.

use serde_json::{Map, Value, json};

/// Merges the operations under the API's prefix with those at the root, and shows one security
/// scheme, `bearerAuth`, instead of one per guard.
///
/// # Panics
/// When an operation hasn't exactly one guard: nothing is served until it has.
pub fn merge(api: &str, root: &str) -> Value {
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
    fold_guards(&mut document);
    close_bodies(&mut document);
    document["components"]["securitySchemes"] = json!({
        "bearerAuth": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }
    });
    document
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

/// `security: [{"posts:write": []}]` becomes `x-permission: posts:write` and `bearerAuth`.
fn fold_guards(document: &mut Value) {
    for operation in operations(document) {
        let guards: Vec<String> = operation
            .get("security")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|scheme| scheme.as_object()?.keys().next().cloned())
            .collect();
        let [guard] = guards.as_slice() else {
            let name = operation.get("operationId").and_then(Value::as_str).unwrap_or("without a name");
            panic!(
                "the operation {name} has the guards {guards:?}; it needs exactly one: Can<P>, SignedIn or Public"
            );
        };
        let security = if guard == "public" { json!([]) } else { json!([{ "bearerAuth": [] }]) };
        operation.insert("security".into(), security);
        operation.insert("x-permission".into(), json!(guard));
    }
}

/// A request body has the fields it is shown with and no others; the library enforces that without saying so.
fn close_bodies(document: &mut Value) {
    const SCHEMA: &str = "/requestBody/content/application~1json/schema/$ref";
    let bodies: Vec<String> = operations(document)
        .filter_map(|operation| {
            let operation = Value::Object(operation.clone());
            Some(operation.pointer(SCHEMA)?.as_str()?.trim_start_matches('#').to_owned())
        })
        .collect();
    for body in bodies {
        if let Some(schema) = document.pointer_mut(&body).and_then(Value::as_object_mut) {
            schema.insert("additionalProperties".into(), json!(false));
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let methods = paths.flat_map(|path| path.as_object_mut().into_iter().flat_map(|path| path.values_mut()));
    methods.filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One operation with this security, and nothing at the root.
    fn merged(security: Value) -> Value {
        let operation = json!({ "operationId": "doIt", "security": security });
        let api = json!({ "paths": { "/it": { "post": operation } }, "components": { "schemas": {} } });
        let root = json!({ "paths": {}, "components": { "schemas": {} } });
        merge(&api.to_string(), &root.to_string())["paths"]["/it"]["post"].clone()
    }

    #[test]
    fn a_guard_is_shown_as_a_permission() {
        let guarded = merged(json!([{ "posts:write": [] }]));
        assert_eq!(
            (&guarded["x-permission"], &guarded["security"]),
            (&json!("posts:write"), &json!([{ "bearerAuth": [] }]))
        );
        let open = merged(json!([{ "public": [] }]));
        assert_eq!((&open["x-permission"], &open["security"]), (&json!("public"), &json!([])));
    }

    #[test]
    #[should_panic(expected = "doIt")]
    fn an_operation_without_a_guard_is_not_served() {
        merged(json!([]));
    }

    #[test]
    #[should_panic(expected = "doIt")]
    fn nor_is_one_with_two() {
        merged(json!([{ "public": [] }, { "posts:write": [] }]));
    }
}
