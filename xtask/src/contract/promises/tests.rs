//! A break of every sort, planted into a small contract.

use serde_json::{Value, json};

use super::*;
use crate::contract::exchange;

/// Every line that comparing the contract with itself, changed so, gives.
fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let promised = contract();
    let mut present = contract();
    change(&mut present);
    let read = |document: &Value| exchange::operations(document);
    broken(&read(&promised), &promised, &read(&present), &present)
}

fn contract() -> Value {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    json!({
        "paths": { "/posts/{id}": { "put": {
            "operationId": "putPost",
            "x-permission": "posts:write",
            "parameters": [
                { "in": "path", "name": "id", "required": true, "schema": { "type": "string", "format": "uuid" } },
                { "in": "query", "name": "limit", "schema": { "type": "integer", "maximum": 100 } },
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": schema("NewPost") } } },
            "responses": {
                "200": {
                    "content": { "application/json": { "schema": schema("Post") } },
                    "headers": { "ETag": { "schema": { "type": "string" } } },
                },
                "404": { "x-problems": ["E_NOT_FOUND"] },
            },
        } } },
        "components": { "schemas": {
            "Kind": { "type": "string", "enum": ["text", "image"] },
            "NewPost": {
                "type": "object",
                "required": ["content"],
                "additionalProperties": false,
                "properties": {
                    "content": { "type": "string", "minLength": 1, "maxLength": 5000 },
                    "kind": schema("Kind"),
                    "tags": { "type": "array", "items": { "type": "string" } },
                },
            },
            "Post": {
                "type": "object",
                "required": ["id", "kind", "editedAt"],
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "kind": { "allOf": [schema("Kind")], "description": "Said twice." },
                    "editedAt": { "type": "string", "nullable": true },
                    "email": { "type": "string" },
                },
            },
        } },
    })
}

const PUT: &str = "/paths/~1posts~1{id}/put";

fn at<'a>(document: &'a mut Value, place: &str) -> &'a mut Value {
    document.pointer_mut(place).expect("the contract has this place")
}

fn operation(document: &mut Value) -> &mut Value {
    at(document, PUT)
}

fn schemas(document: &mut Value) -> &mut Value {
    at(document, "/components/schemas")
}

fn remove(from: &mut Value, member: &str) {
    from.as_object_mut().expect("it is an object").remove(member).expect("it has the member");
}

#[test]
fn what_stays_the_same_breaks_nothing() {
    assert!(after(|_| {}).is_empty());
}

