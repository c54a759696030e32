//! A PgBouncer before the private PostgreSQL, in transaction mode: what a deployment would have.

use std::fs;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::scratch::Scratch;
use super::service::Service;
use super::{Login, Ports, postgres};
use crate::install::Databases;

/// It keeps nothing, and which signal ends it at once depends on its version.
const FAREWELL: Signal = Signal::SIGKILL;

pub fn start(tools: &Databases, scratch: &Scratch, login: &Login, ports: &Ports) -> Result<Service> {
    let port = ports.pgbouncer;
    // A copy: the services' account may not be able to enter the directory of the clone.
    let program = scratch.path("pgbouncer");
    fs::copy(&tools.pgbouncer, &program)?;
    let users = scratch.write("users.txt", &format!("\"{}\" \"{}\"\n", login.user, login.password))?;
    let settings = settings(ports, login.user, &users.display().to_string());
    let configuration = scratch.write("pgbouncer.ini", &settings)?;

    let mut pooler = scratch.command(&program, FAREWELL);
    pooler.arg("--quiet").arg(configuration);
    let ready = || postgres::answers(&tools.postgres, login, port);
    Service::start("PgBouncer", &mut pooler, scratch.path("pgbouncer.log"), FAREWELL, ready)
}

fn settings(ports: &Ports, user: &str, users: &str) -> String {
    let Ports { postgres, pgbouncer } = ports;
    format!(
        "\
[databases]
* = host=127.0.0.1 port={postgres}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {pgbouncer}
unix_socket_dir =
auth_type = md5
auth_file = {users}
; `psql …/pgbouncer` with the same login shows the pools.
admin_users = {user}

pool_mode = transaction
max_prepared_statements = 200
max_client_conn = 2000
; After PostgreSQL was away it is tried again this soon; by default everybody waits for 15 s.
server_login_retry = 1
default_pool_size = 10

; A run has hundreds of databases, each used for seconds: what is idle goes soon, and all
; pools together leave PostgreSQL a hundred connections for the tests that bypass them.
server_idle_timeout = 5
autodb_idle_timeout = 5
max_user_connections = 300

log_connections = 0
log_disconnections = 0
"
    )
}
