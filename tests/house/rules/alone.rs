//! The project stands alone.

use crate::house::{
    rule::{Finding, Rule, may},
    source::Sources,
};

/// Somebody's own folders.
const PRIVATE: [&str; 5] = ["/home/", "/root/", "/Users/", "/work/", "/tmp/"];
/// Where packages are fetched from is the machine's business.
const REGISTRIES: [&str; 7] = [
    "registry.npmjs.org",
    "npm.pkg.github.com",
    "pypi.org",
    "files.pythonhosted.org",
    "index.crates.io",
    "static.crates.io",
    "\"resolved\":",
];

pub const ALONE: Rule = Rule {
    name: "alone",
    because: "what works in one folder of one machine must work in every clone",
    mend: "name it from the project's root, or take it out; for npm, write the lock file with `.npmrc` in place",
    find,
    exceptions: &[may("tests/house/rules/alone.rs", "private", "names what it looks for")],
};

fn find(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.all() {
        let depth = source.path.matches('/').count();
        for (at, line) in source.text.lines().enumerate() {
            let mut refuse = |fault| found.push(Finding::new(source, at + 1, "private", fault));
            for private in PRIVATE.iter().filter(|private| holds_path(line, private)) {
                refuse(format!("names {private}"));
            }
            for registry in REGISTRIES.iter().filter(|registry| line.contains(*registry)) {
                refuse(format!("names {registry}"));
            }
            if climbs(line) > depth {
                refuse("leads out of the project".to_owned());
            }
        }
    }
    found
}

/// Whether an absolute path begins so; `api/home/` isn't one.
fn holds_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "._-/}~)".contains(before))
    })
}

/// The most `../` in a row.
fn climbs(line: &str) -> usize {
    let mut most = 0;
    for (at, _) in line.match_indices("../") {
        let row = line.as_bytes()[at..].chunks(3).take_while(|chunk| *chunk == b"../").count();
        most = most.max(row);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_private_path_is_refused() {
        refused(&ALONE, &[("README.md", "See\n`/home/ana/notes.md`.")], "README.md:2: names /home/");
        accepted(&ALONE, &[("README.md", "GET /api/home/ and site/work/ and /workers")]);
    }

    #[test]
    fn a_registry_in_a_lock_file_is_refused() {
        let line = "  \"resolved\": \"https://npm.example.com/ms.tgz\",";
        refused(
            &ALONE,
            &[("tests/clients/package-lock.json", line)],
            "tests/clients/package-lock.json:1: names \"resolved\":",
        );
        refused(&ALONE, &[("x.txt", "--index-url https://pypi.org/simple")], "x.txt:1: names pypi.org");
    }

    #[test]
    fn a_path_that_leads_out_of_the_project_is_refused() {
        let text = "include_str!(\"../../shared/design.md\")";
        refused(&ALONE, &[("tests/x.rs", text)], "tests/x.rs:1: leads out of the project");
        refused(&ALONE, &[("README.md", "see ../shared")], "README.md:1: leads out of the project");
        accepted(&ALONE, &[("tests/api/x.rs", text)]);
    }
}
