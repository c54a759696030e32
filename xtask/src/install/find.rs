//! Looks for programs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::version::Version;

/// A program on the `PATH`, or where Debian keeps daemons: an ordinary user's `PATH` lacks those.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let daemons = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(daemons).map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// The programs of the newest PostgreSQL server; Debian keeps each version in a directory of its
/// own and only clients on the `PATH`.
pub fn postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let servers = versions.filter_map(|entry| {
        let version = Version::parse(&entry.file_name().to_string_lossy())?;
        let programs = entry.path().join("bin");
        programs.join("initdb").is_file().then_some((version, programs))
    });
    servers.max().map(|(_, programs)| programs)
}

/// The library that Debian keeps in a folder of the machine's architecture.
pub fn faketime() -> Option<PathBuf> {
    let architectures = fs::read_dir("/usr/lib").ok()?.flatten();
    let library = |folder: fs::DirEntry| folder.path().join("faketime/libfaketime.so.1");
    architectures.map(library).find(|file| file.is_file())
}

/// What `program --version` says of itself.
pub fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}
