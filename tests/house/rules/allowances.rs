//! Who switches a lint off says why.

use crate::house::{
    names::Attribute,
    rule::{Finding, Rule},
    source::Sources,
};

pub const REASONS: Rule = Rule {
    name: "reasons",
    because: "a lint that is off for no reason that anybody remembers is never switched on again",
    mend: "mend what the lint says, or write `reason = \"…\"` into the attribute",
    find,
    exceptions: &[],
};

fn find(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.rust() {
        for attribute in source.rust().names.attributes.iter().filter(|attribute| is_unreasoned(attribute)) {
            let Attribute { name, content, line } = attribute;
            let written = content.replace(" (", "(").replace(" ,", ",");
            found.push(Finding::new(source, *line, content, format!("#[{name}{written}] gives no reason")));
        }
    }
    found
}

fn is_unreasoned(attribute: &Attribute) -> bool {
    let Attribute { name, content, .. } = attribute;
    let words = || content.split(|c: char| !c.is_alphanumeric());
    let by_condition = || name == "cfg_attr" && words().any(|word| matches!(word, "allow" | "expect"));
    (matches!(name.as_str(), "allow" | "expect") || by_condition()) && !content.contains("reason =")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_lint_that_is_off_without_a_reason_is_refused() {
        let said = "src/x.rs:2: #[allow(dead_code)] gives no reason";
        refused(&REASONS, &[("src/x.rs", "fn f() {\n    #[allow(dead_code)]\n    let a = 1;\n}")], said);
        let said = "tests/x.rs:1: #[expect(unused)] gives no reason";
        refused(&REASONS, &[("tests/x.rs", "#![expect(unused)]")], said);
        let said = "src/x.rs:1: #[cfg_attr(unix, allow(unused))] gives no reason";
        refused(&REASONS, &[("src/x.rs", "#[cfg_attr(unix, allow(unused))] fn f() {}")], said);
        accepted(
            &REASONS,
            &[("src/x.rs", "#[allow(dead_code, reason = \"for tests\")] fn f() { o.expect(\"a\") }")],
        );
    }
}
