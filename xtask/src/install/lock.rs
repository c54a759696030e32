//! Two terminals may run chores at once; only one of them installs.

use std::fs::{self, File, TryLockError};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{interrupt, wait, workspace};

/// Longer than the slowest installation takes.
const LIMIT: Duration = Duration::from_mins(20);

/// Held until it is dropped, and released by the kernel whatever happens to us.
pub fn tools() -> Result<File> {
    let directory = workspace::tools();
    fs::create_dir_all(&directory).with_context(|| format!("can't create {}", directory.display()))?;
    let path = directory.join(".lock");
    let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
    let mut told = false;
    let locked = wait::until(LIMIT, || {
        interrupt::check()?;
        match file.try_lock() {
            Ok(()) => return Ok(Some(())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if told => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("another chore is installing: waiting for it");
                told = true;
            }
        }
        Ok(None)
    })?;
    locked.context("another chore has been installing for 20 minutes")?;
    Ok(file)
}
