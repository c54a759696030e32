//! Every push and every answer that a test's socket gets is held against the AsyncAPI document: an event,
//! a problem code, a member or a type that it doesn't show fails the test that saw it.

use std::{collections::HashMap, sync::OnceLock};

use jsonschema::Validator;
use rookery::{app::App, server::asyncapi_text, wire::validator};
use serde_json::{Value, json};

/// The program's own document; the same for every app of this process.
static CONTRACT: OnceLock<Contract> = OnceLock::new();

struct Contract {
    /// By the event's name.
    done: HashMap<String, Validator>,
    pushes: HashMap<String, Validator>,
    refused: Validator,
    /// The codes that each event is refused with; under no name, those of any.
    problems: HashMap<String, Vec<String>>,
}

/// Reads the document of this app, unless one has been read before.
pub fn learn(app: &App) {
    CONTRACT.get_or_init(|| {
        Contract::read(&serde_json::from_str(&asyncapi_text(app)).expect("the document is JSON"))
    });
}

/// What the document doesn't show about this answer to this event.
pub fn check_answer(event: &str, answer: &Value) -> Result<(), String> {
    let Some(contract) = CONTRACT.get() else { return Ok(()) };
    let seen = format!("{event} was answered {answer}");
    if answer["ok"] == true {
        let done = contract.done.get(event).ok_or(format!("{seen}, and isn't documented"))?;
        return fits(done, answer, &seen);
    }
    fits(&contract.refused, answer, &seen)?;
    contract.may_refuse(event, &answer["problem"], &seen)
}

/// What the document doesn't show about this push.
pub fn check_push(event: &str, payload: &Value) -> Result<(), String> {
    let Some(contract) = CONTRACT.get() else { return Ok(()) };
    let seen = format!("{event} was pushed with {payload}");
    let push = contract.pushes.get(event).ok_or(format!("{seen}, and isn't documented"))?;
    fits(push, payload, &seen)?;
    match event {
        "exception" => contract.may_refuse(payload["instance"].as_str().unwrap_or_default(), payload, &seen),
        _ => Ok(()),
    }
}

fn fits(schema: &Validator, value: &Value, seen: &str) -> Result<(), String> {
    let faults: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(format!("{seen}, and the document shows something else: {faults:#?}")),
    }
}

impl Contract {
    fn may_refuse(&self, event: &str, problem: &Value, seen: &str) -> Result<(), String> {
        let code = problem["code"].as_str().unwrap_or_default();
        let codes = self.problems.get(event).unwrap_or(&self.problems[""]);
        match codes.iter().any(|known| known == code) {
            true => Ok(()),
            false => Err(format!("{seen}, a code that isn't documented")),
        }
    }

    fn read(document: &Value) -> Self {
        let messages = &document["components"]["messages"];
        let compile = |name: &str| {
            let schemas = &document["components"]["schemas"];
            let payload = &messages[name]["payload"];
            assert!(payload.is_object(), "the message {name} has no payload");
            validator(json!({ "allOf": [payload], "components": { "schemas": schemas } }))
        };
        let last = |reference: &Value| {
            reference["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned()
        };
        let names = |list: &Value| {
            let items = list.as_array().into_iter().flatten();
            items.filter_map(|name| Some(name.as_str()?.to_owned())).collect::<Vec<_>>()
        };
        let refused = "refused";
        let problems = HashMap::from([(String::new(), names(&messages[refused]["x-problems"]))]);
        let (done, pushes) = (HashMap::new(), HashMap::new());
        let mut contract = Self { done, pushes, refused: compile(refused), problems };
        for operation in document["operations"].as_object().into_iter().flat_map(|all| all.values()) {
            let message = last(&operation["messages"][0]);
            let event = messages[&message]["name"].as_str().unwrap_or_default().to_owned();
            if operation["action"] == "send" {
                contract.pushes.insert(event, compile(&message));
                continue;
            }
            contract.done.insert(event.clone(), compile(&last(&operation["reply"]["messages"][0])));
            contract.problems.insert(event, names(&operation["x-problems"]));
        }
        contract
    }
}
