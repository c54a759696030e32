//! Shows that a new feature is whole: writes one into a copy of the tree, and lets the copy's own lints
//! and tests judge it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::{name::Name, template};
use crate::stage::stage;
use crate::{contract, copy, generate, run, workspace};

/// A name of two words: it is written in more ways than a name of one.
const EXAMPLE: &str = "shopping_lists";

/// The lines that may change outside the feature's folder, in files that people write.
const LINES: usize = 2;

/// Compiling included.
const LIMIT: Duration = Duration::from_mins(30);

/// What a feature of today must pass: its own tests, the story of a stranger, and all that holds for every one.
const TESTS: [&str; 6] =
    [EXAMPLE, "house::", "api::policy", "api::ids", "api::commands", "api::server::document"];

pub fn run() -> Result<()> {
    let name = Name::parse(EXAMPLE, None)?;
    let copy = stage("copy the tree", || copy::tree("new-module"))?;
    stage("write a module", || write(&copy, &name))?;
    stage("copy what is compiled", || copy::compiled(&copy))?;
    stage("write what the program says of itself", || generate::write_in(&copy))?;
    stage("its documents' rules", || contract::rules(&copy.join("openapi")))?;
    tell_a_story(&copy, &name)?;
    stage("its lints", || {
        cargo(&copy, &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
    })?;
    stage("its tests", || {
        let targets =
            ["test", "--quiet", "--package", "rookery", "--lib", "--test", "house", "--test", "suite", "--"];
        cargo(&copy, &[&targets[..], &TESTS].concat())
    })?;
    copy::remove(&copy)
}

fn write(copy: &Path, name: &Name) -> Result<()> {
    super::write(copy, name, || Ok(()))?;
    let changed = changed_lines(copy)?;
    ensure!(changed <= LINES, "{changed} lines changed outside the module's folder, {LINES} may");
    ensure!(super::write(copy, name, || Ok(())).is_err(), "the same module could be written a second time");
    Ok(())
}

/// Lines that only one of the trees has, in files that both have.
fn changed_lines(copy: &Path) -> Result<usize> {
    let mut changed = 0;
    for file in ["src", "migrations", "tests", "xtask/src", "Cargo.toml"] {
        let mut diff = Command::new("git");
        diff.args(["diff", "--no-index", "--numstat", "--diff-filter=M", "--"]);
        diff.arg(workspace::root().join(file)).arg(copy.join(file));
        // It ends with 1 when there are differences, as `diff` does.
        let output = diff.output().context("can't start git")?;
        for line in String::from_utf8(output.stdout)?.lines() {
            let numbers = line.split_whitespace().take(2).filter_map(|number| number.parse::<usize>().ok());
            changed += numbers.sum::<usize>();
        }
    }
    if changed == 0 {
        bail!("no line changed outside the module's folder: nobody knows it");
    }
    Ok(changed)
}

/// Adds the story to the copy's suite.
fn tell_a_story(copy: &Path, name: &Name) -> Result<()> {
    let list = copy.join("tests/api/mod.rs");
    let listed = fs::read_to_string(&list)? + &format!("mod {};\n", name.snake());
    fs::write(list, listed)?;
    fs::write(copy.join(format!("tests/api/{}.rs", name.snake())), template::story(name))?;
    Ok(())
}

fn cargo(copy: &Path, arguments: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(copy).args(arguments).env("ROOKERY_TEST_DATABASE", "sqlite");
    cargo.env("CARGO_TARGET_DIR", copy.join("target"));
    let status = run::shown(&mut cargo, LIMIT)?;
    ensure!(status.success(), "cargo {} ended with {status}; the copy is in target/new-module", arguments[0]);
    Ok(())
}
