//! Node, and npm packages as a folder's `package-lock.json` pins them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{find, lock};
use crate::stage::stage;
use crate::{run, workspace};

const LIMIT: Duration = Duration::from_mins(10);

/// Node, with the official Socket.IO client and what drives the browser in place.
pub fn with_clients() -> Result<PathBuf> {
    let node =
        find::program("node").context("Node isn't installed: the tests use the official Socket.IO client")?;
    install("tests/clients")?;
    Ok(node)
}

/// The folder's packages; for chores that need nothing else.
pub fn packages(folder: &str) -> Result<PathBuf> {
    let _lock = lock::tools()?;
    find::program("node").with_context(|| format!("Node isn't installed: {folder} needs it"))?;
    install(folder)
}

fn install(folder: &str) -> Result<PathBuf> {
    let home = workspace::root().join(folder);
    let lockfile = fs::read(home.join("package-lock.json"))
        .with_context(|| format!("can't read {folder}/package-lock.json"))?;
    let packages = home.join("node_modules");
    // A copy of the lockfile that was installed. `npm ci` empties the directory, the stamp with it.
    let stamp = packages.join(".installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lockfile) {
        return Ok(packages);
    }
    stage(&format!("npm ci in {folder}"), || {
        let mut npm = Command::new("npm");
        // Nothing that is wanted of them has to be built, and some would report home.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&home);
        run::logged("npm-ci", &mut npm, LIMIT)
    })?;
    fs::write(stamp, lockfile)?;
    Ok(packages)
}
