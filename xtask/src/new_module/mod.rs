//! `cargo xtask new-module`: a complete feature to begin from, in its place.

mod before;
mod name;
mod place;
mod prove;
mod singular;
mod template;
mod words;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use self::{before::Before, name::Name, place::Place};
use crate::{generate, run, workspace};

/// Writes a feature called `many` (and one of them `one`), and what the program then says of itself.
pub fn run(many: &str, one: Option<&str>) -> Result<ExitCode> {
    let name = Name::parse(many, one)?;
    let snake = name.snake();
    eprintln!("a module `{snake}`; one of them is called `{}`", name.single());
    write(workspace::root(), &name, || {
        eprintln!("src/modules/{snake} written; the program is built, to write down its new operations");
        generate::write()
    })?;
    eprintln!("`cargo xtask test` tests it with all the rest; docs/adding-a-module.md tells what is what");
    Ok(ExitCode::SUCCESS)
}

/// Does the same on a copy, and shows that what comes out is whole.
pub fn prove() -> Result<ExitCode> {
    prove::run().map(|()| ExitCode::SUCCESS)
}

/// All of it and what is to be done then, or nothing. Refuses before it writes anything.
fn write(root: &Path, name: &Name, then: impl FnOnce() -> Result<()>) -> Result<()> {
    let place = Place::find(root, name)?;
    let generated = generate::files().map(|file| root.join(file));
    let before = Before::of(place.changed().into_iter().chain(generated).collect(), place.made())?;
    before.unless(place.write().and_then(|written| formatted(root, &written)).and_then(|()| then()))
}

fn formatted(root: &Path, files: &[PathBuf]) -> Result<()> {
    let mut rustfmt = Command::new("rustfmt");
    // It follows the `mod` lines, and so sees the whole folder.
    let status = run::shown(rustfmt.current_dir(root).args(["--edition", "2024"]).args(files), run::MOMENT)?;
    if !status.success() {
        bail!("rustfmt ended with {status}");
    }
    Ok(())
}
