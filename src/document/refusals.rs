//! Refusals, shown under their status with their codes.

use std::collections::BTreeMap;

use poem_openapi::types::Example;
use serde_json::{Map, Value, json};

use super::operations;
use crate::{
    guards::{Guard, Public, SignedIn},
    problem::{Code, FieldError, Kind, Kinds, PROBLEM_JSON, Problem, ProblemDocument, codes::*},
};

/// What is refused with where there is no operation.
type Nowhere = (NotFound, MethodNotAllowed);
/// What anything may be refused with.
type Always = (RequestMalformed, Internal, Overloaded, Unavailable);
type Unauthenticated = (TokenMissing, TokenInvalid, TokenExpired, SessionEnded);
type OfBody = (BodyMalformed, RequestTimeout, BodyTooLarge, MediaType, Invalid);

/// The codes that an operation's signature names, and those of its guard, its parameters and its body,
/// become one answer for each status. The library has left the named ones in the `default` answer.
///
/// # Panics
/// When a code is named that isn't among these.
pub fn fold(document: &mut Value, codes: &[&'static Code]) {
    let mut shown = Vec::new();
    for operation in operations(document) {
        let mut refusals = implied(operation);
        refusals.extend(named(operation, codes));
        let mut by_status: BTreeMap<u16, Vec<&'static Code>> = BTreeMap::new();
        // In the order of the list, each once.
        for code in codes.iter().filter(|code| refusals.contains(code)) {
            by_status.entry(code.status).or_default().push(code);
        }
        for (status, codes) in by_status {
            describe(&mut operation["responses"][status.to_string()], &codes);
            shown.extend(codes);
        }
    }
    document["x-problems"] = Nowhere::codes().iter().map(|code| code.name).collect();
    // The rest are met on sockets only.
    let examples: Map<String, Value> = codes
        .iter()
        .filter(|code| shown.contains(code))
        .map(|code| (code.name.to_owned(), example(code)))
        .collect();
    document["components"]["examples"] = examples.into();
}

/// What the signature says with `Refusal<K>`.
fn named(operation: &mut Map<String, Value>, codes: &[&'static Code]) -> Vec<&'static Code> {
    let names = operation["responses"].as_object_mut().and_then(|answers| answers.remove("default"));
    let names = names.as_ref().and_then(|default| default["headers"].as_object()).into_iter().flatten();
    let code = |(name, _): (&String, &Value)| {
        let code = codes.iter().copied().find(|code| code.name == *name);
        code.unwrap_or_else(|| panic!("{name} is refused with, but in no module's `problems`"))
    };
    names.map(code).collect()
}

/// What goes without saying.
fn implied(operation: &Map<String, Value>) -> Vec<&'static Code> {
    let mut codes = Always::codes();
    let guard = operation["x-permission"].as_str().unwrap_or_default();
    if guard != Public::NAME {
        codes.extend(Unauthenticated::codes());
    }
    if guard != Public::NAME && guard != SignedIn::NAME {
        codes.extend(Forbidden::codes());
    }
    if operation.contains_key("requestBody") {
        codes.extend(OfBody::codes());
    }
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        codes.extend(match (parameter["in"].as_str(), parameter["name"].as_str()) {
            (Some("path"), _) => NotFound::codes(),
            (_, Some("cursor")) => <(Invalid, CursorInvalid)>::codes(),
            (_, Some("Idempotency-Key")) => <(Invalid, IdempotencyReused)>::codes(),
            (_, Some("If-Match")) => <(HeaderInvalid, EditedMeanwhile)>::codes(),
            // What can't be understood there is passed over.
            (_, Some("If-None-Match")) => vec![],
            _ => Invalid::codes(),
        });
    }
    codes
}

/// Adds the codes to the answer of their status, which may be one that isn't a problem otherwise.
fn describe(answer: &mut Value, codes: &[&'static Code]) {
    let lines: Vec<String> = codes.iter().map(|code| format!("`{}`: {}.", code.name, code.title)).collect();
    let before = answer["description"].as_str().map(str::to_owned);
    answer["description"] = before.into_iter().chain(lines).collect::<Vec<_>>().join("\n\n").into();
    let example = |code: &&Code| {
        (code.name.to_owned(), json!({ "$ref": format!("#/components/examples/{}", code.name) }))
    };
    answer["content"][PROBLEM_JSON] = json!({
        "schema": { "$ref": "#/components/schemas/Problem" },
        "examples": codes.iter().map(example).collect::<Map<_, _>>(),
    });
    answer["x-problems"] = codes.iter().map(|code| code.name).collect();
    if codes.iter().any(|code| code.status == 503) {
        answer["headers"]["Retry-After"] = json!({
            "description": "Seconds until it is worth asking again.",
            "schema": { "type": "integer", "minimum": 1 },
        });
    }
}

fn example(code: &'static Code) -> Value {
    json!({ "summary": code.title, "value": problem(code, "/api/v1/posts") })
}

/// A problem as it could have been met there.
pub fn problem(code: &'static Code, instance: &str) -> ProblemDocument {
    let errors = if *code == Invalid::CODE { vec![FieldError::example()] } else { vec![] };
    let problem = Problem { code, detail: code.cause.into(), errors, retry_after: None };
    problem.document(instance, "01980a1e-7c00-7000-8000-0000000000ab")
}
