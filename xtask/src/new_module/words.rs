//! What can be a word of a feature's name, and what can't.

use anyhow::{Result, bail, ensure};

const LONGEST: usize = 40;

/// Words that a Rust program can't use as a name.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

/// Crates that the feature or the table of features names, and the table's own variable: the name would hide them.
const HIDDEN: &str = "alloc anyhow async_trait chrono core on poem poem_openapi proc_macro sea_orm sea_orm_migration \
    serde serde_json std thiserror tokio tokio_util uuid validator";

/// Beginnings of table names that a database keeps for itself.
const DATABASES: [&str; 2] = ["sqlite_", "pg_"];

/// Where the database's migrations are written down.
const MIGRATIONS: &str = "seaql_migrations";

/// The words of what there are many of: it becomes a module and a table.
pub fn many(name: &str, files: &[&str]) -> Result<Vec<String>> {
    let words = parse(name)?;
    if let Some(why) = reserved(name) {
        bail!("`{name}` is {why}; choose another name");
    }
    if files.iter().any(|file| file.strip_suffix(".rs") == Some(name)) {
        bail!("`{name}` is a file of every module; choose another name");
    }
    if name == MIGRATIONS || DATABASES.iter().any(|own| name.starts_with(own)) {
        bail!("a database keeps tables called `{name}` for itself; choose another name");
    }
    Ok(words)
}

/// The words of what one of them is called.
pub fn one(name: &str, many: &str) -> Result<Vec<String>> {
    let words = parse(name)?;
    if let Some(why) = reserved(name) {
        bail!("one of them can't be called `{name}`, which is {why}; {}", say(many, "another"));
    }
    ensure!(name != many, "`{many}` is both one and many; {}", say(many, "what one of them is called"));
    Ok(words)
}

/// How to say what one of them is called.
pub fn say(many: &str, what: &str) -> String {
    format!("say {what}: `cargo xtask new-module {many} <one>`")
}

fn parse(name: &str) -> Result<Vec<String>> {
    let words: Vec<String> = name.split('_').map(str::to_owned).collect();
    let plain = |word: &String| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if !words.iter().all(plain) {
        bail!(
            "`{name}` can't be a module: write lower-case words that begin with a letter, with `_` between them, \
             like `shopping_lists`"
        );
    }
    ensure!(name.len() <= LONGEST, "`{name}` is too long for a module: {LONGEST} letters at most");
    Ok(words)
}

fn reserved(name: &str) -> Option<&'static str> {
    let among = |list: &str| list.split_whitespace().any(|word| word == name);
    if among(KEYWORDS) {
        return Some("a word of the language");
    }
    among(HIDDEN).then_some("a word that a module's code means something else by")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{new_module::template, workspace};

    fn refused(why: &str, answer: Result<Vec<String>>) {
        let error = answer.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert!(!error.contains('\n') && !error.contains(". "), "{error}");
    }

    #[test]
    fn what_isnt_lower_case_words_is_refused() {
        for name in ["Notes", "my-notes", "notes_", "2fa", "../notes", ""] {
            refused("lower-case words that begin with a letter", many(name, &[]));
            refused("lower-case words that begin with a letter", one(name, "notes"));
        }
        refused("too long", many("notes_of_everybody_who_ever_wrote_any_at_all", &[]));
    }

    #[test]
    fn what_means_something_else_is_refused() {
        refused("word of the language; choose another name", many("use", &[]));
        for name in ["on", "std", "core", "alloc", "sea_orm", "poem", "uuid", "serde"] {
            refused("means something else by; choose another name", many(name, &[]));
            refused("say another: `cargo xtask new-module notes <one>`", one(name, "notes"));
        }
        refused("say another: `cargo xtask new-module types <one>`", one("type", "types"));
        refused(
            "say what one of them is called: `cargo xtask new-module sheep <one>`",
            one("sheep", "sheep"),
        );
    }

    #[test]
    fn the_templates_file_names_are_refused() {
        for file in template::files() {
            let Some(name) = file.strip_suffix(".rs").filter(|name| *name != "mod") else { continue };
            refused("a file of every module; choose another name", many(name, &template::files()));
        }
        assert!(many("test_plans", &template::files()).is_ok());
    }

    #[test]
    fn the_databases_names_are_refused() {
        for name in ["sqlite_things", "pg_things", "seaql_migrations"] {
            refused("for itself; choose another name", many(name, &[]));
        }
        assert!(many("pgs", &[]).is_ok() && many("sqlite", &[]).is_ok());
    }

    #[test]
    fn every_crate_that_the_feature_uses_is_refused() {
        let sample = crate::new_module::name::Name::parse("notes", None).unwrap();
        let mut texts: Vec<String> = template::feature(&sample).into_iter().map(|(_, text)| text).collect();
        texts.push(template::migration(&sample));
        texts.push(fs::read_to_string(workspace::root().join("src/app/modules.rs")).unwrap());
        let uses =
            texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.trim().strip_prefix("use "));
        let roots: Vec<&str> = uses.filter_map(|path| Some(path.split_once("::")?.0)).collect();
        assert!(roots.contains(&"std"), "{roots:?}");
        for root in roots {
            assert!(reserved(root).is_some(), "{root}");
        }
    }
}
