//! Whether what one side sends still fits what the other takes.
//!
//! What is taken must still take all that it was promised to; what is given must still be what was promised.
//! Both are one question with the sides exchanged: does every value of one schema fit the other?

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::exchange::resolve;

/// Deeper than any schema that doesn't hold itself.
const DEEPEST: usize = 24;

/// Keywords of the largest and of the smallest that is allowed.
const MOST: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];
const LEAST: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];
/// Whether one value of these allows more than another can't be told; the same one does.
const OPAQUE: [&str; 9] = [
    "pattern",
    "format",
    "uniqueItems",
    "multipleOf",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "not",
    "oneOf",
    "if",
];

/// Which way values travel.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// Clients send them.
    Taken,
    /// The server sends them.
    Given,
}

pub struct Comparison<'a> {
    pub way: Way,
    pub promised: &'a Value,
    pub present: &'a Value,
}

impl Comparison<'_> {
    /// What has become of a schema that clients rely on.
    pub fn faults(&self, place: &str, before: &Value, now: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.compare(place, before, now, &mut faults, 0);
        faults
    }

    fn compare(&self, place: &str, before: &Value, now: &Value, faults: &mut Vec<String>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let (before, now) = (plain(before, self.promised), plain(now, self.present));
        let mut note = |fault: String| faults.push(format!("{place} {fault}"));
        // Whoever sends, and whoever must take it.
        let (sent, taken) = match self.way {
            Way::Taken => (&before, &now),
            Way::Given => (&now, &before),
        };
        if let Some(types) = &types(taken)
            && !self::types(sent).is_some_and(|sent| sent.is_subset(types))
        {
            note(format!("is {}, was {}", spelled(&now["type"]), spelled(&before["type"])));
            return;
        }
        if let Some(options) = options(taken)
            && !self::options(sent).is_some_and(|sent| sent.is_subset(&options))
        {
            note(format!("is one of {}, was one of {}", spelled(&now["enum"]), spelled(&before["enum"])));
        }
        let beyond = |keyword: &str, further: fn(f64, f64) -> bool| match taken[keyword].as_f64() {
            Some(limit) => sent[keyword].as_f64().is_none_or(|sent| further(sent, limit)),
            None => false,
        };
        let limits = MOST.iter().filter(|keyword| beyond(keyword, |sent, limit| sent > limit));
        let limits = limits.chain(LEAST.iter().filter(|keyword| beyond(keyword, |sent, limit| sent < limit)));
        let opaque = OPAQUE
            .iter()
            .filter(|keyword| !taken[**keyword].is_null() && taken[**keyword] != sent[**keyword]);
        for keyword in limits.chain(opaque) {
            note(format!("has {keyword} {}, had {}", spelled(&now[keyword]), spelled(&before[keyword])));
        }
        self.members(place, &before, &now, faults, depth);
    }

    fn members(&self, place: &str, before: &Value, now: &Value, faults: &mut Vec<String>, depth: usize) {
        let required = |schema: &Value, name: &str| {
            schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name))
        };
        for (name, before_it) in properties(before) {
            let place = format!("{place}/{name}");
            let Some(now_it) = now["properties"].get(name) else {
                faults.push(format!("{place} is gone"));
                continue;
            };
            match (self.way, required(before, name), required(now, name)) {
                (Way::Taken, false, true) => faults.push(format!("{place} must be given")),
                (Way::Given, true, false) => faults.push(format!("{place} may be absent")),
                _ => {}
            }
            self.compare(&place, before_it, now_it, faults, depth + 1);
        }
        for (name, _) in properties(now).filter(|(name, _)| before["properties"].get(*name).is_none()) {
            if self.way == Way::Taken && required(now, name) {
                faults.push(format!("{place}/{name} must be given"));
            }
        }
        // Members that no name is known of; whether unnamed ones are refused only matters where they were taken.
        for (keyword, step) in [("items", "[]"), ("additionalProperties", "{}")] {
            let (before, now) = (&before[keyword], &now[keyword]);
            let place = format!("{place}{step}");
            match (before.is_object(), now.is_object(), self.way) {
                (true, true, _) => self.compare(&place, before, now, faults, depth + 1),
                (false, true, Way::Taken) if *before != json!(false) => {
                    faults.push(format!("{place} is restricted"))
                }
                (true, false, Way::Given) => faults.push(format!("{place} is no longer described")),
                (_, false, Way::Taken) if *now == json!(false) && *before != json!(false) => {
                    faults.push(format!("{place} is refused"));
                }
                _ => {}
            }
        }
    }
}

/// The schema without references, with one way to say that it may be null.
fn plain(schema: &Value, document: &Value) -> Value {
    let mut plain = resolve(schema, document).clone();
    let Some(object) = plain.as_object_mut() else { return json!({}) };
    let parts: Vec<Value> = ["allOf", "anyOf"]
        .iter()
        .filter_map(|keyword| object.remove(*keyword))
        .flat_map(|parts| parts.as_array().cloned().unwrap_or_default())
        .map(|part| self::plain(&part, document))
        .collect();
    let (nothing, parts): (Vec<Value>, Vec<Value>) = parts.into_iter().partition(only_null);
    let mut nullable = object.remove("nullable") == Some(json!(true)) || !nothing.is_empty();
    for part in parts {
        merge(object, part);
    }
    nullable &= object.contains_key("type");
    if nullable {
        let mut kinds = as_list(&object["type"]);
        kinds.extend((!kinds.contains(&json!("null"))).then(|| json!("null")));
        object.insert("type".into(), json!(kinds));
        if let Some(options) = object.get_mut("enum").and_then(Value::as_array_mut)
            && !options.contains(&Value::Null)
        {
            options.push(Value::Null);
        }
    }
    plain
}

fn only_null(part: &Value) -> bool {
    part["type"] == "null" || part["enum"] == json!([null])
}

/// Several parts that all hold are read as one; members of objects come together.
fn merge(object: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (keyword, value) in part {
        match (object.get_mut(&keyword), value) {
            (Some(Value::Object(own)), Value::Object(more)) => own.extend(more),
            (Some(Value::Array(own)), Value::Array(more)) => own.extend(more),
            (Some(_), _) => {}
            (None, value) => _ = object.insert(keyword, value),
        }
    }
}

/// Every whole number is a number.
fn types(schema: &Value) -> Option<BTreeSet<String>> {
    let kinds = as_list(&schema["type"]);
    let mut kinds: BTreeSet<String> =
        kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect();
    if kinds.contains("number") {
        kinds.insert("integer".into());
    }
    (!kinds.is_empty()).then_some(kinds)
}

fn options(schema: &Value) -> Option<BTreeSet<String>> {
    Some(schema["enum"].as_array()?.iter().map(Value::to_string).collect())
}

fn as_list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flat_map(Map::iter)
}

fn spelled(value: &Value) -> String {
    match value {
        Value::Null => "any".into(),
        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
        other => word(other),
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
