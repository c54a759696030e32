//! The ground that features stand on: database, clock, telemetry, metrics, hashing of passwords.
//!
//! Exports handles that are built once by `app.rs` and passed down. Left out on purpose: anything
//! that knows HTTP, sockets or a feature.

pub mod argon;
pub mod clock;
pub mod db;
pub mod deadline;
pub mod detached;
pub mod dev_key;
pub mod lifecycle;
pub mod metrics;
pub mod process;
pub mod redis;
#[cfg(test)]
pub mod scratch;
pub mod telemetry;
