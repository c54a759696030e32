//! Guards, shown as `x-permission`.

use serde_json::{Value, json};

use super::operations;

/// `security: [{"posts:write": []}]` becomes `x-permission: posts:write` and `bearerAuth`.
pub fn fold(document: &mut Value) {
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
    document["components"]["securitySchemes"] = json!({
        "bearerAuth": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One operation with this security.
    fn merged(security: Value) -> Value {
        let operation = json!({ "operationId": "doIt", "security": security });
        let mut document = json!({ "paths": { "/it": { "post": operation } }, "components": {} });
        fold(&mut document);
        document["paths"]["/it"]["post"].clone()
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
