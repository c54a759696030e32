//! Reading again what may not have changed: `If-None-Match` and `304`.

use serde_json::{Value, json};

/// Whatever can be read and has an `ETag` takes `If-None-Match` and may answer 304: the server sees to that
/// for all of them alike (`server/reading.rs`), so no signature says it.
pub fn show(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for read in paths.filter_map(|methods| methods.get_mut("get")) {
        let tag = read["responses"]["200"]["headers"]["ETag"].clone();
        if tag.is_null() {
            continue;
        }
        let parameter = json!({
            "name": "If-None-Match",
            "schema": { "type": "string" },
            "in": "header",
            "description": "ETags of what I have: nothing is sent when it is one of these.",
            "required": false,
            "deprecated": false,
        });
        match read["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(parameter),
            None => read["parameters"] = json!([parameter]),
        }
        read["responses"]["304"] =
            json!({ "description": "It is what `If-None-Match` names.", "headers": { "ETag": tag } });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_has_a_tag_may_be_answered_with_nothing() {
        let tagged = json!({ "responses": { "200": { "headers": { "ETag": { "schema": {} } } } } });
        let plain = json!({ "responses": { "200": {} }, "parameters": [] });
        let mut document = json!({ "paths": {
            "/it": { "get": tagged, "patch": tagged },
            "/other": { "get": plain },
        } });
        show(&mut document);
        let read = &document["paths"]["/it"]["get"];
        assert_eq!(read["parameters"][0]["name"], "If-None-Match");
        assert_eq!(read["responses"]["304"]["headers"], json!({ "ETag": { "schema": {} } }));
        assert_eq!(
            (&document["paths"]["/it"]["patch"], &document["paths"]["/other"]["get"]),
            (&tagged, &plain)
        );
    }
}
