//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// What the chores build and download. In the clone even where `CARGO_TARGET_DIR` points
/// elsewhere: that directory may be shared by clones that want different versions.
pub fn tools() -> PathBuf {
    root().join("target/tools")
}

/// Where the output of something that was run is kept until it is run again.
pub fn log(name: &str) -> Result<PathBuf> {
    let directory = tools().join("log");
    fs::create_dir_all(&directory).with_context(|| format!("can't create {}", directory.display()))?;
    Ok(directory.join(format!("{name}.log")))
}
