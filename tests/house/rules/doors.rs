//! Between modules: through the door, one way, and declared.

use std::collections::BTreeSet;

use crate::house::{
    paths::{Imports, reaches},
    rule::{Finding, Rule, may},
    source::{Source, Sources},
};

const ROWS: &str = "joining accounts in one statement needs their columns; writing goes through UsersService";

pub const DOORS: Rule = Rule {
    name: "doors",
    because: "what a module keeps to itself can change without asking the others",
    mend: "export the name from that module's mod.rs, if it is meant for others, and name it there",
    find: past_the_door,
    exceptions: &[may("src/modules/", "crate::modules::users::entity", ROWS)],
};

pub const ROUND: Rule = Rule {
    name: "one-way",
    because: "modules that need each other are one module in two folders",
    mend: "ask through a trait of your own (a port) that app.rs fills in",
    find: round,
    exceptions: &[],
};

pub const DECLARED: Rule = Rule {
    name: "declared-imports",
    because: "`rookery graph` and whoever reads it believe what the module says",
    mend: "make `imports` in its ModuleMeta say so",
    find: declared,
    exceptions: &[],
};

/// A path into another module: the module, and what is named in it.
fn into_module(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("crate::modules::")?;
    Some(rest.split_once("::").unwrap_or((rest, "")))
}

fn past_the_door(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.program() {
        let home = source.feature().map(|(module, _)| module);
        for mention in &source.rust().names.mentions {
            let Some((module, inside)) = into_module(&mention.path) else { continue };
            let name = inside.split("::").next().unwrap_or_default();
            let Some(door) = sources.find(&format!("src/modules/{module}/mod.rs")) else { continue };
            if Some(module) != home && !name.is_empty() && !exports(door).contains(name) {
                let fault = format!("names {}, which {module}/mod.rs doesn't export", mention.path);
                found.push(Finding::new(source, mention.line, &mention.path, fault));
            }
        }
    }
    found
}

/// The names that `pub use` lines hand out; a `pub mod` hands out a room, not a name.
fn exports(door: &Source) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in &door.rust().items {
        if let syn::Item::Use(item) = item
            && matches!(item.vis, syn::Visibility::Public(_))
        {
            leaves(&item.tree, &mut names);
        }
    }
    names
}

fn leaves(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => leaves(&path.tree, names),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        syn::UseTree::Name(name) => _ = names.insert(name.ident.to_string()),
        syn::UseTree::Rename(rename) => _ = names.insert(rename.rename.to_string()),
        // Exports have names.
        syn::UseTree::Glob(_) => {}
    }
}

/// The features' sources without their tests: what only a test needs, the module doesn't.
fn of_features(sources: &Sources) -> impl Iterator<Item = &Source> {
    sources.program().filter(|source| source.role().is_some_and(|role| role != "tests"))
}

/// Each module and those that its sources name.
fn imports(sources: &Sources) -> Imports {
    let mut imports = Imports::new();
    for source in of_features(sources) {
        let Some((module, _)) = source.feature() else { continue };
        let others = source.rust().names.mentions.iter().filter_map(|mention| into_module(&mention.path));
        let others = others.map(|(other, _)| other.to_owned()).filter(|other| other != module);
        imports.entry(module.to_owned()).or_default().extend(others);
    }
    imports
}

fn round(sources: &Sources) -> Vec<Finding> {
    let (imports, mut found) = (imports(sources), Vec::new());
    for source in of_features(sources) {
        let Some((module, _)) = source.feature() else { continue };
        for mention in &source.rust().names.mentions {
            let Some((other, _)) = into_module(&mention.path).filter(|(other, _)| *other != module) else {
                continue;
            };
            if reaches(&imports, other, module) {
                let fault = format!("{module} names {}, and {other} needs {module}", mention.path);
                found.push(Finding::new(source, mention.line, &mention.path, fault));
            }
        }
    }
    found
}

