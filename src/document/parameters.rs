//! What parameters mean that are the same everywhere; any other is described where it is declared.

use serde_json::{Value, json};

use super::operations;

/// One entity tag, as RFC 9110, section 8.8.3 has it.
const TAG: &str = r#"(W/)?"[^\u0000- "\u007f]*""#;

/// Name, description, and what the values look like where the signature says only that they are text.
fn everywhere() -> [(&'static str, &'static str, Option<String>); 4] {
    [
        ("limit", "At most so many; 20 when absent.", None),
        (
            "cursor",
            "The `nextCursor` of the page before, as it was given; absent for the first page.",
            Some("^[A-Za-z0-9_-]+$".into()),
        ),
        (
            "Idempotency-Key",
            "Chosen by me, a new one for each thing to be made: the same request with the same key within a day \
             makes nothing new.",
            None,
        ),
        (
            "If-Match",
            "An `ETag` as it was given, or several: 412 when it is none of these versions any more. `*` is any.",
            Some(format!(r"^(\*|[, \t]*{TAG}([ \t]*,[, \t]*{TAG})*[, \t]*)$")),
        ),
    ]
}

/// Describes those that aren't yet.
pub fn fold(document: &mut Value) {
    let everywhere = everywhere();
    let parameters = operations(document).filter_map(|operation| operation.get_mut("parameters"));
    for parameter in parameters.flat_map(|list| list.as_array_mut().into_iter().flatten()) {
        let known = everywhere.iter().find(|(name, ..)| parameter["name"] == *name);
        let Some((_, description, pattern)) = known else { continue };
        if parameter["description"].is_null() {
            parameter["description"] = json!(description);
        }
        if let Some(pattern) = pattern {
            parameter["schema"]["pattern"] = json!(pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{IfMatch, validator};

    #[test]
    fn the_pattern_of_if_match_takes_what_the_program_takes() {
        let patterns = everywhere().map(|(name, _, pattern)| (name, pattern));
        let (_, pattern) = patterns.into_iter().find(|(name, _)| *name == "If-Match").expect("it is known");
        let shown = validator(json!({ "type": "string", "pattern": pattern }));
        let texts = [
            "*",
            r#""1-ab""#,
            r#"W/"1", "2""#,
            r#""","#,
            r#", "x" ,, "y""#,
            "",
            "1",
            "*,",
            r#""a" "b""#,
            r#""a b""#,
        ];
        for text in texts {
            let taken = IfMatch::parse(Some(text.to_owned())).is_ok();
            assert_eq!(shown.is_valid(&json!(text)), taken, "{text}");
        }
    }
}
