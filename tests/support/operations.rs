//! The operations of the served document, for tests that try them all.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, Client, TestApp};

/// One operation, as the document shows it.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// `/api/v1/posts/{id}`.
    pub path: String,
    /// The guard's name.
    pub permission: String,
    /// The example of a body; null when it takes none.
    pub body: Value,
    pub shown: Value,
}

impl Operation {
    /// Every one that this app serves.
    pub async fn all(app: &TestApp) -> Vec<Self> {
        let document = app.anonymous().get("//api-docs/openapi.json").await.expect(200).body;
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().expect("a document has paths") {
            for (method, shown) in methods.as_object().expect("a path has methods") {
                let text = |member: &str| shown[member].as_str().unwrap_or_default().to_owned();
                all.push(Self {
                    id: text("operationId"),
                    method: Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"),
                    path: path.clone(),
                    permission: text("x-permission"),
                    body: example(shown, &document),
                    shown: shown.clone(),
                });
            }
        }
        all
    }

    /// The request, with the path's parameters filled in.
    pub fn request(&self, who: &Client, fill: impl Fn(&str) -> String) -> RequestBuilder {
        let pieces = self.path.split('/').map(|piece| {
            let parameter = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}'));
            parameter.map_or_else(|| piece.to_owned(), &fill)
        });
        who.build(self.method.clone(), &format!("/{}", pieces.collect::<Vec<_>>().join("/")))
    }

    /// Asks with the example of a body, if it takes one.
    pub async fn attempt(&self, who: &Client, fill: impl Fn(&str) -> String) -> Answer {
        let request = self.request(who, fill);
        Answer::of(if self.body.is_null() { request } else { request.json(&self.body) }).await
    }
}

/// The example that the body's schema has.
fn example(operation: &Value, document: &Value) -> Value {
    let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
    let Some(schema) = schema.and_then(Value::as_str) else { return Value::Null };
    let example = document.pointer(&format!("{}/example", schema.trim_start_matches('#')));
    example.unwrap_or_else(|| panic!("{schema} has no example")).clone()
}
