//! The document of what travels over sockets.

use rookery::wire::validator;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn document(of: &Client, name: &str) -> Value {
    of.get(&format!("//api-docs/{name}.json")).await.expect(200).body
}

#[tokio::test]
async fn it_shows_every_event_with_its_guard_and_an_answer() {
    let app = TestApp::start().await;
    let document = document(&app.anonymous(), "asyncapi").await;
    let operations = document["operations"].as_object().unwrap().values();
    let mut shown: Vec<(&str, &str)> = operations
        .filter(|operation| operation["action"] == "receive")
        .map(|operation| {
            assert_eq!(operation["reply"]["messages"].as_array().map(Vec::len), Some(2), "{operation}");
            (operation["title"].as_str().unwrap(), operation["x-permission"].as_str().unwrap())
        })
        .collect();
    shown.sort_unstable();
    let policy = include_str!("../../../openapi/policy.txt");
    let events = policy.lines().filter_map(|line| line.strip_prefix("EVENT"));
    let listed: Vec<(&str, &str)> = events
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .map(|cells| (cells[0], cells[2]))
        .collect();
    assert_eq!(shown, listed);
}

#[tokio::test]
async fn every_example_is_what_it_is_an_example_of() {
    let app = TestApp::start().await;
    let document = document(&app.anonymous(), "asyncapi").await;
    let schemas = &document["components"]["schemas"];
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        let schema = json!({ "allOf": [message["payload"]], "components": { "schemas": schemas } });
        let schema = validator(schema);
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            let faults: Vec<_> =
                schema.iter_errors(&example["payload"]).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    }
}

/// A front-end's types for REST are its types for sockets.
#[tokio::test]
async fn what_both_documents_name_is_the_same() {
    let app = TestApp::start().await;
    let (rest, sockets) =
        (document(&app.anonymous(), "openapi").await, document(&app.anonymous(), "asyncapi").await);
    let mut shared = 0;
    for (name, schema) in sockets["components"]["schemas"].as_object().unwrap() {
        let of_rest = &rest["components"]["schemas"][name];
        if of_rest.is_null() {
            continue;
        }
        shared += 1;
        assert_eq!(bare(schema), bare(of_rest), "{name}");
    }
    assert!(shared >= 5, "messages, events and problems travel both ways");
}

/// A schema without what the two documents write in their own ways: `nullable` and a second type, `example`
/// and `examples`.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let own = ["nullable", "example", "examples"];
            let kept = members.iter().filter(|(name, _)| !own.contains(&name.as_str()));
            kept.map(|(name, value)| {
                let first = value.get(0).filter(|_| name == "type");
                (name.clone(), bare(first.unwrap_or(value)))
            })
            .collect()
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}
