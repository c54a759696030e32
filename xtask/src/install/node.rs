//! Node, the official Socket.IO client and what drives the browser, as `tests/clients/package-lock.json` pins it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::find;
use crate::stage::stage;
use crate::{run, workspace};

const LIMIT: Duration = Duration::from_mins(10);

/// Node, with the clients' packages in place.
pub fn with_packages() -> Result<PathBuf> {
    let node =
        find::program("node").context("Node isn't installed: the tests use the official Socket.IO client")?;
    let clients = workspace::root().join("tests/clients");
    let lockfile =
        fs::read(clients.join("package-lock.json")).context("can't read tests/clients/package-lock.json")?;
    // A copy of the lockfile that was installed. `npm ci` empties the directory, the stamp with it.
    let stamp = clients.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lockfile) {
        return Ok(node);
    }
    stage("npm ci in tests/clients", || {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&clients);
        run::logged("npm-ci", &mut npm, LIMIT)
    })?;
    fs::write(stamp, lockfile)?;
    Ok(node)
}
