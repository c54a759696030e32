//! Versions of things that two people may edit: `ETag` out, `If-Match` and `If-None-Match` in.
//!
//! A tag of ours, `"3-9f86d081884c7d65"`, names the version and what the answer held. `If-Match` asks about the
//! version only: a reaction that came in between is no edit, and doesn't stand in an edit's way. `If-None-Match`
//! asks about the whole tag: what the reader has is no longer so when somebody has reacted.

use std::fmt::Write;

use poem::http::HeaderValue;
use sha2::{Digest, Sha256};

use crate::problem::{FieldError, Problem, codes};

/// The entity tag of this version, answered with this body.
pub fn etag(version: i32, body: &[u8]) -> String {
    let mut tag = format!("\"{version}-");
    for byte in &Sha256::digest(body)[..8] {
        _ = write!(tag, "{byte:02x}"); // A String takes any text.
    }
    tag + "\""
}

/// The versions that the caller may believe it is editing, from `If-Match`; nothing when any will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<i32>>);

impl IfMatch {
    /// Where no header names a version.
    pub fn any() -> Self {
        Self(None)
    }

    /// From the header's text: `*`, or entity tags. One that isn't ours, or is weak, names no version.
    pub fn parse(text: Option<String>) -> Result<Self, Problem> {
        let Some(text) = text else { return Ok(Self(None)) };
        match Condition::parse(&text) {
            Some(Condition::Any) => Ok(Self(None)),
            Some(Condition::OneOf(tags)) => {
                Ok(Self(Some(tags.iter().filter_map(EntityTag::version).collect())))
            }
            None => Err(not_a_tag()),
        }
    }

    /// Fails when the thing has another version by now.
    pub fn check(&self, version: i32) -> Result<(), Problem> {
        match &self.0 {
            Some(expected) if !expected.contains(&version) => {
                Err(Problem::of::<codes::EditedMeanwhile>("Read it again and repeat your change."))
            }
            _ => Ok(()),
        }
    }
}

/// Whether one of these `If-None-Match` lines names what this tag names: whoever sent it has it already.
pub fn is_held<'a>(lines: impl IntoIterator<Item = &'a HeaderValue>, etag: &HeaderValue) -> bool {
    let text = |value: &'a HeaderValue| value.to_str().ok();
    let Some((present, _)) = etag.to_str().ok().and_then(EntityTag::read) else { return false };
    lines.into_iter().filter_map(text).filter_map(Condition::parse).any(|condition| match condition {
        Condition::Any => true,
        // Weakly: it is the same to a reader.
        Condition::OneOf(tags) => tags.iter().any(|tag| tag.opaque == present.opaque),
    })
}

fn not_a_tag() -> Problem {
    let detail = "takes ETags as they were given, or `*`";
    let error =
        FieldError { pointer: "header:If-Match".into(), code: "invalid".into(), detail: detail.into() };
    Problem { errors: vec![error], ..Problem::of::<codes::HeaderInvalid>(format!("If-Match {detail}.")) }
}

/// What a conditional request names (RFC 9110, section 13.1).
#[derive(Debug, PartialEq)]
enum Condition<'a> {
    Any,
    OneOf(Vec<EntityTag<'a>>),
}

#[derive(Debug, PartialEq)]
struct EntityTag<'a> {
    weak: bool,
    opaque: &'a str,
}

impl<'a> Condition<'a> {
    /// Nothing when a part of it is no entity tag.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), after_commas(text));
        while !rest.is_empty() {
            let (tag, after) = EntityTag::read(rest)?;
            tags.push(tag);
            rest = after_commas(after);
            // Two tags have a comma between them.
            if !rest.is_empty() && !after.trim_start().starts_with(',') {
                return None;
            }
        }
        (!tags.is_empty()).then_some(Self::OneOf(tags))
    }
}

/// Members of a list may be empty.
fn after_commas(text: &str) -> &str {
    text.trim_start_matches([',', ' ', '\t'])
}

impl<'a> EntityTag<'a> {
    /// The tag that the text begins with, and what follows it. What stands between quotes may hold commas.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
        let valid = opaque.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        valid.then_some((Self { weak, opaque }, after))
    }

    /// The version in a tag of ours. A weak one is no ground to overwrite anything.
    fn version(&self) -> Option<i32> {
        let (version, _) = self.opaque.split_once('-')?;
        (!self.weak).then(|| version.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str) -> Option<Vec<i32>> {
        IfMatch::parse(Some(text.into())).unwrap().0
    }

    #[test]
    fn if_match_takes_a_list_and_only_strong_tags_of_ours_name_a_version() {
        assert_eq!(versions("*"), None);
        assert_eq!(versions(r#""3-ab""#), Some(vec![3]));
        assert_eq!(versions(r#" "3-ab" ,, "4-cd","#), Some(vec![3, 4]));
        assert_eq!(versions(r#"W/"3-ab", "x,y", "", "5-""#), Some(vec![5]));
    }

    #[test]
    fn what_is_no_entity_tag_is_refused() {
        for text in ["", ",", "3", "\"3", "3\"", "\"3\" \"4\"", "w/\"3\"", "\"a b\"", "*, \"3\"", "\"3\"x"] {
            let problem = IfMatch::parse(Some(text.into())).unwrap_err();
            assert!(problem.is::<codes::HeaderInvalid>(), "{text}");
            assert_eq!(problem.errors[0].pointer, "header:If-Match");
        }
    }

    #[test]
    fn whoever_names_the_tag_in_some_way_holds_it() {
        let held = |lines: &[&'static str]| {
            let lines: Vec<_> = lines.iter().map(|line| HeaderValue::from_static(line)).collect();
            is_held(&lines, &HeaderValue::from_static(r#""3-ab""#))
        };
        for lines in [&["*"][..], &[r#""3-ab""#], &[r#"W/"3-ab""#], &[r#""1", "3-ab""#], &["x", r#""3-ab""#]]
        {
            assert!(held(lines), "{lines:?}");
        }
        for lines in [&[][..], &["3-ab"], &[r#""3""#], &[r#""3-AB""#], &[r#""3-ab" x"#], &[r#""3,3-ab""#]] {
            assert!(!held(lines), "{lines:?}");
        }
    }

    #[test]
    fn a_tag_of_ours_is_understood() {
        let tag = etag(7, b"{}");
        assert_eq!(tag, "\"7-44136fa355b3678a\"");
        assert_eq!(versions(&tag), Some(vec![7]));
        assert_ne!(tag, etag(7, b"[]"));
    }
}
