//! Files that the program writes about itself. They are committed, so that a change of the
//! contract shows in a review; `check` compares them and `generate` writes them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{run, workspace};

/// One line for each: the program's arguments, and the file that holds what it then prints.
const GENERATED: &[Generated] = &[
    Generated { arguments: &["openapi"], file: "openapi/openapi.json", fence: None },
    Generated { arguments: &["asyncapi"], file: "openapi/asyncapi.json", fence: None },
    Generated { arguments: &["routes"], file: "openapi/policy.txt", fence: None },
    Generated { arguments: &["graph"], file: "ARCHITECTURE.md", fence: Some("mermaid") },
];

struct Generated {
    arguments: &'static [&'static str],
    file: &'static str,
    /// Only the file's one code block of this language is generated; the rest is written by hand.
    fence: Option<&'static str>,
}

/// The program may have to be compiled first.
const LIMIT: Duration = Duration::from_mins(30);

/// Writes every generated file that isn't as it should be.
pub fn write() -> Result<()> {
    write_in(workspace::root())
}

/// The same for the tree that is rooted here.
pub fn write_in(root: &Path) -> Result<()> {
    for generated in GENERATED {
        let path = root.join(generated.file);
        let present = fs::read(&path).ok();
        let wanted = generated.wanted(root, present.as_deref())?;
        if present.is_some_and(|present| present == wanted) {
            eprintln!("{} is up to date", generated.file);
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(&path, wanted).with_context(|| format!("can't write {}", generated.file))?;
        eprintln!("{} written", generated.file);
    }
    Ok(())
}

/// Where they are, from the root.
pub fn files() -> impl Iterator<Item = &'static str> {
    GENERATED.iter().map(|generated| generated.file)
}

/// Fails on any generated file that differs by a byte, and names them all.
pub fn compare() -> Result<()> {
    let mut stale = Vec::new();
    for generated in GENERATED {
        let present = fs::read(workspace::root().join(generated.file)).ok();
        let wanted = generated.wanted(workspace::root(), present.as_deref())?;
        stale.extend(difference(present.as_deref(), &wanted).map(|d| format!("{} {d}", generated.file)));
    }
    if !stale.is_empty() {
        bail!("{}; run `cargo xtask generate` and commit what it writes", stale.join(", "));
    }
    Ok(())
}

impl Generated {
    /// The whole file as it should be.
    fn wanted(&self, root: &Path, present: Option<&[u8]>) -> Result<Vec<u8>> {
        let mut cargo = Command::new("cargo");
        if root != workspace::root() {
            // Another tree compiles for itself.
            cargo.env("CARGO_TARGET_DIR", root.join("target"));
        }
        cargo.current_dir(root).args(["run", "--quiet", "--package", "rookery", "--"]);
        let printed = run::captured(&self.arguments.join("-"), cargo.args(self.arguments), LIMIT)?;
        let Some(language) = self.fence else { return Ok(printed) };
        fenced(present.unwrap_or_default(), language, &printed)
            .with_context(|| format!("{} has no one block that begins with ```{language}", self.file))
    }
}

/// The text with the inside of its one code block of this language replaced.
fn fenced(text: &[u8], language: &str, inside: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    let opening = format!("\n```{language}\n");
    let (before, rest) = text.split_once(&opening)?;
    let (old, after) = rest.split_once("```\n")?;
    let once = !after.contains(&opening) && (old.is_empty() || old.ends_with('\n'));
    once.then(|| [before.as_bytes(), opening.as_bytes(), inside, b"```\n", after.as_bytes()].concat())
}

fn difference(present: Option<&[u8]>, wanted: &[u8]) -> Option<String> {
    let Some(present) = present else { return Some("is missing".to_owned()) };
    if present == wanted {
        return None;
    }
    let lines = |text: &'_ [u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let same = lines(present).iter().zip(&lines(wanted)).take_while(|(a, b)| a == b).count();
    Some(format!("is out of date from line {}", same + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_do_not_differ() {
        assert_eq!(difference(Some(b"a\nb\n"), b"a\nb\n"), None);
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(difference(Some(b"a\nb\n"), b"a\nc\n").as_deref(), Some("is out of date from line 2"));
        assert_eq!(difference(Some(b"a"), b"a\n").as_deref(), Some("is out of date from line 2"));
    }

    #[test]
    fn only_the_inside_of_the_block_is_generated() {
        let text = b"above\n\n```mermaid\nold\n```\nbelow\n```\nother\n```\n";
        let wanted = b"above\n\n```mermaid\nnew\n```\nbelow\n```\nother\n```\n";
        assert_eq!(fenced(text, "mermaid", b"new\n").as_deref(), Some(&wanted[..]));
        assert_eq!(fenced(b"no block\n", "mermaid", b"new\n"), None);
        assert_eq!(fenced(b"\n```mermaid\n```\n\n```mermaid\n```\n", "mermaid", b"new\n"), None);
    }

    #[test]
    fn a_missing_file_is_called_missing() {
        assert_eq!(difference(None, b"").as_deref(), Some("is missing"));
    }
}