#[test]
fn what_is_added_breaks_nothing() {
    let faults = after(|document| {
        document["paths"]["/new"] = json!({ "get": { "operationId": "getNew" } });
        let new = json!({ "in": "query", "name": "cursor", "schema": { "type": "string" } });
        operation(document)["parameters"].as_array_mut().expect("there are some").push(new);
        operation(document)["responses"]["409"] = json!({ "x-problems": ["E_TAKEN"] });
        schemas(document)["NewPost"]["properties"]["title"] = json!({ "type": "string" });
        schemas(document)["Post"]["properties"]["title"] = json!({ "type": "string" });
        schemas(document)["NewPost"]["properties"]["content"]["maxLength"] = json!(9000);
        remove(&mut schemas(document)["NewPost"]["properties"]["content"], "minLength");
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn another_way_to_write_the_same_breaks_nothing() {
    let faults = after(|document| {
        let paths = document["paths"].as_object_mut().expect("there are paths");
        let path = paths.remove("/posts/{id}").expect("it is there");
        paths.insert("/posts/{postId}".into(), path);
        let post = &mut schemas(document)["Post"]["properties"];
        post["kind"] = json!({ "$ref": "#/components/schemas/Kind" });
        post["editedAt"] = json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] });
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_missing_operation_is_a_break() {
    let gone = ["PUT /posts/{}: is gone"];
    assert_eq!(after(|document| remove(at(document, "/paths"), "/posts/{id}")), gone);
    assert_eq!(after(|document| remove(at(document, "/paths/~1posts~1{id}"), "put")), gone);
}

#[test]
fn another_name_or_guard_is_a_break() {
    let faults = after(|document| {
        operation(document)["operationId"] = json!("replacePost");
        operation(document)["x-permission"] = json!("posts:moderate");
    });
    let expected = ["its name is replacePost, was putPost", "its guard is posts:moderate, was posts:write"];
    assert_eq!(faults, expected.map(|fault| format!("PUT /posts/{{}}: {fault}")));
}

#[test]
fn to_want_more_or_to_take_less_is_a_break() {
    let faults = after(|document| {
        let parameters = &mut operation(document)["parameters"];
        parameters[1] = json!({ "in": "header", "name": "If-Match", "required": true, "schema": {} });
        let body = &mut schemas(document)["NewPost"];
        body["required"] = json!(["content", "kind", "title"]);
        body["properties"]["title"] = json!({ "type": "string" });
        body["properties"]["content"] =
            json!({ "type": "string", "minLength": 2, "maxLength": 4000, "pattern": "^a" });
        remove(&mut body["properties"], "tags");
    });
    let expected = [
        "query limit is no longer taken",
        "header If-Match must be given",
        "/content has maxLength 4000, had 5000",
        "/content has minLength 2, had 1",
        "/content has pattern ^a, had any",
        "/kind must be given",
        "/tags is gone",
        "/title must be given",
    ];
    assert_same(faults, &expected, "body application/json");
}

#[test]
fn a_tightened_parameter_is_a_break() {
    let faults = after(|document| {
        let parameters = &mut operation(document)["parameters"];
        parameters[0]["schema"] = json!({ "type": "integer" });
        parameters[1]["schema"]["maximum"] = json!(50);
        parameters[1]["required"] = json!(true);
    });
    let expected =
        ["path is integer, was string", "query limit has maximum 50, had 100", "query limit must be given"];
    assert_same(faults, &expected, "");
}

#[test]
fn to_give_less_or_something_else_is_a_break() {
    let faults = after(|document| {
        let post = &mut schemas(document)["Post"];
        post["required"] = json!(["id", "kind"]);
        post["properties"]["id"] = json!({ "type": "integer" });
        remove(&mut post["properties"], "email");
        let answers = &mut operation(document)["responses"];
        remove(answers, "404");
        remove(&mut answers["200"], "headers");
        answers["202"] = json!({});
    });
    let expected = [
        "200 application/json/editedAt may be absent",
        "200 application/json/email is gone",
        "200 application/json/id is integer, was string",
        "200 header ETag is no longer given",
        "202 is given too",
        "404 is no longer given",
        "E_NOT_FOUND is no longer given",
    ];
    assert_same(faults, &expected, "");
}

#[test]
fn null_where_there_was_none_is_a_break() {
    let faults = after(|document| {
        schemas(document)["Post"]["properties"]["id"]["nullable"] = json!(true);
    });
    assert_same(faults, &["200 application/json/id is string, null, was string"], "");
}

#[test]
fn a_choice_may_not_shrink_where_it_is_taken_nor_grow_where_it_is_given() {
    let faults = after(|document| schemas(document)["Kind"]["enum"] = json!(["text"]));
    assert_same(faults, &["body application/json/kind is one of text, was one of text, image"], "");
    let faults = after(|document| schemas(document)["Kind"]["enum"] = json!(["text", "image", "sound"]));
    assert_same(
        faults,
        &["200 application/json/kind is one of text, image, sound, was one of text, image"],
        "",
    );
}

#[test]
fn events_are_held_to_the_same() {
    let events = |required: Value, answer: Value| {
        json!({
            "operations": {
                "emitSay": {
                    "action": "receive", "title": "say", "x-permission": "messages:write",
                    "messages": [{ "$ref": "#/components/messages/say" }],
                    "reply": { "messages": [{ "payload": answer }] },
                },
                "onHeard": { "action": "send", "title": "heard", "messages": [{ "payload": answer }] },
            },
            "components": { "messages": { "say": { "payload": {
                "type": "object", "required": required, "properties": { "loud": { "type": "boolean" } },
            } } } },
        })
    };
    let answer = |kind: &str| json!({ "type": "object", "properties": { "seq": { "type": kind } } });
    let (promised, present) =
        (events(json!([]), answer("integer")), events(json!(["loud"]), answer("string")));
    let read = |document: &Value| exchange::events(document);
    assert_eq!(
        broken(&read(&promised), &promised, &read(&present), &present),
        [
            "emit say: payload/loud must be given",
            "emit say: answer/seq is string, was integer",
            "on heard: payload/seq is string, was integer",
        ]
    );
}

/// In any order, each beginning with the operation and, where it is about a member, the place.
fn assert_same(mut faults: Vec<String>, expected: &[&str], body: &str) {
    let whole = |fault: &&str| match fault.strip_prefix('/') {
        Some(_) => format!("PUT /posts/{{}}: {body}{fault}"),
        None => format!("PUT /posts/{{}}: {fault}"),
    };
    let mut expected: Vec<String> = expected.iter().map(whole).collect();
    faults.sort();
    expected.sort();
    assert_eq!(faults, expected);
}
