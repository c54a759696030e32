//! The parameters that are sent as headers.

use std::collections::HashSet;

use poem::{
    Request,
    http::{HeaderName, HeaderValue},
};
use serde_json::Value;

use crate::document::operations_of;

/// Their names, as the API document has them.
///
/// # Panics
/// When it shows one that can't be a header's name.
pub fn parameters(document: &Value) -> HashSet<HeaderName> {
    operations_of(document)
        .filter_map(|(_, _, operation)| operation["parameters"].as_array())
        .flatten()
        .filter(|parameter| parameter["in"] == "header")
        .filter_map(|header| header["name"].as_str())
        .map(|name| HeaderName::from_bytes(name.as_bytes()).expect("the API document shows headers' names"))
        .collect()
}

/// The library takes one that isn't text for one that isn't there, and does without the condition or the key.
/// Emptied, it is refused: no such header may be empty.
pub fn empty_unreadable(mut request: Request, parameters: &HashSet<HeaderName>) -> Request {
    for name in parameters {
        if request.headers().get_all(name).iter().any(|value| value.to_str().is_err()) {
            request.headers_mut().insert(name, HeaderValue::from_static(""));
        }
    }
    request
}
