//! Sources that a test plants, for a rule to judge.

use super::{
    rule::{Rule, Violation},
    source::{Source, Sources},
};

fn judged(rule: &Rule, files: &[(&str, &str)]) -> Vec<String> {
    let sources = Sources::new(files.iter().map(|(path, text)| Source::new(*path, *text)));
    rule.violations(&sources).iter().map(Violation::to_string).collect()
}

/// The rule refuses these files, and says this about them first, with its reason and mend.
#[track_caller]
pub fn refused(rule: &Rule, files: &[(&str, &str)], said: &str) {
    let violations = judged(rule, files);
    let Some(first) = violations.first() else { panic!("{} finds nothing in {files:?}", rule.name) };
    assert!(first.starts_with(said), "{} says {violations:?}", rule.name);
    let end = format!("; because {}; mend: {} [{}]", rule.because, rule.mend, rule.name);
    assert!(first.ends_with(&end), "{} says {first}", rule.name);
}

/// The rule has nothing against these files.
#[track_caller]
pub fn accepted(rule: &Rule, files: &[(&str, &str)]) {
    assert_eq!(judged(rule, files), [""; 0], "{}", rule.name);
}
