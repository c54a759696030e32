//! What people write: a text that holds more than blanks.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};

/// Shown with the pattern `\S`. A `String` with a validator would be shown the same, but the library compiles
/// a validator's expression anew for every text: that cost more than storing what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Type for Text {
    const IS_REQUIRED: bool = true;
    type RawValueType = String;
    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        "string_text".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let pattern = Some(r"\S".to_owned());
        MetaSchemaRef::Inline(Box::new(MetaSchema { pattern, ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&String> {
        Some(&self.0)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        Box::new(std::iter::once(&self.0))
    }
}

impl ParseFromJSON for Text {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let text = String::parse_from_json(value).map_err(ParseError::propagate)?;
        match text.contains(|c: char| !c.is_whitespace()) {
            true => Ok(Self(text)),
            false => Err(ParseError::custom("a text must hold more than blanks")),
        }
    }
}

impl From<Text> for String {
    fn from(Text(text): Text) -> Self {
        text
    }
}

impl ToJSON for Text {
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.0.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_any_script_are_no_text() {
        for (text, good) in [("", false), (" \n\u{3000}\u{a0}", false), (" x ", true), ("\u{200b}", true)] {
            assert_eq!(Text::parse_from_json(Some(text.into())).is_ok(), good, "{text:?}");
        }
    }
}
