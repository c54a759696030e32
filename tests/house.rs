//! The house rules: what `ARCHITECTURE.md` promises about the sources, held by reading them.
//!
//! A rule looks at every file and says what it finds with file and line; who is excepted is written
//! down beside it, with a reason. Every rule is tried on planted sources as well, which it must refuse.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "house"]
mod house {
    mod files;
    mod names;
    mod paths;
    mod planted;
    mod rule;
    mod rules;
    mod source;
    mod tree;
}
