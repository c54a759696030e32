//! One emoji.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use unicode_properties::{EmojiStatus, UnicodeEmoji};
use unicode_segmentation::UnicodeSegmentation;

/// The longest that Unicode 17 recommends has ten characters (two people of two skin colours who kiss).
const MOST: usize = 16;
/// Asks for the picture where there is a letter's shape as well.
const AS_PICTURE: char = '\u{fe0f}';
/// Makes a digit a key.
const KEYCAP: char = '\u{20e3}';

/// What people see as one emoji: a single grapheme cluster, of characters that occur in emoji only. Which of these
/// are drawn is up to the reader's font, so that the emoji of coming years need no new version of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emoji(String);

impl Emoji {
    /// `❤` is understood as `❤️`: both mean the picture, and are one reaction.
    pub fn parse(text: &str) -> Option<Self> {
        let belongs = text.chars().all(UnicodeEmoji::is_emoji_char_or_emoji_component);
        if text.chars().count() > MOST || !belongs || text.graphemes(true).count() != 1 {
            return None;
        }
        let mut chars = text.chars();
        let (first, alone) = (chars.next()?, chars.next().is_none());
        match first.emoji_status() {
            EmojiStatus::NonEmoji | EmojiStatus::NonEmojiButEmojiComponent => None,
            EmojiStatus::EmojiOtherAndEmojiComponent if !text.ends_with(KEYCAP) => None,
            EmojiStatus::EmojiOther | EmojiStatus::EmojiModifierBase if alone => {
                Some(Self(format!("{text}{AS_PICTURE}")))
            }
            _ => Some(Self(text.to_owned())),
        }
    }
}

impl Type for Emoji {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_emoji".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let (min_length, max_length) = (Some(1), Some(MOST));
        let schema = MetaSchema::new_with_format("string", "emoji");
        MetaSchemaRef::Inline(Box::new(MetaSchema { min_length, max_length, ..schema }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for Emoji {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Self::parse(value).ok_or_else(|| ParseError::custom("must be one emoji"))
    }
}

impl ParseFromJSON for Emoji {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let text = String::parse_from_json(value).map_err(ParseError::propagate)?;
        Self::parse_from_parameter(&text)
    }
}

impl ToJSON for Emoji {
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.0.as_str().into())
    }
}

impl From<Emoji> for String {
    fn from(Emoji(text): Emoji) -> Self {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_however_many_characters_it_takes() {
        for text in ["👍", "👍🏽", "🪺", "❤️", "❤️‍🔥", "👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "1️⃣", "#️⃣", "©️", "☝🏽"]
        {
            assert_eq!(Emoji::parse(text).map(String::from).as_deref(), Some(text));
        }
    }

    #[test]
    fn anything_else_is_none() {
        let marks = format!("👍{}", "\u{301}".repeat(3));
        let long = format!("👩{}", "\u{200d}👩".repeat(8));
        for text in [
            "",
            " ",
            "a",
            "1",
            "#",
            "é",
            "👍👍",
            "👍a",
            "a👍",
            "👍 ",
            "\u{200d}",
            "\u{fe0f}",
            "🇩🇪🇫🇷",
            "<b>",
            &marks,
            &long,
        ] {
            assert_eq!(Emoji::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_picture_is_meant_where_there_is_a_letters_shape_as_well() {
        assert_eq!(Emoji::parse("❤"), Emoji::parse("❤️"));
        assert_eq!(Emoji::parse("✌"), Emoji::parse("✌️"));
        assert_ne!(Emoji::parse("✌🏽"), Emoji::parse("✌️"));
    }
}
