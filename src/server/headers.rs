//! The parameters that are sent as headers.

use std::collections::HashSet;

use poem::{
    Request,
    http::{HeaderName, HeaderValue},
};
use serde_json::{Map, Value};

/// Their names, as the API document has them.
pub fn parameters(document: &Value) -> HashSet<String> {
    let paths = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = paths.filter_map(Value::as_object).flat_map(Map::values);
    let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
    let headers = parameters.filter(|parameter| parameter["in"] == "header");
    headers.filter_map(|header| Some(header["name"].as_str()?.to_owned())).collect()
}

/// The library takes one that isn't text for one that isn't there, and does without the condition or the key.
/// Emptied, it is refused: no such header may be empty.
pub fn empty_unreadable(mut request: Request, parameters: &HashSet<String>) -> Request {
    for name in parameters.iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()) {
        if request.headers().get_all(&name).iter().any(|value| value.to_str().is_err()) {
            request.headers_mut().insert(name, HeaderValue::from_static(""));
        }
    }
    request
}
