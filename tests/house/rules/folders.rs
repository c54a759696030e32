//! What a feature's folder holds, and how it introduces itself.

use std::collections::BTreeSet;

use crate::house::{
    rule::{Finding, Rule, may},
    source::Sources,
};

/// The files of a feature, and the folders that one may grow into.
pub const FILES: &[&str] = &[
    "mod.rs",
    "module.rs",
    "controller.rs",
    "controller/",
    "gateway.rs",
    "dto.rs",
    "dto/",
    "events.rs",
    "events/",
    "examples.rs",
    "examples/",
    "permissions.rs",
    "service.rs",
    "service/",
    "store.rs",
    "store/",
    "entity.rs",
    "error.rs",
    "jobs.rs",
    "chores.rs",
    "tests.rs",
];

pub const ROLES: Rule = Rule {
    name: "file-roles",
    because: "whoever has read one feature should find their way in all of them",
    mend: "put it into the file whose role it has, by the table in ARCHITECTURE.md",
    find: roles,
    exceptions: &[
        may("src/modules/auth/hasher.rs", "hasher", "hashing on threads of its own, tested alone"),
        may(
            "src/modules/auth/refresh_token.rs",
            "refresh_token",
            "a token's making and reading, tested alone",
        ),
        may("src/modules/auth/sessions.rs", "sessions", "answers the gate, which is built before the module"),
    ],
};

pub const INTRODUCTIONS: Rule = Rule {
    name: "introductions",
    because: "three sentences spare a newcomer the folder",
    mend: "begin its mod.rs with `//!`: the purpose; in a feature also \"Exports …\" and \"Leaves out …\"",
    find: introductions,
    exceptions: &[],
};

fn roles(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.all() {
        let Some((module, rest)) = source.feature() else {
            if source.path.starts_with("src/modules/") && source.path != "src/modules/mod.rs" {
                found.push(Finding::new(source, 1, "loose", "is in no feature's folder"));
            }
            continue;
        };
        let entry = rest.split_inclusive('/').next().unwrap_or_default();
        if !FILES.contains(&entry) {
            let fault = format!("{entry} is none of a feature's files");
            found.push(Finding::new(source, 1, source.role().unwrap_or_default(), fault));
        }
        for needed in ["mod.rs", "module.rs"] {
            if sources.find(&format!("src/modules/{module}/{needed}")).is_none() {
                let fault = format!("{module} has no {needed}");
                found.push(Finding::new(source, 1, needed, fault));
            }
        }
    }
    found
}

fn introductions(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    let folders: BTreeSet<&str> =
        sources.program().filter_map(|source| Some(source.path.rsplit_once('/')?.0)).collect();
    for folder in folders {
        // `service/` belongs to `service.rs`.
        let Some(door) = sources.find(&format!("{folder}/mod.rs")) else { continue };
        let introduction = &door.rust().introduction;
        let says = |words: [&str; 2]| words.iter().any(|word| introduction.contains(word));
        let is_feature = door.feature().is_some_and(|(_, rest)| rest == "mod.rs");
        let missing = match () {
            () if introduction.is_empty() => "what it is for",
            () if is_feature && !says(["Exports", "exports"]) => "what it exports",
            () if is_feature && !says(["Leaves out", "eft out"]) => "what it leaves out",
            () => continue,
        };
        found.push(Finding::new(door, 1, folder, format!("doesn't say {missing}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    const WHOLE: [(&str, &str); 2] = [("src/modules/tags/mod.rs", ""), ("src/modules/tags/module.rs", "")];

    #[test]
    fn a_file_without_a_role_is_refused() {
        let with = |path| [&WHOLE[..], &[(path, "")]].concat();
        let said = "src/modules/tags/helpers.rs:1: helpers.rs is none of a feature's files";
        refused(&ROLES, &with("src/modules/tags/helpers.rs"), said);
        let said = "src/modules/tags/utils/x.rs:1: utils/ is none of a feature's files";
        refused(&ROLES, &with("src/modules/tags/utils/x.rs"), said);
        accepted(&ROLES, &with("src/modules/tags/service/feed.rs"));
    }

    #[test]
    fn a_feature_without_a_folder_is_refused() {
        refused(&ROLES, &[("src/modules/tags.rs", "")], "src/modules/tags.rs:1: is in no feature's folder");
        accepted(&ROLES, &[("src/modules/mod.rs", "")]);
    }

    #[test]
    fn a_feature_that_isnt_a_module_is_refused() {
        refused(&ROLES, &WHOLE[..1], "src/modules/tags/mod.rs:1: tags has no module.rs");
    }

    #[test]
    fn a_folder_that_doesnt_introduce_itself_is_refused() {
        refused(
            &INTRODUCTIONS,
            &[("src/attic/mod.rs", "mod a;")],
            "src/attic/mod.rs:1: doesn't say what it is for",
        );
        accepted(&INTRODUCTIONS, &[("src/attic/mod.rs", "//! What is old.")]);
        let feature = |text| [("src/modules/tags/mod.rs", text)];
        let said = "src/modules/tags/mod.rs:1: doesn't say what it leaves out";
        refused(&INTRODUCTIONS, &feature("//! Tags.\n//!\n//! Exports nothing."), said);
        accepted(&INTRODUCTIONS, &feature("//! Tags.\n//!\n//! Exports nothing. Leaves out colours."));
    }
}
