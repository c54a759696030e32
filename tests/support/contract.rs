//! Every answer that a test gets is held against the API document: a status, a problem code, a header, a
//! member or a type that it doesn't show fails the test that saw it.

use std::sync::OnceLock;

use jsonschema::Validator;
use reqwest::{Method, header::HeaderName};
use rookery::{app::App, server::document_text, wire::validator};
use serde_json::{Map, Value, json};

use super::Answer;

/// The program's own document; the same for every app of this process.
static CONTRACT: OnceLock<Vec<Operation>> = OnceLock::new();

/// What is served and isn't an operation; the last is the prefix that one test chooses.
const NOT_OPERATIONS: [&str; 3] = ["/api-docs", "/socket.io", "/v7"];

/// Headers that any answer may have, whatever it answers; the document shows those of one answer alone.
const ANYWHERE: [&str; 22] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "date",
    "referrer-policy",
    "strict-transport-security",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
];

struct Operation {
    method: String,
    /// In pieces; one in braces stands for any.
    path: Vec<String>,
    answers: Vec<Documented>,
}

struct Documented {
    status: u16,
    /// By content type; without a schema anything goes.
    contents: Vec<(String, Option<Validator>)>,
    problems: Vec<String>,
    /// In small letters; with whether it is always there.
    headers: Vec<(String, bool)>,
}

/// Reads the document of this app, unless one has been read before.
pub fn learn(app: &App) {
    if app.config.server.api_prefix == "/api/v1" {
        CONTRACT.get_or_init(|| read(&document_text(app)));
    }
}

/// Fails when the document doesn't show this answer to this request.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operations) = CONTRACT.get() else { return };
    let head = method == Method::HEAD;
    let method = if head { "get".to_owned() } else { method.as_str().to_lowercase() };
    let seen = format!("{method} {path} answered {} {}", answer.status, answer.body);
    let Some(operation) = find(operations, &method, path) else {
        let elsewhere = NOT_OPERATIONS.iter().any(|place| path.starts_with(place));
        assert!(answer.status >= 300 || method == "options" || elsewhere, "{seen}, and isn't documented");
        return;
    };
    let documented = operation.answers.iter().find(|documented| documented.status == answer.status);
    let Some(documented) = documented else { panic!("{seen}, a status that isn't documented") };
    documented.check_headers(answer, &seen);
    if !head {
        documented.check_body(answer, &seen);
    }
}

impl Documented {
    #[track_caller]
    fn check_headers(&self, answer: &Answer, seen: &str) {
        for name in answer.headers.keys().map(HeaderName::as_str) {
            let known = ANYWHERE.contains(&name) || self.headers.iter().any(|(shown, _)| shown == name);
            assert!(known, "{seen} with the header {name}, which isn't documented");
        }
        for (name, _) in self.headers.iter().filter(|(_, always)| *always) {
            assert!(answer.header(name).is_some(), "{seen} without the header {name}, which is documented");
        }
    }

    #[track_caller]
    fn check_body(&self, answer: &Answer, seen: &str) {
        if answer.body.is_null() {
            assert!(self.contents.is_empty(), "{seen} without the body that is documented");
            return;
        }
        let kind = answer.header("content-type").unwrap_or_default();
        let content = self.contents.iter().find(|(name, _)| kind == name);
        let Some((_, schema)) = content else { panic!("{seen} as {kind:?}, which isn't documented") };
        if kind == "application/problem+json" {
            let code = answer.body["code"].as_str().unwrap_or_default();
            assert!(self.problems.iter().any(|name| name == code), "{seen}, a code that isn't documented");
        }
        if let Some(schema) = schema {
            let faults: Vec<String> = schema
                .iter_errors(&answer.body)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{seen}, and the document shows something else: {faults:#?}");
        }
    }
}

/// The operation at this path; one that spells it out wins over one with a parameter.
fn find<'a>(operations: &'a [Operation], method: &str, path: &str) -> Option<&'a Operation> {
    let pieces: Vec<&str> = path.split('/').collect();
    let parameters =
        |operation: &Operation| operation.path.iter().filter(|piece| is_parameter(piece)).count();
    let fits = |operation: &&Operation| {
        operation.method == method
            && operation.path.len() == pieces.len()
            && operation.path.iter().zip(&pieces).all(|(own, piece)| is_parameter(own) || own == piece)
    };
    operations.iter().filter(fits).min_by_key(|operation| parameters(operation))
}

fn is_parameter(piece: &str) -> bool {
    piece.starts_with('{')
}

fn read(text: &str) -> Vec<Operation> {
    let document: Value = serde_json::from_str(text).expect("the document is JSON");
    let mut operations = Vec::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            let answers = members(&operation["responses"]);
            operations.push(Operation {
                method: method.clone(),
                path: path.split('/').map(str::to_owned).collect(),
                answers: answers.map(|(status, answer)| documented(status, answer, &document)).collect(),
            });
        }
    }
    operations
}

fn documented(status: &str, answer: &Value, document: &Value) -> Documented {
    let schema = |content: &Value| {
        let components = &document["components"]["schemas"];
        let schema = content.get("schema")?;
        Some(validator(json!({ "allOf": [schema], "components": { "schemas": components } })))
    };
    let contents = members(&answer["content"]).map(|(kind, content)| (kind.clone(), schema(content)));
    let problems = answer["x-problems"].as_array().into_iter().flatten();
    let headers = members(&answer["headers"])
        .map(|(name, header)| (name.to_lowercase(), header["required"].as_bool().unwrap_or_default()));
    Documented {
        status: status.parse().expect("answers are documented by their status"),
        contents: contents.collect(),
        problems: problems.filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
        headers: headers.collect(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
