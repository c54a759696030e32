//! Debian packages: installed only when something is missing.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::unistd::geteuid;

use super::version::Version;
use super::{find, quiet};
use crate::run;
use crate::stage::stage;

/// Patience with a slow mirror, and with an `apt` that somebody else is running.
const PATIENCE: [&str; 6] =
    ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::http::Timeout=60", "-o", "Acquire::Retries=3"];

pub struct Apt {
    updated: bool,
}

impl Apt {
    pub fn new() -> Self {
        Self { updated: false }
    }

    pub fn install(&mut self, packages: &[&str]) -> Result<()> {
        if packages.is_empty() {
            return Ok(());
        }
        let list = packages.join(" ");
        self.update().with_context(|| format!("these packages are missing: {list}"))?;
        stage(&format!("apt-get install {list}"), || {
            quiet::without_starting(packages, || {
                apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
            })
        })
    }

    /// Those of `packages` that aren't installed are.
    pub fn require(&mut self, packages: &[&'static str]) -> Result<()> {
        let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
        self.install(&missing)
    }

    /// The version that `install` would bring.
    pub fn candidate(&mut self, package: &str) -> Result<Option<Version>> {
        let known = candidate(package)?;
        if known.is_some() || self.updated {
            return Ok(known);
        }
        // A fresh container has no package lists at all.
        self.update()?;
        candidate(package)
    }

    fn update(&mut self) -> Result<()> {
        if !self.updated {
            stage("apt-get update", || apt_get(&["update"]))?;
            self.updated = true;
        }
        Ok(())
    }
}

fn candidate(package: &str) -> Result<Option<Version>> {
    let output = Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C").output();
    let output = output.context("this isn't Debian or a relative of it: there is no apt-cache")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().find_map(|line| line.trim().strip_prefix("Candidate:")).and_then(Version::parse))
}

fn is_installed(package: &str) -> bool {
    let query =
        Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]).output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

/// dpkg must not be left half-way: the options in [`PATIENCE`] bound its waits instead of us.
fn apt_get(arguments: &[&str]) -> Result<()> {
    // `env`, because sudo hands no environment on.
    let mut command = as_root("env")?;
    command.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "--quiet"]);
    command.args(PATIENCE).args(arguments).stdin(Stdio::null());
    run::undisturbed(&format!("apt-get-{}", arguments[0]), &mut command)
}

/// `program`, run as root.
pub fn as_root(program: &str) -> Result<Command> {
    if geteuid().is_root() {
        return Ok(Command::new(program));
    }
    let sudo = find::program("sudo").context("installing packages needs root or sudo")?;
    let mut command = Command::new(sudo);
    command.arg(program);
    Ok(command)
}
