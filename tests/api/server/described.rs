//! The document describes all there is, and what it shows is so.

use std::collections::HashSet;

use rookery::wire::validator;
use serde_json::{Value, json};

use crate::support::{Operation, TestApp};

#[tokio::test]
async fn operations_have_names_to_call_them_by_in_any_language() {
    let app = TestApp::start().await;
    let mut seen = HashSet::new();
    for Operation { id, method, path, .. } in Operation::all(&app).await {
        let camel = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(char::is_alphanumeric);
        assert!(camel, "{method} {path} is called {id:?}");
        assert!(seen.insert(id.clone()), "{id} names two operations");
    }
}

#[tokio::test]
async fn every_operation_parameter_and_answer_is_described() {
    let app = TestApp::start().await;
    for Operation { id, shown, .. } in Operation::all(&app).await {
        let said = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
        for member in ["summary", "description", "x-permission"] {
            assert!(said(&shown[member]), "{id} has no {member}");
        }
        assert_eq!(shown["tags"].as_array().map(Vec::len), Some(1), "{id} stands under one tag");
        for parameter in shown["parameters"].as_array().into_iter().flatten() {
            assert!(said(&parameter["description"]), "{id} doesn't describe {}", parameter["name"]);
        }
        for (status, answer) in shown["responses"].as_object().expect("an operation has answers") {
            assert!(said(&answer["description"]), "{id} doesn't describe its answer {status}");
        }
    }
}

#[tokio::test]
async fn every_example_fits_its_schema() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("//api-docs/openapi.json").await.expect(200).body;
    let components = &document["components"];
    for (name, schema) in components["schemas"].as_object().expect("there are schemas") {
        if let Some(example) = schema.get("example") {
            fits(example, json!({ "$ref": format!("#/components/schemas/{name}") }), components, name);
        }
    }
    for (name, example) in components["examples"].as_object().expect("there are examples") {
        let problem = json!({ "$ref": "#/components/schemas/Problem" });
        fits(&example["value"], problem, components, name);
        assert_eq!(example["value"]["code"], *name);
    }
}

#[tokio::test]
async fn every_body_and_every_answer_has_an_example() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("//api-docs/openapi.json").await.expect(200).body;
    for Operation { id, shown, .. } in Operation::all(&app).await {
        let answers = shown["responses"].as_object().expect("an operation has answers");
        let contents =
            answers.values().map(|answer| &answer["content"]).chain([&shown["requestBody"]["content"]]);
        for (kind, content) in contents.filter_map(Value::as_object).flatten() {
            let named = content["schema"]["$ref"].as_str().map(|place| place.trim_start_matches('#'));
            let of_schema = named.and_then(|place| document.pointer(&format!("{place}/example")));
            let has_one = of_schema.is_some() || content["examples"].is_object();
            assert!(has_one || !kind.contains("json"), "{id} shows no example of {content}");
        }
    }
}

#[track_caller]
fn fits(example: &Value, schema: Value, components: &Value, name: &str) {
    let schemas = &components["schemas"];
    let validator = validator(json!({ "allOf": [schema], "components": { "schemas": schemas } }));
    let faults: Vec<String> = validator.iter_errors(example).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "the example of {name} doesn't fit: {faults:#?}");
}
