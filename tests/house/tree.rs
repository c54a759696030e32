//! The project itself, and what `ARCHITECTURE.md` says of it.

use super::{
    files::project,
    rule::{Rule, Violation},
    rules::{ALL, FILES, FLOORS},
    source::Sources,
};

#[test]
fn the_house_is_in_order() {
    let sources = project();
    assert!(sources.program().count() > 100, "these aren't the project's sources");
    let judge = |rule: &Rule| [rule.violations(&sources), rule.spent(&sources)];
    let violations: Vec<Violation> = ALL.iter().flat_map(judge).flatten().collect();
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "{} violations of the house's rules\n{}\n", lines.len(), lines.join("\n"));
}

#[test]
fn every_rule_and_every_exception_gives_its_reason() {
    for Rule { name, because, mend, exceptions, .. } in ALL {
        let reasons = exceptions.iter().map(|exception| exception.reason);
        for text in reasons.chain([*because, *mend]) {
            assert!(text.len() > 10, "{name} says {text:?}, which is no reason");
        }
    }
}

#[test]
fn the_architecture_lists_every_rule_and_no_other() {
    let (sources, mut listed) = (project(), Vec::new());
    for line in section(&sources, "## Invariants").lines() {
        let Some(rest) = line.strip_prefix("- **") else { continue };
        listed.push(rest.split("**").next().unwrap().to_owned());
    }
    let held: Vec<&str> = ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(listed, held, "the list in ARCHITECTURE.md (left) isn't tests/house/rules/mod.rs (right)");
}

#[test]
fn the_architecture_draws_the_floors_that_are_held() {
    let sources = project();
    let text = section(&sources, "## Rooms").replace('\n', " ");
    let (_, drawn) = text.split_once("Floors, from the ground: ").expect("the floors are drawn");
    let (drawn, _) = drawn.split_once(". ").expect("the floors end");
    let held: Vec<String> = FLOORS.iter().map(|floor| format!("`{}`", floor.join("`, `"))).collect();
    assert_eq!(drawn, held.join(" · "), "ARCHITECTURE.md (left) isn't tests/house/rules/floors.rs (right)");
}

#[test]
fn the_architecture_tells_every_file_of_a_feature() {
    let sources = project();
    let mut told = Vec::new();
    for line in section(&sources, "## A feature, file by file").lines() {
        let Some(cell) = line.strip_prefix("| `").and_then(|rest| rest.split(" |").next()) else { continue };
        told.extend(cell.split('`').filter(|part| part.ends_with(".rs") || part.ends_with('/')));
    }
    assert_eq!(told, FILES, "ARCHITECTURE.md (left) isn't tests/house/rules/folders.rs (right)");
}

/// From a heading to the next.
fn section<'a>(sources: &'a Sources, heading: &str) -> &'a str {
    let page = &sources.find("ARCHITECTURE.md").expect("there is an ARCHITECTURE.md").text;
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("ARCHITECTURE.md has no {heading:?}"));
    rest.split("\n## ").next().unwrap()
}
