//! Who the services run as: ourselves, or an unprivileged account when we are root, because
//! PostgreSQL refuses to run as root.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};

/// Debian's server package creates it.
const UNPRIVILEGED: &str = "postgres";

/// Raises the limit of open files as far as it goes (a pooler of 2,000 clients needs it), and
/// becomes the program.
const LAUNCH: &str = r#"ulimit -S -n "$(ulimit -H -n)"; exec "$0" "$@""#;

pub struct Account(Option<User>);

impl Account {
    pub fn unprivileged() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        let user = User::from_name(UNPRIVILEGED)?;
        user.context("there is no user `postgres` to run the services as").map(Some).map(Self)
    }

    pub fn own(&self, path: &Path) -> Result<()> {
        if let Self(Some(user)) = self {
            chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(())
    }

    /// `program` under this account. It is sent `farewell` if we die without saying goodbye,
    /// whatever killed us. (`setpriv` rather than `runuser`: it becomes the program instead of
    /// standing before it, so that the process we start is the process we stop.)
    pub fn command(&self, program: &Path, farewell: Signal) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", farewell.as_str().trim_start_matches("SIG")]);
        if let Self(Some(user)) = self {
            command.args(["--reuid", &user.name, "--regid", &user.gid.to_string(), "--init-groups"]);
        }
        command.args(["--", "sh", "-c", LAUNCH]).arg(program);
        command
    }
}
