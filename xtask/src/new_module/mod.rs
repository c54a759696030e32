//! `cargo xtask new-module`: a complete feature to begin from, in its place.

mod name;
mod place;
mod prove;
mod template;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use self::{name::Name, place::Place};
use crate::{generate, run, workspace};

/// Writes a feature called `many` (and one of them `one`), and what the program then says of itself.
pub fn run(many: &str, one: Option<&str>) -> Result<ExitCode> {
    let name = Name::parse(many, one)?;
    let root = workspace::root();
    write(root, &name)?;
    eprintln!("src/modules/{} written; the program is built, to write down its new operations", name.snake());
    generate::write()?;
    eprintln!("`cargo xtask test` tests it with all the rest; docs/adding-a-module.md tells what is what");
    Ok(ExitCode::SUCCESS)
}

/// Does the same on a copy, and shows that what comes out is whole.
pub fn prove() -> Result<ExitCode> {
    prove::run().map(|()| ExitCode::SUCCESS)
}

/// Everything but the generated files. Refuses before it writes anything.
fn write(root: &Path, name: &Name) -> Result<()> {
    let place = Place::find(root, name)?;
    let written = place.write()?;
    let mut rustfmt = Command::new("rustfmt");
    // It follows the `mod` lines, and so sees the whole folder.
    let status =
        run::shown(rustfmt.current_dir(root).args(["--edition", "2024"]).args(written), run::MOMENT)?;
    if !status.success() {
        bail!("rustfmt ended with {status}");
    }
    Ok(())
}
