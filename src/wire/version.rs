//! Versions of things that two people may edit: `ETag` out, `If-Match` in.

use crate::problem::{Problem, codes};

/// The entity tag of a version.
pub fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// The version that the caller believes it is editing, from `If-Match`; nothing when it doesn't say.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<i32>);

impl IfMatch {
    /// From the header's text: one of our entity tags, or `*` for any version.
    pub fn parse(text: Option<String>) -> Result<Self, Problem> {
        let Some(text) = text else { return Ok(Self(None)) };
        let text = text.trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version =
            text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|n| n.parse().ok());
        match version {
            Some(version) => Ok(Self(Some(version))),
            None => Err(Problem::of::<codes::HeaderInvalid>("If-Match takes an ETag as it was given.")),
        }
    }

    /// Fails when the thing has another version by now.
    pub fn check(self, version: i32) -> Result<(), Problem> {
        match self.0 {
            Some(expected) if expected != version => {
                Err(Problem::of::<codes::EditedMeanwhile>("Read it again and repeat your change."))
            }
            _ => Ok(()),
        }
    }
}
