//! Cargo's plugins, each of the one version that this project is checked with.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::version::Version;
use super::{find, lock};
use crate::stage::stage;
use crate::{run, workspace};

const LIMIT: Duration = Duration::from_mins(20);

/// Where `name` is; installs it under `target/tools` unless it is there or on the `PATH`.
pub fn path(name: &str, version: &str) -> Result<PathBuf> {
    let _lock = lock::tools()?;
    let own = workspace::tools().join("bin").join(name);
    let wanted = Version::parse(version).expect("a pinned version is a version");
    let mut known = [Some(own.clone()), find::program(name)].into_iter().flatten();
    if let Some(present) = known.find(|program| find::version_of(program) == Some(wanted)) {
        return Ok(present);
    }
    stage(&format!("install {name} {version}"), || install(name, version))?;
    Ok(own)
}

fn install(name: &str, version: &str) -> Result<()> {
    let build = workspace::tools().join("build");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["install", name, "--version", version, "--locked", "--force"])
        .arg("--root")
        .arg(workspace::tools());
    // It reads some hundred files: optimising it would take minutes, and save a second.
    cargo.args(["--debug", "--no-default-features"]).env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo.env("CARGO_TARGET_DIR", &build);
    run::logged(&format!("install-{name}"), &mut cargo, LIMIT)?;
    fs::remove_dir_all(&build).context("can't remove the build directory")
}