fn declared(sources: &Sources) -> Vec<Finding> {
    let (imports, mut found) = (imports(sources), Vec::new());
    for (module, named) in imports {
        let Some(source) = sources.find(&format!("src/modules/{module}/module.rs")) else { continue };
        let named: Vec<String> = named.into_iter().collect();
        let said = said_imports(source);
        if said.as_ref().is_none_or(|(said, _)| *said != named) {
            let line = said.as_ref().map_or(1, |(_, line)| *line);
            let said = said.map(|(said, _)| said).unwrap_or_default();
            let fault = format!("{module} says that it imports {said:?}, and its sources name {named:?}");
            found.push(Finding::new(source, line, &*module, fault));
        }
    }
    found
}

/// What stands in `imports: &[…]`, in order, and its line.
fn said_imports(source: &Source) -> Option<(Vec<String>, usize)> {
    let (before, rest) = source.text.split_once(" imports: &[")?;
    let (names, _) = rest.split_once(']')?;
    let mut names: Vec<String> = names.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    names.sort();
    Some((names, before.matches('\n').count() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    const USERS: (&str, &str) =
        ("src/modules/users/mod.rs", "mod store;\npub mod entity;\npub use store::matching;");

    #[test]
    fn what_another_module_keeps_to_itself_is_refused() {
        let path = "src/modules/posts/store.rs";
        let said = "src/modules/posts/store.rs:1: names crate::modules::users::store::UsersStore, which users/mod.rs";
        refused(&DOORS, &[USERS, (path, "use crate::modules::users::store::UsersStore;")], said);
        refused(
            &DOORS,
            &[USERS, (path, "use super::super::users; fn f(_: users::store::UsersStore) {}")],
            said,
        );
        accepted(&DOORS, &[USERS, (path, "use crate::modules::users::{entity as rows, matching};")]);
        let said =
            "src/server/mod.rs:1: names crate::modules::users::entity, which users/mod.rs doesn't export";
        refused(&DOORS, &[USERS, ("src/server/mod.rs", "use crate::modules::users::entity;")], said);
    }

    #[test]
    fn modules_that_need_each_other_are_refused() {
        let posts = ("src/modules/posts/dto.rs", "use crate::modules::users::AuthorDto;");
        let users = ("src/modules/users/dto.rs", "\nuse crate::modules::tags::Tag;");
        let tags = ("src/modules/tags/dto.rs", "use crate::modules::posts::PostDto;");
        accepted(&ROUND, &[posts, users]);
        let said =
            "src/modules/posts/dto.rs:1: posts names crate::modules::users::AuthorDto, and users needs posts";
        refused(&ROUND, &[posts, users, tags], said);
        let tests = ("src/modules/users/tests.rs", "use crate::modules::tags::Tag;");
        accepted(&ROUND, &[posts, tests, tags]);
    }

    #[test]
    fn an_import_that_isnt_declared_or_isnt_there_is_refused() {
        let dto = ("src/modules/posts/dto.rs", "use crate::modules::users::AuthorDto;");
        let meta = |text| ("src/modules/posts/module.rs", text);
        let said =
            "src/modules/posts/module.rs:2: posts says that it imports [], and its sources name [\"users\"]";
        refused(&DECLARED, &[dto, meta("const M: Meta = Meta {\n imports: &[],\n};")], said);
        let two = "const M: Meta = Meta {\n imports: &[\"tags\", \"users\"],\n};";
        let said = "src/modules/posts/module.rs:2: posts says that it imports [\"tags\", \"users\"], and";
        refused(&DECLARED, &[dto, meta(two)], said);
        accepted(&DECLARED, &[dto, meta("const M: Meta = Meta {\n imports: &[\"users\"],\n};")]);
        let tests = ("src/modules/posts/tests.rs", "use crate::modules::users::person;");
        accepted(&DECLARED, &[tests, meta("const M: Meta = Meta {\n imports: &[],\n};")]);
    }
}
