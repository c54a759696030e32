//! The schemas of what travels over sockets: the same as in the OpenAPI document and under the same
//! names, written as AsyncAPI has them, which is JSON Schema.

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::{Map, Value, json};

use crate::{document::schemas, problem::ProblemDocument, realtime::Namespace, wire::null_as_type};

/// By the name of their type.
pub struct Schemas(Map<String, Value>);

impl Schemas {
    pub fn of(namespace: &Namespace) -> Self {
        let mut registry = Registry::new();
        for event in namespace.events() {
            (event.payload.register)(&mut registry);
            (event.ack.register)(&mut registry);
        }
        for push in namespace.pushes() {
            (push.payload.register)(&mut registry);
        }
        ProblemDocument::register(&mut registry);
        let mut document = json!({ "components": { "schemas": registry.schemas } });
        let schemas = &mut document["components"]["schemas"];
        // A payload has the fields it is shown with and no others; the library doesn't show that.
        for event in namespace.events() {
            schemas[name(&(event.payload.reference)())]["additionalProperties"] = json!(false);
        }
        schemas::fold(&mut document);
        let Value::Object(mut schemas) = document["components"]["schemas"].take() else {
            unreachable!("the registry's schemas are a map")
        };
        schemas.values_mut().for_each(rewrite);
        Self(schemas)
    }

    /// The example of a type.
    ///
    /// # Panics
    /// When it has none.
    pub fn example(&self, schema: &MetaSchemaRef) -> &Value {
        let name = shown(schema);
        let example = self.0.get(&name).and_then(|schema| schema["examples"].get(0));
        example.unwrap_or_else(|| panic!("{name} travels over sockets and has no example"))
    }

    /// Where the documents show a type.
    pub fn reference(schema: &MetaSchemaRef) -> Value {
        json!({ "$ref": format!("{}{}", schemas::PLACE, shown(schema)) })
    }

    pub fn into_value(self) -> Value {
        self.0.into()
    }
}

/// The name in the documents.
fn shown(schema: &MetaSchemaRef) -> String {
    let name = name(schema);
    schemas::renamed(name).unwrap_or_else(|| name.to_owned())
}

/// The library's name.
fn name(schema: &MetaSchemaRef) -> &str {
    match schema {
        MetaSchemaRef::Reference(name) => name,
        MetaSchemaRef::Inline(schema) => panic!("what travels is an object with a name, not {schema:?}"),
    }
}

/// OpenAPI 3.0 has words of its own for what may be null, and `example` for `examples`.
fn rewrite(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if let Some(example) = fields.shift_remove("example") {
        fields.insert("examples".into(), json!([example]));
    }
    null_as_type(fields);
    for place in ["allOf", "anyOf", "oneOf"] {
        fields.get_mut(place).and_then(Value::as_array_mut).into_iter().flatten().for_each(rewrite);
    }
    for place in ["items", "additionalProperties"] {
        fields.get_mut(place).into_iter().for_each(rewrite);
    }
    let properties = fields.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(|properties| properties.values_mut()).for_each(rewrite);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openapi_writes_its_own_way_is_written_as_json_schema() {
        let mut schema = json!({
            "type": "object",
            "properties": {
                "example": { "type": "string", "nullable": true, "example": null },
                "other": { "allOf": [{ "$ref": "#/x" }], "nullable": true },
            },
            "example": { "example": null, "nullable": 1 },
        });
        rewrite(&mut schema);
        let expected = json!({
            "type": "object",
            "properties": {
                "example": { "type": ["string", "null"], "examples": [null] },
                "other": { "anyOf": [{ "allOf": [{ "$ref": "#/x" }] }, { "type": "null" }] },
            },
            "examples": [{ "example": null, "nullable": 1 }],
        });
        assert_eq!(schema, expected);
    }
}
