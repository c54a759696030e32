//! What parameters mean that are the same everywhere; any other is described where it is declared.

use serde_json::{Value, json};

use super::operations;

const EVERYWHERE: [(&str, &str); 4] = [
    ("limit", "At most so many; 20 when absent."),
    ("cursor", "The `nextCursor` of the page before, as it was given; absent for the first page."),
    (
        "Idempotency-Key",
        "Chosen by me, a new one for each thing to be made: the same request with the same key within a day \
         makes nothing new.",
    ),
    ("If-Match", "An `ETag` as it was given: 412 when it isn't that version any more. `*` is any."),
];

/// Describes those that aren't yet.
pub fn fold(document: &mut Value) {
    let parameters = operations(document).filter_map(|operation| operation.get_mut("parameters"));
    for parameter in parameters.flat_map(|list| list.as_array_mut().into_iter().flatten()) {
        let known = EVERYWHERE.iter().find(|(name, _)| parameter["name"] == *name);
        if let (true, Some((_, description))) = (parameter["description"].is_null(), known) {
            parameter["description"] = json!(description);
        }
    }
}
