//! Installing a server package on Debian also starts its service, now and at every boot. Nobody
//! asked for that: the tests run private instances, and a stranger's port 5432 may be taken.

use std::path::Path;

use anyhow::{Result, bail};

use super::apt;

/// Which service each package brings.
const SERVICES: [(&str, &str); 4] = [
    ("postgresql", "postgresql.service"),
    ("redis-server", "redis-server.service"),
    ("nginx-light", "nginx.service"),
    ("pgbouncer", "pgbouncer.service"),
];

/// Runs `install`, and sees to it that the services of `packages` stay off.
///
/// Under systemd a unit is masked in /run while its package is installed, which is what both
/// `deb-systemd-invoke` and `invoke-rc.d` ask first, and is disabled afterwards. Elsewhere
/// `RUNLEVEL=1` in apt's environment makes `invoke-rc.d` start nothing. A policy-rc.d would do the
/// same, but it is one file for the whole machine, and might be somebody's already.
pub fn without_starting(packages: &[&str], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let units: Vec<&str> =
        SERVICES.iter().filter(|(package, _)| packages.contains(package)).map(|(_, unit)| *unit).collect();
    if units.is_empty() || !Path::new("/run/systemd/system").is_dir() {
        return install();
    }
    systemctl(&["mask", "--runtime"], &units)?;
    let result = install();
    systemctl(&["unmask", "--runtime"], &units)?;
    result?;
    eprintln!("disabled: {} (`systemctl enable --now` turns it on)", units.join(" "));
    systemctl(&["disable"], &units)
}

fn systemctl(action: &[&str], units: &[&str]) -> Result<()> {
    let status = apt::as_root("systemctl")?.arg("--quiet").args(action).args(units).status()?;
    if !status.success() {
        bail!("systemctl {} {} ended with {status}", action.join(" "), units.join(" "));
    }
    Ok(())
}
