//! The document of what travels over sockets.

use serde_json::Value;

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
        let fields = |schema: &Value| {
            let mut all: Vec<String> = schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect();
            all.extend(schema["enum"].as_array().into_iter().flatten().map(Value::to_string));
            all
        };
        assert_eq!(fields(schema), fields(of_rest), "{name}");
        assert_eq!(schema["description"], of_rest["description"], "{name}");
    }
    assert!(shared >= 5, "messages, events and problems travel both ways");
}
