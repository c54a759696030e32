//! Schemas as a reader of the document, and what generates a client from it, want them.

use serde_json::{Map, Value, json};

/// Where references to schemas point.
pub const PLACE: &str = "#/components/schemas/";

/// What holds others has their name first; a member that may be null says so in a way that every tool reads.
pub fn fold(document: &mut Value) {
    name_holders(document);
    let schemas = document["components"]["schemas"].clone();
    walk(document, &mut |object| {
        annotate(object);
        or_null(object, &schemas);
        describe(object);
    });
    for schema in document["components"]["schemas"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        require_nullable(schema);
    }
}

/// The name that a type has in the documents: `Page_Post`, as the library calls a page of posts, is `PostPage`.
pub fn renamed(name: &str) -> Option<String> {
    name.split_once('_').map(|(holder, held)| format!("{held}{holder}"))
}

/// What holds others is named after them.
fn name_holders(document: &mut Value) {
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        let entries = std::mem::take(schemas).into_iter();
        schemas.extend(entries.map(|(name, mut schema)| match renamed(&name) {
            Some(name) => {
                schema["title"] = json!(name);
                (name, schema)
            }
            None => (name, schema),
        }));
    }
    walk(document, &mut |object| {
        let name = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(PLACE));
        if let Some(name) = name.and_then(renamed) {
            object.insert("$ref".into(), json!(format!("{PLACE}{name}")));
        }
    });
}

/// The library says a member's description beside the reference and once more as a schema of its own.
fn annotate(object: &mut Map<String, Value>) {
    if let Some(all) = object.get_mut("allOf").and_then(Value::as_array_mut)
        && all.len() == 2
        && all[0].get("$ref").is_some()
    {
        all.truncate(1);
    }
}

/// `nullable` beside a reference means nothing in OpenAPI 3.0: it needs a type of its own.
fn or_null(object: &mut Map<String, Value>, schemas: &Value) {
    if object.get("nullable") != Some(&json!(true)) {
        return;
    }
    let Some(all) = object.get("allOf").and_then(Value::as_array) else { return };
    let other = all[0].clone();
    let name = other["$ref"].as_str().and_then(|place| place.strip_prefix(PLACE)).unwrap_or_default();
    let nothing = json!({ "type": schemas[name]["type"], "nullable": true, "enum": [null] });
    object.retain(|key, _| key == "description");
    object.insert("anyOf".into(), json!([other, nothing]));
}

/// The library makes a title of what describes an id's type; generators make names of titles.
fn describe(object: &mut Map<String, Value>) {
    if object.get("format") == Some(&json!("uuid"))
        && let Some(title) = object.remove("title")
    {
        object.entry("description").or_insert(title);
    }
}

/// In an answer such a member is always there, be it null. A request may leave it out.
fn require_nullable(schema: &mut Value) {
    let closed = schema.get("additionalProperties") == Some(&json!(false));
    let Some(properties) = schema["properties"].as_object().filter(|_| !closed) else { return };
    let nullable = |property: &Value| {
        property["nullable"] == true
            || property["anyOf"].as_array().is_some_and(|any| any[1]["nullable"] == true)
    };
    let names: Vec<Value> =
        properties.iter().filter(|(_, property)| nullable(property)).map(|(name, _)| json!(name)).collect();
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(names);
    }
}

/// Every object, outer ones first; examples are left as they are.
fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            for (key, value) in object {
                if key != "example" && key != "examples" {
                    walk(value, change);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(schemas: Value) -> Value {
        let mut document = json!({ "components": { "schemas": schemas } });
        fold(&mut document);
        document["components"]["schemas"].take()
    }

    #[test]
    fn what_holds_others_is_named_after_them_wherever_it_is_meant() {
        let list = json!({ "$ref": "#/components/schemas/Page_Post" });
        let schemas = folded(json!({ "Page_Post": { "title": "Page_Post" }, "List": { "allOf": [list] } }));
        assert_eq!(schemas["PostPage"]["title"], "PostPage");
        assert_eq!(schemas["List"]["allOf"][0]["$ref"], "#/components/schemas/PostPage");
    }

    #[test]
    fn a_nullable_reference_is_one_or_null_and_always_there() {
        let kind = json!({ "$ref": "#/components/schemas/Kind" });
        let mine = json!({ "description": "Mine.", "nullable": true, "allOf": [kind, { "nullable": true }] });
        let schemas = folded(json!({
            "Kind": { "type": "string", "enum": ["like"] },
            "Post": { "type": "object", "required": [], "properties": { "mine": mine } },
        }));
        let nothing = json!({ "type": "string", "nullable": true, "enum": [null] });
        assert_eq!(
            schemas["Post"]["properties"]["mine"],
            json!({ "description": "Mine.", "anyOf": [kind, nothing] })
        );
        assert_eq!(schemas["Post"]["required"], json!(["mine"]));
    }

    #[test]
    fn a_body_may_leave_out_what_it_may_clear() {
        let bio = json!({ "type": "string", "nullable": true });
        let body = json!({ "required": [], "properties": { "bio": bio }, "additionalProperties": false });
        assert_eq!(folded(json!({ "Edit": body }))["Edit"]["required"], json!([]));
    }
}
