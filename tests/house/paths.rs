//! Most rules say who may name what.

use std::collections::{BTreeMap, BTreeSet};

use super::{rule::Finding, source::Source};

/// Who imports whom.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// Where these files name what is refused. Unit tests are left alone.
pub fn named<'a>(files: impl Iterator<Item = &'a Source>, refused: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in files {
        for mention in source.rust().names.mentions.iter().filter(|mention| !mention.in_test) {
            if refused(&mention.path) {
                let fault = format!("names {}", mention.path);
                found.push(Finding::new(source, mention.line, &mention.path, fault));
            }
        }
    }
    found
}

/// Whether the path is one of these or under one. A glob of what one is in counts, because it brings
/// the name along.
pub fn among(path: &str, these: &[&str]) -> bool {
    these.iter().any(|this| {
        let glob = path
            .strip_suffix("::*")
            .is_some_and(|around| this.rsplit_once("::").is_some_and(|(up, _)| up == around));
        glob || path.strip_prefix(this).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}

/// Whether one imports the other, if only through others.
pub fn reaches(imports: &Imports, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(here) = open.pop() {
        for next in imports.get(here).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}
