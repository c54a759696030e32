//! What is acknowledged stays, and reaches everybody, whatever breaks: docs/faults.md.
//!
//! Each test breaks something amid steady traffic of official clients, and judges their log. It starts databases of
//! its own, because it harms them. `cargo xtask test` runs it in its second half, `cargo xtask faults` for longer.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "outside/balancer.rs"]
mod balancer;
#[path = "support/database.rs"]
#[allow(dead_code, reason = "the other test binaries use the rest")]
mod database;
#[path = "support/lines.rs"]
mod lines;
#[path = "support/proxy.rs"]
#[allow(dead_code, reason = "the other test binaries use the rest")]
mod proxy;
#[path = "outside/server.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod server;
#[path = "outside/tools.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod tools;
#[path = "support/wait.rs"]
#[allow(dead_code, reason = "the other test binaries use the rest")]
mod wait;

use wait::eventually;

#[path = "faults"]
mod faults {
    mod balanced;
    mod buses;
    mod check;
    mod clients;
    mod clocks;
    mod databases;
    mod figures;
    mod log;
    mod nodes;
    mod pace;
    mod stand;
    mod storage;
    mod stored;
    mod traffic;
}
