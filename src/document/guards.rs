//! Guards, shown as `x-permission`.

use serde_json::{Map, Value, json};

use super::operations;
use crate::guards::Public;

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
        let security = match (guard == Public::NAME, takes_own_token(operation)) {
            (true, true) => json!([{ "metricsToken": [] }, {}]),
            (true, false) => json!([]),
            (false, _) => json!([{ "bearerAuth": [] }]),
        };
        operation.insert("security".into(), security);
        operation.insert("x-permission".into(), json!(guard));
    }
    document["components"]["securitySchemes"] = json!({
        "bearerAuth": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `accessToken` that signing in answers with."
        },
        "metricsToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "What the server has as `METRICS_TOKEN`, if it has one."
        }
    });
}

/// Whether it looks at the `Authorization` header itself. By the specification no parameter of that name is
/// read, so it becomes a scheme.
fn takes_own_token(operation: &mut Map<String, Value>) -> bool {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else {
        return false;
    };
    let before = parameters.len();
    parameters.retain(|parameter| parameter["name"] != "Authorization");
    parameters.len() < before
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
    fn a_token_of_its_own_is_a_scheme_and_no_parameter() {
        let operation =
            json!({ "security": [{ "public": [] }], "parameters": [{ "name": "Authorization" }] });
        let mut document = json!({ "paths": { "/it": { "get": operation } }, "components": {} });
        fold(&mut document);
        let shown = &document["paths"]["/it"]["get"];
        assert_eq!(shown["security"], json!([{ "metricsToken": [] }, {}]));
        assert_eq!(shown["parameters"], json!([]));
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
