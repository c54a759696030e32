//! What only a database behind an address can show: networks that fail between it and the program.
//!
//! `cargo xtask test` runs it in its second half, with PostgreSQL behind PgBouncer.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "postgres"]
mod postgres {
    mod given_up;
    mod leaks;
    mod losing;
    mod pool;
    mod stalling;
}
mod support;
