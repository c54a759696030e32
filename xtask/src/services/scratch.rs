//! The directory in which the services of one run keep everything.

use std::fs::{self, DirBuilder, File};
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use super::Account;

/// Not `TMPDIR`: that may be closed to the account that the services run as, and too long for
/// the path of a socket.
const PARENT: &str = "/tmp";
const PREFIX: &str = "rookery-services-";

pub struct Scratch {
    path: PathBuf,
    account: Account,
    /// Tells other runs that this directory is in use. The kernel releases it when we die.
    _lock: File,
}

impl Scratch {
    pub fn create() -> Result<Self> {
        sweep();
        let account = Account::unprivileged()?;
        let name = random_hex()?;
        // Locked before it gets the name that `sweep` looks for.
        let unlocked = Path::new(PARENT).join(format!(".{name}"));
        DirBuilder::new()
            .mode(0o700)
            .create(&unlocked)
            .with_context(|| format!("can't create {}", unlocked.display()))?;
        let lock = File::open(&unlocked)?;
        lock.try_lock().context("a directory of a random name is locked already")?;
        let path = Path::new(PARENT).join(format!("{PREFIX}{name}"));
        fs::rename(&unlocked, &path)?;
        let scratch = Self { path, account, _lock: lock };
        scratch.account.own(&scratch.path)?;
        Ok(scratch)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A subdirectory that the services may write in.
    pub fn directory(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        self.account.own(&path)?;
        Ok(path)
    }

    /// A file that the services may read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text)?;
        self.account.own(&path)?;
        Ok(path)
    }

    /// `program` under the services' account, in this directory.
    pub fn command(&self, program: &Path, farewell: Signal) -> Command {
        let mut command = self.account.command(program, farewell);
        command.current_dir(&self.path);
        command
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("can't remove {}: {error}", self.path.display());
        }
    }
}

/// Sixteen random bytes.
pub fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Removes what runs that were killed have left: a directory that nobody holds the lock of.
fn sweep() {
    for entry in fs::read_dir(PARENT).into_iter().flatten().flatten() {
        let left = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && File::open(entry.path()).is_ok_and(|directory| directory.try_lock().is_ok());
        if left {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
