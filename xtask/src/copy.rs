//! A copy of the tree, to be changed and tried.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{run, workspace};

/// Some gigabytes on a slow disk.
const LIMIT: Duration = Duration::from_mins(10);

/// The tree as git knows it, changes that aren't committed included; in `target`, under this name.
pub fn tree(name: &str) -> Result<PathBuf> {
    let (root, copy) = (workspace::root(), workspace::root().join("target").join(name));
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let files = String::from_utf8(run::captured("git-ls-files", &mut git, run::MOMENT)?)?;
    for file in files.split_terminator('\0') {
        let (from, to) = (root.join(file), copy.join(file));
        // What is deleted and not committed yet is listed still.
        if from.is_file() {
            fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
            fs::copy(&from, &to).with_context(|| format!("can't copy {file}"))?;
        }
    }
    Ok(copy)
}

/// What has been compiled of other people's crates. A folder of its own for the rest: cargo takes what was made in
/// one tree for fresh in another.
pub fn compiled(copy: &Path) -> Result<()> {
    let here =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from);
    let (from, to) = (here.join("debug"), copy.join("target/debug"));
    fs::create_dir_all(&to)?;
    let compiled = ["build", "deps", ".fingerprint"].map(|folder| from.join(folder));
    let mut cp = Command::new("cp");
    cp.args(["--archive", "--reflink=auto"]).args(compiled.iter().filter(|folder| folder.exists())).arg(to);
    run::logged("cp", &mut cp, LIMIT)
}

pub fn remove(copy: &Path) -> Result<()> {
    fs::remove_dir_all(copy).context("the copy can't be removed")
}
