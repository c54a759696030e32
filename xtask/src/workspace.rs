//! Where things are.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// What the chores build and download. In the clone even where `CARGO_TARGET_DIR` points
/// elsewhere: that directory may be shared by clones that want different versions.
pub fn tools() -> PathBuf {
    root().join("target/tools")
}
