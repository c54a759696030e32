//! The program as others meet it: the binary itself, run as an operator runs it, and the official
//! clients talking to it.
//!
//! Each test starts the binary on a database of its own: on SQLite, or, when `ROOKERY_TEST_DATABASE`
//! is `postgres`, on PostgreSQL through PgBouncer. The conversations are in `tests/clients`; here is
//! who starts, kills and restarts what they talk to. `cargo xtask test` installs what is needed.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "support/database.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod database;
#[path = "support/lines.rs"]
mod lines;
#[path = "support/redis.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod redis;
#[path = "support/wait.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod wait;

use wait::eventually;

#[path = "outside"]
mod outside {
    mod balancer;
    mod balancers;
    mod browser;
    mod chat;
    mod drain;
    mod durability;
    mod operations;
    mod origins;
    mod presence;
    mod protocol;
    mod readme;
    mod script;
    mod server;
    mod tls;
    mod tools;
}
