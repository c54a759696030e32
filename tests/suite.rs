//! The integration tests: one program, talked to over its sockets as strangers would.
//!
//! Every test starts the whole thing for itself, on a database of its own: on SQLite, or, when
//! `ROOKERY_TEST_DATABASE` is `postgres`, on PostgreSQL through PgBouncer (`cargo xtask services`
//! starts both and says which variables to export).

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

mod api;
mod jobs;
mod kit;
mod realtime;
mod support;
