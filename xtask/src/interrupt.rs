//! Ctrl-C and its relatives set a flag, so that the program ends on its usual path: what it has
//! started is stopped and its temporary directory is removed by the same destructors as ever.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

static HAPPENED: AtomicBool = AtomicBool::new(false);

/// From here on SIGINT, SIGTERM and SIGHUP no longer end the program by themselves.
pub fn watch() -> Result<()> {
    ctrlc::set_handler(|| HAPPENED.store(true, Ordering::Relaxed)).context("can't watch for Ctrl-C")
}

pub fn happened() -> bool {
    HAPPENED.load(Ordering::Relaxed)
}

/// For the condition of a wait: ends it with an error once somebody has asked to stop.
pub fn check() -> Result<()> {
    if happened() {
        bail!("interrupted");
    }
    Ok(())
}
