//! A Python environment with the packages that `tests/clients/requirements.txt` pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::apt::Apt;
use super::find;
use crate::stage::stage;
use crate::{run, workspace};

const LIMIT: Duration = Duration::from_mins(10);

/// The environment's interpreter.
pub fn environment(apt: &mut Apt) -> Result<PathBuf> {
    let home = workspace::tools().join("python");
    let python = home.join("bin/python");
    let requirements = workspace::root().join("tests/clients/requirements.txt");
    let wanted = fs::read(&requirements).context("can't read tests/clients/requirements.txt")?;
    // A copy of the requirements that were installed. The interpreter is tried as well: an
    // environment outlives the Python it was made with.
    let stamp = home.join(".installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && find::version_of(&python).is_some() {
        return Ok(python);
    }
    stage("Python packages of tests/clients", || {
        create(&home, apt)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"]).arg(&requirements);
        run::logged("pip-install", &mut pip, LIMIT)
    })?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

fn create(home: &Path, apt: &mut Apt) -> Result<()> {
    let interpreter =
        find::program("python3").context("Python isn't installed: the tests use its Socket.IO client")?;
    let venv = |interpreter: &Path| {
        let mut command = Command::new(interpreter);
        command.args(["-m", "venv", "--clear"]).arg(home);
        run::logged("python-venv", &mut command, LIMIT)
    };
    if venv(&interpreter).is_ok() {
        return Ok(());
    }
    // Debian keeps the module in a package of its own, for its own Python.
    apt.require(&["python3-venv"])?;
    venv(Path::new("/usr/bin/python3"))
}
