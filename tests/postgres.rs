//! What only a database behind an address can show: connections that are lent and given back, and networks that fail.
//!
//! `cargo xtask test` runs it in its second half, with PostgreSQL behind PgBouncer.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "postgres"]
mod postgres {
    mod feed;
    mod given_up;
    mod leaks;
    mod losing;
    mod pool;
    mod stalling;
    mod unanswered;
}
mod support;
