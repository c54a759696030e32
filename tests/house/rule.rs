//! A rule, what it finds, and who is excepted.

use std::fmt;

use super::source::{Source, Sources};

pub struct Rule {
    /// As `ARCHITECTURE.md` calls it.
    pub name: &'static str,
    pub because: &'static str,
    /// What whoever meets it should do.
    pub mend: &'static str,
    pub find: fn(&Sources) -> Vec<Finding>,
    pub exceptions: &'static [Exception],
}

/// Something that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    /// What an exception names: a path, a file, a line of text.
    pub what: String,
    /// What is wrong with it.
    pub fault: String,
}

/// Who may, and why.
pub struct Exception {
    /// A file; a folder when it ends with a slash.
    pub place: &'static str,
    /// What it may; with all that is under it, for a path.
    pub what: &'static str,
    pub reason: &'static str,
}

pub struct Violation {
    rule: &'static str,
    because: &'static str,
    mend: &'static str,
    finding: Finding,
}

/// For the lists that say who may.
pub const fn may(place: &'static str, what: &'static str, reason: &'static str) -> Exception {
    Exception { place, what, reason }
}

impl Rule {
    pub fn violations(&self, sources: &Sources) -> Vec<Violation> {
        let mut findings = (self.find)(sources);
        findings.sort();
        findings.dedup();
        findings.retain(|finding| !self.exceptions.iter().any(|exception| exception.covers(finding)));
        let Self { name, because, mend, .. } = *self;
        findings.into_iter().map(|finding| Violation { rule: name, because, mend, finding }).collect()
    }

    /// Exceptions that nothing needs any more.
    pub fn spent(&self, sources: &Sources) -> Vec<Violation> {
        let findings = (self.find)(sources);
        let spent = self.exceptions.iter().filter(|exception| !findings.iter().any(|f| exception.covers(f)));
        let violation = |exception: &Exception| Violation {
            rule: self.name,
            because: "a list of exceptions may only shrink",
            mend: "take it out of the rule's list in tests/house/rules",
            finding: Finding {
                file: exception.place.to_owned(),
                line: 1,
                what: exception.what.to_owned(),
                fault: format!(
                    "nothing needs the exception for {} ({}) any more",
                    exception.what, exception.reason
                ),
            },
        };
        spent.map(violation).collect()
    }
}

impl Finding {
    pub fn new(source: &Source, line: usize, what: impl Into<String>, fault: impl Into<String>) -> Self {
        Self { file: source.path.clone(), line, what: what.into(), fault: fault.into() }
    }
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let here = match self.place.ends_with('/') {
            true => finding.file.starts_with(self.place),
            false => finding.file == self.place,
        };
        let rest = finding.what.strip_prefix(self.what);
        here && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, because, mend, finding: Finding { file, line, fault, .. } } = self;
        write!(f, "{file}:{line}: {fault}; because {because}; mend: {mend} [{rule}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        name: "shouting",
        because: "it is loud",
        mend: "lower your voice",
        find: |sources| {
            let loud = |source: &Source| source.text.lines().position(|line| line.ends_with('!'));
            let find = |source| Some(Finding::new(source, loud(source)? + 1, "loud::very", "it shouts"));
            sources.all().filter_map(find).collect()
        },
        exceptions: &[may("src/crier.rs", "loud", "it is paid for"), may("stage/", "loud", "it is played")],
    };

    fn said(violations: Vec<Violation>) -> Vec<String> {
        violations.iter().map(Violation::to_string).collect()
    }

    #[test]
    fn a_violation_says_file_line_reason_and_mend() {
        let sources =
            Sources::new([Source::new("src/a.rs", "quiet\nloud!"), Source::new("src/b.rs", "quiet")]);
        let wanted = "src/a.rs:2: it shouts; because it is loud; mend: lower your voice [shouting]";
        assert_eq!(said(RULE.violations(&sources)), [wanted]);
    }

    #[test]
    fn who_is_excepted_may_and_an_exception_that_nobody_needs_is_refused() {
        let sources =
            Sources::new([Source::new("src/crier.rs", "loud!"), Source::new("stage/2.rs", "quiet")]);
        assert!(RULE.violations(&sources).is_empty());
        let spent = said(RULE.spent(&sources));
        assert_eq!(spent.len(), 1);
        assert!(
            spent[0].starts_with("stage/:1: nothing needs the exception for loud (it is played) any more"),
            "{spent:?}"
        );
    }
}
