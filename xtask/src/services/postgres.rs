//! A PostgreSQL server with the durability of a real one: tests kill programs without warning,
//! and count on what was committed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::Login;
use super::scratch::Scratch;
use super::service::Service;
use crate::run;

/// Its directory.
const DATA: &str = "postgres";
const CREATE: Duration = Duration::from_mins(2);
/// "Immediate shutdown": the data is thrown away, and no test's forgotten connection may delay it.
const FAREWELL: Signal = Signal::SIGQUIT;

/// Every test has a database and a pool of its own.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "max_connections=400",
    "shared_buffers=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "log_checkpoints=off",
];

/// Serves what was created, on this port.
pub fn start(programs: &Path, scratch: &Scratch, login: &Login, port: u16) -> Result<Service> {
    let data = scratch.path(DATA);
    let mut server = scratch.command(&programs.join("postgres"), FAREWELL);
    server.arg("-D").arg(&data).args(["-p", &port.to_string()]).arg("-k").arg(scratch.path(""));
    for setting in SETTINGS {
        server.args(["-c", setting]);
    }
    let ready = || answers(programs, login, port);
    Service::start("PostgreSQL", &mut server, scratch.path("postgres.log"), FAREWELL, ready)
}

/// Whether somebody who logs in on `port` is served: directly, or through a pooler.
pub fn answers(programs: &Path, login: &Login, port: u16) -> bool {
    let mut psql = Command::new(programs.join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--command", "SELECT 1"])
        .arg(format!("{}/postgres", login.url(port)));
    psql.env("PGCONNECT_TIMEOUT", "5").stdout(Stdio::null()).stderr(Stdio::null());
    run::shown(&mut psql, run::MOMENT).is_ok_and(|status| status.success())
}

/// Makes an empty one.
pub fn create(programs: &Path, scratch: &Scratch, login: &Login) -> Result<()> {
    let data = scratch.directory(DATA)?;
    let password = scratch.write("password", &login.password)?;
    let mut initdb = scratch.command(&programs.join("initdb"), Signal::SIGKILL);
    initdb.arg("--pgdata").arg(data).args(["--username", login.user]).arg("--pwfile").arg(password);
    // A random password is as safe with MD5 as with SCRAM, and cheap to check. SCRAM would take
    // some 50 ms of a client that wasn't optimised, for each of the suite's thousand connections.
    initdb.args(["--auth=md5", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
    run::logged("initdb", &mut initdb, CREATE)
}
