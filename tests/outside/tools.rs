//! Where the programs are that the tests need.

use std::{env, path::PathBuf};

/// The file of a tool: what its variable says, or else the first of these places that has it.
pub fn tool(name: &str, variable: &str, elsewhere: &[PathBuf]) -> PathBuf {
    let named = env::var_os(variable).map(PathBuf::from);
    let found = named.into_iter().chain(elsewhere.iter().cloned()).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} isn't there; `cargo xtask test` installs it, or {variable} says where it is")
    })
}

/// A program on the `PATH`, or where Debian keeps daemons.
fn on_path(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).map(|folder| folder.join(name)).collect()
}

/// A file of the project.
pub fn in_project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Node, with the packages of `tests/clients` in place.
pub fn node() -> PathBuf {
    let packages = in_project("tests/clients/node_modules");
    assert!(
        packages.join("socket.io-client").is_dir() && packages.join("playwright-core").is_dir(),
        "{} lacks packages; `cargo xtask test` installs them",
        packages.display()
    );
    tool("Node", "ROOKERY_TEST_NODE", &on_path("node"))
}

pub fn python() -> PathBuf {
    tool(
        "Python with python-socketio",
        "ROOKERY_TEST_PYTHON",
        &[in_project("target/tools/python/bin/python")],
    )
}

pub fn nginx() -> PathBuf {
    tool("nginx", "ROOKERY_TEST_NGINX", &on_path("nginx"))
}

pub fn haproxy() -> PathBuf {
    tool("HAProxy", "ROOKERY_TEST_HAPROXY", &on_path("haproxy"))
}

pub fn chromium() -> PathBuf {
    tool("Chromium", "ROOKERY_TEST_CHROMIUM", &on_path("chromium"))
}
